"""ChipQA of a video, frame by frame and chunk by chunk."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from vqa_features.extractor import Session, Values
from vqa_features.frame import Views

from .._running_mean import RunningMean
from ._chips import LENGTH, Grid
from ._columns import N_CHUNK, N_FRAME
from ._statistics import chip_features, frame_fields, niqe_features


class _Seen(NamedTuple):
    """What is kept of a frame: its place, its features, and what lies around the chips' centres.

    `patches` holds (n, 5, 5) float32 of each field; `niqe` is of the frame that closes a chunk.
    """

    number: int
    features: Values
    grids: list[Grid]
    patches: list[NDArray[np.float32]]
    niqe: Values | None


class _ChipQaSession(Session):
    """Means over frames and over chunks of five frames; keeps the surroundings of the chips of a chunk."""

    concurrent = True

    def __init__(self, mean: Values, covariance: Values) -> None:
        self._mean = mean
        self._covariance = covariance
        self._chunk: list[_Seen] = []
        self._frame_mean = RunningMean(N_FRAME)
        self._change_mean = RunningMean(N_FRAME)
        self._chunk_mean = RunningMean(N_CHUNK)

    def prepare(self, frame: Views) -> _Seen:
        """Return all that is computed of one frame alone."""
        fields, features = frame_fields(frame.rgb)
        grids = [_grid(*field.shape) for field in fields.chip_fields]
        pairs = zip(grids, fields.chip_fields, strict=True)
        patches = [grid.patches(field) for grid, field in pairs]
        closes = frame.index % LENGTH == LENGTH - 1
        niqe = niqe_features(fields.gray, self._mean, self._covariance) if closes else None
        return _Seen(frame.index, features, grids, patches, niqe)

    def push(self, window: Sequence[_Seen]) -> None:
        """Take the next frame; the first one has no features of its own."""
        seen = window[0]
        if seen.number > 0:
            self._frame_mean.add(seen.features)
        self._chunk.append(seen)
        if seen.niqe is not None:
            features = [one.features for one in self._chunk if one.number > 0]
            self._change_mean.add(np.std(features, axis=0))
            self._chunk_mean.add(np.concatenate([seen.niqe, *_chips(self._chunk)]))
            self._chunk = []

    def finish(self) -> Values:
        return np.concatenate([self._frame_mean.value, self._change_mean.value, self._chunk_mean.value])


@functools.lru_cache(maxsize=4)  # two sizes per video
def _grid(height: int, width: int) -> Grid:
    return Grid((height, width))


def _chips(chunk: Sequence[_Seen]) -> list[Values]:
    """Features of the chips of each field of five frames."""
    by_field = zip(*(seen.patches for seen in chunk), strict=True)
    return [
        chip_features(list(patches), grid) for patches, grid in zip(by_field, chunk[0].grids, strict=True)
    ]
