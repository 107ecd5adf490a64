"""VIDEVAL of a video: rows of frame features, windows of rows, one frame per second."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from vqa_features.extractor import Session, Values
from vqa_features.frame import Views
from vqa_features.kernels.colour import chroma_at_luma_size
from vqa_features.kernels.gm_log import gm_log_features
from vqa_features.kernels.nan_mean import nan_mean

from .._chroma import stored_chroma
from ..tlvqm._low_complexity import HalfFrame, Middle
from . import _selected
from ._columns import DEVIATIONS, MEANS, N_FRAME_FEATURES, N_STILL

#: A frame's row counts only if this many frames follow it.
TAIL = 2
#: A frame of the one-per-second features counts only if this many frames follow it.
COSTLY_TAIL = 3


class _Kept(NamedTuple):
    """What is kept of a frame: of those with an even number only that they are neighbours."""

    width: int
    half: HalfFrame | None
    middle: Middle | None
    still: Values | None
    costly: Values | None
    planes: tuple[Any, Any] | None  # of the first frame, for videos too short for any other


class _Measured(NamedTuple):
    """A frame, and the row of the one before it where that is a second one."""

    kept: _Kept
    row: Values | None


class _VidevalSession(Session):
    """Rows as frames arrive; a row waits until enough frames follow it.

    Kept are the first frame until another counts, two half-size lumas, one window of
    rows and what windows gave.
    """

    concurrent = True
    looks_back = 2

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._half = rate // 2
        self._n_frames = 0
        self._first: tuple[Any, Any] | None = None  # for videos too short for any other
        self._still = np.empty(0)  # features of the last odd frame alone
        self._waiting: list[tuple[int, Values]] = []
        self._costly_waiting: list[tuple[int, Values]] = []
        self._rows: list[Values] = []  # of the window that is being filled
        self._windows: list[Values] = []
        self._costly: list[Values] = []

    def prepare(self, frame: Views) -> _Kept:
        """Return the half-size frame, and of every second frame its own features."""
        index, luma, chroma = frame.index, frame.luma, stored_chroma(frame)
        half = _selected.half_frame(frame.half_unit_luma)
        width, second = luma.shape[1], index % 2 == 1
        return _Kept(
            width,
            None if second else half,
            _selected.middle_frame(half, width) if second else None,
            _still(luma, chroma, frame.gm_log) if second else None,
            _costly(luma, chroma) if (index + 1) % self._rate == self._half else None,
            (luma, chroma) if index == 0 else None,
        )

    def measure(self, window: Sequence[_Kept | None]) -> _Measured:
        """Return the last frame and the row of the one before it, where that is a second one."""
        previous, this, following = window
        assert following is not None
        if previous is None or this is None or this.middle is None or this.still is None:
            return _Measured(following, None)
        assert previous.half is not None
        assert following.half is not None
        moving = _selected.moving_features(previous.half, this.middle, following.half, this.width)
        return _Measured(following, np.concatenate([this.still, moving]))

    def push(self, measured: _Measured) -> None:
        """Take the next frame."""
        kept, row = measured
        index = self._n_frames
        self._n_frames += 1
        if index == 0:
            self._first = kept.planes
        if kept.costly is not None:
            self._costly_waiting.append((index, kept.costly))
        if kept.still is not None:
            self._still = kept.still
        if row is not None:
            self._waiting.append((index - 1, row))
        while self._waiting and self._waiting[0][0] + TAIL <= index:
            self._add_row(self._waiting.pop(0)[1])
        while self._costly_waiting and self._costly_waiting[0][0] + COSTLY_TAIL <= index:
            self._costly.append(self._costly_waiting.pop(0)[1])
        if self._rows and self._costly:
            self._first = None

    def finish(self) -> Values:
        """Return the row of the video: of what there is, where it is shorter than one window."""
        if not self._rows and self._first is not None:
            still = self._still
            if self._n_frames < 2:
                still = _still(*self._first, gm_log_features(self._first[0]))
            short = np.concatenate([still, np.full(N_FRAME_FEATURES - N_STILL, np.nan)])
            self._rows = [row for _, row in self._waiting] or [short]
        if not self._windows:
            self._windows = [_pool(self._rows)]
        if not self._costly and self._first is not None:
            self._costly = [_costly(*self._first)]
        return np.concatenate([nan_mean(np.array(self._windows)), nan_mean(np.array(self._costly))])

    def _add_row(self, row: Values) -> None:
        self._rows.append(row)
        if len(self._rows) == self._half + 1:
            self._windows.append(_pool(self._rows))
            self._rows = [row]


def _planes(luma: Any, chroma: Any) -> tuple[Any, Any, Any]:
    return luma, *chroma_at_luma_size(chroma, luma.shape)


def _still(luma: Any, chroma: Any, gm_log: Values) -> Values:
    return _selected.still_features(*_planes(luma, chroma), gm_log)


def _costly(luma: Any, chroma: Any) -> Values:
    return _selected.costly_features(*_planes(luma, chroma))


def _pool(rows: list[Values]) -> Values:
    """Means and deviations (n - 1) of the rows of one window; values that are nan do not count."""
    table = np.array(rows)
    counts = np.sum(~np.isnan(table), axis=0)
    means = nan_mean(table)
    squares = np.nansum(np.square(table - means), axis=0)
    deviations = np.sqrt(squares / np.where(counts > 1, counts - 1, np.nan))
    return np.concatenate([means[np.array(MEANS) - 1], deviations[np.array(DEVIATIONS) - 1]])
