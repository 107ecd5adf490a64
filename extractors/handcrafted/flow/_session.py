"""Motion, blur along it and residual of each pair of frames."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from vqa_features.extractor import Session
from vqa_features.frame import Views

from ._blur import motion_blur
from ._field import LEAST_SIDE, Working, motion_between, working
from ._measures import DIAGONAL_540P, motion_measures, residual_measures

Values = NDArray[np.float64]


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

    def __init__(self, n_features: int, lengths: Sequence[int], fps: float) -> None:
        self._n_features, self._lengths, self._fps = n_features, lengths, fps

    def prepare(self, frame: Views) -> Working | Literal[False]:
        """Return the frame reduced for the search, False where it is too small for one."""
        return min(frame.luma.shape) >= LEAST_SIDE and working(frame.luma)

    def push(self, window: Sequence[Any]) -> Values:
        previous, current = window
        if not previous or not current:
            return np.full(self._n_features, np.nan)
        return self._row(previous, current)

    def _row(self, previous: Working, current: Working) -> Values:
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
            ]
        )
