"""The frames of one stream shared among threads: the same rows as from one thread, in less time.

A frame is one task: it prepares the frame for every extractor whose session is concurrent, so that the
extractors share its views. A second task measures the windows that a frame completes, which any thread forms
once the frames before have theirs. The windows that the end of the stream completes are one task each.
`push`, and all of the sessions that are not concurrent, belong to the calling thread, which decodes as well,
and does tasks while it would else wait.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from ..frame import Frame
from .feed import Feed
from .helper_threads import Helpers, Task
from .lane import Lane
from .neighbours import Moment

#: Frames on their way beyond one for each thread, and their views with them.
AHEAD = 2
#: Most frames besides those that wait for a thread, and as many whose task is done and that wait for a frame
#: before them. Only the decoder's planes are kept of them, and what sessions prepared.
WAITING, WAITING_PIXELS = 4, 1 << 24


def feed_in_threads(frames: Iterable[Frame], lanes: Sequence[Lane], *, threads: int) -> float:
    """Give every frame to every lane that has not failed.

    At most ``threads + AHEAD`` frames are decoded and not yet pushed, if a session is not concurrent: it
    needs the frames themselves. Else `WAITING` more wait for a thread, and as many for a frame before them.

    Parameters
    ----------
    frames : iterable of Frame
        The stream; it is read by this thread.
    lanes : sequence of Lane
        Opened.
    threads : int
        Number of threads, this one included.

    Returns
    -------
    float
        Seconds spent waiting for frames.

    Raises
    ------
    Exception
        The first one in the order of frames and lanes, as from one thread: of a lane that is not alone, or
        of the stream.
    """
    for lane in lanes:
        lane.shared = lane.feed is not None and lane.feed.concurrent
    waiting = 0
    if all(lane.shared for lane in lanes if lane.feed is not None):
        waiting = min(WAITING, WAITING_PIXELS // max((lane.pixels for lane in lanes), default=1))
    with Helpers(threads - 1) as helpers:
        return _Line(lanes, helpers, threads + AHEAD, waiting).run(iter(frames))


@dataclass
class _Part:
    """One frame's work for one concurrent lane: what is done of it, and its first error."""

    lane: Lane
    feed: Feed
    prepared: Any = None
    windows: list[tuple[Moment, Any]] = field(default_factory=list)
    error: Exception | None = None
    seconds: float = 0.0

    @contextmanager
    def timed(self) -> Iterator[None]:
        """Add the CPU time of this thread, and keep an error."""
        start = time.thread_time()
        try:
            yield
        except Exception as error:  # the edge of one extractor: raised again in its turn
            self.error = error
        self.seconds += time.thread_time() - start

    def prepare(self, frame: Frame) -> None:
        with self.timed():
            self.lane.look(frame)
            if self.feed.wants(frame):
                self.prepared = self.feed.prepared(frame)
                if self.feed.of_one_frame:
                    self.prepared = self.feed.measured((self.prepared,))

    def arrange(self, frame: Frame) -> None:
        """Form the windows that the frame completes."""
        with self.timed():
            self.windows = [*self.feed.windows(frame, self.prepared)]
            if self.feed.of_one_frame:
                self.windows = [(moment, window[0]) for moment, window in self.windows]
        self.prepared = None

    @property
    def to_measure(self) -> bool:
        """Whether windows are still to be measured."""
        return bool(self.windows) and self.feed.measures and not self.feed.of_one_frame

    def measure(self) -> None:
        with self.timed():
            self.windows = [(moment, self.feed.measured(window)) for moment, window in self.windows]

    def push(self) -> None:
        """Give the session its windows, in the calling thread, or raise the error."""
        try:
            if self.error is not None:
                raise self.error
            start = time.thread_time()
            for moment, measured in self.windows:
                self.feed.push(moment, measured)
            self.seconds += time.thread_time() - start
        finally:
            self.feed.seconds += self.seconds


class _OnTheWay:
    """A frame that is decoded, until the sessions have what was made of it.

    With `lasting` its views are kept until then; else they are forgotten once it is prepared, and the frame
    once its windows are formed. Windows of the end are on their way without a frame.
    """

    def __init__(
        self, frame: Frame | None, parts: list[_Part], after: Callable[[], None], *, lasting: bool
    ) -> None:
        self.frame = frame
        self.parts = parts
        self.arranged = frame is None
        self.task = Task(self._measure if frame is None else self._prepare, after)
        self._after = after
        self._lasting = lasting

    @property
    def done(self) -> bool:
        """Whether nothing but `push` is left to do."""
        return self.arranged and self.task.done

    def _prepare(self) -> None:
        assert self.frame is not None
        for part in self.parts:
            if part.lane.failure is None:
                part.prepare(self.frame)
        if not self._lasting:
            self.frame = _without_views(self.frame)

    def _measure(self) -> None:
        for part in self.parts:
            if part.to_measure and part.lane.failure is None:
                part.measure()

    def arrange(self, broken: set[int]) -> bool:
        """Form windows, once prepared and after those of the frames before; return whether a task came of it.

        Parameters
        ----------
        broken : set of int
            Ids of the lanes of which an earlier frame failed; those of this one are added.
        """
        assert self.frame is not None
        for part in self.parts:
            if part.error is not None:
                broken.add(id(part.lane))
            elif id(part.lane) not in broken:
                part.arrange(self.frame)
        if not self._lasting:
            self.frame = None
        to_measure = any(part.to_measure for part in self.parts)
        if to_measure:
            self.task = Task(self._measure, self._after)
        self.arranged = True
        return to_measure


def _without_views(frame: Frame) -> Frame:
    return Frame(
        *(frame.picture, frame.index, frame.time_s, frame.luma_source),
        source=frame.source,
        coding=frame.coding,
    )


class _Line:
    """The frames on their way, in order."""

    def __init__(self, lanes: Sequence[Lane], helpers: Helpers, most: int, waiting: int) -> None:
        self._lanes, self._helpers, self._most, self._waiting = lanes, helpers, most, waiting
        self._frames: deque[_OnTheWay] = deque()
        self._to_arrange: deque[_OnTheWay] = deque()
        self._arranging = threading.Lock()
        self._broken: set[int] = set()
        #: Set whenever a task has ended.
        self._ended = threading.Event()

    def run(self, stream: Iterator[Frame]) -> float:
        """Read the stream to its end, or until every lane has failed; return the seconds spent on reading."""
        decode = 0.0
        while self._running:
            if self._advance():
                continue
            if self._is_full:
                self._help()
                continue
            start = time.perf_counter()
            try:
                frame = next(stream, None)
            except Exception:
                self._drain()  # an extractor's error in a frame before comes first
                raise
            decode += time.perf_counter() - start
            if frame is None:
                self._drain()
                self._end()
                break
            self._begin(frame)
        return decode

    @property
    def _running(self) -> bool:
        return any(lane.failure is None for lane in self._lanes)

    @property
    def _is_full(self) -> bool:
        """Whether no further frame is read for now."""
        done = sum(one.task.done for one in self._frames)
        return len(self._frames) - min(done, self._waiting) >= self._most + self._waiting

    def _begin(self, frame: Frame) -> None:
        feeds = [(lane, lane.feed) for lane in self._lanes if lane.shared and lane.failure is None]
        parts = [_Part(lane, feed) for lane, feed in feeds if feed is not None and feed.sees(frame)]
        begun = _OnTheWay(frame, parts, self._after_task, lasting=not self._waiting)
        self._frames.append(begun)
        self._to_arrange.append(begun)
        if parts:
            self._helpers.give(begun.task)
        else:
            begun.task.run()

    def _after_task(self) -> None:
        """Form the windows of frames that are prepared, in order; any thread does it."""
        with self._arranging:
            while self._to_arrange and self._to_arrange[0].task.done:
                one = self._to_arrange.popleft()
                if one.arrange(self._broken):
                    self._helpers.give(one.task)
        self._ended.set()

    def _advance(self) -> bool:
        """Push the first frame if nothing of it is left to do; return whether it was."""
        if not (self._frames and self._frames[0].done):
            return False
        self._push(self._frames.popleft())
        return True

    def _push(self, one: _OnTheWay) -> None:
        """Give a frame to the sessions, lane after lane."""
        parts = {id(part.lane): part for part in one.parts}
        for lane in self._lanes:
            if lane.failure is not None:
                continue
            if (part := parts.get(id(lane))) is not None:
                with lane.guard():
                    part.push()
            elif not lane.shared and one.frame is not None:
                lane.take(one.frame)

    def _help(self) -> None:
        """Do the first task that no thread has begun; else wait until one has ended."""
        self._ended.clear()
        if not self._advance() and not any(one.task.run() for one in self._frames):
            self._ended.wait()

    def _drain(self) -> None:
        """Push every frame on its way."""
        while self._frames and self._running:
            if not self._advance():
                self._help()

    def _end(self) -> None:
        """Measure and push the windows that the end of the stream completes."""
        for lane in self._lanes:
            feed = lane.feed
            if not lane.shared or feed is None:
                continue
            with lane.guard():
                for window in list(feed.last_windows()):
                    part = _Part(lane, feed, windows=[window])
                    self._frames.append(_OnTheWay(None, [part], self._after_task, lasting=False))
                    self._helpers.give(self._frames[-1].task)
        self._drain()
