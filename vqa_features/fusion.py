"""Putting feature families together, before the regressor (early) or after it (late)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from .fitting import Fit

Values = NDArray[np.float64]

EARLY, LATE = "fusion", "late-fusion"


def stack(fits: Sequence[Fit], y: Values) -> Fit:
    """Return late fusion: weights of at least 0 and an offset, fitted by least squares on out-of-fold
    predictions.

    Parameters
    ----------
    fits : sequence of Fit
        One per family, all of one split and regressor.
    y : (training rows,)
        MOS of the training part.

    References
    ----------
    L. Breiman, "Stacked regressions", Machine Learning 24, 1996 (non-negative weights).
    """
    from scipy.optimize import nnls

    inside = np.column_stack([fit.out_of_fold for fit in fits])
    centre, middle = inside.mean(axis=0), y.mean()
    weights, _ = nnls(inside - centre, y - middle)

    def fused(columns: Values) -> Values:
        return np.asarray((columns - centre) @ weights + middle)

    outside = np.column_stack([fit.predicted for fit in fits])
    chosen = {f"weight{number}": float(weight) for number, weight in enumerate(weights)}
    return Fit(fused(outside), fused(inside), chosen)
