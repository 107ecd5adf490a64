"""Video BLIINDS of a video, frame by frame."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from vqa_features.extractor import Session, Values
from vqa_features.frame import Views
from vqa_features.kernels.brisque_niqe import niqe_features

from .._running_mean import RunningMean
from . import _motion_dct
from ._ntss import MARGIN as COLUMNS_MORE
from ._ntss import Plane, block_motion, padded

#: NIQE leaves out this many frames at each end of a clip that has more than twice as many.
MARGIN = 5
#: Ratios of spectral shapes.
N_RATIOS = 5


class _Seen(NamedTuple):
    """Of one frame: NIQE's statistics and score (37,), and its luma for the pairs."""

    niqe: Values
    plane: Plane


class _Pair(NamedTuple):
    """Of two frames: logs of the spectral ratios, deviation and mean of DC, and motion.

    `motion` is coherency, mode, and excess of the mean over the mode.
    """

    log_ratios: Values
    deviation: float
    dc: float
    motion: Values


class _VBliindsSession(Session):
    """Running means of NIQE and of the temporal features."""

    concurrent = True
    looks_back = 1

    def __init__(self, mean: Values, covariance: Values) -> None:
        self._mean = mean
        self._covariance = covariance
        self._n_frames = 0
        self._niqe = RunningMean(37)
        self._pending: deque[Values] = deque(maxlen=2 * MARGIN)  # NIQE of the last frames
        self._last: _Pair | None = None
        self._changes = RunningMean(2)
        self._log_ratios = RunningMean(N_RATIOS)
        self._motion = RunningMean(3)

    def prepare(self, frame: Views) -> _Seen:
        """Return what one frame gives alone."""
        return _Seen(niqe_features(frame.luma, self._mean, self._covariance), padded(frame.luma))

    def measure(self, window: Sequence[_Seen | None]) -> tuple[Values, _Pair | None]:
        """Return NIQE of the frame, and what it gives with the frame before."""
        before, seen = window
        assert seen is not None
        return seen.niqe, None if before is None else _pair(seen.plane, before.plane)

    def push(self, window: tuple[Values, _Pair | None]) -> None:
        """Take the next frame."""
        niqe, pair = window
        self._n_frames += 1
        self._pending.append(niqe)
        if self._n_frames > 2 * MARGIN:
            self._niqe.add(self._pending[-1 - MARGIN])
        self._add(pair)

    def finish(self) -> Values:
        if self._n_frames <= 2 * MARGIN:
            for row in self._pending:
                self._niqe.add(row)
        variation, change = self._changes.value
        coherency, mode, excess = self._motion.value
        temporal = [variation, change, *np.exp(self._log_ratios.value), coherency, excess / (1 + mode)]
        return np.concatenate([self._niqe.value, np.log1p(temporal)])

    def _add(self, pair: _Pair | None) -> None:
        if pair is None:
            return
        self._log_ratios.add(pair.log_ratios)
        if self._last is not None:
            self._changes.add(np.abs([pair.deviation - self._last.deviation, pair.dc - self._last.dc]))
        self._motion.add(pair.motion)
        self._last = pair


def _pair(plane: Plane, previous: Plane) -> _Pair | None:
    """What two successive frames give; None for frames smaller than a block."""
    height, width = plane.shape[0], plane.shape[1] - COLUMNS_MORE
    if min(height, width) < _motion_dct.RESIDUAL_BLOCK:
        return None
    shapes, dc = _motion_dct.difference_spectrum(plane, previous)
    deviation = _motion_dct.residual_dc_deviation(plane, previous)
    side = _motion_dct.COHERENCY_BLOCK
    motion = block_motion(plane, previous, side, _motion_dct.COHERENCY_STEP)
    mode, mean = _motion_dct.motion_mode_and_mean(motion, height * width // (side * side))
    of_motion = np.array([_motion_dct.motion_coherency(motion), mode, abs(mean - mode)])
    return _Pair(np.log(_motion_dct.spectral_ratios(shapes)), deviation, dc, of_motion)
