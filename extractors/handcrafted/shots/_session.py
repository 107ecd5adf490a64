"""One pass over all frames: cuts with six frames of delay, flashes as they come."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from vqa_features.extractor import Session, Values
from vqa_features.frame import Views
from vqa_features.kernels.cuts import AFTER, BEFORE, Signature, cut_between

from ._flashes import Flashes
from ._gradual import Gradual, Transition
from ._light import (
    GRID,
    LUMINANCE,
    around,
    linear_cells,
    saturated_red,
    share_of_picture,
    share_of_ten_degrees,
)

#: Least change of relative luminance in a flash, and the darker state that it needs.
LUMINANCE_STEP, DARKER = 0.1, 0.8
#: Least change of (R - G - B) in a red flash: 20 where the scale ends at 320.
RED_STEP = 20 / 320
N_FEATURES = 11


class _Seen(NamedTuple):
    """Of one frame; `cells` is its linear light in a grid, where flashes are wanted."""

    time_s: float
    thumbnail: NDArray[np.float32]
    signature: Signature
    cells: NDArray[Any] | None


class Moments(NamedTuple):
    """What is known of each of n frames once all have been taken.

    Attributes
    ----------
    begins : ndarray, (n,) bool
        The frame is the first one after a cut.
    fades, dissolves : list of Transition
        Those without a cut in them.
    flashing : ndarray, (n,) bool
        The second up to the frame has more flashes than are allowed; all False where flashes are not sought.
    """

    begins: NDArray[np.bool_]
    fades: list[Transition]
    dissolves: list[Transition]
    flashing: NDArray[np.bool_]


class ShotsSession(Session):
    """Keeps 14 thumbnails, the changes of the last second, and a number per frame.

    Parameters
    ----------
    flashes : bool
        Whether the transfer function is one whose linear light is known here.
    ten_degrees : bool
        Whether the area of a flash is that of a part of the picture.
    """

    concurrent = True

    def __init__(self, flashes: bool, ten_degrees: bool) -> None:
        share = share_of_ten_degrees if ten_degrees else share_of_picture
        cells = GRID[0] * GRID[1]
        self._with_flashes = flashes
        self._general, self._red = Flashes(cells, LUMINANCE_STEP, share), Flashes(cells, RED_STEP, share)
        self._recent: deque[Signature | None] = deque([None] * BEFORE, maxlen=BEFORE + 1 + AFTER)
        self._gradual = Gradual()
        self._cuts: list[float] = []
        self._times: list[float] = []
        self._above: list[bool] = []

    def prepare(self, frame: Views) -> _Seen:
        cells = linear_cells(frame.rgb) if self._with_flashes else None
        return _Seen(frame.time_s, frame.thumbnail, Signature(frame.thumbnail), cells)

    def push(self, window: Sequence[_Seen]) -> None:
        (frame,) = window
        self._times.append(frame.time_s)
        self._judge(frame.signature)
        self._gradual.update(frame.thumbnail)
        if frame.cells is not None:
            luminance = frame.cells @ LUMINANCE
            red, saturated = saturated_red(frame.cells)
            self._above.append(
                self._general.update(luminance, around(luminance), luminance < DARKER, frame.time_s)
                | self._red.update(red, around(red), saturated, frame.time_s)
            )

    def finish(self) -> Values:
        values = np.full(N_FEATURES, np.nan)
        if not self._times:
            return values
        moments = self.moments()
        begins = moments.begins
        values[:3] = begins.sum(), len(moments.fades), len(moments.dissolves)
        times = np.array(self._times)
        if len(times) < 2 or not np.isfinite(times).all():
            return values
        durations = np.diff(times, append=times[-1] + np.median(np.diff(times)))
        total = durations.sum()
        lengths = np.diff([times[0], *times[begins], times[0] + total])
        values[3:6] = 60 * values[0] / total, lengths.mean(), lengths.min()
        if self._with_flashes:
            above = durations[moments.flashing].sum() / total
            rates = (_rate(kind.most) for kind in (self._general, self._red))
            values[6:] = self._general.number, *rates, above, above > 0
        return values

    def moments(self) -> Moments:
        """Take the end of the video, once; return what is known of each frame."""
        for _ in range(AFTER):
            self._judge(None)
        begins = np.array(self._cuts) == 1
        begins[1:] &= ~begins[:-1]  # a mixed frame between two shots
        found = [one for one in self._gradual.finish() if not begins[one.first + 1 : one.last + 1].any()]
        fades, dissolves = ([one for one in found if one.fade == fade] for fade in (True, False))
        flashing = np.array(self._above) if self._with_flashes else np.zeros(begins.size, bool)
        return Moments(begins, fades, dissolves, flashing)

    def _judge(self, newest: Signature | None) -> None:
        """Take the next frame, and decide on the cut before the one that is six frames older."""
        self._recent.append(newest)
        if len(self._recent) == BEFORE + 1 + AFTER:
            recent = list(self._recent)
            if recent[BEFORE] is not None:
                self._cuts.append(cut_between(recent[:BEFORE], recent[BEFORE:]))


def _rate(changes: int) -> float:
    """Flashes of so many opposing changes: a single one opposes none."""
    return changes / 2 if changes > 1 else 0.0
