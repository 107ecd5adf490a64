"""A Dask scheduler and its workers as processes, as a user starts them."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SUPPORT = Path(__file__).resolve().parent
_START_S = 60.0
#: What a nanny sets for its worker.
_AS_BY_A_NANNY = {"MALLOC_TRIM_THRESHOLD_": "65536"}


class Scheduler:
    """A ``dask scheduler`` on loopback, and the ``dask worker`` processes that were started for it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.workers: list[subprocess.Popen[bytes]] = []
        self._log = folder / "scheduler.log"
        options = ("--host", "127.0.0.1", "--port", "0", "--dashboard-address", "127.0.0.1:0")
        self.process = self._started("scheduler", options, self._log)
        self.address = _found(self._log, r"Scheduler at:\s+(tcp://\S+)")

    def worker(self, *options: str, wait: bool = True) -> subprocess.Popen[bytes]:
        """Start a worker without nanny, of one thread."""
        log = self._folder / f"worker-{len(self.workers)}.log"
        asked = (self.address, "--nthreads", "1", "--no-nanny", "--no-dashboard", *options)
        process = self._started("worker", asked, log)
        self.workers.append(process)
        if wait:
            _found(log, r"Registered to:\s+(tcp://\S+)")
        return process

    def need(self, count: int) -> None:
        """Start workers until there are so many."""
        missing = count - sum(one.poll() is None for one in self.workers)
        for left in range(missing - 1, -1, -1):
            self.worker(wait=left == 0)

    def _started(self, kind: str, options: tuple[str, ...], log: Path) -> subprocess.Popen[bytes]:
        with log.open("wb") as file:
            return subprocess.Popen(
                [sys.executable, "-m", "dask", kind, *options],
                cwd=self._folder,
                stdout=file,
                stderr=file,
                env=os.environ | {"PYTHONPATH": str(SUPPORT)} | _AS_BY_A_NANNY,
            )

    def close(self) -> None:
        """Kill whatever still runs."""
        for process in (*self.workers, self.process):
            process.send_signal(signal.SIGKILL)
            process.wait()


@contextmanager
def scheduler(folder: Path) -> Iterator[Scheduler]:
    """Start a scheduler; it ends with the block, and its workers."""
    started = Scheduler(folder)
    try:
        yield started
    finally:
        started.close()


def _found(log: Path, pattern: str) -> str:
    """Wait until a log says something, and return the first group of it."""
    until = time.monotonic() + _START_S
    while time.monotonic() < until:
        if found := re.search(pattern, log.read_text(encoding="utf-8", errors="replace")):
            return found[1]
        time.sleep(0.02)
    raise AssertionError(log.read_text(encoding="utf-8", errors="replace"))
