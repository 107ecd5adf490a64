"""Tasks of one computation, such as splits, in worker processes or on a cluster: one interface for both.

A task takes seconds to minutes and reads data that all tasks share. Each uses one BLAS thread, so that the
numbers do not depend on where it runs.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from .many_rows import check_needed

Shared = TypeVar("Shared")
Task = TypeVar("Task")
Result = TypeVar("Result")
#: Called with (tasks done, tasks in all).
OnProgress = Callable[[int, int], None]


class Workers(ABC):
    """Where the tasks of a computation run."""

    @abstractmethod
    def results(
        self,
        work: Callable[[Shared, Task], Result],
        shared: Shared,
        tasks: Sequence[Task],
        progress: OnProgress | None = None,
    ) -> list[Result]:
        """Return ``work(shared, task)`` of every task, in the order of the tasks.

        Parameters
        ----------
        work : callable
            A function of an importable module.
        shared : object
            What all tasks read, such as splits and feature tables. It reaches each worker once.
        tasks : sequence
            One or more small objects.
        progress : callable, optional
            Called with (tasks done, tasks in all).

        Raises
        ------
        Exception
            The first that a task raises; the other tasks are given up.
        """

    @abstractmethod
    def check_memory(self, names: Sequence[str], rows: int, columns: int, tasks: int) -> None:
        """Raise ParameterError if the fits of all workers at once exceed the memory.

        Parameters
        ----------
        names : sequence of str
            Regressors.
        rows, columns : int
            Of the largest training part.
        tasks : int
            Number of tasks.
        """


@dataclass(frozen=True)
class Processes(Workers):
    """Worker processes on this machine; one is this process."""

    jobs: int = 1

    def results(
        self,
        work: Callable[[Shared, Task], Result],
        shared: Shared,
        tasks: Sequence[Task],
        progress: OnProgress | None = None,
    ) -> list[Result]:
        """Return ``work(shared, task)`` of every task, in the order of the tasks."""
        from joblib import Parallel, delayed

        parallel = Parallel(n_jobs=min(self.jobs, len(tasks)), return_as="generator")
        found: list[Result] = []
        for one in parallel(delayed(in_one_thread)(work, shared, task) for task in tasks):
            found.append(one)
            if progress is not None:
                progress(len(found), len(tasks))
        return found

    def check_memory(self, names: Sequence[str], rows: int, columns: int, tasks: int) -> None:
        """Raise ParameterError if the fits of all processes at once exceed the memory of this machine."""
        check_needed(names, rows, columns, min(self.jobs, tasks))


#: This process alone.
HERE = Processes()


def in_one_thread(work: Callable[[Shared, Task], Result], shared: Shared, task: Task) -> Result:
    """Return ``work(shared, task)``, computed with one thread of BLAS and OpenMP."""
    from threadpoolctl import threadpool_limits

    with threadpool_limits(limits=1):
        return work(shared, task)
