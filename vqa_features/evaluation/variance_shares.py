"""Division of what several predictors explain together: commonality analysis and Shapley values.

Both divide a table of values, one per subset of the predictors, into terms that sum to the value of all
of them. Subsets are numbered by the bits of their predictors: predictor i is in subset s if ``s >> i & 1``;
0 is the empty subset.

References
----------
R. G. Newton, D. J. Spurrell, "A development of multiple regression for the analysis of routine data",
Applied Statistics 16, 1967 (commonality analysis).
L. S. Shapley, "A value for n-person games", 1953.
R. H. Lindeman, P. F. Merenda, R. Z. Gold, "Introduction to bivariate and multivariate analysis", 1980
(Shapley values of R^2).
"""

from __future__ import annotations

from math import factorial

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import ParameterError

Values = NDArray[np.float64]


def members(subset: int) -> tuple[int, ...]:
    """Return the predictors of a subset by its number."""
    return tuple(i for i in range(subset.bit_length()) if subset >> i & 1)


def commonality(values: ArrayLike) -> Values:
    """Return what exactly the predictors of each subset have in common.

    Parameters
    ----------
    values : (..., 2**k)
        Value of every subset of k predictors, such as R^2; that of the empty subset is usually 0.

    Returns
    -------
    (..., 2**k) float64
        For a subset of one, its unique part: what is lost without it. For a larger subset, what each of its
        predictors explains and none outside it does; negative where they explain more together than apart
        (suppression). The term of the empty subset is its value, so the terms sum to the value of all.

    Raises
    ------
    ParameterError
        If the number of values is no power of two, or one is not finite.

    Examples
    --------
    >>> commonality([0.0, 0.5, 0.4, 0.6]).round(3).tolist()  # none, a, b, both
    [0.0, 0.2, 0.1, 0.3]
    """
    table, k = _checked(values)
    # What all predictors lose without a subset is the sum of the terms of its subsets.
    terms = table[..., -1:] - table[..., ::-1]
    for i in range(k):
        inside = np.flatnonzero(np.arange(1 << k) >> i & 1)
        terms[..., inside] -= terms[..., inside ^ (1 << i)]
    terms[..., 0] = table[..., 0]
    return np.asarray(terms)


def shapley(values: ArrayLike) -> Values:
    """Return the Shapley value of each predictor: its mean gain over all orders of adding them.

    Parameters
    ----------
    values : (..., 2**k)
        Value of every subset of k predictors.

    Returns
    -------
    (..., k) float64
        They sum to the value of all predictors minus that of none.

    Raises
    ------
    ParameterError
        If the number of values is no power of two, or one is not finite.

    Examples
    --------
    >>> shapley([0.0, 0.5, 0.4, 0.6]).round(3).tolist()
    [0.35, 0.25]
    """
    table, k = _checked(values)
    found = np.zeros((*table.shape[:-1], k))
    for subset in range(1 << k):
        size = subset.bit_count()
        for i in set(range(k)) - set(members(subset)):
            share = factorial(size) * factorial(k - size - 1) / factorial(k)
            found[..., i] += share * (table[..., subset | 1 << i] - table[..., subset])
    return found


def _checked(values: ArrayLike) -> tuple[Values, int]:
    """Return the values and the number of predictors."""
    table = np.asarray(values, dtype=np.float64)
    count = table.shape[-1] if table.ndim else 0
    if count < 2 or count & (count - 1):
        raise ParameterError(f"need one value for each of the 2**k subsets of k predictors, got {count}")
    if not np.isfinite(table).all():
        raise ParameterError("the values of the subsets must be finite, got nan or infinity")
    return table, count.bit_length() - 1
