"""One pass over a stream of frames feeds every extractor."""

from __future__ import annotations

import contextlib
import time
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np

from ..extractor import Extractor, Session, Values, iter_rows
from ..frame import Frame, Views
from ..specs import Rows, VideoInfo
from .allocator import keep_freed_pages


class Feed:
    """Gives the frames of one stream to one extractor's session in the windows of its scope.

    Scope "pair" begins with the window ``(None, first)``, so that a session may return what the
    first frame has alone. Scope "clip" keeps prepared frames, each only until the last window
    that contains it is complete; where the stream ends early, its last frame replaces the missing
    ones.

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
        self._previous: Any = None
        self._last: Frame | None = None
        self._clips = _Clips(extractor, info) if extractor.scope == "clip" else None

    def take(self, frame: Frame) -> None:
        """Give the session its next frame.

        Parameters
        ----------
        frame : Frame
            The next frame of the stream.
        """
        start = time.perf_counter()
        self._last = frame
        if self._clips is None:
            prepared = self._prepare(frame)
            if self.extractor.scope == "pair":
                self._push((self._previous, prepared), frame.time_s, frame.index)
                self._previous = prepared
            else:
                self._push((prepared,), frame.time_s, frame.index)
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


def _feed(frames: Iterable[Frame], feeds: Sequence[Feed]) -> float:
    """Give every frame to every feed; return the seconds spent waiting for frames."""
    decode = 0.0
    stream = iter(frames)
    while True:
        start = time.perf_counter()
        frame = next(stream, None)
        decode += time.perf_counter() - start
        if frame is None:
            return decode
        for feed in feeds:
            feed.take(frame)


def feed_all(
    frames: Iterable[Frame], info: VideoInfo, extractors: Sequence[Extractor]
) -> tuple[dict[str, Rows], dict[str, float], list[str]]:
    """Run every extractor over one stream; every session that was opened is closed, whatever happens.

    Parameters
    ----------
    frames : iterable of Frame
        The sampled stream.
    info : VideoInfo
        Its description.
    extractors : sequence of Extractor
        Their labels must differ.

    Returns
    -------
    rows, seconds : dict
        By extractor label. The time of a shared view counts for the first extractor that uses it;
        ``seconds["decode"]`` is the time spent waiting for frames.
    warnings : list of str
    """
    keep_freed_pages()
    with contextlib.ExitStack() as sessions:
        feeds = []
        for extractor in extractors:
            session = sessions.enter_context(contextlib.closing(extractor.open(info)))
            feeds.append(Feed(extractor, info, session))
        decode = _feed(frames, feeds)
        rows = {feed.extractor.label: feed.finish() for feed in feeds}
    seconds = {"decode": decode, **{feed.extractor.label: feed.seconds for feed in feeds}}
    warnings = [
        f"{feed.extractor.label}: the stream was shorter than announced, its last frame was repeated"
        for feed in feeds
        if feed.clamped
    ]
    return rows, seconds, warnings
