"""Exposure and colour of each frame: clipping, light, percentiles of luma, hue and saturation."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from vqa_features.extractor import Session
from vqa_features.frame import Views
from vqa_features.kernels.jit import SUMMING, jit
from vqa_features.specs import VideoInfo

from .._luma_range import black_and_white
from ._transfers import Light, light_of

Array = NDArray[np.float64]
Codes = NDArray[np.uint8]
Planes = tuple[Codes, Codes, Codes]

#: Luminance below this share of reference white counts as it: the contrast of a good display.
DARKEST = 1e-3
#: Percentiles of luminance between which the dynamic range lies, and resolution of them in 1 / stops.
RANGE, _FINENESS = (0.01, 0.99), 64
#: Percentiles of luma, and their resolution in 1 / codes.
LUMA, _DEPTH = (0.1, 0.5, 0.9), 16
#: Bits of a float64 behind those that find its bin; samples that OpenCV counts exactly; pixels at once.
_REST, _PART, _CHUNK = 44, 2**24, 1024
#: Saturation up to which a pixel counts as gray.
GRAY = 0.05


class ExposureSession(Session):
    """Exposure and colour of each frame; keeps nothing between frames."""

    concurrent = True

    def __init__(self, info: VideoInfo) -> None:
        self._info = info
        self._light = light_of(info)

    def prepare(self, frame: Views) -> Array:
        rgb = planes_of(frame.rgb)
        counts = np.array([histogram(plane) for plane in rgb])
        clipped = counts[:, [0, 255]].T.ravel() / rgb[0].size
        luma, depth = luma_counts(frame.codes)
        ends = shares_beyond(frame.codes, luma, *black_and_white(self._info, frame))
        light = exposure(rgb, self._light)
        return np.array([*ends, *clipped, *light, *percentiles(luma, depth), *colour(rgb, counts)])

    def push(self, window: Sequence[Array]) -> Array:
        return window[0]


def planes_of(rgb: NDArray[np.uint8]) -> Planes:
    """Return the planes of R, G and B of (h, w, 3) pixels, each (n,)."""
    planes: Any = cv2.split(np.ascontiguousarray(rgb))
    red, green, blue = (plane.ravel() for plane in planes)
    return red, green, blue


def histogram(codes: NDArray[np.uint8]) -> NDArray[np.int64]:
    """Return how many samples have each code, (256,); OpenCV's float32 is exact for the parts."""
    counts = np.zeros(256, np.int64)
    flat = np.ascontiguousarray(codes).reshape(-1)
    for begin in range(0, flat.size, _PART):
        part: Any = flat[begin : begin + _PART].reshape(1, -1)
        counts += cv2.calcHist([part], [0], None, [256], [0, 256]).ravel().astype(np.int64)
    return counts


def luma_counts(plane: NDArray[Any]) -> tuple[NDArray[np.int64], int]:
    """Return how many samples each code has, and the number of codes in one of 8 bits."""
    if plane.dtype == np.uint8:
        return histogram(plane), 1
    return np.bincount(np.rint(plane * np.float32(_DEPTH)).astype(np.int64).ravel()), _DEPTH


def shares_beyond(
    plane: NDArray[Any], counts: NDArray[np.int64], black: float, white: float
) -> tuple[float, float]:
    """Return the shares of samples at `black` or below and at `white` or above; `counts` as `luma_counts`."""
    if plane.dtype != np.uint8:  # codes of more than 12 bits are rounded in the counts
        return float((plane <= black).mean()), float((plane >= white).mean())
    codes = np.arange(256)
    return float(counts[codes <= black].sum() / plane.size), float(counts[codes >= white].sum() / plane.size)


def exposure(rgb: Planes, light: Light | None) -> tuple[float, float, float]:
    """Return mean luminance, its log-average, both relative to white, and the dynamic range in stops.

    Parameters
    ----------
    rgb : three of (n,) uint8
        Full-range samples of R, G and B.
    light : Light, optional
        nan is returned without it.
    """
    if light is None:
        return (np.nan,) * 3
    n = rgb[0].size
    bins = bins_of_stops(light.peak)
    values = np.empty(_CHUNK)
    counts = np.zeros(bins.number, np.int64)
    total, logarithm = _luminance_sums(
        *rgb, *light, DARKEST, values, values.view(np.int64), bins.first, bins.lower, bins.limit, counts
    )
    low, high = (_quantile(counts, share) / _FINENESS for share in RANGE)
    return total / n, float(2 ** (logarithm / n)), high - low


class Bins(NamedTuple):
    """Bins of luminance of equal width in stops, found by the leading bits of float64 numbers.

    Attributes
    ----------
    number : int
        Of bins; the first one has its middle at `DARKEST`.
    first : int
        The leading bits of `DARKEST`: sign, exponent and 8 bits of the fraction.
    lower : ndarray, (k,) int64
        Bin of the least number with each following combination of leading bits.
    limit : ndarray, (k,) float64
        Least number of the next bin. No combination has numbers of three bins.
    """

    number: int
    first: int
    lower: NDArray[np.int64]
    limit: Array


@cache
def bins_of_stops(peak: float) -> Bins:
    """Return the bins of 1 / 64 stop for luminances up to a peak."""
    lowest = np.log2(DARKEST)
    first, last = (np.array([DARKEST, peak + 1]).view(np.int64) >> _REST).tolist()
    begins = (np.arange(first, last + 1) << _REST).view(np.float64)
    lower = ((np.log2(np.maximum(begins, DARKEST)) - lowest) * _FINENESS + 0.5).astype(np.int64)
    limit = 2 ** (lowest + (lower + 0.5) / _FINENESS)
    return Bins(int((np.log2(peak + 1) - lowest + 1) * _FINENESS), first, lower, limit)


def percentiles(counts: NDArray[np.int64], depth: int) -> list[float]:
    """Return the percentiles `LUMA` of a luma plane, in codes, from its `luma_counts`.

    Each is the lowest code that, with those below it, has the share of the pixels, as in FFmpeg's
    signalstats.
    """
    return [_quantile(counts, share) / depth for share in LUMA]


def _quantile(counts: NDArray[np.int64], share: float) -> int:
    """Return the first bin up to which a share of all is counted."""
    return int(np.searchsorted(np.cumsum(counts), np.rint(share * counts.sum())))


def colour(rgb: Planes, counts: NDArray[np.int64]) -> tuple[float, ...]:
    """Return the mean colour vector (x, y), its hue and concentration, and measures of saturation.

    A pixel's vector has the angle of its hue and the length of its saturation: x = R - (G + B) / 2 and
    y = (G - B) * 3 ** .5 / 2, so that red, green and blue lie at 0, 120 and 240 degrees and have the
    length 1.

    Parameters
    ----------
    rgb : three of (n,) uint8
        Full-range samples of R, G and B.
    counts : (3, 256) int64
        Their histograms.

    Returns
    -------
    tuple of float
        x, y, hue in degrees, concentration, mean and standard deviation of saturation, share of gray pixels.
    """
    n = rgb[0].size
    red, green, blue = (counts @ np.arange(256)).tolist()
    lengths, squares, gray = _colour_sums(*rgb, (255 * GRAY) ** 2)
    x = (red - (green + blue) / 2) / (255 * n)
    y = (green - blue) * 3**0.5 / 2 / (255 * n)
    mean = lengths / (255 * n)
    deviation = np.sqrt(max(squares / (255 * 255 * n) - mean * mean, 0.0))
    hue, concentration = np.nan, np.nan
    if mean > 0:
        concentration = min(np.hypot(x, y) / mean, 1.0)
        hue = np.degrees(np.arctan2(y, x)) % 360
    return x, y, hue, concentration, mean, deviation, gray / n


@jit(**SUMMING)
def _luminance_sums(
    red: Codes,
    green: Codes,
    blue: Codes,
    tables: Array,
    gamma: float,
    peak: float,
    darkest: float,
    values: Array,
    bits: NDArray[np.int64],
    first: int,
    lower: NDArray[np.int64],
    limit: Array,
    counts: NDArray[np.int64],
) -> tuple[float, float]:
    """Return the sums of luminance and of its base-2 logarithm from `darkest` up, and count the latter.

    `values` is for some luminances, `bits` the same memory as whole numbers; the rest is of `Bins`.
    """
    total = logarithms = 0.0
    for begin in range(0, red.size, values.size):
        n = min(values.size, red.size - begin)
        for i in range(n):
            k = begin + i
            values[i] = tables[0, red[k]] + tables[1, green[k]] + tables[2, blue[k]]
        if gamma != 1:
            for i in range(n):
                values[i] = values[i] ** gamma
        for i in range(n):
            value = peak * values[i]
            total += value
            values[i] = max(value, darkest)
        for part in range(0, n, 64):  # products of 64 numbers from 1e-3 to 50 are in range
            product = 1.0
            for i in range(part, min(part + 64, n)):
                product *= values[i]
            logarithms += np.log2(product)
        for i in range(n):
            k = (bits[i] >> _REST) - first
            counts[lower[k] + (values[i] >= limit[k])] += 1
    return total, logarithms


@jit(**SUMMING)
def _colour_sums(red: Codes, green: Codes, blue: Codes, gray: float) -> tuple[float, int, int]:
    """Sums of the length of colour vectors and of its square, and the number of squares up to `gray`."""
    squares = grays = 0
    lengths = 0.0
    for i in range(red.size):
        r, g, b = np.int32(red[i]), np.int32(green[i]), np.int32(blue[i])
        square = r * r + g * g + b * b - r * g - g * b - b * r
        squares += int(square)
        lengths += np.sqrt(float(square))
        grays += int(square <= gray)
    return lengths, squares, grays
