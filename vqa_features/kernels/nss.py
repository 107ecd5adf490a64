"""Local mean, local deviation and mean-subtracted contrast-normalised (MSCN) coefficients.

The one rule for flat areas: every window is taken relative to its centre pixel, and an offset of the
mean from that pixel which is rounding (1e-12 of the window's root mean square about the pixel, 3e-7
in float32) is zero. Where a window is constant, or mirrors itself with the sign changed, its
coefficient is then exactly zero whatever the order of summation; subtracting two large sums leaves
noise instead, whose sign enters every fit.
"""

from __future__ import annotations

import functools
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from ..errors import ParameterError
from .jit import jit

Image = NDArray[np.float64]
Border = Literal["zero", "replicate", "symmetric", "mirror"]

#: Window of BRISQUE, NIQE and most of their descendants: 7 x 7 Gaussian, deviation 7/6 pixels.
SIZE = 7
SIGMA = 7 / 6
#: Square of the relative offset that is rounding in float64.
ROUNDING = 1e-24
_PAD_MODES = {
    "zero": "constant",
    "replicate": "edge",
    "symmetric": "symmetric",
    "mirror": "reflect",
}


@functools.lru_cache(maxsize=32)
def gaussian(size: int = SIZE, sigma: float = SIGMA) -> Image:
    """Normalised 1-D Gaussian weights, (size,); their outer product is MATLAB's ``fspecial``."""
    if size < 1 or size % 2 == 0:
        raise ParameterError(f"the size of a window must be odd and positive, got {size}")
    x = np.arange(size) - (size - 1) / 2
    weights = np.exp(-x * x / (2 * sigma * sigma))
    weights /= weights.sum()
    weights.flags.writeable = False
    return weights


def pad(image: NDArray[np.generic], width: int | tuple[tuple[int, int], ...], border: Border) -> Image:
    """Return float64 `image` with pixels outside of its edges; `width` as in `numpy.pad`.

    `border` is "zero", "replicate" (the edge pixel), "symmetric" or "mirror" (the image mirrored, with or
    without repeating the edge; "mirror" is OpenCV's BORDER_REFLECT_101).
    """
    mode: Any = _PAD_MODES[border]
    return np.pad(np.asarray(image, np.float64), width, mode=mode)


def local_moments(
    image: NDArray[np.generic], size: int = SIZE, sigma: float = SIGMA, border: Border = "replicate"
) -> tuple[Image, Image]:
    """Gaussian-weighted mean and standard deviation around every pixel.

    Parameters
    ----------
    image : (h, w)
        Any real dtype, any unit.
    size, sigma
        Side of the square window (odd) and deviation of its Gaussian, in pixels.
    border : {"zero", "replicate", "symmetric", "mirror"}
        What lies outside: see `pad`.

    Returns
    -------
    mean, deviation : (h, w) float64
        In the unit of the image; deviation is exactly 0 where the window is constant.
    """
    weights = gaussian(size, sigma)
    return _moments(pad(image, size // 2, border), weights)


def mscn(
    image: NDArray[np.generic],
    size: int = SIZE,
    sigma: float = SIGMA,
    border: Border = "replicate",
    constant: float = 1.0,
) -> Image:
    """(image - mean) / (deviation + constant), (h, w) float64; see `local_moments`.

    BRISQUE's border is "zero", NIQE's "replicate".

    References
    ----------
    A. Mittal, A. K. Moorthy and A. C. Bovik, "No-reference image quality assessment in the spatial
    domain", IEEE TIP 21(12), 2012, equations 1 to 3.

    Examples
    --------
    >>> mscn(np.full((8, 8), 93)).any()
    np.False_
    """
    mean, deviation = local_moments(image, size, sigma, border)
    return (np.asarray(image, np.float64) - mean) / (deviation + constant)


@jit(error_model="numpy")
def _moments(padded: Image, weights: Image) -> tuple[Image, Image]:
    """Mean and deviation from an image padded by half a window, in two separable passes.

    Down a column, the moments a1 and a2 are taken about the pixel of the centre row, r(x). Across,
    the column at x + j is moved to the centre pixel by e = r(x + j) - r(x):
    first moment w * (a1 + e), second w * (a2 + e * (2 * a1 + e)).
    """
    size = weights.size
    half = size // 2
    height, width = padded.shape[0] - 2 * half, padded.shape[1] - 2 * half
    mean = np.empty((height, width))
    deviation = np.empty((height, width))
    a1 = np.empty(padded.shape[1])
    a2 = np.empty(padded.shape[1])
    first = np.empty(width)
    second = np.empty(width)
    for y in range(height):
        centre = padded[y + half]
        a1[:] = 0.0
        a2[:] = 0.0
        for i in range(size):
            row, w = padded[y + i], weights[i]
            for x in range(padded.shape[1]):
                d = row[x] - centre[x]
                a1[x] += w * d
                a2[x] += w * d * d
        first[:] = 0.0
        second[:] = 0.0
        for j in range(size):
            w = weights[j]
            for x in range(width):
                e = centre[x + j] - centre[x + half]
                first[x] += w * (a1[x + j] + e)
                second[x] += w * (a2[x + j] + e * (2.0 * a1[x + j] + e))
        for x in range(width):
            if first[x] * first[x] <= ROUNDING * second[x]:
                first[x] = 0.0
            mean[y, x] = centre[x + half] + first[x]
            deviation[y, x] = np.sqrt(max(second[x] - first[x] * first[x], 0.0))
    return mean, deviation
