"""One pass over a stream of frames feeds every extractor."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from ..column_facts import frames_seen
from ..errors import DecodeError, Failure, first_few
from ..extractor import Extractor, Session
from ..frame import Frame
from ..specs import VideoInfo
from ..video_task import Rows, Sight
from .allocator import keep_freed_pages
from .feed import Feed
from .source_stream import stream_of, windows_of


class _Lane:
    """One extractor's part of a pass: opened, fed, finished and closed once.

    With `alone` its first error ends this lane only, and is kept.
    """

    def __init__(self, extractor: Extractor, info: VideoInfo, *, alone: bool) -> None:
        self.extractor = extractor
        self.failure: Failure | None = None
        self.rows: Rows | None = None
        self.feed: Feed | None = None
        self._stream = info
        self._info = stream_of(extractor, info)
        self._alone = alone
        self._session: Session | None = None
        self._notes: Sequence[str] = ()
        self._flat = extractor.scope != "clip"

    def open(self) -> None:
        """Open the session."""
        with self._guard():
            _check_still(self.extractor, self._info)
            self._session = self.extractor.open(self._info)
            self.feed = Feed(self.extractor, self._stream, self._session)

    def take(self, frame: Frame) -> None:
        """Take the next frame."""
        with self._guard():
            assert self.feed is not None
            self.feed.take(frame)
            if frame.sampled:
                self._flat = self._flat and _is_flat(frame.view(self.extractor.needs[0]))

    def finish(self) -> None:
        """Make the rows."""
        with self._guard():
            assert self.feed is not None
            assert self._session is not None
            self.rows = self.feed.finish()
            self._notes = self._session.notes()

    def close(self) -> None:
        """Close the session, once."""
        session, self._session = self._session, None
        if session is not None:
            with self._guard():
                session.close()

    def warnings(self) -> Iterator[str]:
        """Yield what a reader of this extractor's columns should know."""
        if self.feed is None or self.rows is None:
            return
        label = self.extractor.label
        if self.feed.clamped:
            yield f"{label}: the stream was shorter than announced, its last frame was repeated"
        yield from self.notes()
        yield from notes_of(self.extractor, self.rows)
        if self.extractor.scope == "video" and self._info.thinned:
            yield (
                f"{label}: it was given {self._info.frames} of {self._info.source_frames} frames, and "
                "takes them as successive ones; the published values are of every frame"
            )
        yield from missing_columns(self.extractor, self._info, self.rows, self.sight, self.feed.taken)

    @property
    def sight(self) -> Sight:
        """What the extractor saw so far."""
        return Sight(flat=self._flat, beside=self.feed is not None and self.feed.beside)

    def notes(self) -> Iterator[str]:
        """Yield what the session says of this video's columns."""
        yield from (f"{self.extractor.label}: {note}" for note in self._notes)

    @contextlib.contextmanager
    def _guard(self) -> Iterator[None]:
        try:
            yield
        except Exception as error:  # the edge of one extractor: recorded with its label
            error.add_note(f"in the extractor {self.extractor.label}")
            if not self._alone:
                raise
            self.failure = self.failure or Failure.of(error)
            self.feed = self.rows = None
            self.close()


def _check_still(extractor: Extractor, info: VideoInfo) -> None:
    """Refuse a still picture for a method of which no column has a value without further frames."""
    if not info.still:
        return
    frames = extractor.least_frames
    if extractor.scope == "clip":
        frames = max(frames, windows_of(extractor, info).shape[1])
    if frames > 1:
        raise DecodeError(
            f"{extractor.label} reads {frames} frames, and this is a still picture", "still picture"
        )


def notes_of(extractor: Extractor, rows: Rows) -> list[str]:
    """Return what an extractor says of all rows of a video."""
    return [f"{extractor.label}: {note}" for note in extractor.notes(rows.values)]


def missing_columns(
    extractor: Extractor, info: VideoInfo, rows: Rows, sight: Sight, taken: int
) -> Iterator[str]:
    """Yield a sentence on the columns without a value in any row of a video, if there are any.

    Parameters
    ----------
    extractor : Extractor
        The method.
    info : VideoInfo
        The stream that it sees.
    rows : Rows
        All of the video.
    sight : Sight
        What it saw.
    taken : int
        Number of frames that it saw.
    """
    names = extractor.feature_names
    missing = [name for k, name in enumerate(names) if np.isnan(rows.values[:, k]).all()]
    if not missing:
        return
    reason = "every picture is flat"
    if not sight.beside:
        seen, side = frames_seen(extractor), "before" if extractor.before else "after"
        flat = f", and {reason}" * sight.flat
        reason = f"it takes {seen}, and no sampled frame has one {side} it{flat}"
    elif not sight.flat:
        reason = extractor.reason(info, taken, missing)
    which = f" ({first_few(missing, 3)})" if len(missing) < len(names) else ""
    yield f"{extractor.label}: no value in {len(missing)} of {len(names)} columns{which}: {reason}"


def _is_flat(view: Any) -> bool:
    return bool((view == view[:1, :1]).all())


class Pass(NamedTuple):
    """What one pass over a stream gave.

    Attributes
    ----------
    rows, seconds : dict
        By extractor label. The time of a shared view counts for the first extractor that uses it;
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
    frames: Iterable[Frame], info: VideoInfo, extractors: Sequence[Extractor], *, alone: bool = True
) -> Pass:
    """Run every extractor over one stream; an extractor that fails leaves the others' rows.

    Every session that was opened is closed, whatever happens. The stream is left where it is once every
    extractor has failed.

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

    Returns
    -------
    Pass
    """
    keep_freed_pages()
    lanes = [_Lane(extractor, info, alone=alone) for extractor in extractors]
    try:
        for lane in lanes:
            lane.open()
        decode = _feed(frames, lanes)
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
    frames: Iterable[Frame], info: VideoInfo, extractors: Sequence[Extractor]
) -> tuple[dict[str, Rows], dict[str, float], list[str]]:
    """Run every extractor over one stream and raise the first error of any.

    Parameters
    ----------
    frames, info, extractors
        As in `feed_each`.

    Returns
    -------
    rows, seconds, warnings
        As in `Pass`.
    """
    done = feed_each(frames, info, extractors, alone=False)
    return done.rows, done.seconds, done.warnings


def _feed(frames: Iterable[Frame], lanes: Sequence[_Lane]) -> float:
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
