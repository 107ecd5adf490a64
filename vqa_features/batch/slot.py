"""One worker of a run over many videos, and the video it has."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.context import SpawnContext
from typing import Any

from ..processes.worker_process import WorkerProcess
from ..specs import VideoInfo
from ..video_task import VideoResult, VideoTask
from .parts import Parts

Work = Callable[[VideoTask], VideoResult]


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


def labels_of(task: VideoTask) -> set[str]:
    """Return the labels of a task's extractors."""
    return {extractor.label for extractor in task.extractors}


def is_of_main(task: VideoTask, work: Work) -> bool:
    """Whether the work or an extractor is defined in the user's script, which a worker must then import."""
    parts = (work, *(type(extractor) for extractor in task.extractors))
    return any(getattr(part, "__module__", "") == "__main__" for part in parts)
