"""Luma codes as perceptual codes of the light of a display: ITU-T P.910 (2023), PQ and PU21.

A code is mapped alone, so a table of all codes is made once. Luma stands for luminance, as in the
Recommendation: the display's curve is applied to the Y plane.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vqa_features.frame import Views
from vqa_features.specs import VideoInfo

from ._luma_range import LIMITED, black_and_white
from ._perceptual_choices import CodeRange, Domain, Hdr

Array = NDArray[np.float64]

#: Black and peak of the display in cd/m2: of SDR, and of HLG (ITU-T P.910).
SDR_DISPLAY, HLG_DISPLAY = (0.1, 300.0), (0.01, 1000.0)
#: Exponents of ITU-R BT.1886 and of the HLG system at 1000 cd/m2 (ITU-R BT.2100).
_GAMMA, _HLG_GAMMA = 2.4, 1.2
#: SMPTE ST 2084: exponents and coefficients; its peak in cd/m2.
_M, _N, _C1, _C2, _C3, _PQ_PEAK = 78.84375, 0.1593017578125, 0.8359375, 18.8515625, 18.6875, 10000.0
#: Mantiuk and Azimi, PU21, PCS 2021: the fit for banding, its values at .005 and 10 000 cd/m2.
_PU21 = (1.070275272, 0.4088273932, 0.153224308, 0.2520326168, 1.063512885, 1.14115047, 521.4527484)
_PU21_RANGE = (-1.5580e-07, 520.4673)


def perceptual_codes(info: VideoInfo, domain: Domain, hdr: Hdr, limited: bool) -> NDArray[np.float32]:
    """Return the perceptual code, 0 to 255, of every luma code of a video.

    Parameters
    ----------
    info : VideoInfo
        Names the bit depth, and with ``auto`` the transfer: PQ is ``hdr10``, HLG ``hlg``, others ``sdr``.
    domain : {"pq", "pu21"}
        The perceptual curve.
    hdr : {"auto", "sdr", "hdr10", "hlg", "hlg-siti-tools"}
        What the codes are. The last is the curve of siti-tools, which subtracts a constant that ITU-R BT.2100
        adds.
    limited : bool
        Whether black and white are 16 and 235 in 8-bit units; codes beyond them are clipped.

    Returns
    -------
    ndarray, (2 ** bits,) float32
        By code.
    """
    bits = max(info.bit_depth, 8)
    codes = np.arange(2**bits, dtype=float)
    one = 2.0 ** (bits - 8)
    signal = (codes - 16 * one) / (219 * one) if limited else codes / (2**bits - 1)
    light = _light(np.clip(signal, 0, 1), _declared(info) if hdr == "auto" else hdr)
    found = _pq(light) if domain == "pq" else _pu21(light)
    return (255 * found).astype(np.float32)


class PerceptualCodes:
    """Planes of a video as perceptual codes.

    Parameters
    ----------
    info, domain, hdr
        As for `perceptual_codes`.
    code_range : {"auto", "limited", "full"}
        Range of the codes; ``auto`` is that of `black_and_white`.
    """

    def __init__(self, info: VideoInfo, domain: Domain, hdr: Hdr, code_range: CodeRange) -> None:
        self._info, self._range = info, code_range
        self._tables = {one: perceptual_codes(info, domain, hdr, one) for one in (False, True)}

    def of(self, frame: Views) -> NDArray[np.float32]:
        """Return the luma of a frame as perceptual codes, 0 to 255."""
        limited = self._range == "limited"
        if self._range == "auto":
            limited = black_and_white(self._info, frame) == LIMITED
        table, luma = self._tables[limited], frame.luma
        if luma.dtype == np.uint8:
            return table[:: len(table) // 256][luma]
        return table[np.rint(luma * (len(table) / 256)).astype(np.intp)]


def _declared(info: VideoInfo) -> Hdr:
    known: dict[str, Hdr] = {"pq": "hdr10", "hlg": "hlg"}
    return known.get(info.color_transfer, "sdr")


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
