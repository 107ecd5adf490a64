"""One worker process: starting it, giving it a task, checking its memory, killing it."""

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
from .parts import Parts

#: Numbers of threads. Libraries read them on first use, which in a worker is after `prepare_worker`.
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
    """A task with its video's description and deadline, once they are known.

    `retried` says that this is its second try; `parts` that it is a part of a video's work.
    """

    task: VideoTask
    info: VideoInfo | None = None
    deadline_s: float | None = None
    retried: bool = False
    parts: Parts | None = None


class Slot:
    """One worker process and its current call.

    Parameters
    ----------
    context : SpawnContext
        Starts the process.
    threads : int
        Threads its libraries may use, unless the environment says otherwise.
    """

    def __init__(self, context: SpawnContext, threads: int) -> None:
        self.done = 0
        self.pid = 0
        #: Labels of the extractors whose networks are loaded and kernels compiled.
        self.ready: set[str] = set()
        self.job: Job | None = None
        self.too_large = False
        self._handle = -1
        self._pool = ProcessPool(
            1, initializer=prepare_worker, initargs=(os.getpid(), threads), context=context
        )
        with _interrupts_blocked():
            self.future: Future[Any] = self._pool.schedule(os.getpid)

    def started(self) -> None:
        """Record the id of the process, once it has answered."""
        self.pid = self.future.result()
        self._handle = os.pidfd_open(self.pid)

    def call(self, job: Job, function: Callable[..., Any], timeout: float) -> None:
        """Start ``function(job.task)`` in the worker; it is killed after `timeout` seconds."""
        self.job = job
        self.future = self._pool.schedule(function, args=(job.task,), timeout=timeout)

    def check_memory(self, max_memory_mb: float) -> None:
        """Kill the worker if it holds more than `max_memory_mb` MiB of resident memory."""
        if self.job is not None and _resident(self.pid) > max_memory_mb * 2**20:
            self.too_large = True
            self._kill()

    def stop(self) -> None:
        """Kill the worker; `join` waits for its end."""
        self._pool.stop()  # type: ignore[no-untyped-call]
        self._kill()

    def join(self) -> None:
        """Wait until the worker has ended."""
        self._pool.join()
        if self._handle >= 0:
            os.close(self._handle)

    def _kill(self) -> None:
        # by its handle: the process id may have been reused by now
        if self._handle >= 0:
            with suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._handle, signal.SIGKILL)


def prepare_worker(driver: int, threads: int) -> None:
    """Set up a worker: it ends with its driver, ends at once on SIGTERM, and uses its share of the cores.

    Parameters
    ----------
    driver : int
        Process id of the driver.
    threads : int
        Threads its libraries may use, unless the environment says otherwise.
    """
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):  # ignored ones too
        signal.signal(number, signal.SIG_DFL)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != driver:
            os._exit(1)
    for name in THREAD_VARIABLES:
        os.environ.setdefault(name, str(threads))


def _resident(pid: int) -> int:
    """Resident memory of a process in bytes; 0 if it has ended."""
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
    """Block SIGINT and SIGHUP in the processes and threads started inside: the driver ends them itself."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGHUP})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
