"""Conformal prediction intervals, valid without a distribution of the errors.

References
----------
R. F. Barber et al., "Predictive inference with the jackknife+", Annals of Statistics 49, 2021
(cross-conformal residuals).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from ..errors import ParameterError

LEVEL = 0.9


def half_width(out_of_fold: ArrayLike, mos: ArrayLike, level: float = LEVEL) -> float:
    """Return the half-width of the prediction interval of new videos, in MOS units.

    It is the ceil((n + 1) level)-th smallest absolute residual of out-of-fold training predictions;
    infinite if n is too small for the level.

    Parameters
    ----------
    out_of_fold : (n,)
        Predictions of training videos by models that did not see them.
    mos : (n,)
        MOS of the same videos.
    level : float
        Coverage, 0 .. 1.
    """
    residuals = np.sort(np.abs(np.asarray(mos, dtype=np.float64) - np.asarray(out_of_fold, dtype=np.float64)))
    if not len(residuals) or not 0 < level < 1:
        raise ParameterError(f"need residuals and 0 < level < 1, got {len(residuals)} and {level}")
    # 1e-9 keeps whole products such as 10 * .9 from being rounded up to the next number.
    rank = int(np.ceil((len(residuals) + 1) * level - 1e-9))
    return float(residuals[rank - 1]) if rank <= len(residuals) else float("inf")


def coverage(predicted: ArrayLike, mos: ArrayLike, width: float) -> float:
    """Return the share of videos whose MOS lies within `width` of the prediction, 0 .. 1."""
    error = np.abs(np.asarray(mos, dtype=np.float64) - np.asarray(predicted, dtype=np.float64))
    return float(np.mean(error <= width))
