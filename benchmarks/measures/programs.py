"""Our measures beside independent programs on real clips: FFmpeg's filters and scikit-image."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import stats

import vqa_features as vf
from vqa_features.video import Video

from . import SHARED
from .peers import Peer, Planes

from filter_graphs import filtered  # isort: skip (found through .)
from small_videos import encode  # isort: skip

FRAMES = 30
#: Filters whose metadata have another name.
FILTERS = {"blur": "blurdetect", "block": "blockdetect", "scd": "scdet"}


def clips() -> list[Path]:
    """Return the bundled demo clips, and the KoNViD-1k clips of the shared folder where it is there."""
    demo = files("vqa_features.resources.demo")
    bundled = [Path(str(file)) for file in demo.iterdir() if file.name.endswith(".mp4")]
    return sorted(bundled) + sorted((SHARED / "clips/konvid-1k").glob("*.mp4"))


@cache
def coded_clips() -> list[Path]:
    """Return four demo clips in MPEG-4, which has no filter of block borders, at five quantisers each."""
    folder = Path(tempfile.mkdtemp())
    atexit.register(shutil.rmtree, folder)
    found = []
    for clip in clips()[:8:2]:
        with Video(clip) as video:
            pictures = [frame.picture for frame in islice(video, FRAMES // 2)]
        frames = [[picture.luma_plane(), *(picture.chroma_planes() or ())] for picture in pictures]
        for quantiser in (2, 5, 10, 20, 31):
            path = folder / f"{clip.stem}-{quantiser}.mkv"
            options = {"qmin": str(quantiser), "qmax": str(quantiser), "flags": "+qscale"}
            options["global_quality"] = str(118 * quantiser)  # in units of lambda
            found.append(encode(path, frames, codec="mpeg4", options=options))
    return found


@cache
def ours(clip: Path, extractor: str) -> dict[str, float]:
    """Return the means over the first frames of a clip."""
    found = vf.extract(clip, extractor, duration_s=_duration(clip))
    return {name.rpartition(".")[0]: value for name, value in found.items()}


@cache
def of_filter(clip: Path, key: str) -> NDArray[np.float64]:
    """Return a number in the metadata of each of the first frames of a clip, nan where there is none."""
    name = key.partition(".")[0]
    said = filtered(clip, FILTERS.get(name, name), frames=FRAMES)
    return np.array([float(found.get(f"lavfi.{key}", "nan")) for _, found in said])


@cache
def planes_of(clip: Path) -> Planes:
    """Return the luma planes of the first frames of a clip."""
    with Video(clip) as video:
        return [frame.view("luma").astype(np.float64) for frame in islice(video, FRAMES)]


def theirs(peer: Peer, clip: Path) -> float:
    """Return the mean of a peer's measure over the first frames of a clip; the first has no change."""
    if not isinstance(peer.measured, str):
        return float(np.mean(peer.measured(planes_of(clip))))
    changes = peer.column in ("basics.change", "siti.ti")
    return float(np.nanmean(of_filter(clip, peer.measured)[1 if changes else 0 :]))


@dataclass(frozen=True)
class Agreement:
    """How far a measure and its peer agree over the clips."""

    peer: Peer
    clips: int
    pearson: float
    spearman: float
    largest: float

    @property
    def missed(self) -> bool:
        """Whether they agree less than is stated."""
        return not (self.spearman >= self.peer.least and not self.largest > self.peer.largest)


def agreement(peer: Peer, chosen: Sequence[Path] | None = None) -> Agreement:
    """Return how far a measure and its peer agree over clips, by default those that the peer is for."""
    if chosen is None:
        chosen = coded_clips() if peer.coded else clips()
    extractor = peer.column.partition(".")[0]
    mine = np.array([ours(clip, extractor)[peer.column] for clip in chosen])
    other = np.array([theirs(peer, clip) for clip in chosen])
    difference = float(np.max(np.abs(mine / (other * peer.factor) - 1)))
    pearson, spearman = float(stats.pearsonr(mine, other)[0]), float(stats.spearmanr(mine, other)[0])
    return Agreement(peer, len(chosen), pearson, spearman, difference)


def _duration(clip: Path) -> float:
    with Video(clip) as video:
        return (FRAMES - 0.5) / video.info.fps
