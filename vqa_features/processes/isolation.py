"""Readers in a process of their own: a crash, a hang or a growing memory is an error of the file.

One process is started at the first call and used again; after a failure the next call starts another one.
It is no sandbox: it holds what libraries do by mistake, not code that a file makes them run.
"""

from __future__ import annotations

import multiprocessing.process
import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.util import Finalize
from typing import Any

from .limits import deadline_allowed, memory_allowed
from .worker_process import MEMORY_CHECK_S, QuietContext, WorkerProcess, how_it_ended

_START_S = 120.0
#: A process that holds more MiB than this after a call is not used again.
_KEPT_MB = 256


class ReadingFailed(OSError):
    """The process that read a file ended, took too long or grew too large."""


def read_isolated(
    function: Callable[[str], Any],
    path: str | os.PathLike[str],
    *,
    deadline_s: float | None = None,
    memory_mb: float | None = None,
) -> Any:
    """Return ``function(path)``, called in a process of its own.

    Calls of several threads wait for one another. Ctrl-C ends the process and the call. It may be called
    in workers, daemons and forked processes; each has a process of its own.

    Parameters
    ----------
    function : callable
        A function of an importable module. It gets the absolute path; its result must be picklable, and
        should be arrays and texts.
    path : path
        A regular file.
    deadline_s, memory_mb : float, optional
        Limits in seconds and MiB; by default they grow with the size of the file.

    Raises
    ------
    ReadingFailed
        If the process crashes, is not done in time, or takes too much memory.
    Exception
        Whatever `function` raises.
    """
    full = os.path.abspath(path)
    size = os.stat(full).st_size
    deadline_s = deadline_allowed(size) if deadline_s is None else deadline_s
    memory_mb = memory_allowed(size) / 2**20 if memory_mb is None else memory_mb
    return _host.call(function, full, deadline_s, memory_mb)


class _Host:
    """The process that readers are called in."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._worker: WorkerProcess | None = None
        self._starter: ThreadPoolExecutor | None = None
        self._at_exit: Finalize | None = None

    def call(self, function: Callable[[str], Any], path: str, deadline_s: float, memory_mb: float) -> Any:
        """Return ``function(path)``."""
        with self._lock:
            try:
                worker, error = self._done(function, path, deadline_s, memory_mb)
                if isinstance(error, BrokenProcessPool):  # it ended before it began
                    self.stop()
                    worker, error = self._done(function, path, deadline_s, memory_mb)
            except BaseException:
                self.stop()
                raise
            reason = _failure(error, worker.too_large, deadline_s, memory_mb)
            if reason or worker.resident_mb > _KEPT_MB:
                self.stop()
        if reason:
            raise ReadingFailed(reason) from error
        if error is not None:
            raise error
        return worker.future.result()

    def _done(
        self, function: Callable[[str], Any], path: str, deadline_s: float, memory_mb: float
    ) -> tuple[WorkerProcess, BaseException | None]:
        """Return the process after the call, and what the call raised."""
        worker = self._submit(function, path, deadline_s)
        while not wait([worker.future], MEMORY_CHECK_S).done:
            worker.check_memory(memory_mb)
        return worker, worker.future.exception()

    def _submit(self, function: Callable[[str], Any], path: str, deadline_s: float) -> WorkerProcess:
        """Start the call; in a new process, if there is none or it has ended since the last call."""
        if self._worker is not None and self._worker.alive:
            try:
                self._worker.submit(function, path, deadline_s)
            except RuntimeError:
                self.stop()
            else:
                return self._worker
        self.stop()
        worker = self._start()
        worker.submit(function, path, deadline_s)
        return worker

    def _start(self) -> WorkerProcess:
        # In a thread that does not end: the death signal comes with the end of the thread that started it.
        self._starter = ThreadPoolExecutor(1, "vqa-features-isolation")
        try:
            self._worker = self._starter.submit(WorkerProcess, QuietContext(), 1).result()
            self._worker.started(_START_S)
        except Exception as error:
            raise ReadingFailed(f"the process to read it in does not start ({error})") from error
        # Before `multiprocessing` waits for its children, which a process that it started does at its end.
        self._at_exit = Finalize(None, self.stop, exitpriority=100)
        return self._worker

    def stop(self) -> None:
        """End the process, if there is one."""
        worker, self._worker = self._worker, None
        starter, self._starter = self._starter, None
        at_exit, self._at_exit = self._at_exit, None
        if at_exit is not None:
            at_exit.cancel()
        if worker is not None:
            worker.stop()
            worker.join()
        if starter is not None:
            starter.shutdown(wait=False)


def _failure(error: BaseException | None, too_large: bool, deadline_s: float, memory_mb: float) -> str:
    """Return what happened to the process; nothing if the call ended by itself."""
    from pebble import ProcessExpired

    if too_large:
        return f"reading it takes more than {memory_mb:.0f} MiB of memory"
    if isinstance(error, ProcessExpired):
        return f"it crashes the process that reads it ({how_it_ended(error.exitcode)})"
    if isinstance(error, BrokenProcessPool):
        return "the process that reads it ended"
    if isinstance(error, TimeoutError):
        return f"it is not read within {deadline_s:.0f} s"
    return ""


_host = _Host()


def _forget() -> None:
    """Leave the process to the parent that this one was forked from."""
    global _host
    _host = _Host()
    # else the end of this process would end the parent's workers
    getattr(multiprocessing.process, "_children", set()).clear()


os.register_at_fork(after_in_child=_forget)
