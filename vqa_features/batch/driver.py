"""The loop that assigns tasks to worker processes and collects their results.

Every slot is a pebble pool of one process that holds one task. A worker that dies therefore identifies
its video and holds no lock that another worker waits for.
"""

from __future__ import annotations

import multiprocessing
import os
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import replace
from functools import partial
from itertools import islice
from multiprocessing.context import SpawnContext

from pebble import ProcessExpired

from ..errors import Failure, ParameterError, VqaError, first_few
from ..extraction.task_video import fetch
from ..processes.worker_process import MEMORY_CHECK_S, QuietContext
from ..remote.scratch import Fetched, time_allowed
from ..video_task import VideoResult
from .compiled import note_compiled, what_takes_long
from .deadlines import LEAST_DEADLINE_S
from .events import Kind, OnEvent
from .failures import Verdict, failure, verdict_of
from .options import Workers
from .parts import Parts
from .slot import Job, Slot, Stopped, Work, described_jobs, finished, is_of_main
from .worker import Described, describe, get_ready

#: A worker may take this long to load networks and compile kernels.
GETTING_READY_S = 900.0
#: Getting ready is told where it takes longer.
TOLD_AFTER_S = 2.0
#: A run that may be stopped asks this often, seconds.
STOP_CHECK_S = 0.5
#: A worker is replaced after this many videos, so that a slow leak stays small.
TASKS_PER_WORKER = 200


class Driver:
    """Worker processes, which are kept from one run to the next, until `close`.

    Parameters
    ----------
    work : callable
        A function of an importable module; it runs in the workers.
    workers : Workers
        Number of processes and limits.
    on_message : callable, optional
        Called once with a sentence if it takes a while until a worker is ready.
    on_event : callable, optional
        Called with every `Event`.
    threads : int, optional
        Threads the libraries of a worker may use; by default its share of the cores.
    divide : callable, optional
        Gives the jobs of one that is described, none if it ends with that; by default `described_jobs`.
    """

    def __init__(
        self,
        work: Work,
        workers: Workers,
        on_message: Callable[[str], None] | None = None,
        on_event: OnEvent | None = None,
        threads: int | None = None,
        divide: Callable[[Job, Described], list[Job]] | None = None,
    ) -> None:
        self._source: Iterator[Job] = iter(())
        self._queue: deque[Job] = deque()
        self._work = work
        self._jobs = workers.jobs
        self._deadline_s = workers.deadline_s
        self._max_memory_mb = workers.max_memory_mb
        self._threads = threads or max(1, (os.cpu_count() or 1) // workers.jobs)
        self._context: SpawnContext | None = None
        self._slots: list[Slot] = []
        self._on_result: Callable[[VideoResult], None] = lambda result: None
        self._on_message = on_message
        self._on_event = on_event
        self._divide = divide or partial(described_jobs, workers=workers.jobs)
        self._begun_s = time.monotonic()
        #: Labels of the extractors that some worker has got ready.
        self._proved: set[str] = set()

    def run(
        self,
        jobs: Iterable[Job],
        on_result: Callable[[VideoResult], None],
        stopped: Callable[[], bool] | None = None,
    ) -> None:
        """Pass on one result for every job, as `vqa_features.batch.runner.run_many` says.

        `stopped` is asked now and then, and ends the run by `Stopped`. After an exception only `close` may be
        called.
        """
        self._source, self._on_result = iter(jobs), on_result
        self._begun_s = time.monotonic()
        while True:
            self._assign()
            pause = self._tell()
            if self._max_memory_mb is not None:
                pause = MEMORY_CHECK_S
            if stopped is not None and stopped():
                raise Stopped
            if stopped is not None:
                pause = min(pause or STOP_CHECK_S, STOP_CHECK_S)
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

    def close(self) -> None:
        """End the workers, and wait until they have ended."""
        for slot in self._slots:
            slot.stop()
        for slot in self._slots:
            slot.join()
        self._slots.clear()

    def _fill_queue(self) -> None:
        """Read jobs until two are ready for every worker."""
        wanted = max(0, 2 * self._jobs - len(self._queue))
        self._queue.extend(islice(self._source, wanted))

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
            self._slots.append(Slot(self._new_context(), self._threads))
            starting += 1

    def _new_context(self) -> SpawnContext:
        """Return what starts a worker; it imports the user's script only where a task needs it."""
        if self._context is None:
            needs_main = any(is_of_main(job.task, self._work) for job in self._queue)
            self._context = multiprocessing.get_context("spawn") if needs_main else QuietContext()
        return self._context

    def _start(self, slot: Slot, job: Job) -> None:
        """Get the worker ready, fetch the video, describe it for its deadline, or start the work."""
        try:
            if not job.labels <= slot.ready:
                slot.call(job, get_ready, GETTING_READY_S)
                return
            if not slot.begun_s:
                slot.begun_s = time.monotonic()
                if self._on_event is not None:
                    slot.forget_peak()
                self._emit("start", slot, job)
            if job.task.remote is not None and job.fetched is None:
                slot.call(job, fetch, time_allowed(job.task.remote.most_bytes) + LEAST_DEADLINE_S)
            elif self._deadline_s is not None:
                slot.call(job, self._work, self._deadline_s)
            elif job.deadline_s is None:
                slot.call(job, describe, LEAST_DEADLINE_S)
            else:
                slot.call(job, self._work, job.deadline_s)
        except RuntimeError:  # the worker died between two tasks, so no task is lost
            self._emit("worker lost", slot)
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
            self._emit("worker", slot)
        elif not job.labels <= slot.ready:
            self._collect_ready(slot, job, error)
        elif error is not None:
            self._fail(slot, job, error)
        elif isinstance(done := slot.future.result(), Fetched):
            self._start(slot, replace(job, fetched=done))
        elif isinstance(done, Described):
            jobs = self._divide(job, done)
            self._queue.extendleft(reversed(jobs[1:]))
            if jobs:
                self._start(slot, jobs[0])
            else:
                slot.free()
        else:
            self._end(slot, job, done)
            self._finish(job, done)

    def _collect_ready(self, slot: Slot, job: Job, error: BaseException | None) -> None:
        """Go on with a worker that is ready; end the run if none was ever ready for these extractors."""
        labels = job.labels
        if error is None:
            slot.ready |= labels
            if not labels <= self._proved:
                note_compiled(job.task.extractors)
            self._proved |= labels
            if slot.future.result():
                self._drop(slot)  # it would hold what compiling has left behind: 80 MiB
                self._queue.appendleft(job)
            else:
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
        if text := what_takes_long(waiting[0].extractors):
            self._on_message(text)
        self._on_message = None
        return None

    def _verdict(self, slot: Slot, error: BaseException) -> Verdict:
        if slot.too_large:
            return Verdict(Failure("memory", f"the worker held more than {self._max_memory_mb:g} MiB"))
        return verdict_of(error)

    def _fail(self, slot: Slot, job: Job, error: BaseException) -> None:
        """Try a failed job again, or pass on its failure; replace the worker if it has ended."""
        verdict = self._verdict(slot, error)
        failed = failure(job.task, verdict.failure, job.info, job.fetched)
        again = verdict.retry and not job.retried
        self._end(slot, job, failed, "retry" if again else "end")
        if slot.too_large or isinstance(error, ProcessExpired | BrokenProcessPool | TimeoutError):
            self._emit("worker lost", slot, job, failed)
            self._drop(slot)
        ended = slot.too_large or isinstance(error, ProcessExpired)
        if again:
            self._queue.append(replace(job, retried=True, fetched=None))
        elif ended and job.parts is None and len(job.task.extractors) > 1:
            parts = Parts(job.task)
            self._queue.extend(Job(task, retried=True, parts=parts) for task in parts.tasks())
        else:
            self._finish(job, failed)

    def _end(self, slot: Slot, job: Job, result: VideoResult, kind: Kind = "end") -> None:
        """Free a worker and tell how the work ended."""
        self._emit(kind, slot, job, result)
        slot.free()

    def _emit(
        self, kind: Kind, slot: Slot, job: Job | None = None, result: VideoResult | None = None
    ) -> None:
        if self._on_event is not None:
            self._on_event(slot.event(kind, job, result))

    def _finish(self, job: Job, result: VideoResult) -> None:
        """Pass on the result of a job, or of the whole video with its last part."""
        whole = finished(job, result)
        if isinstance(whole, Job):  # parts that do not join
            self._queue = deque(one for one in self._queue if one.parts is not job.parts)
            self._queue.appendleft(whole)
        elif whole is not None:
            self._on_result(whole)

    def _drop(self, slot: Slot) -> None:
        """End a worker; `_assign` starts another one while there is work."""
        self._slots.remove(slot)
        slot.stop()
        slot.join()
