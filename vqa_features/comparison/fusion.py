"""Fusion of feature families before the regressor (early) or after it (late)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ..evaluation.training_part import Fit

Values = NDArray[np.float64]

EARLY, LATE = "fusion", "late-fusion"
LEAST_SHARE = 0.05


def shares(fits: Sequence[Fit], y: Values) -> tuple[float, ...]:
    """Return the weight of each family in early fusion: the share of MOS variance it explains alone.

    The share is computed out of fold and at least `LEAST_SHARE`, so that no family is dropped.

    Parameters
    ----------
    fits : sequence of Fit
        One per family, all of one split and regressor.
    y : (training rows,)
        MOS of the training part.
    """
    errors = [float(np.mean((fit.out_of_fold - y) ** 2)) for fit in fits]
    return tuple(max(1.0 - error / float(np.var(y)), LEAST_SHARE) for error in errors)


def stack(fits: Sequence[Fit], y: Values) -> Fit:
    """Return late fusion: non-negative weights and an offset, fitted on out-of-fold predictions.

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
