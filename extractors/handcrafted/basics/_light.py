"""Light of a luma plane: histogram, entropy, share of pixels that are nearly black or white."""

from __future__ import annotations

from typing import Any, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

#: Luma this near to black or white counts as dark or bright, as a share of the range between them.
MARGIN = 0.02


#: Pixels that OpenCV's histogram, of float32, counts exactly.
_EXACT = 2**24


class Light(NamedTuple):
    """Light of one picture.

    Attributes
    ----------
    brightness, contrast : float
        Mean and standard deviation, in codes.
    entropy : float
        Entropy of the histogram of whole codes, in bits, 0 to 8.
    dark, bright : float
        Share of pixels within `MARGIN` of black and of white; pixels beyond them count.
    """

    brightness: float
    contrast: float
    entropy: float
    dark: float
    bright: float


def light(plane: NDArray[Any], black: float, white: float) -> Light:
    """Return the light of a luma plane.

    Parameters
    ----------
    plane : (h, w) uint8 or float32
        Luma in 8-bit codes. Of uint8 all follows from the histogram.
    black, white : float
        Their codes.
    """
    low, high = (limit + side * MARGIN * (white - black) for limit, side in ((black, 1), (white, -1)))
    if plane.dtype != np.uint8:
        shares = _histogram(np.clip(plane, 0, 255).astype(np.uint8)) / plane.size
        mean, deviation = plane.mean(dtype=np.float64), plane.std(dtype=np.float64)
        return Light(
            float(mean), float(deviation), _entropy(shares), _share(plane <= low), _share(plane >= high)
        )
    counts, codes = _histogram(plane), np.arange(256)
    shares, mean = counts / plane.size, (counts * codes).sum() / plane.size
    deviation = np.sqrt((shares * np.square(codes - mean)).sum())
    dark, bright = (counts[part].sum() / plane.size for part in (codes <= low, codes >= high))
    return Light(float(mean), float(deviation), _entropy(shares), float(dark), float(bright))


def mean_chroma(rgb: NDArray[np.uint8]) -> float:
    """Return the mean of the largest less the smallest of R, G and B: half the sum of their distances."""
    planes = cv2.split(rgb)
    distances = [cv2.norm(planes[i], planes[j], cv2.NORM_L1) for i, j in ((0, 1), (1, 2), (2, 0))]
    return sum(distances) / 2 / planes[0].size


def _share(part: NDArray[np.bool_]) -> float:
    return np.count_nonzero(part) / part.size


def _histogram(plane: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Number of pixels at each of the codes 0 .. 255, (256,)."""
    lines = max(1, _EXACT // plane.shape[1])
    counts = np.zeros(256)
    for first in range(0, plane.shape[0], lines):
        counts += cv2.calcHist([plane[first : first + lines]], [0], None, [256], [0, 256]).ravel()
    return counts


def _entropy(shares: NDArray[np.float64]) -> float:
    found = shares[shares > 0]
    return float(abs((found * np.log2(found)).sum()))
