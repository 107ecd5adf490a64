"""Number of worker processes that ``jobs`` means, and of threads in each."""

from __future__ import annotations

from typing import Any

from ..errors import ParameterError

#: ``jobs`` for one process per core.
ALL_CORES = -1
#: Threads of a process that are not asked for are at most this many: each takes memory for frames.
MOST_THREADS = 4


def processes_of(jobs: Any) -> Any:
    """Return the number of processes that ``jobs`` means.

    Parameters
    ----------
    jobs : int
        A number of processes, or -1 for one per core that this process may use.

    Returns
    -------
    int
        `jobs` itself unless it is -1; the caller checks its range.

    Raises
    ------
    ParameterError
        If it is another number below 1.
    """
    if isinstance(jobs, bool) or not isinstance(jobs, int) or jobs >= 1:
        return jobs
    if jobs != ALL_CORES:
        raise ParameterError(f"jobs must be above 0, or -1 for one per core, got {jobs}")
    return cores()


def cores() -> int:
    """Return the number of cores that this process may use."""
    from joblib import cpu_count

    return int(cpu_count())


def threads_for(jobs: int) -> int:
    """Return the threads of each of several processes that share the cores, at most `MOST_THREADS`."""
    return max(1, min(MOST_THREADS, cores() // jobs))


def crowding(jobs: int, threads: int) -> str:
    """Return a sentence if there are more threads than cores, else ""."""
    if jobs * threads <= cores():
        return ""
    workers = f"{jobs} job{'s' * (jobs != 1)} of {threads} thread{'s' * (threads != 1)}"
    return f"{workers} share {cores()} core(s): more threads than cores take memory and save no time"
