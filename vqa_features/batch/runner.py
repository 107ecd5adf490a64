"""Many videos in worker processes: a crash, a hang or a memory hog costs only its own video.

Every slot is a pebble pool of one process holding one task, so that a worker that dies names its
video, holds no lock another one waits for, and is replaced without a trace.
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

from ..errors import DecodeError, ParameterError, VqaError
from ..specs import SECONDS_PER_MEGAPIXEL, VideoInfo, VideoResult, VideoTask
from ..video import Video
from .process import Job, QuietContext, Slot

Work = Callable[[VideoTask], VideoResult]

LEAST_DEADLINE_S = 60.0
#: A video may take this many times what the declared costs of its extractors say.
DEADLINE_FACTOR = 10
#: A worker is replaced after this many videos, so that a slow leak stays small.
TASKS_PER_WORKER = 200
#: Seconds between two looks at the workers' memory.
WATCH_S = 0.05
_LOG = logging.getLogger(__name__)


def run_many(
    tasks: Iterable[VideoTask],
    work: Work,
    *,
    on_result: Callable[[VideoResult], None],
    jobs: int = 1,
    isolate: bool = False,
    deadline_s: float | None = None,
    max_memory_mb: float | None = None,
) -> None:
    """Do `work` on every task and hand each outcome to `on_result`, in the order they end.

    Every task ends in exactly one outcome: what `work` returned, or ``failed(kind)`` with kind a
    `DecodeError`'s kind, ``crash: SIGNAL``, ``timeout``, ``memory`` or an exception's name. A crash
    and an error of reading are tried a second time, nothing else is.

    Parameters
    ----------
    tasks : iterable of VideoTask
        Taken a few at a time, so that work begins before the last one is known.
    work : callable
        A function of an importable module; it runs in the workers.
    on_result : callable
        Called in this process; what it raises ends the run.
    jobs : int
        Number of worker processes. With one job the work is done in this process, unless
        `isolate`, `deadline_s` or `max_memory_mb` ask for a worker.
    deadline_s : float, optional
        Seconds a video may take. By default `deadline_for` derives it from the declared cost of its
        extractors.
    max_memory_mb : float, optional
        Resident memory a worker may take, in MiB.

    Raises
    ------
    VqaError
        If workers do not start.
    KeyboardInterrupt
        On Ctrl-C, after the workers are gone; outcomes handed over before stay handed over.
    """
    for name, value in (("jobs", jobs), ("deadline_s", deadline_s), ("max_memory_mb", max_memory_mb)):
        if value is not None and not value > 0:
            raise ParameterError(f"{name} must be above 0, got {value}")
    if jobs == 1 and not isolate and deadline_s is None and max_memory_mb is None:
        for task in tasks:
            on_result(_in_process(task, work))
        return
    _Batch(tasks, work, on_result, jobs, deadline_s, max_memory_mb).run()


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
    """Return the outcome of a video that gave nothing."""
    return VideoResult(task.id, task.path, f"failed({kind})", error, info=info)


def _in_process(task: VideoTask, work: Work) -> VideoResult:
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
    """What an exception means for its video."""

    kind: str
    error: str
    retry: bool = False


def _verdict(error: BaseException) -> _Verdict:
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
    """Name of the signal a process died of, or its exit status."""
    if code is not None and code < 0:
        try:
            return signal.Signals(-code).name
        except ValueError:
            return f"signal {-code}"
    return f"exit status {code}"


class _Batch:
    """The driver's loop."""

    def __init__(
        self,
        tasks: Iterable[VideoTask],
        work: Work,
        on_result: Callable[[VideoResult], None],
        jobs: int,
        deadline_s: float | None,
        max_memory_mb: float | None,
    ) -> None:
        self._source = iter(tasks)
        self._queue: deque[Job] = deque()
        self._work = work
        self._on_result = on_result
        self._jobs = jobs
        self._deadline_s = deadline_s
        self._max_memory_mb = max_memory_mb
        self._threads = max(1, (os.cpu_count() or 1) // max(jobs, 1))
        self._top_up()
        needs_main = any(_is_of_main(job.task, work) for job in self._queue)
        self._context = multiprocessing.get_context("spawn") if needs_main else QuietContext()
        self._slots: list[Slot] = []

    def run(self) -> None:
        """Hand over an outcome for every task."""
        pause = WATCH_S if self._max_memory_mb is not None else None
        try:
            while True:
                self._fill()
                working = [slot for slot in self._slots if slot.job]
                if not working and not self._queue:
                    return
                starting = [slot for slot in self._slots if not slot.pid]
                done, _ = wait([slot.future for slot in working + starting], pause, FIRST_COMPLETED)
                for slot in working + starting:
                    if slot.future in done:
                        self._advance(slot)
                    elif self._max_memory_mb is not None:
                        slot.watch(self._max_memory_mb)
        finally:
            for slot in self._slots:
                slot.stop()
            for slot in self._slots:
                slot.join()

    def _top_up(self) -> None:
        """Have two tasks ready for every worker."""
        wanted = max(0, 2 * self._jobs - len(self._queue))
        self._queue.extend(Job(task) for task in islice(self._source, wanted))

    def _fill(self) -> None:
        """Give every idle worker a task, and start workers while tasks are left over."""
        self._top_up()
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
        """Start a job's work, after a look at the video where its deadline depends on it."""
        try:
            if self._deadline_s is not None:
                slot.call(job, self._work, self._deadline_s)
            elif job.info is None:
                slot.call(job, _look, LEAST_DEADLINE_S)
            else:
                slot.call(job, self._work, deadline_for(job.info, job.task.extractors))
        except RuntimeError:  # the worker died between two tasks, which harms none
            self._drop(slot)
            self._queue.appendleft(job)

    def _advance(self, slot: Slot) -> None:
        """Take what a slot's call gave."""
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
        """Take a worker out of service; `_fill` starts another one while there is work."""
        self._slots.remove(slot)
        slot.stop()
        slot.join()


def _look(task: VideoTask) -> VideoInfo:
    """Describe a task's video (in the worker: the file may be anything)."""
    with Video(task.path, sampling=task.sampling, raw=task.raw, luma=task.luma) as video:
        return video.info


def _is_of_main(task: VideoTask, work: Work) -> bool:
    """Tell whether a worker must import the user's script to know what it is to do."""
    parts = (work, *(type(extractor) for extractor in task.extractors))
    return any(getattr(part, "__module__", "") == "__main__" for part in parts)
