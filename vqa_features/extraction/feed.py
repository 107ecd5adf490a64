"""Windows of frames for one extractor's session, by its scope, and the rows it returns."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np

from ..extractor import Extractor, Session, Values
from ..frame import Frame, Views
from ..specs import VideoInfo
from ..video_task import Rows
from .neighbours import Moment, Neighbours, Window
from .row_buffer import RowBuffer
from .source_stream import sees_source, stream_of, windows_of


class Feed:
    """Gives the frames of one stream to one extractor's session in the windows of its scope.

    `take` does all of it. Several threads share the steps otherwise: `prepared` and `measured` change no
    state of the feed; `windows` and `push` are called by one thread, in the order of the frames.

    Scope "pair" begins with the window ``(None, first)``, so that a session may return what the
    first frame has alone. Scopes "pair" and "clip" keep prepared frames, each only until the last window
    that contains it is complete; where the stream ends before a clip does, its last frame replaces the
    missing ones.

    Parameters
    ----------
    extractor : Extractor
        The method.
    info : VideoInfo
        The sampled stream; frames around the sampled ones may be given as well.
    session : Session
        A session of `extractor` for this stream; the caller closes it.

    Attributes
    ----------
    taken : int
        Frames that the extractor saw.
    beside : bool
        Whether some window of a pair had the frame before the sampled one; where none before is taken, the
        one after it.
    clamped : bool
        Whether the stream ended before its last clip.
    seconds : float
        Time of the session's methods, in all threads; who does not call `take` adds it.
    """

    def __init__(self, extractor: Extractor, info: VideoInfo, session: Session) -> None:
        self.extractor = extractor
        self.seconds = 0.0
        self.clamped = False
        self.taken = 0
        self.beside = extractor.scope != "pair" or extractor.before + extractor.after == 0
        self._session = session
        self._pushed: deque[Moment] = deque()
        self._columns = len(extractor.features)  # asked once: some extractors make them anew
        self._rows = RowBuffer(self._columns)
        self._last: Frame | None = None
        self._by_source = sees_source(extractor, info)
        self._clips = _Clips(extractor, info) if extractor.scope == "clip" else None
        self._neighbours = Neighbours(extractor) if extractor.scope == "pair" else None
        looks_back = session.looks_back if extractor.scope == "video" else 0
        self._earlier: deque[Any] = deque([None] * looks_back, maxlen=looks_back)

    @property
    def concurrent(self) -> bool:
        """Whether `prepared` and `measured` may be called from several threads, in any order."""
        return self._session.concurrent

    @property
    def of_one_frame(self) -> bool:
        """Whether each window has its own frame only, so that it is measured as soon as that is prepared."""
        return self._neighbours is None and self._clips is None and not self._session.looks_back

    @property
    def measures(self) -> bool:
        """Whether the session measures windows; else `measured` returns them as they are."""
        return type(self._session).measure is not Session.measure

    def take(self, frame: Frame) -> None:
        """Give the session its next frame: all steps, in this thread.

        Parameters
        ----------
        frame : Frame
            The next frame of the stream, or one beside the sampled ones: an extractor that does not see the
            source passes it by.
        """
        if not self.sees(frame):
            return
        start = time.perf_counter()
        prepared = self.prepared(frame) if self.wants(frame) else None
        for moment, window in self.windows(frame, prepared):
            self.push(moment, self.measured(window))
        self.seconds += time.perf_counter() - start

    def sees(self, frame: Frame) -> bool:
        """Return whether the extractor is given a frame of the stream."""
        return frame.sampled or self._by_source

    def wants(self, frame: Frame) -> bool:
        """Return whether a frame that the extractor sees is prepared; no state is changed."""
        return self._clips is None or self._clips.wants(self._place(frame))

    def prepared(self, frame: Frame) -> Any:
        """Return what the session prepares of a frame."""
        return self._session.prepare(Views(frame, self.extractor.needs))

    def measured(self, window: Sequence[Any]) -> Any:
        """Return what the session measures in a window of prepared frames."""
        return self._session.measure(window)

    def windows(self, frame: Frame, prepared: Any) -> Iterator[Window]:
        """Take the next frame that the extractor sees and yield the windows that it completes.

        Parameters
        ----------
        frame : Frame
            The frame; every one of them, in order.
        prepared : object
            What `prepared` returned for it; anything if `wants` is false.
        """
        self.taken += 1
        self._last = frame
        place = self._place(frame)
        if self._neighbours is not None:
            yield from self._noted(self._neighbours.add(place, frame, prepared))
        elif self._clips is not None:
            if self._clips.wants(place):
                self._clips.keep(place, frame, prepared)
            yield from self._clips.complete(place)
        else:
            before = tuple(self._earlier)
            if self._session.looks_back:
                self._earlier.append(prepared)
            yield Moment(frame.time_s, frame.source), (*before, prepared)

    def push(self, moment: Moment, measured: Any) -> None:
        """Give the session what it measured in its next window, and collect rows."""
        if self.extractor.scope != "video" or not self._pushed:
            self._pushed.append(moment)
        self._collect(self._session.push(measured))

    def last_windows(self) -> Iterator[Window]:
        """Yield the windows that the end of the stream completes, once."""
        if self._clips is not None and self._last is not None and self._clips.open_windows:
            self.clamped = True
            self._clips.end(self._place(self._last), self._last, lambda frame: self.prepared(frame))
            yield from self._clips.complete(None)
        if self._neighbours is not None:
            yield from self._noted(self._neighbours.end())

    def finish(self) -> Rows:
        """Return every row of the stream; windows that `last_windows` gave are not given again."""
        start = time.perf_counter()
        for moment, window in self.last_windows():
            self.push(moment, self.measured(window))
        self._collect(self._session.finish())
        self.seconds += time.perf_counter() - start
        return self._rows.rows()

    def _place(self, frame: Frame) -> int:
        """Return the number of a frame in the stream that the extractor sees."""
        return frame.source if self._by_source else frame.index

    def _noted(self, windows: Iterable[Window]) -> Iterator[Window]:
        for moment, window in windows:
            nearest = self.extractor.before - 1 if self.extractor.before else 1
            self.beside = self.beside or window[nearest] is not None
            yield moment, window

    def _collect(self, values: Values | None) -> None:
        for row in iter_rows(values, self._columns):
            self._rows.add(*self._pushed.popleft(), row)


class _Clips:
    """The windows of one clip extractor that are still open, and the prepared frames they contain."""

    def __init__(self, extractor: Extractor, info: VideoInfo) -> None:
        frames = stream_of(extractor, info).frames
        if frames is None:
            raise ValueError(f"{extractor.name} needs the number of frames before decoding")
        windows = windows_of(extractor, info)
        frames = frames or 1  # as `windows_of`; the decoder raises where a part has no frame
        if windows.ndim != 2 or windows.min() < 0 or windows.max() >= frames:
            raise ValueError(f"{extractor.name}.windows gave numbers outside 0..{frames - 1}")
        order = np.argsort(windows.max(axis=1), kind="stable")
        self.open_windows = deque(windows[order])
        self._last_use: dict[int, int] = {}
        for window in self.open_windows:
            end = int(window.max())
            for index in window:
                self._last_use[int(index)] = max(end, self._last_use.get(int(index), end))
        self._kept: dict[int, tuple[Any, float, int]] = {}

    def wants(self, place: int) -> bool:
        return place in self._last_use

    def keep(self, place: int, frame: Frame, prepared: Any) -> None:
        self._kept[place] = prepared, frame.time_s, frame.source

    def end(self, place: int, last: Frame, prepare: Any) -> None:
        """Replace the missing frames of a stream that ended early by its last frame."""
        if place not in self._kept:
            self.keep(place, last, prepare(last))
        for missing in self._last_use:
            if missing > place:
                self._kept[missing] = self._kept[place]

    def complete(self, place: int | None) -> Iterator[Window]:
        """Yield the windows complete at frame `place` (all of them for None) and forget frames."""
        while self.open_windows and (place is None or int(self.open_windows[0].max()) <= place):
            window = self.open_windows.popleft()
            _, time_s, source = self._kept[int(window.min())]
            yield Moment(time_s, source), [self._kept[int(i)][0] for i in window]
        if place is not None:
            for kept in [i for i in self._kept if self._last_use[i] <= place]:
                del self._kept[kept]


def iter_rows(values: Values | None, n_columns: int) -> Iterator[Values]:
    """Yield each row of what a session returned.

    Parameters
    ----------
    values : ndarray or None
        Rows (k, d), one row (d,), or None.
    n_columns : int
        Declared number of columns, d.

    Yields
    ------
    ndarray, (d,) float64

    Raises
    ------
    ValueError
        If the rows have another width.
    """
    if values is None:
        return
    rows = np.atleast_2d(np.asarray(values, dtype=np.float64))
    if rows.shape[1] != n_columns:
        raise ValueError(f"a session returned {rows.shape[1]} columns, declared are {n_columns}")
    yield from rows
