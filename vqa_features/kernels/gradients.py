"""Zero-sum filters: Sobel, Laplacian of Gaussian, differences and derivatives of Gaussians.

All are computed from differences of pixels: a window of equal pixels gives exactly zero, whatever
their value (the rule for flat areas, see `nss`).
"""

from __future__ import annotations

import functools
import math
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from . import nss
from .jit import jit
from .nss import Border
from .planes import as_plane

Image = NDArray[np.float64]


def contrast(image: NDArray[Any], kernel: Image, border: Border = "zero") -> Image:
    """Correlation with a zero-sum kernel, (h, w) float64: sum of k * (neighbour - centre).

    Parameters
    ----------
    image : (h, w)
        Any real dtype.
    kernel : (m, n)
        Weights that sum to zero. The origin is the centre; of an even side, the pixel before it.
    border
        What lies outside: see `nss.pad`.
    """
    top, left = (kernel.shape[0] - 1) // 2, (kernel.shape[1] - 1) // 2
    bottom, right = kernel.shape[0] - 1 - top, kernel.shape[1] - 1 - left
    padded = nss.pad(image, ((top, bottom), (left, right)), border)
    return _contrast(padded, np.ascontiguousarray(kernel, np.float64), top, left)


def sobel_magnitude(image: NDArray[Any]) -> Image:
    """Magnitude of the Sobel gradient with the border replicated, as MATLAB's ``imgradient``, (h, w).

    The weights are 1 2 1, not divided: a step of one gives 4.
    """
    plane, border = np.asarray(image, np.float64), cv2.BORDER_REPLICATE
    across: Any
    down: Any
    across, down = (cv2.Sobel(plane, -1, x, 1 - x, ksize=3, borderType=border) for x in (1, 0))
    across *= across
    down *= down
    across += down
    root: Image = np.sqrt(across, out=across)  # that of OpenCV's `magnitude` depends on where arrays lie
    return root


def sobel_magnitude_float32(plane: NDArray[Any]) -> NDArray[np.float32]:
    """`sobel_magnitude` of 8-bit codes (uint8 or float32) in float32, for the inner loop of a video, (h, w).

    Differences of codes and their squares are exact, so only the root is rounded.
    """
    out = np.empty(plane.shape, np.float32)
    if out.size:
        _sobel_magnitude(as_plane(plane), out)
    return out


@functools.lru_cache(maxsize=16)
def laplacian_of_gaussian(size: int, sigma: float) -> Image:
    """Laplacian-of-Gaussian kernel (size, size), sum zero, absolute values summing to one."""
    x = np.arange(size) - (size - 1) / 2
    square = x[:, None] ** 2 + x**2
    kernel = (square - 2 * sigma * sigma) * np.exp(-square / (2 * sigma * sigma))
    kernel -= kernel.mean()  # of its weighted form, as fspecial does
    return kernel / np.abs(kernel).sum()


@functools.lru_cache(maxsize=16)
def gaussian_surround(size: int, sigma: float) -> Image:
    """Identity minus Gaussian kernel, (size, size). An even side is allowed."""
    x = np.arange(size) - (size - 1) / 2
    weights = np.exp(-x * x / (2 * sigma * sigma))
    kernel = -np.outer(weights, weights) / weights.sum() ** 2
    kernel[(size - 1) // 2, (size - 1) // 2] += 1
    return kernel


def gaussian_derivative_magnitude(image: NDArray[Any], sigma: float) -> Image:
    """Magnitude of the derivatives of a Gaussian, x exp(-r^2 / 2 sigma^2), zeros outside, (h, w).

    The window reaches ceil(3 sigma) pixels to each side. Not normalised (IL-NIQE's, RAPIQUE's).
    """
    reach = math.ceil(3 * sigma)
    x = np.arange(-reach, reach + 1.0)
    bell = np.exp(-x * x / (2 * sigma * sigma))
    border = cv2.BORDER_CONSTANT
    padded = cv2.copyMakeBorder(np.asarray(image, np.float64), reach, reach, reach, reach, border)
    out = np.empty(image.shape)
    _derivatives(padded, x[reach:] * bell[reach:], bell[reach:].copy(), out)
    return out


@jit(error_model="numpy")
def _sobel_magnitude(plane: NDArray[Any], out: NDArray[np.float32]) -> None:
    height, width = out.shape
    smooth, slope = np.empty(width + 2, np.float32), np.empty(width + 2, np.float32)
    two = np.float32(2)
    for y in range(height):
        above, below = max(y - 1, 0), min(y + 1, height - 1)
        for x in range(width):
            a, b, c = np.float32(plane[above, x]), np.float32(plane[y, x]), np.float32(plane[below, x])
            smooth[x + 1] = a + two * b + c
            slope[x + 1] = c - a
        smooth[0], slope[0] = smooth[1], slope[1]
        smooth[width + 1], slope[width + 1] = smooth[width], slope[width]
        for x in range(width):
            across = smooth[x + 2] - smooth[x]
            down = slope[x] + two * slope[x + 1] + slope[x + 2]
            out[y, x] = np.sqrt(across * across + down * down)


@jit(error_model="numpy")
def _contrast(padded: Image, kernel: Image, top: int, left: int) -> Image:
    rows, columns = kernel.shape
    height, width = padded.shape[0] - rows + 1, padded.shape[1] - columns + 1
    out = np.zeros((height, width))
    for y in range(height):
        centre = padded[y + top, left : left + width]
        target = out[y]
        for i in range(rows):
            for j in range(columns):
                weight = kernel[i, j]
                if weight == 0.0:
                    continue
                neighbour = padded[y + i, j : j + width]
                for x in range(width):
                    target[x] += weight * (neighbour[x] - centre[x])
    return out


@jit(error_model="numpy", fastmath={"contract"})
def _derivatives(padded: Image, odd: Image, even: Image, out: Image) -> None:
    """Magnitude of the two derivatives, row by row: down the columns first, then along the row.

    `odd` and `even` are the filters from the centre on. Every tap is a difference or a sum of mirror pixels.
    """
    half = odd.size - 1
    height, width = out.shape
    slope = np.empty(padded.shape[1])
    level = np.empty(padded.shape[1])
    across = np.empty(width)
    down = np.empty(width)
    for y in range(height):
        for x in range(padded.shape[1]):
            slope[x] = 0.0
            level[x] = even[0] * padded[y + half, x]
        for i in range(1, half + 1):
            for x in range(padded.shape[1]):
                above, below = padded[y + half - i, x], padded[y + half + i, x]
                slope[x] += odd[i] * (below - above)
                level[x] += even[i] * (below + above)
        for x in range(width):
            across[x] = 0.0
            down[x] = even[0] * slope[x + half]
        for j in range(1, half + 1):
            for x in range(width):
                across[x] += odd[j] * (level[x + half + j] - level[x + half - j])
                down[x] += even[j] * (slope[x + half + j] + slope[x + half - j])
        for x in range(width):
            out[y, x] = np.sqrt(across[x] * across[x] + down[x] * down[x])
