"""Statistics of rows over time in which a row counts by how long it is shown.

A row that is shown k times as long counts as k rows. Undefined values (nan) are left out, with the time they
hold.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .time_pools import durations

Values = NDArray[np.float64]

#: Times of a constant rate are at most this far from a regular grid: some containers keep milliseconds.
ROUNDING_S = 1e-3


def display_weights(times_s: Values) -> Values:
    """Return how long each row is shown; the same for all rows of a constant rate.

    Parameters
    ----------
    times_s : ndarray, (n,) float64
        Times in ascending order.

    Returns
    -------
    ndarray, (n,) float64
        Seconds, as `time_pools.durations`; all equal where the times are those of a regular grid, rounded to
        a millisecond or less.

    Examples
    --------
    >>> display_weights(np.array([0.0, 0.033, 0.067, 0.1])).round(4).tolist()
    [0.0333, 0.0333, 0.0333, 0.0333]
    >>> display_weights(np.array([0.0, 0.033, 0.167, 0.2])).round(4).tolist()
    [0.033, 0.134, 0.033, 0.033]
    """
    n = len(times_s)
    step = (times_s[-1] - times_s[0]) / max(n - 1, 1)
    regular = times_s[0] + step * np.arange(n)
    if step > 0 and np.abs(times_s - regular).max() <= min(ROUNDING_S * (1 + 1e-6), step / 4):
        return np.full(n, step)
    return durations(times_s)


def weighted_mean(values: Values, weights: Values) -> Values:
    """Return the weighted mean of each column.

    Parameters
    ----------
    values : ndarray, (n, d) float64
        Rows, at least one.
    weights : ndarray, (n,) float64
        Above 0.

    Returns
    -------
    ndarray, (d,) float64
        nan where no row has a value.
    """
    centre = np.nanmean(values, axis=0)  # sums near 0 keep their digits
    defined = ~np.isnan(values)
    held = np.where(defined, weights[:, None], 0.0)
    with np.errstate(invalid="ignore"):
        away = np.sum(np.where(defined, values - centre, 0.0) * held, axis=0) / held.sum(axis=0)
    return np.asarray(centre + away)


def weighted_deviation(values: Values, weights: Values) -> Values:
    """Return the weighted standard deviation of each column, of the population; as `weighted_mean`."""
    return np.sqrt(weighted_mean(np.square(values - weighted_mean(values, weights)), weights))


def weighted_percentile(values: Values, weights: Values, percent: float) -> Values:
    """Return the weighted percentile of each column, by linear interpolation.

    It is the plain percentile of a column in which each value is repeated: as often as its weight holds the
    smallest weight, fractions included.

    Parameters
    ----------
    values : ndarray, (n, d) float64
        Rows, at least one.
    weights : ndarray, (n,) float64
        Above 0.
    percent : float
        0 to 100.

    Returns
    -------
    ndarray, (d,) float64
        nan where no row has a value.

    Examples
    --------
    >>> weighted_percentile(np.array([[1.0], [5.0], [2.0]]), np.array([1.0, 3.0, 1.0]), 50).tolist()
    [5.0]
    """
    return np.array([_percentile(column, weights, percent) for column in values.T])


def _percentile(column: Values, weights: Values, percent: float) -> float:
    defined = ~np.isnan(column)
    if not defined.any():
        return np.nan
    order = np.argsort(column[defined], kind="stable")
    ascending, held = column[defined][order], weights[defined][order]
    copies = held / held.min()
    end = np.cumsum(copies)
    # places of the first and the last copy of each value among all copies
    places = np.maximum.accumulate(np.stack([end - copies, end - 1], axis=1).ravel())
    return float(np.interp((end[-1] - 1) * percent / 100, places, np.repeat(ascending, 2)))
