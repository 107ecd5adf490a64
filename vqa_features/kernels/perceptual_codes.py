"""Luma codes as perceptual codes of the light of a display: ITU-T P.910 (2023), PQ and PU21.

A code is mapped alone, so a table of all codes is made once. Luma stands for luminance, as in the
Recommendation: the display's curve is applied to the Y plane. The module imports no numba.
"""

from __future__ import annotations

from functools import cache
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Curve = Literal["pq", "pu21"]
Hdr = Literal["sdr", "hdr10", "hlg", "hlg-siti-tools"]

#: Black and peak of the display in cd/m2: of SDR, and of HLG (ITU-T P.910).
SDR_DISPLAY, HLG_DISPLAY = (0.1, 300.0), (0.01, 1000.0)
#: Exponents of ITU-R BT.1886 and of the HLG system at 1000 cd/m2 (ITU-R BT.2100).
_GAMMA, _HLG_GAMMA = 2.4, 1.2
#: SMPTE ST 2084: exponents and coefficients; its peak in cd/m2.
_M, _N, _C1, _C2, _C3, _PQ_PEAK = 78.84375, 0.1593017578125, 0.8359375, 18.8515625, 18.6875, 10000.0
#: Mantiuk and Azimi, PU21, PCS 2021: the fit for banding, its values at .005 and 10 000 cd/m2.
_PU21 = (1.070275272, 0.4088273932, 0.153224308, 0.2520326168, 1.063512885, 1.14115047, 521.4527484)
_PU21_RANGE = (-1.5580e-07, 520.4673)


def hdr_of(transfer: str) -> Hdr:
    """Return what codes are by the transfer that a file names: PQ is hdr10, HLG hlg, every other sdr.

    Parameters
    ----------
    transfer : str
        `VideoInfo.color_transfer`.
    """
    known: dict[str, Hdr] = {"pq": "hdr10", "hlg": "hlg"}
    return known.get(transfer, "sdr")


@cache
def perceptual_codes(curve: Curve, hdr: Hdr, bits: int, limited: bool) -> NDArray[np.float32]:
    """Return the perceptual code, 0 to 255, of every luma code.

    Parameters
    ----------
    curve : {"pq", "pu21"}
        The perceptual curve. 10 000 cd/m2 have the code 255 in both. PU21 is 520.4673 / 255 times as large
        on the scale of its authors, on which 100 cd/m2 have 262.
    hdr : {"sdr", "hdr10", "hlg", "hlg-siti-tools"}
        What the codes are. The last is the curve of siti-tools, which subtracts a constant that ITU-R BT.2100
        adds.
    bits : int
        Bit depth of the codes; 8 is the least.
    limited : bool
        Whether black and white are 16 and 235 in 8-bit units; codes beyond them are clipped.

    Returns
    -------
    ndarray, (2 ** bits,) float32
        By code; read-only.

    Examples
    --------
    PQ codes keep their place:

    >>> perceptual_codes("pq", "hdr10", 10, True)[[64, 502, 940]].round(3).tolist()
    [0.0, 127.5, 255.0]
    """
    bits = max(bits, 8)
    codes = np.arange(2**bits, dtype=float)
    one = 2.0 ** (bits - 8)
    signal = (codes - 16 * one) / (219 * one) if limited else codes / (2**bits - 1)
    light = _light(np.clip(signal, 0, 1), hdr)
    found: NDArray[np.float32] = (255 * (_pq(light) if curve == "pq" else _pu21(light))).astype(np.float32)
    found.flags.writeable = False
    return found


class Coding(NamedTuple):
    """What the codes of a video are, and the curve of their perceptual codes: see `perceptual_codes`."""

    curve: Curve
    hdr: Hdr
    limited: bool

    def of(self, plane: NDArray[Any], bits: int) -> NDArray[np.float32]:
        """Return a plane of codes as perceptual codes, 0 to 255.

        Parameters
        ----------
        plane : (h, w) uint8 or uint16
            Codes; those of uint8 have 8 bits.
        bits : int
            Bit depth of codes of uint16.
        """
        table = perceptual_codes(self.curve, self.hdr, 8 if plane.dtype == np.uint8 else bits, self.limited)
        found: NDArray[np.float32] = np.take(table, plane, mode="clip")
        return found


def _light(signal: Array, hdr: Hdr) -> Array:
    """Return the luminance of the display in cd/m2."""
    if hdr == "hdr10":
        root = signal ** (1 / _M)
        return _PQ_PEAK * (np.maximum(root - _C1, 0) / (_C2 - _C3 * root)) ** (1 / _N)
    if hdr == "sdr":
        black, peak = SDR_DISPLAY
        return (peak - black) * signal**_GAMMA + black
    constant = 0.28466892 / 12 * (1 if hdr == "hlg" else -1)
    upper = np.exp((signal - 0.55991073) / 0.17883277) / 12 + constant
    scene = np.where(signal <= 0.5, signal * signal / 3, upper)
    black, peak = HLG_DISPLAY
    return (peak - black) * scene**_HLG_GAMMA + black


def _pq(light: Array) -> Array:
    power = (light / _PQ_PEAK) ** _N
    return ((_C1 + _C2 * power) / (1 + _C3 * power)) ** _M


def _pu21(light: Array) -> Array:
    a, b, c, d, e, f, scale = _PU21
    power = np.clip(light, 0.005, _PQ_PEAK) ** d
    low, high = _PU21_RANGE
    return (scale * (((a + b * power) / (1 + c * power)) ** e - f) - low) / (high - low)
