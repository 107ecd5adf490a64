"""Many videos in worker processes: a video that crashes, hangs or exceeds its memory affects no other.

Every slot is a pebble pool of one process that holds one task. A worker that dies therefore identifies
its video and holds no lock that another worker waits for.
"""

from __future__ import annotations

import multiprocessing
import os
import time
from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_COMPLETED, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import replace
from itertools import islice

from pebble import ProcessExpired

from ..errors import Failure, ParameterError, VqaError, first_few
from ..extraction.readiness import prove_all
from ..processes.worker_process import MEMORY_CHECK_S, QuietContext
from ..video_task import VideoResult, VideoTask
from .compiled import are_compiled, note_compiled
from .deadlines import DEADLINE_FACTOR as DEADLINE_FACTOR
from .deadlines import LEAST_DEADLINE_S
from .deadlines import deadline_for as deadline_for
from .failures import Verdict, failure, verdict_of
from .options import Workers
from .parts import Parts
from .slot import Job, Slot
from .worker import Described, describe, get_ready

Work = Callable[[VideoTask], VideoResult]

#: A worker may take this long to load networks and compile kernels.
GETTING_READY_S = 900.0
#: Getting ready is told where it takes longer.
TOLD_AFTER_S = 2.0
#: A worker is replaced after this many videos, so that a slow leak stays small.
TASKS_PER_WORKER = 200


def run_many(
    tasks: Iterable[VideoTask],
    work: Work,
    *,
    on_result: Callable[[VideoResult], None],
    workers: Workers = Workers(),  # noqa: B008 (frozen)
    on_message: Callable[[str], None] | None = None,
) -> None:
    """Do `work` on every task and pass each result to `on_result`, in the order they are finished.

    Every task gives exactly one result: what `work` returned, or ``failed(kind)`` where kind is that of
    a `DecodeError`, ``crash: SIGNAL``, ``timeout``, ``memory`` or an exception's name. A crash and a
    read error are tried a second time, nothing else is. If several extractors end their worker again, by a
    crash or by their memory, each is done alone, and only those that still do have failed.

    Extractors are proved on a small made-up video before they get the first one: networks are loaded,
    kernels are compiled, and one that cannot work for any video ends the run. No deadline counts this.

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
    on_message : callable, optional
        Called once with a sentence if it takes a while until a worker is ready.

    Raises
    ------
    WeightsMissing, ExtraMissing, ParameterError
        If an extractor cannot work.
    VqaError
        If workers do not start, or do not get ready.
    KeyboardInterrupt
        On Ctrl-C, after the workers have ended.
    """
    if workers.in_process:
        proved: set[str] = set()
        for task in tasks:
            new = [one for one in task.extractors if one.label not in proved]
            prove_all(new, with_kernels=False)
            proved.update(one.label for one in new)
            on_result(_in_process(task, work))
        return
    _Driver(tasks, work, on_result, workers, on_message).run()


def _in_process(task: VideoTask, work: Work) -> VideoResult:
    """Do the work in this process, with the same second try and the same failures as in a worker."""
    for last in (False, True):
        try:
            return work(task)
        except Exception as error:  # the per-video edge: recorded with the video's name
            verdict = verdict_of(error)
            if last or not verdict.retry:
                return failure(task, verdict.failure)
    raise AssertionError


class _Driver:
    """The loop that assigns tasks to worker processes and collects their results."""

    def __init__(
        self,
        tasks: Iterable[VideoTask],
        work: Work,
        on_result: Callable[[VideoResult], None],
        workers: Workers,
        on_message: Callable[[str], None] | None,
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
        self._on_message = on_message
        self._begun_s = time.monotonic()
        #: Labels of the extractors that some worker has got ready.
        self._proved: set[str] = set()

    def run(self) -> None:
        """Pass on one result for every task."""
        try:
            while True:
                self._assign()
                pause = self._tell()
                if self._max_memory_mb is not None:
                    pause = MEMORY_CHECK_S
                working = [slot for slot in self._slots if slot.job]
                if not working and not self._queue:
                    return
                starting = [slot for slot in self._slots if not slot.pid]
                done, _ = wait([slot.future for slot in working + starting], pause, FIRST_COMPLETED)
                for slot in working + starting:
                    if slot.future in done:
                        self._collect(slot)
                    elif self._max_memory_mb is not None and slot.job:
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
        """Get the worker ready, or describe the video its deadline depends on, or start the work."""
        try:
            if not _labels(job.task) <= slot.ready:
                slot.call(job, get_ready, GETTING_READY_S)
            elif self._deadline_s is not None:
                slot.call(job, self._work, self._deadline_s)
            elif job.deadline_s is None:
                slot.call(job, describe, LEAST_DEADLINE_S)
            else:
                slot.call(job, self._work, job.deadline_s)
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
        elif not _labels(job.task) <= slot.ready:
            self._collect_ready(slot, job, error)
        elif error is not None:
            self._fail(slot, job, error)
        elif isinstance(described := slot.future.result(), Described):
            self._start(slot, replace(job, info=described.info, deadline_s=described.deadline_s))
        else:
            slot.job = None
            slot.done += 1
            self._finish(job, slot.future.result())

    def _collect_ready(self, slot: Slot, job: Job, error: BaseException | None) -> None:
        """Go on with a worker that is ready; end the run if none was ever ready for these extractors."""
        labels = _labels(job.task)
        if error is None:
            slot.ready |= labels
            if not labels <= self._proved:
                note_compiled(job.task.extractors)
            self._proved |= labels
            self._start(slot, job)
        elif labels <= self._proved:
            self._fail(slot, job, error)
        elif isinstance(error, VqaError):
            raise error
        else:
            what = first_few(sorted(labels - slot.ready))
            if isinstance(error, TimeoutError):
                reason = f"it took longer than {GETTING_READY_S:g} s"
            else:
                reason = self._verdict(slot, error).failure.error
            raise ParameterError(f"no worker gets ready for {what}: {reason}") from error

    def _tell(self) -> float | None:
        """Tell once what keeps the first workers busy; return the seconds after which to look again."""
        if self._on_message is None or self._proved:
            return None
        waiting = [slot.job.task for slot in self._slots if slot.job and not slot.ready]
        left = self._begun_s + TOLD_AFTER_S - time.monotonic()
        if left > 0 or not waiting:
            return max(left, TOLD_AFTER_S / 10)
        networks = [one.label for one in waiting[0].extractors if one.scope == "clip"]
        tasks = [f"loading {first_few(networks)}"] * bool(networks)
        tasks += ["compiling kernels, once"] * (not are_compiled(waiting[0].extractors))
        if tasks:
            self._on_message("; ".join(tasks))
        self._on_message = None
        return None

    def _verdict(self, slot: Slot, error: BaseException) -> Verdict:
        if slot.too_large:
            return Verdict(Failure("memory", f"the worker held more than {self._max_memory_mb:g} MiB"))
        return verdict_of(error)

    def _fail(self, slot: Slot, job: Job, error: BaseException) -> None:
        """Try a failed job again, or pass on its failure; replace the worker if it has ended."""
        verdict = self._verdict(slot, error)
        slot.job = None
        slot.done += 1
        if slot.too_large or isinstance(error, ProcessExpired | BrokenProcessPool | TimeoutError):
            self._drop(slot)
        ended = slot.too_large or isinstance(error, ProcessExpired)
        if verdict.retry and not job.retried:
            self._queue.append(replace(job, retried=True))
        elif ended and job.parts is None and len(job.task.extractors) > 1:
            parts = Parts(job.task)
            self._queue.extend(Job(task, retried=True, parts=parts) for task in parts.tasks())
        else:
            self._finish(job, failure(job.task, verdict.failure, job.info))

    def _finish(self, job: Job, result: VideoResult) -> None:
        """Pass on the result of a job, or of the whole video with its last part."""
        whole = result if job.parts is None else job.parts.add(job.task, result)
        if whole is not None:
            self._on_result(whole)

    def _drop(self, slot: Slot) -> None:
        """End a worker; `_assign` starts another one while there is work."""
        self._slots.remove(slot)
        slot.stop()
        slot.join()


def _labels(task: VideoTask) -> set[str]:
    return {extractor.label for extractor in task.extractors}


def _is_of_main(task: VideoTask, work: Work) -> bool:
    """Whether the work or an extractor is defined in the user's script, which a worker must then import."""
    parts = (work, *(type(extractor) for extractor in task.extractors))
    return any(getattr(part, "__module__", "") == "__main__" for part in parts)
