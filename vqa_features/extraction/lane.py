"""One extractor's part of a pass over a stream: its session, its feed, its first error, and what it tells."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from ..column_facts import frames_seen
from ..errors import DecodeError, Failure, first_few
from ..extractor import Extractor, Session
from ..frame import Frame
from ..specs import VideoInfo
from ..video_task import Rows, Sight
from .feed import Feed
from .source_stream import stream_of, windows_of


class Lane:
    """One extractor's part of a pass: opened, fed, finished and closed once.

    With `alone` its first error ends this lane only, and is kept. `shared` says that other threads may be in
    its session until `close` is called, so that an error does not close it. `pixels` is the size of a frame.
    """

    def __init__(self, extractor: Extractor, info: VideoInfo, *, alone: bool) -> None:
        self.extractor = extractor
        self.failure: Failure | None = None
        self.rows: Rows | None = None
        self.feed: Feed | None = None
        self.shared = False
        self.pixels = info.width * info.height
        self._stream = info
        self._info = stream_of(extractor, info)
        self._alone = alone
        self._session: Session | None = None
        self._notes: Sequence[str] = ()
        self._flat = extractor.scope != "clip"

    def open(self) -> None:
        """Open the session."""
        with self.guard():
            _check_still(self.extractor, self._info)
            self._session = self.extractor.open(self._info)
            self.feed = Feed(self.extractor, self._stream, self._session)

    def take(self, frame: Frame) -> None:
        """Take the next frame."""
        with self.guard():
            assert self.feed is not None
            self.feed.take(frame)
            self.look(frame)

    def look(self, frame: Frame) -> None:
        """Note whether a frame is flat; several threads may note frames at once."""
        if self._flat and frame.sampled and not _is_flat(frame.view(self.extractor.needs[0])):
            self._flat = False

    def finish(self) -> None:
        """Make the rows."""
        with self.guard():
            assert self.feed is not None
            assert self._session is not None
            self.rows = self.feed.finish()
            self._notes = self._session.notes()

    def close(self) -> None:
        """Close the session, once."""
        session, self._session = self._session, None
        if session is not None:
            with self.guard():
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
    def guard(self) -> Iterator[None]:
        """Take an error inside as this extractor's: it ends the lane, or is raised with the label."""
        try:
            yield
        except Exception as error:  # the edge of one extractor: recorded with its label
            error.add_note(f"in the extractor {self.extractor.label}")
            if not self._alone:
                raise
            self.failure = self.failure or Failure.of(error)
            self.feed = self.rows = None
            if not self.shared:
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
