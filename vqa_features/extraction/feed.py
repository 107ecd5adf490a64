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
from .neighbours import Neighbours, Window


class Feed:
    """Gives the frames of one stream to one extractor's session in the windows of its scope.

    Scope "pair" begins with the window ``(None, first)``, so that a session may return what the
    first frame has alone. Scopes "pair" and "clip" keep prepared frames, each only until the last window
    that contains it is complete; where the stream ends before a clip does, its last frame replaces the
    missing ones.

    Parameters
    ----------
    extractor : Extractor
        The method.
    info : VideoInfo
        The stream's description.
    session : Session
        A session of `extractor` for this stream; the caller closes it.
    """

    def __init__(self, extractor: Extractor, info: VideoInfo, session: Session) -> None:
        self.extractor = extractor
        self.seconds = 0.0
        self.clamped = False
        self._session = session
        self._pushed: deque[tuple[float, int]] = deque()
        self._times: list[float] = []
        self._frames: list[int] = []
        self._values: list[Values] = []
        self._last: Frame | None = None
        self._clips = _Clips(extractor, info) if extractor.scope == "clip" else None
        self._neighbours = Neighbours(extractor) if extractor.scope == "pair" else None

    def take(self, frame: Frame) -> None:
        """Give the session its next frame.

        Parameters
        ----------
        frame : Frame
            The next frame of the stream.
        """
        start = time.perf_counter()
        self._last = frame
        if self._neighbours is not None:
            if self._neighbours.wants(frame):
                self._push_pairs(self._neighbours.add(frame, self._prepare(frame)))
        elif self._clips is None:
            self._push((self._prepare(frame),), frame.time_s, frame.index)
        else:
            if self._clips.wants(frame.index):
                self._clips.keep(frame, self._prepare(frame))
            self._push_clips(frame.index)
        self.seconds += time.perf_counter() - start

    def finish(self) -> Rows:
        """Return every row of the stream."""
        start = time.perf_counter()
        if self._clips is not None and self._last is not None and self._clips.open_windows:
            self.clamped = True
            self._clips.end(self._last, lambda frame: self._prepare(frame))
            self._push_clips(None)
        if self._neighbours is not None:
            self._push_pairs(self._neighbours.end())
        self._collect(self._session.finish())
        self.seconds += time.perf_counter() - start
        n_columns = len(self.extractor.features)
        return Rows(
            np.array(self._times, dtype=np.float64),
            np.array(self._frames, dtype=np.int64),
            np.array(self._values, dtype=np.float64).reshape(len(self._values), n_columns),
        )

    def _prepare(self, frame: Frame) -> Any:
        return self._session.prepare(Views(frame, self.extractor.needs))

    def _push_pairs(self, windows: Iterable[Window]) -> None:
        for frame, window in windows:
            self._push(window, frame.time_s, frame.index)

    def _push_clips(self, index: int | None) -> None:
        assert self._clips is not None
        for window, time_s, first in self._clips.complete(index):
            self._push(window, time_s, first)

    def _push(self, window: Sequence[Any], time_s: float, frame: int) -> None:
        if self.extractor.scope != "video" or not self._pushed:
            self._pushed.append((time_s, frame))
        self._collect(self._session.push(window))

    def _collect(self, values: Values | None) -> None:
        for row in iter_rows(values, len(self.extractor.features)):
            time_s, frame = self._pushed.popleft()
            self._times.append(time_s)
            self._frames.append(frame)
            self._values.append(row)


class _Clips:
    """The windows of one clip extractor that are still open, and the prepared frames they contain."""

    def __init__(self, extractor: Extractor, info: VideoInfo) -> None:
        if not info.frames:
            raise ValueError(f"{extractor.name} needs the number of frames before decoding")
        windows = np.asarray(extractor.windows(info.frames, info.fps), dtype=np.int64)
        if windows.ndim != 2 or windows.min() < 0 or windows.max() >= info.frames:
            raise ValueError(f"{extractor.name}.windows gave numbers outside 0..{info.frames - 1}")
        order = np.argsort(windows.max(axis=1), kind="stable")
        self.open_windows = deque(windows[order])
        self._last_use: dict[int, int] = {}
        for window in self.open_windows:
            end = int(window.max())
            for index in window:
                self._last_use[int(index)] = max(end, self._last_use.get(int(index), end))
        self._kept: dict[int, tuple[Any, float]] = {}

    def wants(self, index: int) -> bool:
        return index in self._last_use

    def keep(self, frame: Frame, prepared: Any) -> None:
        self._kept[frame.index] = (prepared, frame.time_s)

    def end(self, last: Frame, prepare: Any) -> None:
        """Replace the missing frames of a stream that ended early by its last frame."""
        if last.index not in self._kept:
            self._kept[last.index] = (prepare(last), last.time_s)
        for index in self._last_use:
            if index > last.index:
                self._kept[index] = self._kept[last.index]

    def complete(self, index: int | None) -> Iterator[tuple[list[Any], float, int]]:
        """Yield the windows complete at frame `index` (all of them for None) and forget frames."""
        while self.open_windows and (index is None or int(self.open_windows[0].max()) <= index):
            window = self.open_windows.popleft()
            first = int(window.min())
            yield [self._kept[int(i)][0] for i in window], self._kept[first][1], first
        if index is not None:
            for kept in [i for i in self._kept if self._last_use[i] <= index]:
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
