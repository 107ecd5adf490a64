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


@dataclass
class _Chunk:
    """A chunk that waits for its frames."""

    centre: int
    before: int
    after: int
    first: int  # of the eight frames
    pictures: dict[int, _Picture] = field(default_factory=dict)
    lumas: dict[int, Any] = field(default_factory=dict)

    @property
    def settled_by(self) -> int:
        """Number of the frame with which nothing about the chunk depends on the video's end."""
        return max(self.centre + 1, self.after + 1, self.first + SPAN + 1)


class _RapiqueNssSession(Session):
    """Chunks as their frames arrive; `rows` holds the features of each, (1836,).

    Kept are the frames the open chunks need and the last two.
    """

    def __init__(self, rate: int) -> None:
        self.rows: list[Values] = []
        self._rate = rate
        self._centre = rate // 2  # of the next chunk to be opened
        self._n_frames = 0
        self._open: list[_Chunk] = []
        self._last: list[_Picture] = []
        self._first: _Picture | None = None

    def push(self, window: Sequence[Views]) -> None:
        """Take the next frame."""
        index = self._n_frames
        self._n_frames += 1
        picture = _picture(window[0])
        if index == 0:
            self._first = picture
        self._last = [*self._last[-1:], picture]
        while True:  # a chunk opens with the earliest frame it can need
            chunk = self._next_chunk()
            if min(chunk.before, chunk.after, chunk.first) > index:
                break
            self._open.append(chunk)
            self._centre += self._rate
        shrunk = None
        for chunk in self._open:
            if index in (chunk.before, chunk.after):
                chunk.pictures[index] = picture
            if chunk.first <= index < chunk.first + SPAN:
                shrunk = _shrunk(picture.luma) if shrunk is None else shrunk
                chunk.lumas[index] = shrunk
        while self._open and self._open[0].settled_by <= index:
            self._close(self._open.pop(0))

    def finish(self) -> Values:
        """Return the mean over chunks; of the first and last frame where there is no chunk."""
        end = self._n_frames - 2
        for chunk in self._open:
            if chunk.centre <= end:
                chunk.after = min(chunk.after, end)
                chunk.pictures.setdefault(chunk.after, self._last[0])
                chunk.lumas = {k: luma for k, luma in chunk.lumas.items() if k < end}
                self._close(chunk)
        if not self.rows:
            self.rows.append(self._short())
        return nan_mean(np.array(self.rows))

    def _next_chunk(self) -> _Chunk:
        centre, third = self._centre, self._rate // 3
        return _Chunk(centre, max(1, centre - third), centre + third, max(1, centre - SPAN // 2))

    def _close(self, chunk: _Chunk) -> None:
        spatial = _spatial([chunk.pictures[chunk.before], chunk.pictures[chunk.after]])
        height, width = chunk.pictures[chunk.before].luma.shape
        missing = np.zeros_like(next(iter(chunk.lumas.values()))) if chunk.lumas else None
        if missing is None:
            temporal = np.full(N_TEMPORAL, np.nan)
        else:
            frames = [chunk.lumas.get(chunk.first + k, missing) for k in range(SPAN)]
            temporal = temporal_features(frames, SHORT_SIDE / min(height, width))
        self.rows.append(np.concatenate([spatial, temporal]))

    def _short(self) -> Values:
        pictures = [self._first, self._last[-1]] if self._n_frames > 1 else [self._first]
        spatial = _spatial([picture for picture in pictures if picture is not None])
        return np.concatenate([spatial, np.full(N_TEMPORAL, np.nan)])


def _picture(frame: Views) -> _Picture:
    if frame.has_chroma:
        return _Picture(frame.luma, frame.chroma, None)
    return _Picture(frame.luma, None, frame.rgb)


def _shrunk(plane: Any) -> Any:
    ratio = SHORT_SIDE / min(plane.shape[:2])
    return imresize(plane, ratio) if ratio < 1 else np.asarray(plane, np.float64)


def _spatial(pictures: list[_Picture]) -> Values:
    """Mean and absolute difference of the spatial features of one or two pictures."""
    rows = np.array([_spatial_features(picture) for picture in pictures])
    change = np.abs(rows[0] - rows[1]) if len(rows) > 1 else np.full(N_SPATIAL, np.nan)
    return np.concatenate([nan_mean(rows), change])


def _spatial_features(picture: _Picture) -> Values:
    rgb = picture.rgb
    if rgb is None:
        u, v = chroma_at_luma_size(picture.chroma, picture.luma.shape)
        rgb = yuv_to_rgb8(picture.luma, u, v)
    shrunk = _shrunk(rgb)
    if shrunk.shape != rgb.shape:
        rgb = np.clip(np.floor(shrunk + 0.5), 0, 255).astype(np.uint8)
    return spatial_features(rgb)
