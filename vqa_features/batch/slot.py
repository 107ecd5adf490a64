"""One worker of a run over many videos, and the video it has."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.context import SpawnContext
from typing import Any

from ..processes.worker_process import WorkerProcess
from ..remote.scratch import Fetched
from ..specs import VideoInfo
from ..video_task import VideoTask
from .parts import Parts


@dataclass
class Job:
    """A task with its video's description and deadline, once they are known.

    `fetched` says what the bytes at an address are, once a worker has read them; `retried` that this is its
    second try; `parts` that it is a part of a video's work.
    """

    task: VideoTask
    info: VideoInfo | None = None
    deadline_s: float | None = None
    retried: bool = False
    parts: Parts | None = None
    fetched: Fetched | None = None


class Slot(WorkerProcess):
    """One worker process and its job.

    Parameters
    ----------
    context : SpawnContext
        Starts the process.
    threads : int
        Threads its libraries may use, unless the environment says otherwise.
    """

    def __init__(self, context: SpawnContext, threads: int) -> None:
        super().__init__(context, threads)
        self.done = 0
        #: Labels of the extractors whose networks are loaded and kernels compiled.
        self.ready: set[str] = set()
        self.job: Job | None = None
        #: When the work on its job began, by the monotonic clock; 0 before.
        self.begun_s = 0.0

    def call(self, job: Job, function: Callable[..., Any], timeout: float) -> None:
        """Start ``function(job.task)`` in the worker; it is killed after `timeout` seconds."""
        self.job = job
        self.submit(function, job.task, timeout)
