"""Predictions and MOS of the same videos as a checked pair of vectors."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import ParameterError

Values = NDArray[np.float64]


def pair(predicted: ArrayLike, mos: ArrayLike) -> tuple[Values, Values]:
    """Return both as finite float64 vectors of one length, or raise ParameterError."""
    x = np.asarray(predicted, dtype=np.float64)
    y = np.asarray(mos, dtype=np.float64)
    if x.ndim != 1 or x.shape != y.shape or len(x) < 2:
        raise ParameterError(
            f"predictions and MOS must be vectors of one length of at least 2, got {x.shape} and {y.shape}"
        )
    if not (np.isfinite(x).all() and np.isfinite(y).all()):
        raise ParameterError(
            "predictions and MOS must be finite, got nan or infinity: leave those videos out"
        )
    return x, y
