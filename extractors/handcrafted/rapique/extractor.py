"""RAPIQUE's natural-scene half: spatial and temporal statistics of one-second chunks, 1836 features.

Matched is the authors' release (calc_RAPIQUE_features.m) without its network. A chunk is centred on
a frame; its spatial features are the mean and the absolute difference of two frames a third of a
second before and after the centre, its temporal ones are of eight frames about the centre. The video
has the mean over chunks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, NamedTuple

import numpy as np

from vqa_features import kernels
from vqa_features.errors import ParameterError
from vqa_features.extractor import Extractor, Session, Values
from vqa_features.frame import Views
from vqa_features.specs import Cost, Feature, Scope, VideoInfo

#: Pictures are shrunk to this short side.
SHORT_SIDE = 512
#: Frames of the Haar filters.
SPAN = 8
#: Frames per second where the rate is not known.
UNKNOWN_RATE = 30

_LUMA_MAPS = {
    "Y": "luma",
    "GM": "gradient magnitude",
    "LoG": "Laplacian of Gaussian",
    "DoG1": "difference of Gaussians",
}
_COLOUR_MAPS = {
    "O1": "first opponent colour",
    "O2": "second opponent colour",
    "GMO1": "gradient of the first opponent colour",
    "GMO2": "gradient of the second opponent colour",
    "BY": "blue-yellow log-opponency",
    "RG": "red-green log-opponency",
    "GMBY": "gradient of the blue-yellow log-opponency",
    "GMRG": "gradient of the red-green log-opponency",
    "A": "a*",
    "B": "b*",
    "GMA": "gradient of a*",
    "GMB": "gradient of b*",
}
# name, description, low, high
_STATISTICS = (
    ("ggd_beta", "GGD shape of MSCN coefficients", 0.1, 6.0),
    ("ggd_alpha", "deviation of MSCN coefficients", 0.0, np.inf),
    ("sigma_mean", "mean local deviation", 0.0, np.inf),
    ("sigma_snr2", "(mean / std)^2 of the local deviation", 0.0, np.inf),
    *(
        (f"{way}_{name}", f"AGGD {text} of {way} products", low, high)
        for way in ("H", "V", "D1", "D2")
        for name, text, low, high in (
            ("alpha", "shape", 0.1, 6.0),
            ("mean", "mean", -np.inf, np.inf),
            ("leftstd", "left deviation", 0.0, np.inf),
            ("rightstd", "right deviation", 0.0, np.inf),
        )
    ),
    *(
        (f"log_{way}_{name}", f"{text} of the {way} log-derivative", low, high)
        for way in ("H", "V", "D1", "D2", "mix", "lap", "diag")
        for name, text, low, high in (("beta", "GGD shape", 0.1, 6.0), ("alpha", "deviation", 0.0, np.inf))
    ),
)
_SPATIAL = tuple(
    Feature(f"{map_}_s{scale}_{name}", f"{text}; {what}, scale {scale}", low=low, high=high)
    for maps, scales in ((_LUMA_MAPS, (1, 2)), (_COLOUR_MAPS, (2,)))
    for map_, what in maps.items()
    for scale in scales
    for name, text, low, high in _STATISTICS
)
_TEMPORAL = tuple(
    Feature(f"haar{band}_s{scale}_{name}", f"{text}; temporal Haar band {band}, scale {scale}", "", low, high)
    for band in range(1, 8)
    for scale in (1, 2)
    for name, text, low, high in _STATISTICS
)
_CHANGES = tuple(Feature(f"{one.name}_change", f"change of: {one.description}", low=0.0) for one in _SPATIAL)
_FEATURES = (*_SPATIAL, *_CHANGES, *_TEMPORAL)


@dataclass(frozen=True)
class RapiqueNss(Extractor):
    """RAPIQUE's natural-scene statistics of a video: 680 means, 680 changes, 476 temporal."""

    name: ClassVar[str] = "rapique-nss"
    group: ClassVar[str] = "temporal"
    cost: ClassVar[Cost] = "medium"
    scope: ClassVar[Scope] = "video"
    needs: ClassVar[tuple[str, ...]] = ("luma", "chroma", "rgb")
    references: ClassVar[tuple[str, ...]] = (
        "Z. Tu, X. Yu, Y. Wang, N. Birkbeck, B. Adsumilli and A. C. Bovik, RAPIQUE: Rapid and accurate "
        "video quality prediction of user generated content, IEEE Open Journal of Signal Processing 2, 2021",
        "the authors' release (vztu/RAPIQUE) without its network",
    )

    @property
    def features(self) -> tuple[Feature, ...]:
        """680 means of spatial features, 680 of their changes, 476 temporal ones."""
        return _FEATURES

    def open(self, info: VideoInfo) -> Session:
        """Return a session with chunks of this video's frame rate."""
        return RapiqueSession(max(1, round(info.fps)) if np.isfinite(info.fps) else UNKNOWN_RATE)


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


class RapiqueSession(Session):
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
        table = np.array(self.rows)
        counts = np.sum(~np.isnan(table), axis=0)
        return np.nansum(table, axis=0) / np.where(counts > 0, counts, np.nan)

    def _next_chunk(self) -> _Chunk:
        centre, third = self._centre, self._rate // 3
        return _Chunk(centre, max(1, centre - third), centre + third, max(1, centre - SPAN // 2))

    def _close(self, chunk: _Chunk) -> None:
        from . import _statistics

        spatial = _spatial([chunk.pictures[chunk.before], chunk.pictures[chunk.after]])
        height, width = chunk.pictures[chunk.before].luma.shape
        missing = np.zeros_like(next(iter(chunk.lumas.values()))) if chunk.lumas else None
        if missing is None:
            temporal = np.full(len(_TEMPORAL), np.nan)
        else:
            frames = [chunk.lumas.get(chunk.first + k, missing) for k in range(SPAN)]
            temporal = _statistics.temporal_features(frames, SHORT_SIDE / min(height, width))
        self.rows.append(np.concatenate([spatial, temporal]))

    def _short(self) -> Values:
        pictures = [self._first, self._last[-1]] if self._n_frames > 1 else [self._first]
        spatial = _spatial([picture for picture in pictures if picture is not None])
        return np.concatenate([spatial, np.full(len(_TEMPORAL), np.nan)])


def _picture(frame: Views) -> _Picture:
    try:
        return _Picture(frame.luma, frame.chroma, None)
    except ParameterError:
        return _Picture(frame.luma, None, frame.rgb)


def _shrunk(plane: Any) -> Any:
    ratio = SHORT_SIDE / min(plane.shape[:2])
    return kernels.resize.imresize(plane, ratio) if ratio < 1 else np.asarray(plane, np.float64)


def _spatial(pictures: list[_Picture]) -> Values:
    """Mean and absolute difference of the spatial features of one or two pictures."""
    rows = np.array([_spatial_features(picture) for picture in pictures])
    change = np.abs(rows[0] - rows[1]) if len(rows) > 1 else np.full(len(_SPATIAL), np.nan)
    counts = np.sum(~np.isnan(rows), axis=0)
    return np.concatenate([np.nansum(rows, axis=0) / np.where(counts > 0, counts, np.nan), change])


def _spatial_features(picture: _Picture) -> Values:
    from . import _statistics

    rgb = picture.rgb
    if rgb is None:
        u, v = kernels.colour.chroma_at_luma_size(picture.chroma, picture.luma.shape)
        rgb = _statistics.yuv_to_rgb8(picture.luma, u, v)
    shrunk = _shrunk(rgb)
    if shrunk.shape != rgb.shape:
        rgb = np.clip(np.floor(shrunk + 0.5), 0, 255).astype(np.uint8)
    return _statistics.spatial_features(rgb)
