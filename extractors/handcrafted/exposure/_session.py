"""Exposure and colour of each frame: clipping, light, percentiles of luma, hue and saturation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vqa_features.extractor import Session
from vqa_features.frame import Views
from vqa_features.kernels.jit import jit
from vqa_features.specs import VideoInfo

from .._luma_range import black_and_white
from ._transfers import Light, light_of

Array = NDArray[np.float64]

#: Luminance below this share of reference white counts as it: the contrast of a good display.
DARKEST = 1e-3
#: Percentiles of luminance between which the dynamic range lies, and resolution of them in 1 / stops.
RANGE, _FINENESS = (0.01, 0.99), 64
#: Percentiles of luma, and their resolution in 1 / codes.
LUMA, _DEPTH = (0.1, 0.5, 0.9), 16
#: Saturation up to which a pixel counts as gray.
GRAY = 0.05


class ExposureSession(Session):
    """Exposure and colour of each frame; keeps nothing between frames."""

    concurrent = True

    def __init__(self, info: VideoInfo) -> None:
        self._info = info
        self._light = light_of(info)

    def prepare(self, frame: Views) -> Array:
        rgb = np.ascontiguousarray(frame.rgb).reshape(-1, 3)
        black, white = black_and_white(self._info, frame)
        clipped = [(frame.luma <= black).mean(), (frame.luma >= white).mean()]
        channels = [(rgb[:, k] == end).mean() for end in (0, 255) for k in range(3)]
        return np.array(
            [*clipped, *channels, *exposure(rgb, self._light), *percentiles(frame.luma), *colour(rgb)]
        )

    def push(self, window: Sequence[Array]) -> Array:
        return window[0]


def exposure(rgb: NDArray[np.uint8], light: Light | None) -> tuple[float, float, float]:
    """Return mean luminance, its log-average, both relative to white, and the dynamic range in stops.

    Parameters
    ----------
    rgb : (n, 3) uint8
        Full-range pixels.
    light : Light, optional
        nan is returned without it.
    """
    if light is None:
        return (np.nan,) * 3
    total, logarithm, counts = _luminance_sums(rgb, *light, DARKEST, _FINENESS)
    low, high = (_quantile(counts, share) / _FINENESS for share in RANGE)
    return total / len(rgb), float(2 ** (logarithm / len(rgb))), high - low


def percentiles(plane: NDArray[Any]) -> list[float]:
    """Return the percentiles `LUMA` of a luma plane, in codes.

    Each is the lowest code that, with those below it, has the share of the pixels, as in FFmpeg's
    signalstats.
    """
    depth = 1 if plane.dtype == np.uint8 else _DEPTH
    counts = np.bincount(np.rint(plane * np.float32(depth)).astype(np.int64).ravel())
    return [_quantile(counts, share) / depth for share in LUMA]


def _quantile(counts: NDArray[np.int64], share: float) -> int:
    """Return the first bin up to which a share of all is counted."""
    return int(np.searchsorted(np.cumsum(counts), np.rint(share * counts.sum())))


def colour(rgb: NDArray[np.uint8]) -> tuple[float, ...]:
    """Return the mean colour vector (x, y), its hue and concentration, and measures of saturation.

    A pixel's vector has the angle of its hue and the length of its saturation: x = R - (G + B) / 2 and
    y = (G - B) * 3 ** .5 / 2, so that red, green and blue lie at 0, 120 and 240 degrees and have the
    length 1.

    Parameters
    ----------
    rgb : (n, 3) uint8
        Full-range pixels.

    Returns
    -------
    tuple of float
        x, y, hue in degrees, concentration, mean and standard deviation of saturation, share of gray pixels.
    """
    n = len(rgb)
    red, green, blue, lengths, squares, gray = _colour_sums(rgb, 255 * GRAY)
    x = (red - (green + blue) / 2) / (255 * n)
    y = (green - blue) * 3**0.5 / 2 / (255 * n)
    mean = lengths / (255 * n)
    deviation = np.sqrt(max(squares / (255 * 255 * n) - mean * mean, 0.0))
    hue, concentration = np.nan, np.nan
    if mean > 0:
        concentration = min(np.hypot(x, y) / mean, 1.0)
        hue = np.degrees(np.arctan2(y, x)) % 360
    return x, y, hue, concentration, mean, deviation, gray / n


@jit()
def _luminance_sums(
    rgb: NDArray[np.uint8], tables: Array, gamma: float, peak: float, darkest: float, fineness: int
) -> tuple[float, float, NDArray[np.int64]]:
    """Sum of luminance, sum of its base-2 logarithm, and counts of the latter from `darkest` up."""
    total = logarithms = 0.0
    lowest = np.log2(darkest)
    counts = np.zeros(int((np.log2(peak + 1) - lowest + 1) * fineness), np.int64)
    for i in range(rgb.shape[0]):
        value = tables[0, rgb[i, 0]] + tables[1, rgb[i, 1]] + tables[2, rgb[i, 2]]
        if gamma != 1:
            value = value**gamma
        value *= peak
        total += value
        stops = np.log2(max(value, darkest))
        logarithms += stops
        counts[int((stops - lowest) * fineness + 0.5)] += 1
    return total, logarithms, counts


@jit()
def _colour_sums(rgb: NDArray[np.uint8], gray: float) -> tuple[int, int, int, float, int, int]:
    """Sums of R, G, B, of the length of colour vectors and its square, and the number up to `gray`."""
    red = green = blue = squares = grays = 0
    lengths = 0.0
    for i in range(rgb.shape[0]):
        r, g, b = int(rgb[i, 0]), int(rgb[i, 1]), int(rgb[i, 2])
        red += r
        green += g
        blue += b
        square = r * r + g * g + b * b - r * g - g * b - b * r
        length = float(np.sqrt(square))
        squares += square
        lengths += length
        grays += length <= gray
    return red, green, blue, lengths, squares, grays
