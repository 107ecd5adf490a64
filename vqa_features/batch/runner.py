"""Many videos in worker processes: a video that crashes, hangs or exceeds its memory affects no other."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import replace
from itertools import chain

from ..extraction.readiness import prove_all
from ..extraction.task_video import fetch
from ..video_task import VideoResult, VideoTask
from .compile_ahead import compile_ahead
from .deadlines import DEADLINE_FACTOR as DEADLINE_FACTOR
from .deadlines import deadline_for as deadline_for
from .driver import Driver
from .events import Kind, OnEvent, event_of
from .failures import failure, verdict_of
from .options import Workers
from .slot import Job, Work


def run_many(
    tasks: Iterable[VideoTask],
    work: Work,
    *,
    on_result: Callable[[VideoResult], None],
    workers: Workers = Workers(),  # noqa: B008 (frozen)
    on_message: Callable[[str], None] | None = None,
    on_event: OnEvent | None = None,
) -> None:
    """Do `work` on every task and pass each result to `on_result`, in the order they are finished.

    Every task gives exactly one result: what `work` returned, or ``failed(kind)`` where kind is that of
    a `DecodeError`, ``crash: SIGNAL``, ``timeout``, ``memory`` or an exception's name. A crash and a
    read error are tried a second time, nothing else is. If several extractors end their worker again, by a
    crash or by their memory, each is done alone, and only those that still do have failed.

    Extractors are proved on a small made-up video before they get the first one: networks are loaded,
    kernels are compiled, and one that cannot work for any video ends the run. No deadline counts this.
    Kernels that no earlier run has compiled are compiled by one process per core, before workers start.

    Parameters
    ----------
    tasks : iterable of VideoTask
        Read a few at a time, so that work begins before the last one is known.
    work : callable
        A function of an importable module; it runs in the workers.
    on_result : callable
        Called in this process. An exception it raises ends the run.
    workers : Workers
        Number of processes and limits, or a cluster. With one job, no isolation, no limit and no cluster the
        work is done in this process.
    on_message : callable, optional
        Called once with a sentence if it takes a while until a worker is ready.
    on_event : callable, optional
        Called in this process with every `vqa_features.batch.events.Event`.

    Raises
    ------
    WeightsMissing, ExtraMissing, ParameterError
        If an extractor cannot work.
    VqaError
        If workers do not start, or do not get ready.
    KeyboardInterrupt
        On Ctrl-C, after the workers have ended.
    """
    if workers.threads_each > 1:
        tasks = (replace(task, threads=workers.threads_each) for task in tasks)
    if workers.cluster is not None:
        from .on_cluster import run_on_cluster

        run_on_cluster(
            tasks, work, on_result=on_result, workers=workers, on_message=on_message, on_event=on_event
        )
        return
    if workers.in_process:
        proved: set[str] = set()
        for task in tasks:
            new = [one for one in task.extractors if one.label not in proved]
            prove_all(new, with_kernels=False)
            proved.update(one.label for one in new)
            on_result(_in_process(task, work, on_event))
        return
    tasks = iter(tasks)
    first = next(tasks, None)
    if first is None:
        return
    compile_ahead(first.extractors, on_message=on_message, max_memory_mb=workers.max_memory_mb)
    with closing(Driver(work, workers, on_message, on_event)) as driver:
        driver.run(map(Job, chain([first], tasks)), on_result)


def _in_process(task: VideoTask, work: Work, on_event: OnEvent | None) -> VideoResult:
    """Do the work in this process, with the same second try and the same failures as in a worker."""
    tell = on_event or (lambda event: None)
    for last in (False, True):
        begun_s = time.monotonic()
        tell(event_of("start", os.getpid(), task))
        again, fetched = False, None
        try:
            fetched = fetch(task)
            result = work(task)
        except Exception as error:  # the per-video edge: recorded with the video's name
            verdict = verdict_of(error)
            again = verdict.retry and not last
            result = failure(task, verdict.failure, fetched=fetched)
        seconds = time.monotonic() - begun_s
        kind: Kind = "retry" if again else "end"
        tell(event_of(kind, os.getpid(), task, result, seconds=seconds))
        if not again:
            return result
    raise AssertionError
