"""Similarity of two sets of features of the same videos: linear centred kernel alignment (CKA).

References
----------
S. Kornblith, M. Norouzi, H. Lee, G. Hinton, "Similarity of neural network representations revisited", ICML
2019 (linear CKA).
L. Song et al., "Feature selection via dependence maximization", JMLR 13, 2012, equation 5 (unbiased HSIC).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import ParameterError

Values = NDArray[np.float64]


def linear_cka(x: ArrayLike, y: ArrayLike, *, debiased: bool = True) -> float:
    """Return how alike two sets of columns arrange the same videos: 1 up to rotation and scale, 0 unrelated.

    Columns are z-scored first; constant ones are left out.

    Parameters
    ----------
    x, y : (n, columns)
        Features of the same videos in the same order, at least 4; any numbers of columns.
    debiased : bool
        Use the unbiased estimate of HSIC. The plain one grows with the number of columns: for unrelated
        columns it is about ``1 / (1 + n / columns)``. The debiased one may be slightly negative.

    Returns
    -------
    float
        At most 1; nan if a side has no column that varies, or too few videos to estimate its own variance.

    Raises
    ------
    ParameterError
        If the rows differ, are fewer than 4, or a value is not finite.

    Examples
    --------
    >>> x = np.random.default_rng(0).normal(size=(50, 3))
    >>> round(linear_cka(x, -2 * x[:, ::-1] + 1), 6)
    1.0
    """
    one, other = (_standardised(side) for side in (x, y))
    if len(one) != len(other):
        raise ParameterError(f"both sides need the same videos, got {len(one)} and {len(other)} rows")
    shared, own, of_other = (_hsic(*sides, debiased) for sides in ((one, other), (one, one), (other, other)))
    if not (own > 0 and of_other > 0):
        return float("nan")
    return float(min(1.0, shared / np.sqrt(own * of_other)))


def _standardised(side: ArrayLike) -> Values:
    values = np.asarray(side, dtype=np.float64)
    if values.ndim != 2 or len(values) < 4 or not np.isfinite(values).all():
        raise ParameterError(f"need finite features (n, columns) of at least 4 videos, got {values.shape}")
    varies = np.ptp(values, axis=0) > 0
    kept = values[:, varies]
    kept = kept - kept.mean(axis=0)
    return np.asarray(kept / kept.std(axis=0))


def _hsic(x: Values, y: Values, debiased: bool) -> float:
    """Return the dependence of two centred matrices by their linear kernels, up to a factor of n.

    The kernels K = x x' and L = y y' are never formed: their rows sum to 0, so all that the unbiased
    estimate needs is the trace of K L and both diagonals.
    """
    trace = float(np.square(x.T @ y).sum())
    if not debiased:
        return trace
    rows = len(x)
    k, m = np.square(x).sum(axis=1), np.square(y).sum(axis=1)
    return float(trace - k @ m * rows / (rows - 2) + k.sum() * m.sum() / ((rows - 1) * (rows - 2)))
