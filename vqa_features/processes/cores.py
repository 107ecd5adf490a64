"""Number of worker processes that ``jobs`` means."""

from __future__ import annotations

from typing import Any

from ..errors import ParameterError

#: ``jobs`` for one process per core.
ALL_CORES = -1


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
    from joblib import cpu_count

    return cpu_count()
