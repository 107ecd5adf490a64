"""Histogram of a luma plane and its entropy."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Plane = NDArray[np.float32]


def histogram(plane: Plane) -> NDArray[np.float64]:
    """Share of pixels at each of the codes 0 .. 255, (256,); codes between are rounded down."""
    codes = np.clip(plane, 0, 255).astype(np.uint8).ravel()
    return np.bincount(codes, minlength=256) / plane.size


def entropy(shares: NDArray[np.float64]) -> float:
    """Entropy of a histogram, in bits, 0 to 8."""
    found = shares[shares > 0]
    return float(max(-(found * np.log2(found)).sum(), 0.0))
