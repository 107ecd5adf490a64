"""Changes and transitions of each frame, by the rules of the extractors `timing` and `shots`.

These give one row per video; here is a row per frame. It is no public extractor.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from ..column_facts import ColumnFacts
from ..extractor import Extractor, Session, Values
from ..extractors.handcrafted.shots import Shots
from ..extractors.handcrafted.timing._session import change
from ..frame import Views
from ..kernels.planes import as_plane
from ..specs import Cost, Feature, Scope, VideoInfo

NAME = "moments"
COLUMNS = (
    Feature("change_mean", "mean absolute difference from the frame before", "8-bit codes", 0),
    Feature("change_block", "that of the block of 16 x 16 with the largest", "8-bit codes", 0),
    Feature("cut", "1 where the frame is the first after a cut", "1", 0, 1),
    Feature("fade", "number of the fade that the frame belongs to, 0 for none", "1", 0),
    Feature("dissolve", "number of the dissolve that the frame belongs to, 0 for none", "1", 0),
    Feature("flashing", "1 where the second up to the frame flashes more than is allowed", "1", 0, 1),
)
_Seen = tuple[NDArray[np.generic], Any]


@dataclass(frozen=True)
class Moments(Extractor):
    """Six columns per frame, from which events are read: see `COLUMNS`."""

    name: ClassVar[str] = NAME
    group: ClassVar[str] = "temporal"
    cost: ClassVar[Cost] = "cheap"
    scope: ClassVar[Scope] = "pair"
    needs: ClassVar[tuple[str, ...]] = ("luma", "thumbnail", "rgb")
    column_facts: ClassVar[ColumnFacts] = {"direction": "none", "resolution": "full size"}
    references: ClassVar[tuple[str, ...]] = ("the extractors timing and shots",)

    @property
    def features(self) -> tuple[Feature, ...]:
        """Change, cut, transitions and flashes."""
        return COLUMNS

    def open(self, info: VideoInfo) -> Session:
        """Return a session; it keeps one picture, and some numbers of each frame."""
        return _MomentsSession(Shots().open(info))


class _MomentsSession(Session):
    """Holds all rows back until the end, because transitions are known late.

    Parameters
    ----------
    shots : Session
        That of `Shots`.
    """

    concurrent = True

    def __init__(self, shots: Any) -> None:
        self._shots = shots
        self._changes: list[tuple[float, float]] = []

    def prepare(self, frame: Views) -> _Seen:
        return as_plane(frame.luma), self._shots.prepare(frame)

    def measure(self, window: Sequence[_Seen | None]) -> tuple[tuple[float, float], Any]:
        """Return the change of a frame from the one before, and what `shots` needs of it."""
        before, seen = window
        assert seen is not None
        changed = (np.nan, np.nan) if before is None else change(before[0], seen[0])
        return changed, seen[1]

    def push(self, window: tuple[tuple[float, float], Any]) -> None:
        changed, seen = window
        self._changes.append(changed)
        self._shots.push([seen])

    def finish(self) -> Values:
        n = len(self._changes)
        values = np.zeros((n, len(COLUMNS)))
        if n == 0:
            return values
        found = self._shots.moments()
        values[:, :2] = self._changes
        values[:, 2] = found.begins
        for column, transitions in ((3, found.fades), (4, found.dissolves)):
            for number, one in enumerate(transitions, 1):
                values[one.first : one.last + 1, column] = number
        values[:, 5] = found.flashing
        return values
