"""Means over time that stress part of a signal: power means, worst seconds, moving averages, hysteresis.

A row is a value that holds from its time until the next row. Undefined values (nan) are left out, with the
time they hold.

References
----------
.. [1] K. Seshadrinathan, A. C. Bovik, "Temporal hysteresis model of time varying subjective video quality",
   ICASSP 2011, 1153-1156.
.. [2] A. K. Moorthy, A. C. Bovik, "Visual importance pooling for image quality assessment", IEEE Journal of
   Selected Topics in Signal Processing 3(2), 2009, 193-201.
.. [3] D. E. Pearson, "Viewer response to time-varying video quality", Proc. SPIE 3299, 1998, 16-25.
.. [4] S. Rimac-Drlje, M. Vranjes, D. Zagar, "Influence of temporal pooling method on the objective video
   quality evaluation", IEEE BMSB 2009.
.. [5] Z. Tu, C.-J. Chen, L.-H. Chen, N. Birkbeck, B. Adsumilli, A. C. Bovik, "A comparative evaluation of
   temporal pooling methods for blind video quality assessment", ICIP 2020, 141-145.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]

#: Memory of the hysteresis in seconds, and the weight of the past in it [1]_.
HYSTERESIS_TAU_S = 2.0
HYSTERESIS_ALPHA = 0.8
#: Times that differ by less are equal: containers keep microseconds at best.
_SAME_TIME_S = 1e-6


def durations(times_s: Values) -> Values:
    """Return how long each row holds.

    Parameters
    ----------
    times_s : ndarray, (n,) float64
        Times in ascending order. Rows of one time share its duration.

    Returns
    -------
    ndarray, (n,) float64
        Seconds until the next time, above 0. The last time holds for the median of the others; a single
        time for 1 s.

    Examples
    --------
    >>> durations(np.array([0.0, 1.0, 1.5, 2.5])).tolist()
    [1.0, 0.5, 1.0, 1.0]
    """
    times, position, rows = np.unique(times_s, return_inverse=True, return_counts=True)
    gaps = np.diff(times)
    lasting = np.append(gaps, np.median(gaps) if len(gaps) else 1.0)
    return np.asarray(lasting[position] / rows[position], dtype=np.float64)


def power_mean(values: Values, exponent: float, weights: Values | None = None) -> Values:
    """Return the power mean of each column: harmonic for -1, Minkowski for positive exponents [4]_ [5]_.

    Parameters
    ----------
    values : ndarray, (n, d) float64
        Rows, at least one.
    exponent : float
        Not 0.
    weights : ndarray, (n,) float64, optional
        Of the rows, above 0.

    Returns
    -------
    ndarray, (d,) float64
        nan where a value is negative, for which the mean is not defined, or none is defined. A zero makes
        the harmonic mean 0, its limit.

    Examples
    --------
    >>> power_mean(np.array([[1.0, 0.0, -1.0], [3.0, 2.0, 2.0]]), -1).tolist()
    [1.5, 0.0, nan]
    """
    low, high = np.nanmin(values, axis=0), np.nanmax(values, axis=0)
    scale = np.where((high > 0) & np.isfinite(high), high, 1.0)  # no power overflows
    with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
        powers = np.where(values < 0, np.nan, values / scale) ** exponent
        held = np.where(np.isnan(powers), np.nan, 1.0 if weights is None else weights[:, None])
        mean = scale * (np.nansum(powers * held, axis=0) / np.nansum(held, axis=0)) ** (1 / exponent)
    return np.where(low < 0, np.nan, np.clip(mean, low, high))


def lowest_mean(values: Values, times_s: Values, seconds: float) -> Values:
    """Return the mean over the seconds in which each column is lowest, together or apart [2]_.

    Parameters
    ----------
    values : ndarray, (n, d) float64
        Rows in the order of time.
    times_s : ndarray, (n,) float64
        Their times.
    seconds : float
        Above 0. A shorter signal gives its mean over time.

    Returns
    -------
    ndarray, (d,) float64
        nan where no row has a value.

    Examples
    --------
    >>> lowest_mean(np.array([[5.0], [1.0], [2.0], [5.0]]), np.arange(4.0), 2.0).tolist()
    [1.5]
    """
    lasting = durations(times_s)

    def of_column(column: Values, held: Values) -> float:
        order = np.argsort(column, kind="stable")
        end = np.cumsum(held[order])
        weights = np.clip(seconds - (end - held[order]), 0, held[order])
        return float(np.average(column[order], weights=weights))

    return np.array([_of_defined(of_column, column, lasting) for column in values.T])


def lowest_moving_mean(values: Values, times_s: Values, seconds: float) -> Values:
    """Return the lowest of the means over all windows of a duration: the worst episode of each column [3]_.

    Parameters
    ----------
    values : ndarray, (n, d) float64
        Rows in the order of time.
    times_s : ndarray, (n,) float64
        Their times.
    seconds : float
        Duration of the window, above 0. A shorter signal gives its mean over time.

    Returns
    -------
    ndarray, (d,) float64
        nan where no row has a value.

    Examples
    --------
    >>> lowest_moving_mean(np.array([[1.0], [5.0], [2.0], [3.0]]), np.arange(4.0), 2.0).tolist()
    [2.5]
    """
    lasting = durations(times_s)

    def of_column(column: Values, held: Values) -> float:
        centre = float(np.mean(column))  # sums near 0 keep their digits
        edges = np.append(0.0, np.cumsum(held))
        sums = np.append(0.0, np.cumsum((column - centre) * held))
        window = min(seconds, edges[-1])
        # the mean is piecewise monotone between windows that begin or end with a row
        starts = np.clip(np.concatenate([edges, edges - window]), 0, edges[-1] - window)
        windows = np.interp(starts + window, edges, sums) - np.interp(starts, edges, sums)
        return centre + float(windows.min()) / window

    return np.array([_of_defined(of_column, column, lasting) for column in values.T])


def hysteresis(values: Values, times_s: Values) -> Values:
    """Return the mean of each column after the temporal hysteresis model [1]_: low values stay in memory.

    At each row, the lowest value of the `HYSTERESIS_TAU_S` seconds before it has the weight
    `HYSTERESIS_ALPHA`. The rest is a mean over the same time from it on, in ascending order, weighted by the
    falling half of a Gaussian with a standard deviation of (2 K - 1) / 12 ranks, K being the number of rows.
    The result is the mean over time. Both times are rounded to rows: they reach half the median duration
    further. For rows at irregular times, ranks and weights count each row by its duration.

    Parameters
    ----------
    values : ndarray, (n, d) float64
        Rows in the order of time.
    times_s : ndarray, (n,) float64
        Their times.

    Returns
    -------
    ndarray, (d,) float64
        nan where no row has a value.

    Examples
    --------
    >>> hysteresis(np.array([[4.0], [4.0], [1.0], [4.0], [4.0]]), np.arange(5.0)).round(2).tolist()
    [2.7]
    """
    lasting = durations(times_s)
    felt = np.empty_like(values)
    now = np.searchsorted(times_s, times_s - _SAME_TIME_S)
    reach = HYSTERESIS_TAU_S + np.median(lasting) / 2  # at a constant rate tau is a whole number of rows
    past = np.searchsorted(times_s, times_s - reach)
    ahead = np.searchsorted(times_s, times_s + reach)
    for row, (first, current, end) in enumerate(zip(past, now, ahead, strict=True)):
        memory = np.min(values[first:current], axis=0, initial=np.inf, where=~np.isnan(values[first:current]))
        memory = np.where(np.isinf(memory), values[row], memory)
        upcoming = _falling_mean(values[current:end], lasting[current:end])
        felt[row] = HYSTERESIS_ALPHA * memory + (1 - HYSTERESIS_ALPHA) * upcoming
    weights = np.where(np.isnan(values), 0.0, lasting[:, None])
    with np.errstate(invalid="ignore"):
        mean = np.sum(np.where(weights > 0, felt, 0.0) * weights, axis=0) / weights.sum(axis=0)
    return np.clip(mean, np.nanmin(values, axis=0), np.nanmax(values, axis=0))


def _falling_mean(values: Values, lasting: Values) -> Values:
    """Return the mean of each column in ascending order with the weights of half a Gaussian."""
    order = np.argsort(values, axis=0)  # nan last
    ascending = np.take_along_axis(values, order, axis=0)
    held = np.where(np.isnan(ascending), 0.0, lasting[order])
    count = np.sum(~np.isnan(ascending), axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        ranks = (np.cumsum(held, axis=0) - held) * (count / held.sum(axis=0))
        weights = held * np.exp(-0.5 * (ranks / ((2 * count - 1) / 12)) ** 2)
        return np.asarray(np.nansum(weights * ascending, axis=0) / weights.sum(axis=0))


def _of_defined(of_column: Callable[[Values, Values], float], column: Values, lasting: Values) -> float:
    """Return a mean of the defined values of one column, within their range; nan without any."""
    defined = ~np.isnan(column)
    kept = column[defined]
    if not len(kept):
        return np.nan
    return float(np.clip(of_column(kept, lasting[defined]), kept.min(), kept.max()))
