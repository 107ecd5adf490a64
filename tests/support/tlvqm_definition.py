"""TLVQM's kernels, written plainly."""

from __future__ import annotations

import numpy as np
from colour_definition import ycbcr_to_rgb
from numpy.typing import NDArray
from ordered_filter import imfilter

from vqa_features.kernels.colour import chroma_at_luma_size
from vqa_features.kernels.resize import imresize

Image = NDArray[np.float64]
SOBEL = np.array([[-1, -2, -1], [0, 0, 0], [1, 2, 1]]) / 8


def sobel(image: Image, last_first: bool) -> tuple[Image, Image]:
    """Vertical and horizontal responses."""
    return imfilter(image, SOBEL, last_first), imfilter(image, SOBEL.T, last_first)


def corners(image: Image, last_first: bool) -> tuple[Image, Image]:
    """Largest absolute response to four corners, and how far it lies above the smallest."""
    corner = np.ones((5, 5))
    corner[2:, :3] = -2
    corner[2, 2] = 0
    responses = [
        np.abs(imfilter(image, kernel / 32, last_first))
        for kernel in (corner, corner[::-1], corner[::-1, ::-1], corner[:, ::-1])
    ]
    strongest = np.maximum.reduce(responses)
    return strongest, strongest - np.minimum.reduce(responses)


def mean_of_largest(values: NDArray[np.generic], fraction: float) -> float:
    """Mean of the largest fraction of all values."""
    count = int(fraction * values.size)
    return float(np.sort(values, axis=None)[values.size - count :].mean(dtype=np.float64)) if count else 0.0


def blur(luma: NDArray[np.generic]) -> float:
    """Strongest second derivatives over strongest first ones."""
    image = np.asarray(luma, np.float64)
    energies = []
    down = right = image
    for margin in (3, 2):
        down, right = np.diff(down, axis=0, prepend=0), np.diff(right, axis=1, prepend=0)
        down = imfilter(down, np.array([[1, 2, 1]]))
        right = imfilter(right, np.array([[1], [2], [1]]))
        energies.append((down**2 + right**2)[margin:-margin, margin:-margin])
    first, second = (mean_of_largest(energy, 0.1) for energy in energies)
    return second / first / 64 if first > 0 else 0.0


def interlacing(luma: NDArray[np.generic]) -> float:
    """Weaker over stronger of the strongest differences in pairs of rows and in pairs of columns."""
    image = np.asarray(luma, np.float64)
    h, w = image.shape[0] // 2 * 2, image.shape[1] // 2 * 2
    rows = mean_of_largest(np.square(image[0:h:2] - image[1:h:2]), 0.001)
    columns = mean_of_largest(np.square(image[:, 0:w:2] - image[:, 1:w:2]), 0.001)
    return min(rows, columns) / max(rows, columns) if max(rows, columns) > 0 else 0.0


def colorfulness(half: Image, chroma: NDArray[np.generic], shape: tuple[int, int]) -> float:
    """Largest less smallest of R, G and B at half size."""
    u, v = (imresize(plane, half.shape) for plane in chroma_at_luma_size(chroma, shape))
    rgb = ycbcr_to_rgb(half * 255, u, v)
    return mean_of_largest(rgb.max(axis=2) - rgb.min(axis=2), 0.1)
