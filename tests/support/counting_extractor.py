"""An extractor that counts, waits and fails where it is told to, on frames of one shade each."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from vqa_features.extractor import Extractor, Session, Values
from vqa_features.frame import Frame, Views
from vqa_features.picture import ArrayPicture
from vqa_features.specs import Feature, Scope, VideoInfo

FRAMES = 24
INFO = VideoInfo("<frames>", 16, 16, 25.0, FRAMES, FRAMES / 25, container="array")


class _CountingSession(Session):
    """Says where it was called, and fails where it is told to; rows are numbers of frames."""

    def __init__(self, extractor: _Counting) -> None:
        self._of = extractor
        self.concurrent = extractor.concurrent
        self.looks_back = extractor.looks_back
        self.closed = 0
        #: Threads that prepare now.
        self.inside: set[int] = set()
        self._total = 0.0
        extractor.sessions.append(self)

    def _fail(self, where: str, index: int) -> None:
        if (where, index) == (self._of.fails_in, self._of.fails_at):
            raise RuntimeError(f"{where} of frame {index}")

    def prepare(self, frame: Views) -> float:
        assert not self.closed
        self._of.threads_seen.add(threading.get_ident())
        self.inside.add(threading.get_ident())
        try:
            time.sleep(0.002 * (frame.index % 3) + 0.2 * (frame.index == self._of.slow_at))
            self._fail("prepare", frame.index)
        finally:
            self.inside.remove(threading.get_ident())
        return float(frame.index)

    def measure(self, window: Sequence[float | None]) -> tuple[float, ...]:
        assert not self.closed
        last = max(one for one in window if one is not None)
        self._of.measured_by.add(threading.get_ident())
        time.sleep(0.002 * (last % 2))
        self._fail("measure", int(last))
        return tuple(np.nan if one is None else one for one in window)

    def push(self, window: tuple[float, ...]) -> Values | None:
        self._fail("push", int(np.nanmax(window)))
        self._of.pushed.append(window)
        row = np.array([window[0], window[-1]])
        return None if self._of.scope == "video" else row

    def finish(self) -> Values | None:
        return np.array([0.0, len(self._of.pushed)]) if self._of.scope == "video" else None

    def close(self) -> None:
        assert not self.inside
        self.closed += 1


@dataclass(frozen=True)
class _Counting(Extractor):
    """Counts; one for each test, because it keeps what happened."""

    number: int = 0
    fails_in: str = ""
    fails_at: int = -1
    concurrent: bool = True
    looks_back: int = 0
    slow_at: int = -1

    name: ClassVar[str] = "counting"
    group: ClassVar[str] = "artefact"
    pushed: ClassVar[list[Any]]
    sessions: ClassVar[list[_CountingSession]]
    threads_seen: ClassVar[set[int]]
    measured_by: ClassVar[set[int]]

    @property
    def features(self) -> tuple[Feature, ...]:
        return (Feature("first", "first of the window"), Feature("last", "last of the window"))

    def open(self, info: VideoInfo) -> Session:
        return _CountingSession(self)


def counting(scope_: Scope = "frame", *, after_: int = 0, **parameters: Any) -> _Counting:
    class Counting(_Counting):
        after: ClassVar[int] = after_
        scope: ClassVar[Scope] = scope_
        pushed: ClassVar[list[Any]] = []
        sessions: ClassVar[list[_CountingSession]] = []
        threads_seen: ClassVar[set[int]] = set()
        measured_by: ClassVar[set[int]] = set()

    return Counting(**parameters)


def stream(count: int = FRAMES) -> Iterator[Frame]:
    for index in range(count):
        plane = np.full((16, 16), index, np.uint8)
        plane[0, 0] = 255
        yield Frame(ArrayPicture(plane), index, index / 25)
