"""What a run would take, from a short measurement of its extractors on one of its videos."""

from __future__ import annotations

import math
import os
import resource
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ..extraction.source_stream import windows_of
from ..extraction.task import run_task
from ..extraction.task_video import forget, task_video
from ..extractor import Extractor
from ..specs import SECONDS_PER_MEGAPIXEL, VideoInfo
from ..video_task import VideoResult, VideoTask
from .failures import is_failure
from .inputs import Input
from .options import Extraction, Workers
from .runner import run_many

DECODE = "decode"
#: Videos that are described; totals are scaled to all of them.
MOST_DESCRIBED = 100
#: The same where videos must be fetched first.
MOST_FETCHED = 4
#: Sampled frames of the first measurement, and seconds of video of the second: two windows of a second.
_FIRST_FRAMES, _SECOND_S = 3, 2.5
_MEMORY = "memory_mib"
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
        By label per window of a clip, else per sampled frame; of ``decode`` per frame of the source.
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
        described = self._described(tasks)
        if not described:
            return {"problem": "no video could be opened"}
        task, info = sorted(described, key=lambda one: one[1].width * one[1].height)[len(described) // 2]
        rates = self._rates(task, info)
        scale = pending / len(described)
        each = {name: self._of_videos(name, rates, described) for name in rates.seconds}
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
            "table_bytes": self._table_bytes(len(videos), suffix),
        }

    def _described(self, tasks: Sequence[VideoTask]) -> list[tuple[VideoTask, VideoInfo]]:
        """Return some of the videos, evenly spread, with what their headers and packets say."""
        most = MOST_FETCHED if any(task.remote for task in tasks) else MOST_DESCRIBED
        step = max(1, math.ceil(len(tasks) / most))
        chosen = {task.id: task for task in tasks[::step] if task.remote or os.path.isfile(task.path)}
        found: list[VideoResult] = []
        bare = [replace(task, extractors=()) for task in chosen.values()]
        workers = Workers(self.parallel, True, max(1.0, self.budget_s))
        run_many(bare, _describe, on_result=found.append, workers=workers)
        infos = {one.id: one.info for one in found if not is_failure(one.status)}
        return [(task, info) for name, task in chosen.items() if (info := infos.get(name)) is not None]

    def _rates(self, task: VideoTask, info: VideoInfo) -> Rates:
        """Measure a few frames, then as much of the video as the time allows."""
        fps = info.fps if math.isfinite(info.fps) and info.fps > 0 else 25.0
        begun = time.monotonic()
        first = self._measured(task, _FIRST_FRAMES / fps)
        if first is None:
            return self._declared(info)
        self.ready_s = max(0.0, time.monotonic() - begun - self._spent_s)
        clips = {one.label for one in task.extractors if one.scope == "clip"}
        fixed = sum(
            first.seconds[one.label] * len(windows_of(one, replace(info, fps=fps)))
            for one in task.extractors
            if one.label in clips
        )
        per_second = sum(
            value * (fps if name != DECODE else info.source_fps or fps)
            for name, value in first.seconds.items()
            if name not in clips
        )
        left = 0.8 * (self.budget_s - self._spent_s) - fixed
        length = min(_SECOND_S, left / per_second if per_second > 0 else _SECOND_S)
        second = self._measured(task, length) if length > 2 * _FIRST_FRAMES / fps else None
        return second or first

    def _measured(self, task: VideoTask, duration_s: float) -> Rates | None:
        """Return the rates on the first part of a video, None if it was not done in time."""
        short = min(duration_s, task.sampling.duration_s or math.inf)
        sampling = replace(task.sampling, duration_s=short)
        copies = [replace(task, id=str(number), sampling=sampling) for number in range(self.parallel)]
        left = self.budget_s - self._spent_s
        found: list[VideoResult] = []
        workers = Workers(self.parallel, True, max(0.001, left), self.workers.max_memory_mb)
        run_many(copies, _measure, on_result=found.append, workers=workers)
        done = [one for one in found if not is_failure(one.status) and one.info is not None]
        if not done:
            self._spent_s = self.budget_s
            return None
        self._spent_s += max(sum(_times(one).values()) for one in done)
        info = done[0].info
        assert info is not None
        seconds = {}
        for name in (DECODE, *(one.label for one in task.extractors)):
            parts = [_times(one).get(name, 0.0) / _count(name, task, one) for one in done]
            seconds[name] = sum(parts) / len(parts)
        return Rates(info, seconds, max(one.seconds[_MEMORY] for one in done))

    def _declared(self, info: VideoInfo) -> Rates:
        """Return the declared orders of magnitude, raised to what the time that was not enough shows."""
        megapixels = info.width * info.height / 1e6
        seconds = {DECODE: SECONDS_PER_MEGAPIXEL["cheap"] * megapixels}
        for one in self.extraction.extractors:
            windows = len(windows_of(one, info)) if one.scope == "clip" else 0
            per_frame = SECONDS_PER_MEGAPIXEL[one.cost] * megapixels
            seconds[one.label] = per_frame * (info.frames or 1) / windows if windows else per_frame
        least = self.budget_s / (_FIRST_FRAMES * sum(seconds.values()))
        return Rates(info, {name: value * max(1.0, least) for name, value in seconds.items()}, measured=False)

    def _of_videos(
        self, name: str, rates: Rates, described: Sequence[tuple[VideoTask, VideoInfo]]
    ) -> list[float]:
        """Return the seconds of one extractor, or of decoding, for each described video."""
        extractor = next((one for one in self.extraction.extractors if one.label == name), None)
        pixels = rates.info.width * rates.info.height
        return [rates.seconds[name] * _amount(extractor, info, pixels) for _, info in described]

    def _table_bytes(self, videos: int, suffix: str) -> int:
        pools = len(self.extraction.pools)
        columns = sum(
            len(one.features) * (1 if one.scope == "video" else pools) for one in self.extraction.extractors
        )
        cell, column = _CELL[suffix]
        return (columns + _OTHER_COLUMNS) * (cell * videos + column)


def _amount(extractor: Extractor | None, info: VideoInfo, pixels: int) -> float:
    """Return how much work a video is: windows of a clip, else frames of the measured size."""
    frames = info.frames or max(1, round((info.duration_s or 0.0) * 25))
    info = replace(info, frames=frames)
    size = info.width * info.height / pixels
    if extractor is None:
        source = (info.source_fps or info.fps) * (info.duration_s or 0.0)
        return size * (source if math.isfinite(source) and source > 0 else frames)
    return float(len(windows_of(extractor, info))) if extractor.scope == "clip" else size * frames


def _count(name: str, task: VideoTask, result: VideoResult) -> int:
    """Return of how many windows or frames a measured time is."""
    assert result.info is not None
    extractor = next((one for one in task.extractors if one.label == name), None)
    if extractor is None:
        return max(1, result.frames_decoded)
    clips = extractor.scope == "clip"
    return max(1, len(windows_of(extractor, result.info)) if clips else result.info.frames or 1)


def _times(result: VideoResult) -> dict[str, float]:
    return {name: value for name, value in result.seconds.items() if name != _MEMORY}


def _describe(task: VideoTask) -> VideoResult:
    """Return the description of a video, as its result."""
    try:
        with task_video(task) as (video, _):
            return VideoResult(task.id, task.path, "ok", info=video.info)
    finally:
        forget()


def _measure(task: VideoTask) -> VideoResult:
    """Do the work on a video, and add the largest resident memory of this process."""
    result = run_task(task)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return replace(result, seconds={**result.seconds, _MEMORY: peak})
