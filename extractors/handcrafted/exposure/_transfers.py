"""Light of a display from RGB codes: transfer characteristics and luminance weights of Rec. ITU-T H.273.

Light is relative to reference white: the white of SDR video, and 203 cd/m2 in PQ and HLG (Report ITU-R
BT.2408).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from vqa_features.specs import VideoInfo

Array = NDArray[np.float64]

#: Luminance of reference white in PQ and HLG, and of the peaks of PQ and of an HLG display, in cd/m2.
REFERENCE_WHITE, PQ_PEAK, HLG_PEAK = 203.0, 10000.0, 1000.0
#: Exponent of the HLG system between scene and display light, for a peak of 1000 cd/m2 (ITU-R BT.2100).
HLG_SYSTEM_GAMMA = 1.2
#: Exponents of displays: ITU-R BT.1886 without black level for the camera curves, and powers as H.273 says.
POWERS = {
    **dict.fromkeys(("bt709", "bt601", "smpte240m", "iec61966-2-4", "bt1361", "bt2020-10", "bt2020-12"), 2.4),
    "gamma22": 2.2,
    "gamma28": 2.8,
    "linear": 1.0,
}
#: CIE 1931 coordinates (x, y) of red, green, blue and white (H.273, table 2).
_D65, _C = (0.3127, 0.3290), (0.310, 0.316)
PRIMARIES = {
    "bt709": ((0.640, 0.330), (0.300, 0.600), (0.150, 0.060), _D65),
    "bt470m": ((0.67, 0.33), (0.21, 0.71), (0.14, 0.08), _C),
    "bt470bg": ((0.64, 0.33), (0.29, 0.60), (0.15, 0.06), _D65),
    "smpte170m": ((0.630, 0.340), (0.310, 0.595), (0.155, 0.070), _D65),
    "smpte240m": ((0.630, 0.340), (0.310, 0.595), (0.155, 0.070), _D65),
    "film": ((0.681, 0.319), (0.243, 0.692), (0.145, 0.049), _C),
    "bt2020": ((0.708, 0.292), (0.170, 0.797), (0.131, 0.046), _D65),
    "smpte431": ((0.680, 0.320), (0.265, 0.690), (0.150, 0.060), (0.314, 0.351)),
    "smpte432": ((0.680, 0.320), (0.265, 0.690), (0.150, 0.060), _D65),
    "ebu3213": ((0.630, 0.340), (0.295, 0.605), (0.155, 0.077), _D65),
}


class Light(NamedTuple):
    """How luminance follows from RGB: ``peak * (sum of the three table entries) ** gamma``.

    Attributes
    ----------
    tables : ndarray, (3, 256)
        Weighted linear light of each code of R, G and B.
    gamma : float
        Exponent on the sum.
    peak : float
        Luminance of the sum 1, in units of reference white.
    """

    tables: Array
    gamma: float
    peak: float


def light_of(info: VideoInfo) -> Light | None:
    """Return how luminance follows from full-range RGB, None where the transfer or primaries are reserved.

    What is not declared is BT.709, and for arrays and still pictures the transfer of sRGB.
    """
    transfer, primaries = info.color_transfer, info.color_primaries
    if transfer == "unknown":
        transfer = "srgb" if info.still or info.codec == "array" else "bt709"
    weights = luminance_weights("bt709" if primaries == "unknown" else primaries)
    linear = linear_light(np.arange(256) / 255, transfer)
    if linear is None or weights is None:
        return None
    gamma, peak = 1.0, 1.0
    if transfer == "pq":
        peak = PQ_PEAK / REFERENCE_WHITE
    elif transfer == "hlg":
        gamma, peak = HLG_SYSTEM_GAMMA, HLG_PEAK / REFERENCE_WHITE
    return Light(np.outer(weights, linear), gamma, peak)


def linear_light(signal: Array, transfer: str) -> Array | None:
    """Return linear light, 1 at the peak, of a signal in 0 .. 1; of the scene for HLG.

    Parameters
    ----------
    signal : ndarray
        R', G' or B'.
    transfer : str
        A name in `vqa_features.video.colour.TRANSFERS`.

    Returns
    -------
    ndarray or None
        None for a name without a curve.
    """
    if transfer in POWERS:
        return signal ** POWERS[transfer]
    if transfer == "srgb":
        return np.where(signal <= 0.04045, signal / 12.92, ((signal + 0.055) / 1.055) ** 2.4)
    if transfer in ("log100", "log316"):
        decades = 2.0 if transfer == "log100" else 2.5
        return np.where(signal > 0, 10 ** (decades * (signal - 1)), 0)
    if transfer == "smpte428":
        return 52.37 / 48 * signal**2.6
    if transfer == "pq":
        power = signal ** (1 / 78.84375)
        return (np.maximum(power - 0.8359375, 0) / (18.8515625 - 18.6875 * power)) ** (1 / 0.1593017578125)
    if transfer == "hlg":
        return np.where(
            signal <= 0.5, signal * signal / 3, (np.exp((signal - 0.55991073) / 0.17883277) + 0.28466892) / 12
        )
    return None


def luminance_weights(primaries: str) -> Array | None:
    """Return the luminance of red, green and blue, (3,), their sum 1; None for a name without coordinates."""
    if primaries == "smpte428":  # X, Y and Z themselves
        return np.array([0.0, 1.0, 0.0])
    if primaries not in PRIMARIES:
        return None
    x, y = np.array(PRIMARIES[primaries]).T
    columns = np.stack([x / y, np.ones(4), (1 - x - y) / y])
    return np.linalg.solve(columns[:, :3], columns[:, 3])
