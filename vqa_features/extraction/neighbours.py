"""Windows of the scope "pair": each sampled frame with its neighbours in the source."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from ..extractor import Extractor
from ..frame import Frame


class Moment(NamedTuple):
    """Where a sampled frame lies: its time in seconds and its number in the source."""

    time_s: float
    source: int


#: A sampled frame, and the prepared frames of its window.
Window = tuple[Moment, Sequence[Any]]


class Neighbours:
    """Prepared frames of an extractor's windows, each kept until the last window that has it is complete.

    Parameters
    ----------
    extractor : Extractor
        Of scope "pair".
    """

    def __init__(self, extractor: Extractor) -> None:
        self._before, self._after = extractor.before, extractor.after
        self._kept: dict[int, Any] = {}
        self._waiting: deque[tuple[int, Moment]] = deque()

    def add(self, place: int, frame: Frame, prepared: Any) -> Iterator[Window]:
        """Take the next frame and yield the windows that it completes.

        Parameters
        ----------
        place : int
            Its number in the stream that the extractor sees.
        frame : Frame
            The frame.
        prepared : object
            What the session made of it.
        """
        self._kept[place] = prepared
        if frame.sampled:
            self._waiting.append((place, Moment(frame.time_s, frame.source)))
        yield from self._complete(place)
        for old in [one for one in self._kept if one < place + 1 - self._before - self._after]:
            del self._kept[old]

    def end(self) -> Iterator[Window]:
        """Yield the windows that reach beyond the last frame."""
        yield from self._complete(None)

    def _complete(self, place: int | None) -> Iterator[Window]:
        while self._waiting and (place is None or self._waiting[0][0] + self._after <= place):
            middle, moment = self._waiting.popleft()
            places = range(middle - self._before, middle + self._after + 1)
            yield moment, tuple(self._kept.get(one) for one in places)
