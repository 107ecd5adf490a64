"""When the last of many workers is done: expected length of a run whose idle workers take the next task.

Tasks in random order begin evenly over the time t until the queue is empty. By then a task of p seconds that
began at a uniform time has had min(p, V) seconds of work, V uniform in (0, t), and m workers have done

    m t = sum of E[min(p, V)],    E[min(p, V)] = p - p^2 / 2t  if p < t,  else t / 2

which gives t. A driver that gives out tasks no faster than in d seconds for all makes t at least d. After t,
more than r seconds are left of a task with probability q(r) = min(1, max(0, p - r) / t), and of n(r) = sum of
q(r) tasks. The run ends after t and the largest rest:

    P(largest < r) = product of 1 - q(r), but at most (1 - n(r) / n(0)) ^ n(0)

The second holds for short tasks, whose n(0) rests are independent (residual life of renewal theory), the first
for those that are longer than t. Where long tasks are about as many as the workers and longer than the rest of
the run, tasks do not begin evenly, and the run is longer than this.

The bounds of list scheduling hold for any order: at least ``max(total / m, longest)``, at most
``total / m + (1 - 1 / m) * longest`` (Graham, Bounds on multiprocessing timing anomalies, 1969).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

#: Steps of the integral over the time that is left, and halvings of the interval that holds t.
_STEPS, _HALVINGS = 2000, 60


def makespan(durations: ArrayLike, counts: ArrayLike, workers: int, given_out_s: float = 0.0) -> float:
    """Return the expected seconds of a run over tasks in random order.

    Parameters
    ----------
    durations : array_like, (n,)
        Seconds of tasks, above 0 or 0.
    counts : array_like, (n,)
        How many tasks there are of each duration; any number above 0.
    workers : int
        Tasks that run at once.
    given_out_s : float
        Seconds that the driver takes to give out all tasks.

    Returns
    -------
    float
        Seconds.

    Examples
    --------
    >>> round(makespan([1.0, 30.0], [230, 26], workers=4), 1)  # 252.5 s if all workers ended together
    262.7
    """
    seconds, number = np.asarray(durations, dtype=np.float64), np.asarray(counts, dtype=np.float64)
    even_s, longest = float(number @ seconds) / workers, float(seconds.max(initial=0.0))
    least = max(even_s, longest, given_out_s)
    if workers == 1 or longest <= 0.0 or number.sum() <= workers:
        return least
    empty_s = max(given_out_s, _queue_empty_s(seconds, number, workers))
    most = max(even_s, given_out_s) + longest
    return min(most, max(least, empty_s + _largest_rest_s(seconds, number, empty_s)))


def _queue_empty_s(seconds: NDArray[np.float64], number: NDArray[np.float64], workers: int) -> float:
    """Return when the last task begins."""
    low, high = 0.0, float(number @ seconds) / workers
    for _ in range(_HALVINGS):
        at = (low + high) / 2
        done = np.where(seconds < at, seconds - seconds**2 / (2 * at), at / 2)
        low, high = (at, high) if number @ done > workers * at else (low, at)
    return high


def _largest_rest_s(seconds: NDArray[np.float64], number: NDArray[np.float64], empty_s: float) -> float:
    """Return the expected time from the begin of the last task to the end of the run."""
    left = np.linspace(0.0, seconds.max(), _STEPS + 1)
    free, expected = np.zeros_like(left), np.zeros_like(left)
    with np.errstate(divide="ignore"):
        for duration, count in zip(seconds, number, strict=True):
            chance = np.clip((duration - left) / empty_s, 0.0, 1.0)
            free += count * np.log1p(-chance)
            expected += count * chance
        at_work = expected[0] * np.log1p(-np.minimum(expected / expected[0], 1.0))
    return float(np.trapezoid(1.0 - np.exp(np.minimum(free, at_work)), left))
