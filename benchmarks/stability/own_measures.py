"""Drift of our measures under harmless changes of real clips, with a reason for each above the bound.

The middle 480 x 270 pixels of each clip are stored losslessly as they are, and changed: dithered by up to one
code, encoded losslessly by another codec, cropped by 2 pixels on each side, begun one frame later. A drift
above BOUND has a reason in REASONS, or is printed as missed. `benchmarks.measures` writes the tables.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np
import pandas as pd

import vqa_features as vf
from vqa_features.video import Video

from ..measures.reasons import REASONS, Reason
from .drift import drift_of
from .versions import CHROMA_LEFT

from small_videos import FFV1, LOSSLESS_H264, Planes, encode  # isort: skip (found through ..measures)

POOLS = ("mean", "std", "p90")
SIZE, FRAMES = (270, 480), 40
#: Largest drift that needs no reason, in deviations between clips.
BOUND = 0.25
Clip = list[Planes]


def middle(path: Path, frames: int, size: tuple[int, int] = SIZE) -> tuple[Clip, int]:
    """Return the planes of the middle of the first frames of an 8-bit 4:2:0 clip, and its rate."""
    clip = []
    with Video(path) as video:
        for frame in islice(video, frames):
            chroma = frame.picture.chroma_planes()
            if chroma is None or frame.picture.bit_depth != 8:
                raise SystemExit(f"{path} must be 8-bit YUV 4:2:0 to be dithered by one code")
            y = frame.picture.luma_plane()
            top, left = ((n - m) // 4 * 2 for n, m in zip(y.shape, size, strict=True))
            rows, columns = slice(top, top + size[0]), slice(left, left + size[1])
            half = slice(top // 2, (top + size[0]) // 2), slice(left // 2, (left + size[1]) // 2)
            clip.append([y[rows, columns].copy(), *(plane[half].copy() for plane in chroma)])
        return clip, round(video.info.fps)


def dithered(clip: Clip) -> Clip:
    """Add -1, 0 or 1 to every sample of luma."""
    random = np.random.default_rng(0)
    changed = []
    for y, *chroma in clip:
        moved = y + random.integers(-1, 2, y.shape)
        changed.append([np.clip(moved, 0, 255).astype(np.uint8), *chroma])
    return changed


def cropped(clip: Clip) -> Clip:
    """Cut off 2 pixels on each side."""
    return [[y[2:-2, 2:-2], *(plane[1:-1, 1:-1] for plane in chroma)] for y, *chroma in clip]


def begun_later(clip: Clip) -> Clip:
    """Drop the first frame."""
    return clip[1:]


def unchanged(clip: Clip) -> Clip:
    """Leave the clip as it is; it is encoded by another codec."""
    return clip


CHANGES: dict[str, Callable[[Clip], Clip]] = {
    "lossless re-encode": unchanged,
    "dither by 1 code": dithered,
    "crop by 2 pixels": cropped,
    "one frame later": begun_later,
}


def features(
    clip: Clip, rate: int, folder: Path, extractors: Sequence[str], lossless_h264: bool
) -> pd.Series:
    """Return the pooled columns of a clip that is written losslessly."""
    codec, options = ("libx264", LOSSLESS_H264) if lossless_h264 else ("ffv1", FFV1 | CHROMA_LEFT)
    path = encode(folder / "clip.mkv", clip, codec=codec, options=options, rate=rate)
    return vf.extract(path, list(extractors), pool=list(POOLS)).astype(float)


def drifts(
    clips: Sequence[Path], extractors: Sequence[str], frames: int, size: tuple[int, int] = SIZE
) -> pd.DataFrame:
    """Return the drift of every column under every change.

    Returns
    -------
    pandas.DataFrame
        One row per column; a column per change. inf where a column has no deviation between the clips and
        changes, or has a value in only one of the two.
    """
    plain: list[pd.Series] = []
    changed: dict[str, list[pd.Series]] = {name: [] for name in CHANGES}
    with tempfile.TemporaryDirectory() as folder:
        for path in clips:
            clip, rate = middle(path, frames, size)
            plain.append(features(clip, rate, Path(folder), extractors, False))
            for name, change in CHANGES.items():
                changed[name].append(
                    features(change(clip), rate, Path(folder), extractors, change is unchanged)
                )
    made = [vf.make(name) for name in extractors]
    return pd.DataFrame({name: drift_of(plain, rows, made) for name, rows in changed.items()})


@dataclass(frozen=True)
class Above:
    """Columns above BOUND for one reason."""

    reason: Reason
    columns: int
    largest: float
    column: str


def explained(table: pd.DataFrame) -> tuple[list[Above], list[str]]:
    """Return the columns above BOUND by their reasons, and a sentence for each that has none."""
    above, left = [], table.copy()
    for reason in (reason for reason in REASONS if reason.change in table):
        part = table[reason.change][[re.match(reason.columns, column) is not None for column in table.index]]
        part = part[part > BOUND]
        if len(part):
            above.append(Above(reason, len(part), float(part.max()), str(part.idxmax())))
            left.loc[part.index, reason.change] = 0
    stacked = left.stack()
    faults = [
        f"missed: {column} drifts by {drift:.2f} deviations ({change})"
        for (column, change), drift in stacked[stacked > BOUND].items()
    ]
    return above, faults


def clips(folder: Path) -> list[Path]:
    """Return the clips of a folder."""
    found = sorted(folder.glob("*.mp4"))
    if len(found) < 3:
        raise SystemExit(f"{folder} has {len(found)} .mp4 files; a deviation between clips needs 3 or more")
    return found
