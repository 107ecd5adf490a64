"""One pass over a stream of frames feeds every extractor."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterable, Sequence
from functools import partial
from typing import NamedTuple

from ..errors import Failure
from ..extractor import Extractor
from ..frame import Frame
from ..specs import VideoInfo
from ..video_task import Rows, Sight
from .frame_threads import feed_in_threads
from .lane import Lane
from .library_threads import libraries_in_one_thread


class Pass(NamedTuple):
    """What one pass over a stream gave.

    Attributes
    ----------
    rows, seconds : dict
        By extractor label. The time of a shared view counts for the first extractor that uses it. Several
        threads count the CPU time of each; one thread counts what passes.
        ``seconds["decode"]`` is the time spent waiting for frames.
    warnings : list of str
        Each begins with an extractor's label.
    failures : dict
        `Failure` by label.
    notes : list of str
        Those of the warnings that sessions gave.
    sight : dict
        `Sight` by label.
    """

    rows: dict[str, Rows]
    seconds: dict[str, float]
    warnings: list[str]
    failures: dict[str, Failure]
    notes: list[str]
    sight: dict[str, Sight]


def feed_each(
    frames: Iterable[Frame],
    info: VideoInfo,
    extractors: Sequence[Extractor],
    *,
    alone: bool = True,
    threads: int = 1,
) -> Pass:
    """Run every extractor over one stream; an extractor that fails leaves the others' rows.

    Every session that was opened is closed, whatever happens. The stream is left where it is once every
    extractor has failed, with several threads a few frames later.

    Parameters
    ----------
    frames : iterable of Frame
        The sampled stream, and the frames around the sampled ones that `surroundings` names.
    info : VideoInfo
        The sampled stream's description.
    extractors : sequence of Extractor
        Their labels must differ.
    alone : bool
        Whether the failure of an extractor is recorded; else it is raised.
    threads : int
        Threads that share the frames, this one included: see `feed_in_threads`. Rows do not depend on it.
        Whatever it is, OpenCV and BLAS use one thread each.

    Returns
    -------
    Pass
    """
    lanes = [Lane(extractor, info, alone=alone) for extractor in extractors]
    try:
        for lane in lanes:
            lane.open()
        with libraries_in_one_thread():
            feed = _feed if threads == 1 else partial(feed_in_threads, threads=threads)
            decode = feed(frames, lanes)
            for lane in lanes:
                if lane.failure is None:
                    lane.finish()
    finally:
        with contextlib.ExitStack() as open_lanes:
            for lane in lanes:
                open_lanes.callback(lane.close)
    rows = {lane.extractor.label: lane.rows for lane in lanes if lane.rows is not None}
    seconds = {lane.extractor.label: lane.feed.seconds for lane in lanes if lane.feed is not None}
    failures = {lane.extractor.label: lane.failure for lane in lanes if lane.failure is not None}
    warnings = [text for lane in lanes for text in lane.warnings()]
    notes = [text for lane in lanes for text in lane.notes()]
    sight = {lane.extractor.label: lane.sight for lane in lanes}
    return Pass(rows, {"decode": decode, **seconds}, warnings, failures, notes, sight)


def feed_all(
    frames: Iterable[Frame], info: VideoInfo, extractors: Sequence[Extractor], threads: int = 1
) -> tuple[dict[str, Rows], dict[str, float], list[str]]:
    """Run every extractor over one stream and raise the first error of any.

    Parameters
    ----------
    frames, info, extractors, threads
        As in `feed_each`.

    Returns
    -------
    rows, seconds, warnings
        As in `Pass`.
    """
    done = feed_each(frames, info, extractors, alone=False, threads=threads)
    return done.rows, done.seconds, done.warnings


def _feed(frames: Iterable[Frame], lanes: Sequence[Lane]) -> float:
    """Give every frame to every lane that has not failed; return the seconds spent waiting for frames."""
    decode = 0.0
    stream = iter(frames)
    while True:
        running = [lane for lane in lanes if lane.failure is None]
        if not running:
            return decode
        start = time.perf_counter()
        frame = next(stream, None)
        decode += time.perf_counter() - start
        if frame is None:
            return decode
        for lane in running:
            lane.take(frame)
