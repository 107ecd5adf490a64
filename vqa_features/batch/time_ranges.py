"""A long video divided into time ranges for several workers, and their results joined to that of the whole.

Only extractors whose rows follow from their windows are divided; the others of the task are one more part.
If any part is not as the whole would be, all of them are dropped and the whole is computed at once.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from ..extraction.lane import missing_columns, notes_of
from ..extraction.ranges import frames_decoded, frames_taken, is_separable, joined_rows, ranges_of
from ..extraction.source_stream import stream_of
from ..specs import VideoInfo
from ..video.timeline import Timeline
from ..video_task import Rows, TimeRange, VideoResult, VideoTask
from .deadlines import DEADLINE_FACTOR, LEAST_DEADLINE_S, expected_s

#: A video is divided if its separable extractors and decoding should take this long by their declared costs,
#: and no range should take less than the second number. Cheap extractors take about a tenth of it.
DIVIDED_FROM_S, LEAST_RANGE_S = 240.0, 60.0
#: Ranges for each of several workers: at the end of a run the others wait for at most one of them.
RANGES_PER_WORKER = 4
#: Frames of a range that bound the rows a worker holds; and the most ranges of a video.
MOST_FRAMES, MOST_RANGES = 10_000, 256
#: Decoding from entries and the neighbours of ranges may cost this share of the frames.
MOST_EXTRA = 0.25


def separable_of(task: VideoTask) -> tuple[Any, ...]:
    """Return the extractors of a task that ranges may compute; none if the task is not to be divided."""
    if task.part is not None or task.area != "full" or task.raw is not None or task.remote is not None:
        return ()
    return tuple(one for one in task.extractors if is_separable(one))


def is_long(task: VideoTask, info: VideoInfo, decoded: int) -> bool:
    """Return whether the separable extractors of a task should take long enough to divide its video.

    Parameters
    ----------
    task : VideoTask
        The video.
    info : VideoInfo
        Its sampled stream.
    decoded : int
        Frames that are decoded.
    """
    separable = separable_of(task)
    return bool(separable) and expected_s(info, separable, decoded=decoded) >= DIVIDED_FROM_S


def divided(
    task: VideoTask, info: VideoInfo, timeline: Timeline | None, deadline_s: float, workers: int
) -> TimeParts | None:
    """Divide the work on a long video, or return None where it is done at once.

    Parameters
    ----------
    task : VideoTask
        The video.
    info : VideoInfo
        Its sampled stream.
    timeline : Timeline or None
        Of a long video, as `vqa_features.batch.worker.describe` found it.
    deadline_s : float
        Seconds the whole may take.
    workers : int
        Number of workers that share the ranges.
    """
    separable = separable_of(task)
    if timeline is None or not separable:
        return None
    total = len(timeline.times)
    seconds = expected_s(info, separable, decoded=total)
    wanted = max(math.ceil(total / MOST_FRAMES), RANGES_PER_WORKER * workers if workers > 1 else 1)
    count = min(wanted, MOST_RANGES, int(seconds // LEAST_RANGE_S))
    ranges = ranges_of(timeline, separable, info, count)
    extra = sum(frames_decoded(part) for part in ranges) - total
    if len(ranges) < 2 or extra > MOST_EXTRA * total:
        return None
    return TimeParts(task, info, timeline, ranges, deadline_s)


class TimeParts:
    """The ranges of one video, and their results so far.

    Parameters
    ----------
    task : VideoTask
        The whole.
    info : VideoInfo
        Its sampled stream.
    timeline : Timeline
        Where its pictures are.
    ranges : sequence of TimeRange
        Two or more, in order.
    deadline_s : float
        Seconds the whole may take.
    """

    def __init__(
        self,
        task: VideoTask,
        info: VideoInfo,
        timeline: Timeline,
        ranges: Sequence[TimeRange],
        deadline_s: float,
    ) -> None:
        self.task = task
        self.given_up = False
        self._deadline_s = deadline_s
        self._info = info
        self._timeline = timeline
        self._separable = separable_of(task)
        self._others = tuple(one for one in task.extractors if one not in self._separable)
        self._ranges = list(ranges)
        self._results: dict[int, VideoResult] = {}
        self._beside: VideoResult | None = None

    def tasks(self) -> Iterator[VideoTask]:
        """Yield the task of the extractors that take the whole video, then that of each range."""
        if self._others:
            yield replace(self.task, extractors=self._others)
        for part in self._ranges:
            yield replace(self.task, extractors=self._separable, part=part)

    def name(self, task: VideoTask) -> str:
        """Return what part of the work a task is."""
        if task.part is None:
            return ", ".join(one.label for one in task.extractors)
        return f"frames {task.part.first} to {task.part.stop - 1}"

    def deadline_s(self, task: VideoTask) -> float:
        """Return the seconds that the whole task or one of `tasks` may take."""
        if task.part is None:
            return self._deadline_s
        total = len(self._timeline.times)
        seconds = expected_s(self._info, self._separable, decoded=total)
        share = frames_decoded(task.part) / total
        return max(LEAST_DEADLINE_S, DEADLINE_FACTOR * seconds * share)

    def add(self, task: VideoTask, result: VideoResult) -> VideoResult | VideoTask | None:
        """Take the result of a part.

        Parameters
        ----------
        task : VideoTask
            One of `tasks`.
        result : VideoResult
            Its result.

        Returns
        -------
        VideoResult, VideoTask or None
            The result of the whole once it is complete. The task of the whole, once, if a part has failed or
            does not agree with the others. Else None.
        """
        if self.given_up:
            return None
        if task.part is None:
            self._beside = result
        else:
            self._results[self._ranges.index(task.part)] = result
        waiting = len(self._results) < len(self._ranges) or (self._others and self._beside is None)
        well = result.status == "ok" and (task.part is None or not result.failures)
        if well and waiting:
            return None
        whole = self._joined() if well else None
        if whole is None:
            self.given_up = True
            self._results.clear()
            return self.task
        return whole

    def _joined(self) -> VideoResult | None:
        """Return the result of the whole, None if the parts do not agree."""
        parts = [self._results[number] for number in range(len(self._ranges))]
        last, beside = parts[-1], self._beside
        told = list(last.warnings)
        about: dict[str, list[str]] = {}
        if beside is not None:
            labels = tuple(f"{one.label}: " for one in self._others)
            decoding = [text for text in beside.warnings if not text.startswith(labels)]
            if decoding != told:
                return None
            for label in labels:
                about[label] = [text for text in beside.warnings if text.startswith(label)]
        everyone = [*parts, *([beside] if beside else [])]
        if any(_facts(one) != _facts(last) for one in everyone):
            return None
        if any(one.warnings != last.warnings for one in parts):
            return None
        rows: dict[str, Rows] = {}
        for one in self.task.extractors:
            if one in self._separable:
                rows[one.label] = joined_rows([part.rows[one.label] for part in parts])
                told += self._warnings(one, rows[one.label], parts)
            else:
                assert beside is not None
                rows.update({one.label: beside.rows[one.label]} if one.label in beside.rows else {})
                told += about[f"{one.label}: "]
        seconds: dict[str, float] = {}
        for result in everyone:
            for name, value in result.seconds.items():
                seconds[name] = seconds.get(name, 0.0) + value
        failures = beside.failures if beside else {}
        return replace(last, warnings=tuple(told), rows=rows, seconds=seconds, failures=failures, sight={})

    def _warnings(self, extractor: Any, rows: Rows, parts: Sequence[VideoResult]) -> list[str]:
        """Return what a pass over the whole says of the rows of an extractor."""
        sights = [part.sight[extractor.label] for part in parts]
        sight = replace(
            sights[0], flat=all(one.flat for one in sights), beside=any(one.beside for one in sights)
        )
        taken = frames_taken(extractor, self.task.extractors, self._info, self._timeline.sampled)
        missing = missing_columns(extractor, stream_of(extractor, self._info), rows, sight, taken)
        return [*notes_of(extractor, rows), *missing]


def _facts(result: VideoResult) -> tuple[Any, ...]:
    """Return what all parts of a video say alike."""
    counts = result.frames_decoded, result.frames_expected
    return (result.status, result.error, *counts, result.info, result.digest)
