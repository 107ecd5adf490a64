"""What a run would take, from a short measurement of its extractors on one of its videos."""

from __future__ import annotations

import math
import os
import resource
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ..extraction.task import run_task
from ..extraction.task_video import forget, task_video
from ..specs import SECONDS_PER_MEGAPIXEL, VideoInfo
from ..video_task import VideoResult, VideoTask
from .failures import is_failure
from .inputs import Input
from .options import Extraction, Workers
from .runner import run_many
from .work_amounts import DECODE, amounts, part_of_video, rate_of, seconds_of

#: Videos that are described; totals are scaled to all of them.
MOST_DESCRIBED = 100
#: The same where videos must be fetched first.
MOST_FETCHED = 4
#: Sampled frames of the first measurement, and seconds of video of the second: two windows of a second.
_FIRST_FRAMES, _SECOND_S = 3, 2.5
#: Keys of a measured result's seconds that are none of an extractor.
MEMORY, CPU = "memory_mib", "cpu_s"
#: Bytes of a cell and of a column by format: parquet and mat measured, texts at 17 digits.
_CELL = {".parquet": (9, 900), ".csv": (19, 30), ".json": (45, 30), ".npz": (9, 300), ".mat": (9, 60)}
#: Columns of a table beside its features.
_OTHER_COLUMNS = 25


@dataclass(frozen=True)
class Rates:
    """Measured seconds of every extractor, and of decoding.

    Parameters
    ----------
    info : VideoInfo
        The part of the video that was measured.
    seconds : dict
        By label, and of ``decode``, per unit of `work_amounts.amounts`.
    memory_mib : float or None
        Largest resident memory of a worker.
    measured : bool
        Whether they were measured; else they are the least that declared costs and the time let expect.
    """

    info: VideoInfo
    seconds: dict[str, float]
    memory_mib: float | None = None
    measured: bool = True


@dataclass
class Calibration:
    """A measurement within a bounded time.

    Parameters
    ----------
    extraction : Extraction
        What is to be computed.
    workers : Workers
        As many copies of the video are measured at once as workers would run.
    budget_s : float
        Seconds for the measurement; loading networks and compiling kernels comes on top.
    """

    extraction: Extraction
    workers: Workers
    budget_s: float
    ready_s: float = 0.0
    _spent_s: float = field(default=0.0, init=False)

    @property
    def parallel(self) -> int:
        """Workers that can run at once on this machine."""
        return min(self.workers.jobs, os.cpu_count() or 1)

    def estimate(self, videos: Sequence[Input], pending: int, suffix: str) -> dict[str, Any]:
        """Return seconds, memory and disk of a run over `videos`, of which `pending` are not in the store.

        Parameters
        ----------
        videos : sequence of Input
            All videos of the run.
        pending : int
            Videos that are computed.
        suffix : str
            Format of the table.

        Returns
        -------
        dict
            Plain data; with ``problem`` alone where no video can be opened.
        """
        tasks = [self.extraction.task(video) for video in videos]
        most = MOST_FETCHED if any(task.remote for task in tasks) else MOST_DESCRIBED
        step = max(1, math.ceil(len(tasks) / most))
        described = self.described(tasks[::step])
        if not described:
            return {"problem": "no video could be opened"}
        task, info = of_medium_size(described)
        rates = self.rates(task, info)
        scale = pending / len(described)
        seconds = [seconds_of(rates.seconds, amounts(task.extractors, one)) for _, one in described]
        each = {name: [one[name] for one in seconds] for name in rates.seconds}
        totals = {name: scale * sum(values) for name, values in each.items()}
        longest = max(map(sum, zip(*each.values(), strict=True)))
        workers = max(1, min(self.parallel, pending))
        work_s = max(sum(totals.values()) / workers, longest if pending else 0.0)
        memory = rates.memory_mib
        return {
            "measured": rates.measured,
            "on": task.path,
            "size": [info.width, info.height],
            "frames": rates.info.frames,
            "described": len(described),
            "getting_ready_s": self.ready_s,
            "seconds": totals,
            "total_s": (self.ready_s if pending else 0.0) + work_s,
            "memory_mib": None if memory is None else memory * max(1, min(self.workers.jobs, pending)),
            "table_bytes": table_bytes(self.extraction, len(videos), suffix),
        }

    def described(self, tasks: Sequence[VideoTask]) -> list[tuple[VideoTask, VideoInfo]]:
        """Return the videos that can be opened, with what their headers and packets say."""
        chosen = {task.id: task for task in tasks if task.remote or os.path.isfile(task.path)}
        found: list[VideoResult] = []
        bare = [replace(task, extractors=()) for task in chosen.values()]
        workers = Workers(self.parallel, True, max(1.0, self.budget_s))
        run_many(bare, _describe, on_result=found.append, workers=workers)
        infos = {one.id: one.info for one in found if not is_failure(one.status)}
        return [(task, info) for name, task in chosen.items() if (info := infos.get(name)) is not None]

    def rates(self, task: VideoTask, info: VideoInfo, *, first_only: bool = False) -> Rates:
        """Measure a few frames, and as much of the video as the time allows unless only these are wanted."""
        shortest = _FIRST_FRAMES / rate_of(info)
        begun = time.monotonic()
        first = self._measured(task, shortest)
        if first is None:
            return self._declared(info)
        self.ready_s = max(0.0, time.monotonic() - begun - self._spent_s)
        if first_only:
            return first
        left = 0.8 * (self.budget_s - self._spent_s)

        def expected(length_s: float) -> float:
            work = amounts(task.extractors, part_of_video(info, length_s))
            return sum(seconds_of(first.seconds, work).values())

        length = _SECOND_S * min(1.0, left / expected(_SECOND_S))
        worth = length > 2 * shortest and expected(length) <= 1.25 * left
        return (self._measured(task, length) if worth else None) or first

    def _measured(self, task: VideoTask, duration_s: float) -> Rates | None:
        """Return the rates on the first part of a video, None if it was not done in time."""
        short = min(duration_s, task.sampling.duration_s or math.inf)
        sampling = replace(task.sampling, duration_s=short)
        copies = [replace(task, id=str(number), sampling=sampling) for number in range(self.parallel)]
        left = self.budget_s - self._spent_s
        found: list[VideoResult] = []
        limits = (max(0.001, left), self.workers.max_memory_mb)
        workers = Workers(self.parallel, True, *limits, threads=self.workers.threads_each)
        run_many(copies, measure, on_result=found.append, workers=workers)
        done = [one for one in found if not is_failure(one.status) and one.info is not None]
        if not done:
            self._spent_s = self.budget_s
            return None
        self._spent_s += max(sum(_times(one).values()) for one in done)
        info = done[0].info
        assert info is not None
        seconds = {}
        for name in (DECODE, *(one.label for one in task.extractors)):
            parts = [_times(one).get(name, 0.0) / work_done(task, one)[name] for one in done]
            seconds[name] = sum(parts) / len(parts)
        return Rates(info, seconds, max(one.seconds[MEMORY] for one in done))

    def _declared(self, info: VideoInfo) -> Rates:
        """Return the declared orders of magnitude, raised to what the time that was not enough shows."""
        work = amounts(self.extraction.extractors, info)
        declared = {DECODE: SECONDS_PER_MEGAPIXEL["cheap"]}
        for one in self.extraction.extractors:
            per_megapixel = SECONDS_PER_MEGAPIXEL[one.cost]
            of_frames = per_megapixel * info.width * info.height / 1e6 * (info.frames or 1)
            declared[one.label] = of_frames / work[one.label] if one.scope == "clip" else per_megapixel
        first = amounts(self.extraction.extractors, part_of_video(info, _FIRST_FRAMES / rate_of(info)))
        least = self.budget_s / sum(seconds_of(declared, first).values())
        return Rates(info, {name: rate * max(1.0, least) for name, rate in declared.items()}, measured=False)


def table_bytes(extraction: Extraction, videos: int, suffix: str) -> int:
    """Return the bytes of a feature table of so many videos."""
    pools = len(extraction.pools)
    columns = sum(len(one.features) * (1 if one.scope == "video" else pools) for one in extraction.extractors)
    cell, column = _CELL[suffix]
    return (columns + _OTHER_COLUMNS) * (cell * videos + column)


def of_medium_size(described: Sequence[tuple[VideoTask, VideoInfo]]) -> tuple[VideoTask, VideoInfo]:
    """Return the video whose pictures are of medium size."""
    return sorted(described, key=lambda one: one[1].width * one[1].height)[len(described) // 2]


def work_done(task: VideoTask, result: VideoResult) -> dict[str, float]:
    """Return the work of a finished result, see `work_amounts.amounts`."""
    assert result.info is not None
    return amounts(task.extractors, result.info, result.frames_decoded)


def _times(result: VideoResult) -> dict[str, float]:
    return {name: value for name, value in result.seconds.items() if name not in (MEMORY, CPU)}


def _describe(task: VideoTask) -> VideoResult:
    """Return the description of a video, as its result."""
    try:
        with task_video(task) as (video, _):
            return VideoResult(task.id, task.path, "ok", info=video.info)
    finally:
        forget()


def measure(task: VideoTask) -> VideoResult:
    """Do the work on a video, and add its CPU seconds and the largest resident memory of this process.

    Several threads count the time of each: their seconds are reduced to what passed.
    """
    begun, begun_s = time.process_time(), time.perf_counter()
    result = run_task(task)
    if task.threads > 1:
        share = (time.perf_counter() - begun_s) / max(sum(result.seconds.values()), 1e-9)
        result = replace(result, seconds={name: share * one for name, one in result.seconds.items()})
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return replace(result, seconds={**result.seconds, MEMORY: peak, CPU: time.process_time() - begun})
