"""Light of a luma plane: histogram, entropy, share of pixels that are nearly black or white."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Plane = NDArray[np.float32]

#: Luma this near to black or white counts as dark or bright, as a share of the range between them.
MARGIN = 0.02


def histogram(plane: Plane) -> NDArray[np.float64]:
    """Share of pixels at each of the codes 0 .. 255, (256,); codes between are rounded down."""
    codes = np.clip(plane, 0, 255).astype(np.uint8).ravel()
    return np.bincount(codes, minlength=256) / plane.size


def entropy(shares: NDArray[np.float64]) -> float:
    """Entropy of a histogram, in bits, 0 to 8."""
    found = shares[shares > 0]
    return float(abs((found * np.log2(found)).sum()))


def dark_and_bright(plane: Plane, black: float, white: float) -> tuple[float, float]:
    """Share of pixels within `MARGIN` of black and of white, given as codes; pixels beyond them count."""
    margin = MARGIN * (white - black)
    return float((plane <= black + margin).mean()), float((plane >= white - margin).mean())
