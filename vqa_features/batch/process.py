"""One worker process: started, given a task, watched, killed."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import types
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing.context import SpawnContext, SpawnProcess
from typing import Any

from pebble import ProcessPool

from ..specs import VideoInfo, VideoTask

#: Read by libraries when they are first used, which in a worker is after it was started.
THREAD_VARIABLES = (
    "OMP_NUM_THREADS",
    "MKL_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "NUMBA_NUM_THREADS",
    "OPENCV_FOR_THREADS_NUM",
)
_PR_SET_PDEATHSIG = 1
_PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass
class Job:
    """A task on its way: its description once it is known, and whether it was tried before."""

    task: VideoTask
    info: VideoInfo | None = None
    retried: bool = False


class Slot:
    """One worker process and the call it is doing."""

    def __init__(self, context: SpawnContext, threads: int) -> None:
        self.done = 0
        self.pid = 0
        self.job: Job | None = None
        self.too_large = False
        self._handle = -1
        self._pool = ProcessPool(
            1, initializer=prepare_worker, initargs=(os.getpid(), threads), context=context
        )
        with _interrupts_blocked():
            self.future: Future[Any] = self._pool.schedule(os.getpid)

    def started(self) -> None:
        """Take note of the process that answered."""
        self.pid = self.future.result()
        self._handle = os.pidfd_open(self.pid)

    def call(self, job: Job, function: Callable[..., Any], timeout: float) -> None:
        """Start `function` on the job's task."""
        self.job = job
        self.future = self._pool.schedule(function, args=(job.task,), timeout=timeout)

    def watch(self, max_memory_mb: float) -> None:
        """Kill the worker if it holds too much memory."""
        if self.job is not None and _resident(self.pid) > max_memory_mb * 2**20:
            self.too_large = True
            self._kill()

    def stop(self) -> None:
        """Kill the worker; `join` waits until it is gone."""
        self._pool.stop()  # type: ignore[no-untyped-call]
        self._kill()

    def join(self) -> None:
        """Wait until the worker is gone."""
        self._pool.join()
        if self._handle >= 0:
            os.close(self._handle)

    def _kill(self) -> None:
        # through a handle: by now the number may be another process's
        if self._handle >= 0:
            with suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._handle, signal.SIGKILL)


def prepare_worker(driver: int, threads: int) -> None:
    """Make a worker die with its driver and at once when told to, and keep to its cores."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != driver:
            os._exit(1)
    for name in THREAD_VARIABLES:
        os.environ.setdefault(name, str(threads))


def _resident(pid: int) -> int:
    """Resident memory of a process in bytes; 0 if it is gone."""
    try:
        with open(f"/proc/{pid}/statm", "rb") as file:
            return int(file.read().split()[1]) * _PAGE
    except (OSError, IndexError):
        return 0


class _Worker(SpawnProcess):
    """A process that does not run the user's script again."""

    @staticmethod
    def _Popen(process: Any) -> Any:  # noqa: N802 (name of the base class)
        main = sys.modules["__main__"]
        sys.modules["__main__"] = types.ModuleType("__main__")
        try:
            return SpawnProcess._Popen(process)
        finally:
            sys.modules["__main__"] = main


class QuietContext(SpawnContext):
    """A context whose processes do not run the user's script again."""

    Process = _Worker


@contextmanager
def _interrupts_blocked() -> Iterator[None]:
    """Keep Ctrl-C from the processes and threads started inside: the driver ends them itself."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
