"""One worker process: starting it, giving it a call, checking its memory, killing it."""

from __future__ import annotations

import ctypes
import multiprocessing
import os
import select
import signal
import sys
import threading
import types
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from multiprocessing.context import SpawnContext, SpawnProcess
from typing import Any

from pebble import ProcessPool

#: Numbers of threads. Libraries read them on first use, which in a worker is after `prepare_worker`.
THREAD_VARIABLES = (
    "OMP_NUM_THREADS",
    "MKL_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "NUMBA_NUM_THREADS",
    "OPENCV_FOR_THREADS_NUM",
)
#: Memory check interval, seconds.
MEMORY_CHECK_S = 0.05
#: Held while a process is started, which changes the state of this one for a moment.
_STARTING = threading.RLock()
_PR_SET_PDEATHSIG = 1
#: Written to ``/proc/PID/clear_refs``, it sets ``VmHWM`` to the present size.
_FORGET_PEAK = b"5"
_PAGE = os.sysconf("SC_PAGE_SIZE")


class WorkerProcess:
    """A process and its current call. It ends with the thread that made it, at the latest.

    Parameters
    ----------
    context : SpawnContext
        Starts the process.
    threads : int
        Threads its libraries may use, unless the environment says otherwise.
    """

    def __init__(self, context: SpawnContext, threads: int) -> None:
        self.pid = 0
        self.too_large = False
        self._peak_known = False
        self._seen_mb = 0.0
        self._handle = -1
        self._pool = ProcessPool(
            1, initializer=prepare_worker, initargs=(os.getpid(), threads), context=context
        )
        with _STARTING, _interrupts_blocked(), _children_allowed():
            self.future: Future[Any] = self._pool.schedule(os.getpid)

    def started(self, timeout: float | None = None) -> None:
        """Record the id of the process, once it has answered; raise TimeoutError after `timeout` seconds."""
        self.pid = self.future.result(timeout)
        self._handle = os.pidfd_open(self.pid)

    def submit(self, function: Callable[[Any], Any], argument: Any, timeout: float) -> None:
        """Start ``function(argument)`` in the process; it is killed after `timeout` seconds."""
        self.future = self._pool.schedule(function, args=(argument,), timeout=timeout)

    @property
    def alive(self) -> bool:
        """Whether the process has started and not ended."""
        if self._handle < 0:
            return False
        ended = select.poll()
        ended.register(self._handle, select.POLLIN)
        return not ended.poll(0)

    @property
    def resident_mb(self) -> float:
        """Resident memory in MiB; 0 if the process has ended."""
        try:
            with open(f"/proc/{self.pid}/statm", "rb") as file:
                return int(file.read().split()[1]) * _PAGE / 2**20
        except (OSError, IndexError):
            return 0

    def forget_peak(self) -> None:
        """Begin a new record of the largest resident memory."""
        self._seen_mb = 0.0
        self._peak_known = False
        with suppress(OSError), open(f"/proc/{self.pid}/clear_refs", "wb", buffering=0) as file:
            file.write(_FORGET_PEAK)
            self._peak_known = True

    @property
    def peak_mb(self) -> float | None:
        """Largest resident memory since `forget_peak` in MiB.

        Of a process that has ended it is the largest that `check_memory` saw; None if that saw none, or if
        the kernel keeps no record.
        """
        if self._peak_known and self.alive:
            with suppress(OSError, IndexError), open(f"/proc/{self.pid}/status", "rb") as file:
                return int(file.read().partition(b"VmHWM:")[2].split(None, 1)[0]) / 1024
        return self._seen_mb or None

    def check_memory(self, max_memory_mb: float) -> None:
        """Kill the process if it holds more than `max_memory_mb` MiB of resident memory."""
        resident_mb = self.resident_mb
        self._seen_mb = max(self._seen_mb, resident_mb)
        if resident_mb > max_memory_mb:
            self.too_large = True
            self._kill()

    def stop(self) -> None:
        """Kill the process; `join` waits for its end."""
        self._pool.stop()  # type: ignore[no-untyped-call]
        self._kill()

    def join(self) -> None:
        """Wait until the process has ended."""
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


def how_it_ended(code: int | None) -> str:
    """Return the name of the signal that ended a process, or its exit status."""
    if code is not None and code < 0:
        try:
            return signal.Signals(-code).name
        except ValueError:
            return f"signal {-code}"
    return f"exit status {code}"


class _Worker(SpawnProcess):
    """A process that does not run the user's script again."""

    @staticmethod
    def _Popen(process: Any) -> Any:  # noqa: N802 (name of the base class)
        with _STARTING:
            main = sys.modules["__main__"]
            sys.modules["__main__"] = types.ModuleType("__main__")
            try:
                with _known_start_method():
                    return SpawnProcess._Popen(process)
            finally:
                sys.modules["__main__"] = main


class QuietContext(SpawnContext):
    """A context whose processes do not run the user's script again."""

    Process = _Worker


@contextmanager
def _known_start_method() -> Iterator[None]:
    """Hide a start method that a new process does not know, such as that of joblib's workers."""
    before = multiprocessing.get_start_method(allow_none=True)
    if before in (None, *multiprocessing.get_all_start_methods()):
        yield
        return
    multiprocessing.set_start_method("spawn", force=True)
    try:
        yield
    finally:
        multiprocessing.set_start_method(before, force=True)


@contextmanager
def _interrupts_blocked() -> Iterator[None]:
    """Block SIGINT and SIGHUP in the processes and threads started inside: the driver ends them itself."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGHUP})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def _children_allowed() -> Iterator[None]:
    """Let a daemon of `multiprocessing` start processes: ours end with it, by the death signal."""
    config: dict[str, Any] = vars(multiprocessing.current_process()).get("_config", {})
    daemon = config.pop("daemon", None)
    try:
        yield
    finally:
        if daemon is not None:
            config["daemon"] = daemon
