"""TLVQM of a video: rows of low-complexity features, windows of rows, representative frames."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from vqa_features.extractor import Session, Values
from vqa_features.frame import Views
from vqa_features.kernels.colour import chroma_at_luma_size, ycbcr_to_rgb
from vqa_features.kernels.resize import imresize

from .._chroma import stored_chroma
from .._running_mean import RunningMean
from . import _low_complexity
from ._columns import BLUR, HIGH_COMPLEXITY, LOW_COMPLEXITY, N_POOLED
from ._high_complexity import spatial_features
from ._low_complexity import HalfFrame

#: A frame's row counts only if this many frames follow it.
TAIL = 4


class _Planes(NamedTuple):
    """What is kept of a frame until it may be a representative one."""

    luma: NDArray[Any]
    chroma: NDArray[Any]


class _TlvqmSession(Session):
    """Rows of low-complexity features as frames arrive; windows are closed as rows are certain.

    Kept are the rows, and the planes of their frames, of one window and no more.
    """

    def __init__(self, window: int) -> None:
        self._half = window // 2
        self._n_frames = 0
        self._halves: list[HalfFrame] = []  # the last two half-size frames
        self._middle: _Planes | None = None  # the last frame with an odd number
        self._uncertain: list[tuple[int, Values, _Planes]] = []
        self._rows: dict[int, tuple[Values, _Planes]] = {}
        self._n_rows = 0
        self._window_start = 0
        self._span_start = 0
        self._not_before = 0  # the next representative row is not before this one
        self._pooled = RunningMean(2 * N_POOLED + 1)
        self._spatial = RunningMean(len(HIGH_COMPLEXITY))

    def push(self, window: Sequence[Views]) -> None:
        frame = window[0]
        index = self._n_frames
        self._n_frames += 1
        half = _low_complexity.half_frame(frame.luma)
        if index % 2 == 1:
            self._middle = _Planes(frame.luma, stored_chroma(frame))
        elif self._middle is not None:
            values = _frame_features(self._middle, (*self._halves, half))
            self._uncertain.append((index - 1, values, self._middle))
        self._halves = [*self._halves[-1:], half]
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


def _frame_features(middle: _Planes, halves: Sequence[HalfFrame]) -> Values:
    """Features of one frame, in the order of `LOW_COMPLEXITY`."""
    luma, chroma = middle
    previous, this, following = halves
    found = _low_complexity.motion_features(
        previous, this, following, _low_complexity.search_radius(luma.shape[1])
    )
    found["blur"] = _low_complexity.blur(luma)
    found["interlacing"] = _low_complexity.interlacing(luma)
    u, v = (imresize(plane, this.luma.shape) for plane in chroma_at_luma_size(chroma, luma.shape))
    found["colorfulness"] = _low_complexity.colorfulness(ycbcr_to_rgb(this.luma * 255, u, v))
    return np.array([found[name] for name, *_ in LOW_COMPLEXITY])
