"""Threads that help the calling one: tasks that whoever comes first does, and an end without waiting."""

from __future__ import annotations

import ctypes
import threading
from collections.abc import Callable
from queue import SimpleQueue


class _Stop(SystemExit):
    """Raised inside a helper thread to end it; the threads of Python end by it in silence."""


class Task:
    """Work that is done once, by whichever thread comes first.

    Parameters
    ----------
    work : callable
        The work.
    after : callable
        Called by the same thread when it is done.
    """

    def __init__(self, work: Callable[[], None], after: Callable[[], None]) -> None:
        self.done = False
        self._work = work
        self._taken = threading.Lock()
        self._after = after

    def run(self) -> bool:
        """Do the work unless a thread has begun it; return whether it was done here."""
        if not self._taken.acquire(blocking=False):
            return False
        try:
            self._work()
        finally:
            self.done = True
            self._after()
        return True


class Helpers:
    """Threads that do tasks, in the order they are given; a context manager, after which none runs.

    An error inside the context ends the tasks that run: each stops at its next step in Python.

    Parameters
    ----------
    count : int
        Number of threads, 0 or more.
    """

    def __init__(self, count: int) -> None:
        self._tasks: SimpleQueue[Task | None] = SimpleQueue()
        self._threads = [
            threading.Thread(target=self._serve, name=f"vqa-features-{k}", daemon=True) for k in range(count)
        ]

    def give(self, task: Task) -> None:
        """Let a thread do a task once those given before are begun."""
        self._tasks.put(task)

    def __enter__(self) -> Helpers:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, *error: object) -> None:
        for _ in self._threads:
            self._tasks.put(None)
        if kind is not None:  # an interruption does not wait for the frames on their way
            for thread in self._threads:
                ctypes.pythonapi.PyThreadState_SetAsyncExc(
                    ctypes.c_ulong(thread.ident or 0), ctypes.py_object(_Stop)
                )
        for thread in self._threads:
            thread.join()

    def _serve(self) -> None:
        try:
            while (task := self._tasks.get()) is not None:
                task.run()
        except _Stop:
            return
