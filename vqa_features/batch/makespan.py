"""When the last of many workers is done: expected length of a run whose idle workers take the next task.

With many tasks per worker, the queue is empty when every worker is somewhere inside a task. What is left of
that task follows the residual-life distribution of renewal theory, density ``(1 - F(r)) / E[p]`` for tasks of
duration p with distribution F. The last worker then needs the largest of m such times, while the work that is
left is m times their mean:

    E[makespan] = total / m - E[R] + E[max(R_1 .. R_m)]

The bounds of list scheduling hold for any order: at least ``max(total / m, longest)``, at most
``total / m + (1 - 1 / m) * longest`` (Graham, Bounds on multiprocessing timing anomalies, 1969, eq. 4).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

#: Steps of the integral of the largest residual time.
_STEPS = 4000


def makespan(total_s: float, workers: int, durations: ArrayLike, weights: ArrayLike | None = None) -> float:
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
    least = max(total_s / workers, longest)
    if workers == 1 or longest <= 0.0:
        return least
    most = total_s / workers + (1 - 1 / workers) * longest
    return min(most, max(least, total_s / workers + _last_minus_mean(seconds, share, workers)))


def _last_minus_mean(seconds: NDArray[np.float64], share: NDArray[np.float64], workers: int) -> float:
    """Return the expected largest of `workers` residual times, less their mean."""
    mean = float(share @ seconds)
    at = np.linspace(0.0, seconds.max(), _STEPS + 1)
    order = np.argsort(seconds)
    ordered, weight = seconds[order], share[order]
    # sum of weight * min(seconds, r): those that are shorter count whole, the others count r
    done = np.searchsorted(ordered, at, side="right")
    whole = np.concatenate([[0.0], np.cumsum(weight * ordered)])[done]
    rest = float(weight.sum()) - np.concatenate([[0.0], np.cumsum(weight)])[done]
    below = np.clip((whole + rest * at) / mean, 0.0, 1.0)
    largest = float(np.trapezoid(1.0 - below**workers, at))
    return largest - float(share @ seconds**2) / (2 * mean)
