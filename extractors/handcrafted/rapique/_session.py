"""RAPIQUE's natural-scene half of a video, chunk by chunk."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from vqa_features.extractor import Session, Values
from vqa_features.frame import Views
from vqa_features.kernels.colour import chroma_at_luma_size
from vqa_features.kernels.nan_mean import nan_mean
from vqa_features.kernels.resize import imresize

from ._columns import N_SPATIAL, N_TEMPORAL
from ._statistics import spatial_features, temporal_features, yuv_to_rgb8

#: Pictures are shrunk to this short side.
SHORT_SIDE = 512
#: Frames of the Haar filters.
SPAN = 8


class _Picture(NamedTuple):
    """What is kept of a frame: luma, and chroma or, of RGB and gray input, RGB."""

    luma: Any
    chroma: Any
    rgb: Any


class _Seen(NamedTuple):
    """A frame and what its chunks need of it: spatial features (680,), shrunk luma, or neither."""

    picture: _Picture
    spatial: Values | None
    luma: Any

    def features(self) -> Values:
        """Spatial features, computed now unless a chunk needed them."""
        return _spatial_features(self.picture) if self.spatial is None else self.spatial


@dataclass
class _Chunk:
    """A chunk that waits for its frames."""

    centre: int
    before: int
    after: int
    first: int  # of the eight frames
    spatial: dict[int, Values] = field(default_factory=dict)
    lumas: dict[int, Any] = field(default_factory=dict)

    @property
    def settled_by(self) -> int:
        """Number of the frame with which nothing about the chunk depends on the video's end."""
        return max(self.centre + 1, self.after + 1, self.first + SPAN + 1)

    def needs_spatial(self, index: int) -> bool:
        """Whether frame `index` is one of its two pictures."""
        return index in (self.before, self.after)

    def needs_luma(self, index: int) -> bool:
        """Whether frame `index` is one of its eight frames."""
        return self.first <= index < self.first + SPAN


class _RapiqueNssSession(Session):
    """Chunks as their frames arrive; `rows` holds the features of each, (1836,).

    Kept are what the open chunks need of their frames, and the first and the last two pictures.
    """

    concurrent = True

    def __init__(self, rate: int) -> None:
        self.rows: list[Values] = []
        self._rate = rate
        self._n_frames = 0
        self._n_opened = 0
        self._open: list[_Chunk] = []
        self._last: list[_Seen] = []
        self._first: _Seen | None = None
        self._ratio = 1.0

    def prepare(self, frame: Views) -> _Seen:
        """Return what the chunks about the frame need of it."""
        index = frame.index
        chunks = _chunks_about(index, self._rate)
        picture = _picture(frame)
        spatial = any(chunk.needs_spatial(index) for chunk in chunks)
        luma = any(chunk.needs_luma(index) for chunk in chunks)
        return _Seen(
            picture,
            _spatial_features(picture) if spatial else None,
            _shrunk(picture.luma) if luma else None,
        )

    def push(self, window: Sequence[_Seen]) -> None:
        """Take the next frame."""
        index = self._n_frames
        self._n_frames += 1
        seen = window[0]
        if index == 0:
            self._first = seen
            self._ratio = SHORT_SIDE / min(seen.picture.luma.shape)
        self._last = [*self._last[-1:], seen]
        while True:  # a chunk opens with the earliest frame it can need
            chunk = _chunk(self._n_opened, self._rate)
            if min(chunk.before, chunk.after, chunk.first) > index:
                break
            self._open.append(chunk)
            self._n_opened += 1
        for chunk in self._open:
            if chunk.needs_spatial(index):
                chunk.spatial[index] = seen.features()
            if chunk.needs_luma(index):
                chunk.lumas[index] = _shrunk(seen.picture.luma) if seen.luma is None else seen.luma
        while self._open and self._open[0].settled_by <= index:
            self._close(self._open.pop(0))

    def finish(self) -> Values:
        """Return the mean over chunks; of the first and last frame where there is no chunk."""
        end = self._n_frames - 2
        for chunk in self._open:
            if chunk.centre <= end:
                chunk.after = min(chunk.after, end)
                if chunk.after not in chunk.spatial:
                    chunk.spatial[chunk.after] = self._last[0].features()
                chunk.lumas = {k: luma for k, luma in chunk.lumas.items() if k < end}
                self._close(chunk)
        if not self.rows:
            self.rows.append(self._short())
        return nan_mean(np.array(self.rows))

    def _close(self, chunk: _Chunk) -> None:
        spatial = _joined([chunk.spatial[chunk.before], chunk.spatial[chunk.after]])
        self.rows.append(np.concatenate([spatial, _temporal(chunk, self._ratio)]))

    def _short(self) -> Values:
        seen = [self._first, self._last[-1]] if self._n_frames > 1 else [self._first]
        spatial = _joined([one.features() for one in seen if one is not None])
        return np.concatenate([spatial, np.full(N_TEMPORAL, np.nan)])


def _chunk(number: int, rate: int) -> _Chunk:
    """The chunk of this number, from 0, at `rate` frames per second."""
    centre, third = rate // 2 + number * rate, rate // 3
    return _Chunk(centre, max(1, centre - third), centre + third, max(1, centre - SPAN // 2))


def _chunks_about(index: int, rate: int) -> list[_Chunk]:
    """All chunks that may need frame `index`."""
    place, reach = index - rate // 2, rate // 3 + SPAN
    numbers = range(max(0, (place - reach) // rate), max(0, (place + reach) // rate) + 1)
    return [_chunk(number, rate) for number in numbers]


def _temporal(chunk: _Chunk, ratio: float) -> Values:
    """Temporal features of a chunk whose missing frames are black; nan where all are missing."""
    if not chunk.lumas:
        return np.full(N_TEMPORAL, np.nan)
    missing = np.zeros_like(next(iter(chunk.lumas.values())))
    return temporal_features([chunk.lumas.get(chunk.first + k, missing) for k in range(SPAN)], ratio)


def _picture(frame: Views) -> _Picture:
    if frame.has_chroma:
        return _Picture(frame.luma, frame.chroma, None)
    return _Picture(frame.luma, None, frame.rgb)


def _joined(rows: list[Values]) -> Values:
    """Mean and absolute difference of the spatial features of one or two pictures."""
    change = np.abs(rows[0] - rows[1]) if len(rows) > 1 else np.full(N_SPATIAL, np.nan)
    return np.concatenate([nan_mean(np.array(rows)), change])


def _shrunk(plane: Any) -> Any:
    ratio = SHORT_SIDE / min(plane.shape[:2])
    return imresize(plane, ratio) if ratio < 1 else np.asarray(plane, np.float64)


def _spatial_features(picture: _Picture) -> Values:
    rgb = picture.rgb
    if rgb is None:
        u, v = chroma_at_luma_size(picture.chroma, picture.luma.shape)
        rgb = yuv_to_rgb8(picture.luma, u, v)
    if min(rgb.shape[:2]) > SHORT_SIDE:
        planes = [_shrunk(rgb[..., k]) for k in range(3)]
        rgb = np.stack([np.clip(plane + 0.5, 0, 255.5).astype(np.uint8) for plane in planes], axis=2)
    return spatial_features(rgb)
