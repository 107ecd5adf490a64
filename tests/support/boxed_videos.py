"""Lossless videos of real pictures between black bars, of known active area."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from small_videos import FFV1, encode

import vqa_features as vf
from vqa_features.video import Video

Planes = list[NDArray[Any]]
CLIP = Path(vf.__file__).parent / "resources" / "demo" / "city_towers.mp4"
#: Top, bottom, left, right.
Sides = tuple[int, int, int, int]


def pictures(count: int = 6, width: int = 240, height: int = 136) -> list[Planes]:
    """Return a part of a real clip as 4:2:0 planes."""
    with Video(CLIP, sampling=vf.Sampling(duration_s=count / 25)) as video:
        found = [(frame.view("luma").copy(), frame.picture.chroma_planes()) for frame in video]
    cut = np.s_[60 : 60 + height, 100 : 100 + width]
    half = np.s_[30 : 30 + height // 2, 50 : 50 + width // 2]
    return [[luma[cut], *(plane[half] for plane in both)] for luma, both in found if both is not None]


def boxed(planes: Planes, sides: Sides, noise: float = 0, seed: int = 0, bits: int = 8) -> Planes:
    """Return 4:2:0 planes between bars of black; those of an odd number of lines share chroma samples."""
    top, bottom, left, right = sides
    rng, scale = np.random.default_rng(seed), 2 ** (bits - 8)
    luma = np.pad(planes[0].astype(float), ((top, bottom), (left, right)), constant_values=np.nan)
    bars = 16 + noise * rng.normal(size=luma.shape)
    luma = np.where(np.isnan(luma), bars.clip(0, 255), luma) * scale
    size = -(-luma.shape[0] // 2), -(-luma.shape[1] // 2)
    whole = [np.rint(luma)]
    for plane in planes[1:]:
        chroma = np.full(size, 128.0)
        chroma[top // 2 : top // 2 + plane.shape[0], left // 2 : left // 2 + plane.shape[1]] = plane
        whole.append(chroma * scale)
    return [plane.astype(np.uint8 if bits == 8 else np.uint16) for plane in whole]


def write(path: Path, frames: list[Planes], bits: int = 8, **settings: Any) -> Path:
    """Write 4:2:0 planes without loss."""
    depth = "" if bits == 8 else f"{bits}le"
    options = {"codec": "ffv1", "pix_fmt": f"yuv420p{depth}", "options": FFV1, **settings}
    return encode(path, frames, **options)
