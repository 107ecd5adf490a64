"""Ends of an axis that a few extreme values do not stretch."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

FENCE = 3.0
"""Values farther from the quartiles than this many times their distance are far out (Tukey 1977)."""
MOST_OUTSIDE = 0.05
"""Greatest share of the values outside an axis; one value may always be."""


def robust_limits(values: ArrayLike) -> tuple[float, float]:
    """Return the range of the values, without few that lie far from all others.

    Parameters
    ----------
    values : array_like
        Numbers of any shape; those that are not finite are ignored.

    Returns
    -------
    low, high : float
        Smallest and largest of the values inside. The whole range where no value is far out, where more than
        `MOST_OUTSIDE` are, or where half of the values are equal. (0, 1) without values.

    Examples
    --------
    >>> robust_limits([1, 2, 3, 4, 5, 1000]), robust_limits([1, 2, 3, 4, 5, 6])
    ((1.0, 5.0), (1.0, 6.0))
    """
    numbers = np.asarray(values, dtype=np.float64)
    numbers = numbers[np.isfinite(numbers)]
    if not numbers.size:
        return 0.0, 1.0
    lower, upper = np.quantile(numbers, [0.25, 0.75])
    reach = FENCE * (upper - lower)
    inside = numbers[(numbers >= lower - reach) & (numbers <= upper + reach)]
    outside = numbers.size - inside.size
    if reach == 0 or outside > max(1, MOST_OUTSIDE * numbers.size):
        inside = numbers
    return float(inside.min()), float(inside.max())


def count_outside(values: ArrayLike, limits: tuple[float, float]) -> int:
    """Return how many finite values lie outside the ends of an axis."""
    numbers = np.asarray(values, dtype=np.float64)
    return int(np.sum(np.isfinite(numbers) & ((numbers < limits[0]) | (numbers > limits[1]))))
