"""ChipQA of a video, frame by frame and chunk by chunk."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from vqa_features.extractor import Session, Values
from vqa_features.frame import Views

from .._running_mean import RunningMean
from ._chips import LENGTH, Grid
from ._columns import N_CHUNK, N_FRAME
from ._statistics import chip_features, frame_fields, niqe_features


class _ChipQaSession(Session):
    """Means over frames and over chunks of five frames; keeps the surroundings of the chips of a chunk."""

    def __init__(self, mean: Values, covariance: Values) -> None:
        self._mean = mean
        self._covariance = covariance
        self._n_frames = 0
        self._grids: list[Grid] = []
        self._patches: list[list[Values]] = []  # per frame of the chunk, per field
        self._chunk: list[Values] = []  # frame features of the chunk
        self._frame_mean = RunningMean(N_FRAME)
        self._change_mean = RunningMean(N_FRAME)
        self._chunk_mean = RunningMean(N_CHUNK)

    def push(self, window: Sequence[Views]) -> None:
        fields, features = frame_fields(window[0].rgb)
        if self._n_frames == 0:
            self._grids = [Grid(field.shape) for field in fields.chip_fields]
        else:
            self._frame_mean.add(features)
            self._chunk.append(features)
        self._n_frames += 1
        pairs = zip(self._grids, fields.chip_fields, strict=True)
        self._patches.append([grid.patches(field) for grid, field in pairs])
        if len(self._patches) == LENGTH:
            self._close_chunk(fields.gray)

    def finish(self) -> Values:
        return np.concatenate([self._frame_mean.value, self._change_mean.value, self._chunk_mean.value])

    def _close_chunk(self, gray: NDArray[np.float32]) -> None:
        self._change_mean.add(np.std(self._chunk, axis=0))
        by_field = zip(*self._patches, strict=True)
        chips = [
            chip_features(list(patches), grid) for patches, grid in zip(by_field, self._grids, strict=True)
        ]
        niqe = niqe_features(gray, self._mean, self._covariance)
        self._chunk_mean.add(np.concatenate([niqe, *chips]))
        self._patches, self._chunk = [], []
