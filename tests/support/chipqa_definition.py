"""The MSCN of ChipQA's release by SciPy, and sums over blocks by rolled arrays: what its kernels compute."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from vqa_features.extractors.handcrafted.chipqa._fields import window

Image = NDArray[np.float32]


def normalised(plane: Image, constant: float = 1.0, border: str = "zero") -> tuple[Image, Image]:
    """MSCN coefficients and local deviation, all in single precision, each (h, w)."""
    mean = smoothed(plane, border)
    deviation = np.sqrt(np.abs(smoothed(np.square(plane), border) - np.square(mean)))
    coefficients = (plane - mean) / (deviation + np.float32(constant))
    return np.asarray(coefficients, np.float32), np.asarray(deviation, np.float32)


def smoothed(plane: Image, border: str) -> Image:
    """The plane smoothed down and across, each pass rounded to single precision."""
    mode: Literal["constant", "nearest"] = "constant" if border == "zero" else "nearest"
    down, across = np.empty_like(plane), np.empty_like(plane)
    ndimage.correlate1d(plane, window(), axis=0, output=down, mode=mode)
    ndimage.correlate1d(down, window(), axis=1, output=across, mode=mode)
    return across


def sums_of_block(block: NDArray[np.float64]) -> NDArray[np.float64]:
    """Sums of |p|, p^2, p |p| and the number of p < 0, of the block and of four products, (5, 4)."""
    shifts = ((0, 1), (1, 0), (1, 1), (-1, 1))
    samples = [block, *(block * np.roll(block, shift, axis=(0, 1)) for shift in shifts)]
    return np.array([[np.abs(p).sum(), (p * p).sum(), (p * np.abs(p)).sum(), (p < 0).sum()] for p in samples])
