"""One worker of a run over many videos, and the video it has."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from multiprocessing.context import SpawnContext
from typing import Any

from ..processes.worker_process import WorkerProcess
from ..remote.scratch import Fetched
from ..specs import VideoInfo
from ..video_task import VideoResult, VideoTask
from .events import Event, Kind, event_of
from .parts import Part, Parts
from .time_ranges import TimeParts, divided
from .worker import Described

Work = Callable[[VideoTask], VideoResult]


class Stopped(Exception):
    """A run was stopped before its end."""


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
    parts: Parts | TimeParts | Part | None = None
    fetched: Fetched | None = None

    @property
    def labels(self) -> set[str]:
        """Labels of the task's extractors."""
        return {extractor.label for extractor in self.task.extractors}

    @property
    def part(self) -> str:
        """What part of the video's work it is, "" for the whole."""
        return self.parts.name(self.task) if self.parts else ""


def described_jobs(job: Job, described: Described, workers: int) -> list[Job]:
    """Return a job whose video is described, or those of the parts of a long one.

    Parameters
    ----------
    job : Job
        One that was not described.
    described : Described
        Its video.
    workers : int
        Number of workers that share the parts.
    """
    info, deadline_s = described.info, described.deadline_s
    parts = None
    if job.parts is None:
        parts = divided(job.task, info, described.timeline, deadline_s, workers)
    if parts is None:
        return [replace(job, info=info, deadline_s=deadline_s)]
    return [Job(task, info, parts.deadline_s(task), parts=parts) for task in parts.tasks()]


def finished(job: Job, result: VideoResult) -> VideoResult | Job | None:
    """Return what comes of the end of a job.

    Parameters
    ----------
    job : Job
        The whole of a video, or a part.
    result : VideoResult
        Its result.

    Returns
    -------
    VideoResult, Job or None
        The result of the video; None while parts of it are missing; the job of the whole if its time ranges
        do not join, described so that it is not divided again.
    """
    if job.parts is None:
        return result
    whole = job.parts.add(job.task, result)
    if isinstance(job.parts, TimeParts) and isinstance(whole, VideoTask):
        return Job(whole, job.info, job.parts.deadline_s(whole))
    assert not isinstance(whole, VideoTask)
    return whole


def is_of_main(task: VideoTask, work: Work) -> bool:
    """Whether the work or an extractor is defined in the user's script, which a worker must then import."""
    parts = (work, *(type(extractor) for extractor in task.extractors))
    return any(getattr(part, "__module__", "") == "__main__" for part in parts)


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

    def event(self, kind: Kind, job: Job | None, result: VideoResult | None) -> Event:
        """Return what is told of the worker and a job of it."""
        task, part = (job.task, job.part) if job else (None, "")
        seconds = peak = None
        if kind in ("end", "retry") and self.begun_s:
            seconds, peak = time.monotonic() - self.begun_s, self.peak_mb
        return event_of(kind, self.pid, task, result, seconds=seconds, peak_memory_mb=peak, part=part)

    def free(self) -> None:
        """Count the job as done."""
        self.job = None
        self.begun_s = 0.0
        self.done += 1
