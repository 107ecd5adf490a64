"""Video BLIINDS of a video, frame by frame."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

import numpy as np

from vqa_features.extractor import Session, Values
from vqa_features.frame import Views
from vqa_features.kernels.brisque_niqe import niqe_features

from .._running_mean import RunningMean
from . import _motion_dct
from ._ntss import block_motion

#: NIQE leaves out this many frames at each end of a clip that has more than twice as many.
MARGIN = 5
#: Ratios of spectral shapes.
N_RATIOS = 5


class _VBliindsSession(Session):
    """Running means of NIQE and of the temporal features; keeps one frame."""

    def __init__(self, mean: Values, covariance: Values) -> None:
        self._mean = mean
        self._covariance = covariance
        self._previous: Values | None = None
        self._n_frames = 0
        self._niqe = RunningMean(37)
        self._pending: deque[Values] = deque(maxlen=2 * MARGIN)  # NIQE of the last frames
        self._last_deviation = self._last_dc = np.nan
        self._changes = RunningMean(2)
        self._log_ratios = RunningMean(N_RATIOS)
        self._motion = RunningMean(3)  # coherency, mode, excess of the mean over the mode

    def push(self, window: Sequence[Views]) -> None:
        plane = np.asarray(window[0].luma, np.float64)
        self._n_frames += 1
        self._pending.append(niqe_features(plane, self._mean, self._covariance))
        if self._n_frames > 2 * MARGIN:
            self._niqe.add(self._pending[-1 - MARGIN])
        if self._previous is not None:
            self._add_pair(plane, self._previous)
        self._previous = plane

    def finish(self) -> Values:
        if self._n_frames <= 2 * MARGIN:
            for row in self._pending:
                self._niqe.add(row)
        variation, change = self._changes.value
        coherency, mode, excess = self._motion.value
        temporal = [variation, change, *np.exp(self._log_ratios.value), coherency, excess / (1 + mode)]
        return np.concatenate([self._niqe.value, np.log1p(temporal)])

    def _add_pair(self, plane: Values, previous: Values) -> None:
        if min(plane.shape) < _motion_dct.RESIDUAL_BLOCK:
            return
        shapes, dc = _motion_dct.difference_spectrum(plane, previous)
        self._log_ratios.add(np.log(_motion_dct.spectral_ratios(shapes)))
        deviation = _motion_dct.residual_dc_deviation(plane, previous)
        if self._n_frames > 2:
            self._changes.add(np.abs([deviation - self._last_deviation, dc - self._last_dc]))
        self._last_deviation, self._last_dc = deviation, dc
        side = _motion_dct.COHERENCY_BLOCK
        motion = block_motion(plane, previous, side, _motion_dct.COHERENCY_STEP)
        mode, mean = _motion_dct.motion_mode_and_mean(motion, plane.size // (side * side))
        self._motion.add(np.array([_motion_dct.motion_coherency(motion), mode, abs(mean - mode)]))
