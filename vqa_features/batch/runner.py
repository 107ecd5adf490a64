"""Many videos in worker processes: a video that crashes, hangs or exceeds its memory affects no other.

Every slot is a pebble pool of one process that holds one task. A worker that dies therefore identifies
its video and holds no lock that another worker waits for.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import FIRST_COMPLETED, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from pebble import ProcessExpired

from ..errors import DecodeError, VqaError
from ..specs import SECONDS_PER_MEGAPIXEL, VideoInfo, VideoResult, VideoTask
from ..video import Video
from .options import Workers
from .process import Job, QuietContext, Slot

Work = Callable[[VideoTask], VideoResult]

LEAST_DEADLINE_S = 60.0
#: A video may take this many times what the declared costs of its extractors say.
DEADLINE_FACTOR = 10
#: A worker is replaced after this many videos, so that a slow leak stays small.
TASKS_PER_WORKER = 200
#: Memory check interval, seconds.
MEMORY_CHECK_S = 0.05
_LOG = logging.getLogger(__name__)


def run_many(
    tasks: Iterable[VideoTask],
    work: Work,
    *,
    on_result: Callable[[VideoResult], None],
    workers: Workers = Workers(),  # noqa: B008 (frozen)
) -> None:
    """Do `work` on every task and pass each result to `on_result`, in the order they are finished.

    Every task gives exactly one result: what `work` returned, or ``failed(kind)`` where kind is that of
    a `DecodeError`, ``crash: SIGNAL``, ``timeout``, ``memory`` or an exception's name. A crash and a
    read error are tried a second time, nothing else is.

    Parameters
    ----------
    tasks : iterable of VideoTask
        Read a few at a time, so that work begins before the last one is known.
    work : callable
        A function of an importable module; it runs in the workers.
    on_result : callable
        Called in this process. An exception it raises ends the run.
    workers : Workers
        Number of processes and limits. With one job, no isolation and no limit the work is done in this
        process.

    Raises
    ------
    VqaError
        If workers do not start.
    KeyboardInterrupt
        On Ctrl-C, after the workers have ended.
    """
    if workers.in_process:
        for task in tasks:
            on_result(_in_process(task, work))
        return
    _Driver(tasks, work, on_result, workers).run()


def deadline_for(info: VideoInfo, extractors: Sequence[Any]) -> float:
    """Return the seconds a video may take: at least 60, else ten times the declared cost.

    Parameters
    ----------
    info : VideoInfo
        The video; one frame is assumed where their number is unknown.
    extractors : sequence of Extractor
        Decoding counts as one more cheap extractor.

    Returns
    -------
    float
    """
    costs = ["cheap", *(extractor.cost for extractor in extractors)]
    megapixels = (info.frames or 1) * info.width * info.height / 1e6
    return max(
        LEAST_DEADLINE_S, DEADLINE_FACTOR * megapixels * sum(SECONDS_PER_MEGAPIXEL[cost] for cost in costs)
    )


def failure(task: VideoTask, kind: str, error: str, info: VideoInfo | None = None) -> VideoResult:
    """Return the result of a video that failed.

    Parameters
    ----------
    task : VideoTask
        The video.
    kind : str
        Short class of the failure; the status is ``failed(kind)``.
    error : str
        One sentence on what happened.
    info : VideoInfo, optional
        Description of the video, where it is known.
    """
    return VideoResult(task.id, task.path, f"failed({kind})", error, info=info)


def _in_process(task: VideoTask, work: Work) -> VideoResult:
    """Do the work in this process, with the same second try and the same failures as in a worker."""
    for last in (False, True):
        try:
            return work(task)
        except Exception as error:  # the per-video edge: recorded with the video's name
            verdict = _verdict(error)
            if last or not verdict.retry:
                return failure(task, verdict.kind, verdict.error)
    raise AssertionError


@dataclass(frozen=True)
class _Verdict:
    """Kind and text of a failure, and whether the video is tried again."""

    kind: str
    error: str
    retry: bool = False


def _verdict(error: BaseException) -> _Verdict:
    """Classify an exception raised by a video's work or by its worker."""
    if isinstance(error, DecodeError):
        return _Verdict(error.kind, str(error), retry=error.kind == "io")
    if isinstance(error, ProcessExpired):
        name = _signal_name(error.exitcode)
        return _Verdict(f"crash: {name}", f"the worker process ended by {name}", retry=True)
    if isinstance(error, BrokenProcessPool):
        return _Verdict("crash: unknown", "the worker process ended before it named its task", retry=True)
    if isinstance(error, TimeoutError) and not isinstance(error, VqaError):
        return _Verdict("timeout", "the video was not done by its deadline")
    if isinstance(error, MemoryError):
        return _Verdict("memory", "there was not enough memory")
    _LOG.debug("a video failed", exc_info=error)
    name = type(error).__name__
    if isinstance(error, OSError) and not isinstance(error, VqaError):
        return _Verdict("io", f"{name}: {error}", retry=True)
    return _Verdict(name, f"{name}: {error}")


def _signal_name(code: int | None) -> str:
    """Name of the signal that ended a process, or its exit status."""
    if code is not None and code < 0:
        try:
            return signal.Signals(-code).name
        except ValueError:
            return f"signal {-code}"
    return f"exit status {code}"


class _Driver:
    """The loop that assigns tasks to worker processes and collects their results."""

    def __init__(
        self,
        tasks: Iterable[VideoTask],
        work: Work,
        on_result: Callable[[VideoResult], None],
        workers: Workers,
    ) -> None:
        self._source = iter(tasks)
        self._queue: deque[Job] = deque()
        self._work = work
        self._on_result = on_result
        self._jobs = workers.jobs
        self._deadline_s = workers.deadline_s
        self._max_memory_mb = workers.max_memory_mb
        self._threads = max(1, (os.cpu_count() or 1) // workers.jobs)
        self._fill_queue()
        needs_main = any(_is_of_main(job.task, work) for job in self._queue)
        self._context = multiprocessing.get_context("spawn") if needs_main else QuietContext()
        self._slots: list[Slot] = []

    def run(self) -> None:
        """Pass on one result for every task."""
        pause = MEMORY_CHECK_S if self._max_memory_mb is not None else None
        try:
            while True:
                self._assign()
                working = [slot for slot in self._slots if slot.job]
                if not working and not self._queue:
                    return
                starting = [slot for slot in self._slots if not slot.pid]
                done, _ = wait([slot.future for slot in working + starting], pause, FIRST_COMPLETED)
                for slot in working + starting:
                    if slot.future in done:
                        self._collect(slot)
                    elif self._max_memory_mb is not None:
                        slot.check_memory(self._max_memory_mb)
        finally:
            for slot in self._slots:
                slot.stop()
            for slot in self._slots:
                slot.join()

    def _fill_queue(self) -> None:
        """Read tasks until two are ready for every worker."""
        wanted = max(0, 2 * self._jobs - len(self._queue))
        self._queue.extend(Job(task) for task in islice(self._source, wanted))

    def _assign(self) -> None:
        """Give every idle worker a task, and start workers while there are more tasks."""
        self._fill_queue()
        for slot in [slot for slot in self._slots if slot.pid and not slot.job]:
            if slot.done >= TASKS_PER_WORKER:
                self._drop(slot)
            elif self._queue:
                self._start(slot, self._queue.popleft())
        starting = sum(1 for slot in self._slots if not slot.pid)
        while len(self._slots) < self._jobs and starting < len(self._queue):
            self._slots.append(Slot(self._context, self._threads))
            starting += 1

    def _start(self, slot: Slot, job: Job) -> None:
        """Start a job's work; where its deadline depends on the video, describe the video first."""
        try:
            if self._deadline_s is not None:
                slot.call(job, self._work, self._deadline_s)
            elif job.info is None:
                slot.call(job, _describe, LEAST_DEADLINE_S)
            else:
                slot.call(job, self._work, deadline_for(job.info, job.task.extractors))
        except RuntimeError:  # the worker died between two tasks, so no task is lost
            self._drop(slot)
            self._queue.appendleft(job)

    def _collect(self, slot: Slot) -> None:
        """Handle the end of a slot's call: a started worker, a described video, a result or an error."""
        error = slot.future.exception()
        job = slot.job
        if job is None:
            if error is not None:
                raise VqaError(
                    f"a worker process does not start ({error}): in a script, call this below "
                    'if __name__ == "__main__", or use jobs=1'
                ) from error
            slot.started()
        elif error is not None:
            self._fail(slot, job, error)
        elif isinstance(slot.future.result(), VideoInfo):
            self._start(slot, replace(job, info=slot.future.result()))
        else:
            slot.job = None
            slot.done += 1
            self._on_result(slot.future.result())

    def _fail(self, slot: Slot, job: Job, error: BaseException) -> None:
        """Try a failed job again, or pass on its failure; replace the worker if it has ended."""
        verdict = _verdict(error)
        if slot.too_large:
            verdict = _Verdict("memory", f"the worker held more than {self._max_memory_mb:g} MiB")
        slot.job = None
        slot.done += 1
        if slot.too_large or isinstance(error, ProcessExpired | BrokenProcessPool | TimeoutError):
            self._drop(slot)
        if verdict.retry and not job.retried:
            self._queue.append(replace(job, retried=True))
        else:
            self._on_result(failure(job.task, verdict.kind, verdict.error, job.info))

    def _drop(self, slot: Slot) -> None:
        """End a worker; `_assign` starts another one while there is work."""
        self._slots.remove(slot)
        slot.stop()
        slot.join()


def _describe(task: VideoTask) -> VideoInfo:
    """Describe a task's video; runs in the worker because the file may crash the decoder."""
    with Video(task.path, sampling=task.sampling, raw=task.raw, luma=task.luma) as video:
        return video.info


def _is_of_main(task: VideoTask, work: Work) -> bool:
    """Whether the work or an extractor is defined in the user's script, which a worker must then import."""
    parts = (work, *(type(extractor) for extractor in task.extractors))
    return any(getattr(part, "__module__", "") == "__main__" for part in parts)
