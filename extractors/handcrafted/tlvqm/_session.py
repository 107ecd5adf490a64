"""TLVQM of a video: rows of low-complexity features, windows of rows, representative frames."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from vqa_features.extractor import Session, Values
from vqa_features.frame import Views
from vqa_features.kernels.colour import chroma_at_luma_size

from .._chroma import stored_chroma
from .._running_mean import RunningMean
from . import _filters, _low_complexity, _single_frame
from ._columns import BLUR, HIGH_COMPLEXITY, LOW_COMPLEXITY, N_POOLED
from ._high_complexity import spatial_features
from ._low_complexity import HalfFrame, Middle

#: A frame's row counts only if this many frames follow it.
TAIL = 4


class _Planes(NamedTuple):
    """What is kept of a frame until it may be a representative one."""

    luma: NDArray[Any]
    chroma: NDArray[Any]


class _Kept(NamedTuple):
    """What is kept of a frame: of those with an even number only that they are neighbours."""

    half: HalfFrame | None
    middle: Middle | None = None
    own: dict[str, float] | None = None  # features of the frame alone
    planes: _Planes | None = None


class _TlvqmSession(Session):
    """Rows of low-complexity features as frames arrive; windows are closed as rows are certain.

    Kept are the rows, and the planes of their frames, of one window and no more.
    """

    concurrent = True
    looks_back = 2

    def __init__(self, window: int) -> None:
        self._half = window // 2
        self._n_frames = 0
        self._uncertain: list[tuple[int, Values, _Planes]] = []
        self._rows: dict[int, tuple[Values, _Planes]] = {}
        self._n_rows = 0
        self._window_start = 0
        self._span_start = 0
        self._not_before = 0  # the next representative row is not before this one
        self._pooled = RunningMean(2 * N_POOLED + 1)
        self._spatial = RunningMean(len(HIGH_COMPLEXITY))

    def prepare(self, frame: Views) -> _Kept:
        """Return the half-size frame, and of every second frame its own features."""
        luma = frame.luma
        half = _low_complexity.half_frame(frame.half_unit_luma)
        if frame.index % 2 == 0:
            return _Kept(half)
        planes = _Planes(luma, stored_chroma(frame))
        corners = _filters.corners(half.luma, last_first=False)
        radius = _low_complexity.search_radius(luma.shape[1])
        own = {
            "blur": _single_frame.blur(luma),
            "interlacing": _single_frame.interlacing(luma),
            "colorfulness": _single_frame.colorfulness(half.luma, planes.chroma, luma.shape),
            "corner_blockiness": _low_complexity.corner_blockiness(corners.strongest),
        }
        return _Kept(None, _low_complexity.middle_frame(half, corners.contrast, radius), own, planes)

    def measure(self, window: Sequence[_Kept | None]) -> tuple[Values, _Planes] | None:
        """Return the row of the frame before the last, where that is a second one."""
        previous, this, following = window
        if not (previous and this and following) or this.middle is None or this.own is None:
            return None
        if previous.half is None or following.half is None or this.planes is None:
            return None
        radius = _low_complexity.search_radius(this.planes.luma.shape[1])
        found = _low_complexity.motion_features(previous.half, this.middle, following.half, radius)
        found |= this.own
        return np.array([found[name] for name, *_ in LOW_COMPLEXITY]), this.planes

    def push(self, row: tuple[Values, _Planes] | None) -> None:
        """Take the row that ends with the next frame, if there is one."""
        index = self._n_frames
        self._n_frames += 1
        if row is not None:
            self._uncertain.append((index - 1, *row))
        while self._uncertain and self._uncertain[0][0] + TAIL <= index:
            self._add_row(*self._uncertain.pop(0)[1:])

    def finish(self) -> Values:
        if self._n_rows == 0:
            for _, values, planes in self._uncertain:
                self._add_row(values, planes)
        if self._n_rows and self._pooled.count == 0:
            self._close_window(0, self._n_rows - 1)
        if self._n_rows and self._spatial.count == 0:
            self._close_span(0, self._n_rows - 1)
        return np.concatenate([self._pooled.value, self._spatial.value])

    def _add_row(self, values: Values, planes: _Planes) -> None:
        """Take a row that counts, and close the window and the span it completes."""
        newest = self._n_rows
        self._rows[newest] = values, planes
        self._n_rows += 1
        if newest == self._window_start + self._half:
            self._close_window(self._window_start, newest)
            self._window_start = newest
        if newest == self._span_start + self._half + 1:
            self._close_span(max(self._span_start, self._not_before), newest - 1)
            self._span_start += self._half
            for old in [row for row in self._rows if row < self._span_start]:
                del self._rows[old]

    def _close_window(self, first: int, last: int) -> None:
        rows = np.array([self._rows[row][0][:N_POOLED] for row in range(first, last + 1)])
        changes = rows.std(axis=0, ddof=1) if len(rows) > 1 else np.zeros(N_POOLED)
        correlation = 0.0
        if np.ptp(rows[:, 0]) > 0 and np.ptp(rows[:, BLUR]) > 0:
            correlation = float(np.corrcoef(rows[:, 0], rows[:, BLUR])[0, 1])
        self._pooled.add(np.concatenate([rows.mean(axis=0), changes, [correlation]]))

    def _close_span(self, first: int, last: int) -> None:
        """Compute the spatial features of the row nearest to the mean of its span."""
        rows = np.array([self._rows[row][0] for row in range(first, last + 1)])
        chosen = first + int(np.abs(rows - rows.mean(axis=0)).sum(axis=1).argmin())
        self._not_before = chosen + min(5, self._half - 1)
        luma, chroma = self._rows[chosen][1]
        u, v = chroma_at_luma_size(chroma, luma.shape)
        found = spatial_features(luma, u, v)
        self._spatial.add(np.array([found[name] for name, *_ in HIGH_COMPLEXITY]))
