"""Small videos of more and more noise with made-up MOS, and their features: enough to train a model on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
from small_videos import LOSSLESS_H264, Planes, encode, moving_planes

import vqa_features as vf

COUNT = 12
EXTRACTORS = ("brisque", "siti")
POOLS = ("mean", "std")
SAMPLING = vf.Sampling(every=2)


def noisy(number: int, frames: int = 5) -> Iterator[Planes]:
    """Frames of the moving pattern under noise that grows with the number of the clip."""
    random = np.random.default_rng(number)
    for frame in range(frames):
        luma, *chroma = moving_planes(frame + 3 * number, 96, 80)
        noise = random.normal(0, 2 + 3 * number, luma.shape)
        yield [np.clip(luma + noise, 0, 255).astype(np.uint8), *chroma]


def make_clips(folder: Path) -> pd.Series:
    """Write the clips ``clip00.mp4`` ...; return their MOS, which fall with the noise, but not exactly."""
    folder.mkdir()
    for number in range(COUNT):
        encode(folder / f"clip{number:02d}.mp4", noisy(number), options=LOSSLESS_H264)
    ids = [f"clip{number:02d}" for number in range(COUNT)]
    falling = 5 - 0.3 * np.arange(COUNT)
    return pd.Series(falling + np.random.default_rng(1).normal(0, 0.7, COUNT), index=ids, name="mos")


def scenes_of(mos: pd.Series) -> pd.Series:
    """Two clips of each scene."""
    return pd.Series([f"scene{number // 2}" for number in range(len(mos))], index=mos.index)


def features(folder: Path) -> pd.DataFrame:
    """The features of the clips, every second frame, two pools."""
    return vf.extract_many([folder], list(EXTRACTORS), pool=list(POOLS), sampling=SAMPLING)


def made_up(
    rows: int = 60, columns: int = 6, seed: int = 0, noise: float = 0.5
) -> tuple[pd.DataFrame, pd.Series]:
    """A table of columns that follow the MOS with noise, and the MOS from 1 to 5."""
    random = np.random.default_rng(seed)
    mos = pd.Series(random.uniform(1, 5, rows), index=[f"video{row:04d}" for row in range(rows)], name="mos")
    values = mos.to_numpy()[:, None] + random.normal(0, noise * 4, (rows, columns))
    return pd.DataFrame(values, index=mos.index).add_prefix("f"), mos
