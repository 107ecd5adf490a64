"""Clips in memory with luma and chroma planes, as the originals read them from YUV files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vqa_features.extraction.engine import feed_all
from vqa_features.extractor import Extractor
from vqa_features.frame import Frame, Views
from vqa_features.specs import VideoInfo

#: Luma (h, w) and chroma (2, ch, cw) of one frame.
Planes = tuple[NDArray[Any], NDArray[Any]]


class PlanePicture:
    """A picture of stored planes; its RGB is that of MATLAB's ycbcr2rgb."""

    def __init__(self, planes: Planes, bit_depth: int) -> None:
        self.bit_depth = bit_depth
        self._planes = planes

    def luma_plane(self) -> NDArray[Any]:
        return self._planes[0]

    def chroma_planes(self) -> tuple[NDArray[Any], NDArray[Any]]:
        return self._planes[1][0], self._planes[1][1]

    def rgb(self) -> NDArray[np.uint8]:
        from colour_definition import ycbcr_to_rgb

        from vqa_features.kernels import colour

        scale = 2 ** (self.bit_depth - 8)
        y, chroma = (plane / scale for plane in self._planes)
        u, v = colour.chroma_at_luma_size(chroma, y.shape)
        return np.floor(ycbcr_to_rgb(y, u, v) * 255 + 0.5).astype(np.uint8)


def info(n_frames: int, fps: float = 8, height: int = 96, width: int = 128) -> VideoInfo:
    """What is known of a clip of so many frames."""
    return VideoInfo(path="", width=width, height=height, fps=fps, frames=n_frames, duration_s=n_frames / fps)


def as_frames(clip: list[Planes], fps: float = 8, bit_depth: int = 8) -> list[Frame]:
    """The frames of a clip."""
    return [Frame(PlanePicture(planes, bit_depth), i, i / fps) for i, planes in enumerate(clip)]


def half_unit_luma(luma: NDArray[Any]) -> NDArray[np.float64]:
    """The view of that name of a luma plane."""
    from vqa_features.kernels.resize import imresize

    return imresize(np.asarray(luma, np.float64) / 255, 0.5)


def as_views(needs: tuple[str, ...], clip: list[Planes]) -> list[Views]:
    """The frames of a clip as a session receives them."""
    return [Views(frame, needs) for frame in as_frames(clip)]


def clip_features(
    extractor: Extractor, clip: list[Planes], fps: float, bit_depth: int = 8
) -> NDArray[np.float64]:
    """The one row of an extractor of scope "video"."""
    height, width = clip[0][0].shape
    known = info(len(clip), fps, height, width)
    rows, _, _ = feed_all(as_frames(clip, fps, bit_depth), known, [extractor])
    return rows[extractor.label].values[0]


def reference_clip(shared: Path, name: str) -> list[Planes]:
    """The frames of a reference clip."""
    with np.load(shared / "reference/handcrafted/clips" / f"{name}.npz") as stored:
        y, u, v = stored["y"], stored["u"], stored["v"]
    return [(y[i], np.stack([u[i], v[i]])) for i in range(len(y))]


def still_clip(n_frames: int, height: int = 96, width: int = 128, seed: int = 0) -> list[Planes]:
    """The same smooth noisy picture again and again."""
    rng = np.random.default_rng(seed)
    y = np.kron(rng.integers(16, 236, (height // 8, width // 8)), np.ones((8, 8))) + rng.integers(
        0, 12, (height, width)
    )
    chroma = np.kron(rng.integers(90, 160, (2, height // 16, width // 16)), np.ones((1, 8, 8)))
    planes = y.astype(np.uint8), chroma.astype(np.uint8)
    return [planes] * n_frames
