"""When the last of many workers is done: expected length of a run whose idle workers take the next task.

With many tasks per worker, the queue is empty when every worker is somewhere inside a task. What is left of
that task follows the residual-life distribution of renewal theory, density ``(1 - F(r)) / E[p]`` for tasks of
duration p with distribution F. The last worker then needs the largest of m such times, while the work that is
left is m times their mean:

    E[makespan] = total / m - E[R] + E[max(R_1 .. R_m)]

A driver that gives out tasks no faster than in d seconds for all keeps total / d workers busy, and the
queue is empty at d. The bounds of list scheduling hold for any order: at least ``max(total / m, longest)``, at most
``total / m + (1 - 1 / m) * longest`` (Graham, Bounds on multiprocessing timing anomalies, 1969, eq. 4).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

#: Steps of the integral of the largest residual time.
_STEPS = 4000


def makespan(
    total_s: float,
    workers: int,
    durations: ArrayLike,
    weights: ArrayLike | None = None,
    given_out_s: float = 0.0,
) -> float:
    """Return the expected seconds of a run over tasks in random order.

    Parameters
    ----------
    total_s : float
        Seconds of all tasks together.
    workers : int
        Tasks that run at once.
    durations : array_like, (n,)
        Seconds of tasks that stand for all, in seconds; the longest of all is among them.
    weights : array_like, (n,), optional
        How many tasks each stands for; by default the same.
    given_out_s : float
        Seconds that the driver takes to give out all tasks.

    Returns
    -------
    float
        Seconds, within the bounds of list scheduling.

    Examples
    --------
    >>> round(makespan(1000.0, 4, [1.0, 30.0], [0.9, 0.1]), 1)  # 10.6 s later than all together
    260.6
    """
    seconds = np.asarray(durations, dtype=np.float64)
    share = np.ones_like(seconds) if weights is None else np.asarray(weights, dtype=np.float64)
    longest = float(seconds.max(initial=0.0))
    least = max(total_s / workers, longest, given_out_s)
    if longest <= 0.0:
        return least
    if given_out_s > total_s / workers:
        return max(least, given_out_s + _largest_residual(seconds, share, total_s / given_out_s))
    mean = float(share @ seconds**2) / (2 * float(share @ seconds))
    end = total_s / workers - mean + _largest_residual(seconds, share, workers)
    return min(total_s / workers + (1 - 1 / workers) * longest, max(least, end))


def _largest_residual(seconds: NDArray[np.float64], share: NDArray[np.float64], count: float) -> float:
    """Return the expected largest of `count` residual times."""
    at = np.linspace(0.0, seconds.max(), _STEPS + 1)
    order = np.argsort(seconds)
    ordered, weight = seconds[order], share[order]
    # sum of weight * min(seconds, r): those that are shorter count whole, the others count r
    done = np.searchsorted(ordered, at, side="right")
    whole = np.concatenate([[0.0], np.cumsum(weight * ordered)])[done]
    rest = float(weight.sum()) - np.concatenate([[0.0], np.cumsum(weight)])[done]
    below = np.clip((whole + rest * at) / float(share @ seconds), 0.0, 1.0)
    return float(np.trapezoid(1.0 - below**count, at))
