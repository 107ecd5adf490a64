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
    known = [fit.left_out(y) for fit in fits]
    errors = [float(np.mean((predicted - mos) ** 2)) / float(np.var(mos)) for predicted, mos in known]
    return tuple(max(1.0 - error, LEAST_SHARE) for error in errors)


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

    inside = np.column_stack([fit.left_out(y)[0] for fit in fits])
    mos = fits[0].left_out(y)[1]
    centre, middle = inside.mean(axis=0), mos.mean()
    weights, _ = nnls(inside - centre, mos - middle)

    def fused(columns: Values) -> Values:
        return np.asarray((columns - centre) @ weights + middle)

    outside = np.column_stack([fit.predicted for fit in fits])
    chosen = {f"weight{number}": float(weight) for number, weight in enumerate(weights)}
    out_of_fold = np.where(np.isfinite(fits[0].out_of_fold), 0.0, np.nan)
    out_of_fold[np.isfinite(out_of_fold)] = fused(inside)
    return Fit(fused(outside), out_of_fold, chosen)
