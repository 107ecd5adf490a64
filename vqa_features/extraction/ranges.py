"""One video as ranges that are computed apart: which pictures each takes, and which rows it has."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..errors import DecodeError
from ..extractor import Extractor
from ..specs import VideoInfo
from ..video.timeline import Timeline
from ..video_task import Rows, TimeRange
from .engine import Pass
from .source_stream import sees_source, surroundings


def is_separable(extractor: Extractor) -> bool:
    """Return whether each row of an extractor follows from its window, so that ranges give the same rows."""
    return extractor.scope == "frame" or (extractor.scope == "pair" and extractor.separable)


class _Reach(NamedTuple):
    """How many neighbours extractors take: in the source, and among the sampled frames."""

    before: int = 0
    after: int = 0
    sampled_before: int = 0
    sampled_after: int = 0

    @classmethod
    def of(cls, extractors: Sequence[Extractor], info: VideoInfo) -> _Reach:
        pairs = [one for one in extractors if one.scope == "pair"]
        source = [one for one in pairs if sees_source(one, info)]
        sampled = [one for one in pairs if not sees_source(one, info)]
        return cls(
            max((one.before for one in source), default=0),
            max((one.after for one in source), default=0),
            max((one.before for one in sampled), default=0),
            max((one.after for one in sampled), default=0),
        )


def ranges_of(
    timeline: Timeline, extractors: Sequence[Extractor], info: VideoInfo, count: int
) -> list[TimeRange]:
    """Divide a video into ranges of about equal length, each beginning at an entry.

    Parameters
    ----------
    timeline : Timeline
        Of the video.
    extractors : sequence of Extractor
        Separable ones.
    info : VideoInfo
        The sampled stream.
    count : int
        Most ranges; there are fewer where there are fewer entries.

    Returns
    -------
    list of TimeRange
        In order; one or none where the video cannot be divided.
    """
    total = len(timeline.times)
    numbers = np.array([number for _, number in timeline.entries], dtype=np.int64)
    borders = [0]
    for wanted in np.linspace(0, total, count + 1)[1:-1] if len(numbers) else ():
        nearest = int(numbers[np.abs(numbers - wanted).argmin()])
        if nearest > borders[-1]:
            borders.append(nearest)
    return list(_between([*borders, total], timeline, _Reach.of(extractors, info)))


def _between(borders: Sequence[int], timeline: Timeline, reach: _Reach) -> Iterator[TimeRange]:
    total = len(timeline.times)
    places = np.flatnonzero(timeline.sampled)
    for first, stop in pairwise(borders):
        begin, end = first, stop
        low, high = np.searchsorted(places, (first, stop))
        if low < high:  # with sampled frames, of which the first and the last have neighbours
            earliest = places[max(low - reach.sampled_before, 0)]
            latest = places[min(high - 1 + reach.sampled_after, len(places) - 1)]
            begin = max(min(first, earliest, places[low] - reach.before), 0)
            end = min(max(stop, latest + 1, places[high - 1] + reach.after + 1), total)
        entry = max((one for one in timeline.entries if one[1] <= begin), default=None)
        given = (int(begin), int(end))
        yield TimeRange(first, stop, given, entry, timeline.times, timeline.expected, timeline.mark)


def frames_decoded(part: TimeRange) -> int:
    """Return how many pictures are decoded for a range."""
    return part.given[1] - (part.entry[1] if part.entry else 0)


def in_range(done: Pass, part: TimeRange, path: str) -> Pass:
    """Return the rows of a range without those of the neighbours it was given.

    Parameters
    ----------
    done : Pass
        Over the pictures that the range gives.
    part : TimeRange
        The range.
    path : str
        For messages.

    Returns
    -------
    Pass
        Without warnings: those that rows give are told of all rows of the video.

    Raises
    ------
    DecodeError
        If an extractor failed, or its session tells something of the part only.
    """
    if done.failures or done.notes:
        told = done.notes or [f"{label}: {failed.error}" for label, failed in done.failures.items()]
        raise DecodeError(f"a part of {path!r} cannot stand for the whole: {'; '.join(told)}", "range")
    rows = {}
    for label, one in done.rows.items():
        kept = (one.frames >= part.first) & (one.frames < part.stop)
        rows[label] = Rows(one.times_s[kept], one.frames[kept], one.values[kept])
    return done._replace(rows=rows, warnings=[])


def frames_taken(
    extractor: Extractor, extractors: Sequence[Extractor], info: VideoInfo, sampled: NDArray[np.bool_]
) -> int:
    """Return how many frames an extractor is given in one pass over the whole video.

    Parameters
    ----------
    extractor : Extractor
        One of `extractors`.
    extractors : sequence of Extractor
        All of the pass.
    info : VideoInfo
        The sampled stream.
    sampled : ndarray, (n,) bool
        Which frames of the source are sampled.
    """
    if not sees_source(extractor, info):
        return int(sampled.sum())
    around = surroundings(extractors, info)
    if around.everything:
        return len(sampled)
    steps = np.zeros(len(sampled) + 1, dtype=np.int64)  # +1 where a window begins, -1 where one has ended
    places = np.flatnonzero(sampled)
    np.add.at(steps, np.maximum(places - around.before, 0), 1)
    np.add.at(steps, np.minimum(places + around.after + 1, len(sampled)), -1)
    return int((steps.cumsum()[:-1] > 0).sum())


def joined_rows(parts: Sequence[Rows]) -> Rows:
    """Return the rows of successive ranges as those of the whole."""
    return Rows(
        *(np.concatenate([getattr(one, name) for one in parts]) for name in ("times_s", "frames", "values"))
    )
