"""Motion, blur along it and residual of each pair of frames."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vqa_features.extractor import Session
from vqa_features.frame import Views
from vqa_features.kernels.cuts import AFTER, Signature

from .._cut_mask import CutMask
from ._blur import motion_blur
from ._field import LEAST_SIDE, Working, motion_between, working
from ._measures import DIAGONAL_540P, motion_measures, residual_measures

Values = NDArray[np.float64]


@dataclass(eq=False)
class _Seen:
    """What windows need of a frame; luma is let go once it is reduced."""

    luma: NDArray[Any] | None
    signature: Signature
    small: bool
    _reduced: Working | None = None

    @property
    def reduced(self) -> Working:
        """The frame reduced for the search.

        Of a frame that the sampling did not choose it is made on first use: of most of them only the
        signature is needed.
        """
        if (reduced := self._reduced) is not None:
            return reduced
        luma = self.luma
        if luma is None:  # another thread has just let it go, after it had set the other
            assert self._reduced is not None
            return self._reduced
        self._reduced = reduced = working(luma)
        self.luma = None
        return reduced


class FlowSession(Session):
    """A row of each pair; keeps nothing between pairs.

    Parameters
    ----------
    n_features : int
        Length of a row.
    lengths : sequence of int
        Places of the lengths among the measures of motion.
    fps : float
        Frames per second, nan if unknown.
    """

    concurrent = True

    def __init__(self, n_features: int, lengths: Sequence[int], fps: float) -> None:
        self._n_features, self._lengths, self._fps = n_features, lengths, fps
        self._cuts = CutMask(AFTER)

    def prepare(self, frame: Views) -> _Seen:
        luma, signature = frame.luma, Signature(frame.thumbnail)
        small = min(luma.shape) < LEAST_SIDE
        if frame.sampled and not small:
            return _Seen(None, signature, small, working(luma))
        return _Seen(luma, signature, small)

    def measure(self, window: Sequence[_Seen | None]) -> Values:
        """Return the row of a window."""
        previous, current = window[-2 - AFTER : -AFTER]
        if previous is None or current is None or current.small:
            return np.full(self._n_features, np.nan)
        (across,) = self._cuts.judge([None if one is None else one.signature for one in window])
        if across == 1:
            return np.append(np.full(self._n_features - 1, np.nan), across)
        return self._row(previous.reduced, current.reduced, across)

    def push(self, window: Values) -> Values:
        """Return the row that `measure` made."""
        return window

    def _row(self, previous: Working, current: Working, across: float) -> Values:
        found = motion_between(previous, current)
        motion = motion_measures(found, current)
        diagonal = np.hypot(*current.shape)
        return np.concatenate(
            [
                motion,
                residual_measures(previous, current, found),
                [1 - found.determined.mean()],
                motion_blur(current, found, diagonal / DIAGONAL_540P),
                motion[list(self._lengths)] * self._fps / diagonal,
                [across],
            ]
        )
