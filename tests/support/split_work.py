"""Tasks for workers of a cluster, which import this module."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path


def times(shared: int, task: int) -> int:
    """Return the product, after a moment."""
    time.sleep(0.01)
    return shared * task


def fails(shared: str, task: int) -> int:
    """Raise an error of the task with number 4."""
    if task == 4:
        raise LookupError(shared)
    return task


def kills(shared: tuple[str, int], task: int) -> int:
    """Kill the worker when the task with number 2 is begun, so many times."""
    folder, count = shared
    time.sleep(0.05)
    if task == 2 and len(os.listdir(folder)) < count:
        Path(folder, str(os.getpid())).touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return task


def spans(shared: float, task: int) -> tuple[float, float]:
    """Return when the task was begun and when it was done."""
    began = time.monotonic()
    time.sleep(shared)
    return began, time.monotonic()


def waits(shared: str, task: int) -> int:
    """Say that the task is begun and wait for a minute."""
    Path(shared, "begun").touch()
    time.sleep(60)
    return task
