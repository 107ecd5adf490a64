"""Our measures beside independent programs on real clips: FFmpeg's filters and scikit-image."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import islice
from pathlib import Path

import numpy as np
import skimage.measure
import skimage.registration
import skimage.restoration
from numpy.typing import NDArray
from scipy import stats

import vqa_features as vf
from vqa_features.video import Video

from . import SHARED

from filter_graphs import filtered  # isort: skip (found through .)

FRAMES = 30
#: Filters whose metadata have another name.
FILTERS = {"blur": "blurdetect", "block": "blockdetect", "scd": "scdet"}
#: Factor from the codes of a limited-range file to those that FFmpeg's siti measures.
STRETCH = 255 / 219

Planes = list[NDArray[np.float64]]


@dataclass(frozen=True)
class Peer:
    """An independent measure of the same thing.

    Attributes
    ----------
    column : str
        Ours.
    program : str
        Theirs, in words.
    measured : str or callable
        Key of FFmpeg's metadata, or a function of the luma planes of a clip to one number per frame.
    factor : float
        What their values are multiplied by, where both have one unit; nan where they have not.
    least : float
        Least Spearman correlation over the clips.
    largest : float
        Largest relative difference over the clips, where both have one unit.
    reason : str
        Why they are not equal.
    """

    column: str
    program: str
    measured: str | Callable[[Planes], list[float]]
    factor: float = np.nan
    least: float = 0.99
    largest: float = np.inf
    reason: str = ""


def of_planes(measure: Callable[[NDArray[np.float64]], float]) -> Callable[[Planes], list[float]]:
    """Return a measure of single planes as one of the planes of a clip; every fifth is measured."""
    return lambda planes: [measure(plane) for plane in planes[::5]]


def shifts(planes: Planes) -> list[float]:
    """Lengths of the global shift between every fifth pair of frames, by phase correlation, in pixels."""
    return [
        float(np.hypot(*skimage.registration.phase_cross_correlation(one, other, upsample_factor=10)[0]))
        for one, other in zip(planes[::5], planes[1::5], strict=False)
    ]


def _sigma(plane: NDArray[np.float64]) -> float:
    return float(skimage.restoration.estimate_sigma(plane))


EVERY_FIFTH = "every fifth frame"
PEERS = (
    Peer("basics.brightness", "FFmpeg signalstats YAVG", "signalstats.YAVG", 1, largest=1e-4),
    Peer("basics.change", "FFmpeg signalstats YDIF", "signalstats.YDIF", 1, largest=1e-3),
    Peer("basics.change", "FFmpeg scdet mafd", "scd.mafd", 2.55, largest=0.02, reason="theirs is rounded"),
    Peer(
        "basics.change",
        "FFmpeg vmafmotion",
        "vmafmotion.score",
        least=0.85,
        reason="theirs is the difference after a blur, so noise counts less",
    ),
    Peer("basics.entropy", "FFmpeg entropy", "entropy.entropy.normal.Y", 1, largest=1e-4),
    Peer(
        "basics.entropy",
        "scikit-image shannon_entropy",
        of_planes(skimage.measure.shannon_entropy),
        1,
        least=0.97,
        largest=0.02,
        reason=EVERY_FIFTH,
    ),
    Peer(
        "basics.saturation",
        "FFmpeg signalstats SATAVG",
        "signalstats.SATAVG",
        reason="ours is max - min of R, G, B; theirs is the length of (U, V)",
    ),
    Peer(
        "colorfulness.colorfulness",
        "FFmpeg signalstats SATAVG",
        "signalstats.SATAVG",
        least=0.8,
        reason="theirs is a mean, and has no deviation of colour in it",
    ),
    Peer(
        "siti.si",
        "FFmpeg siti",
        "siti.si",
        1 / STRETCH,
        largest=0.02,
        reason="theirs rounds gradients, and clips codes outside 16 to 235",
    ),
    Peer(
        "siti.ti",
        "FFmpeg siti",
        "siti.ti",
        1 / STRETCH,
        largest=0.02,
        reason="theirs clips codes outside 16 to 235",
    ),
    Peer(
        "basics.blur",
        "scikit-image blur_effect",
        of_planes(skimage.measure.blur_effect),
        1,
        largest=0.03,
        reason=EVERY_FIFTH,
    ),
    Peer(
        "basics.blur",
        "FFmpeg blurdetect",
        "blur",
        least=0.85,
        reason="theirs is the width of edges",
    ),
    Peer(
        "basics.noise_wavelet",
        "scikit-image estimate_sigma",
        of_planes(_sigma),
        1,
        least=0.95,
        largest=0.5,
        reason="theirs counts residue of its own arithmetic in flat areas as noise; every fifth frame",
    ),
    Peer(
        "basics.noise_immerkaer",
        "scikit-image estimate_sigma",
        of_planes(_sigma),
        least=0.8,
        reason="another filter, in which fine texture counts more",
    ),
    Peer(
        "basics.noise_immerkaer",
        "FFmpeg bitplanenoise",
        "bitplanenoise.0.1",
        least=0.5,
        reason="theirs is the share of changes of the lowest bit, near 1 for most clips",
    ),
    Peer(
        "basics.blockiness",
        "FFmpeg blockdetect",
        "block",
        least=0.5,
        reason="theirs takes the best period of 3 to 24 pixels, and has another normalisation",
    ),
    Peer(
        "flow.camera_magnitude",
        "scikit-image phase_cross_correlation",
        shifts,
        least=0.7,
        reason="theirs is one shift of the whole frame; every fifth pair",
    ),
)


def clips() -> list[Path]:
    """Return the bundled demo clips, and the KoNViD-1k clips of the shared folder where it is there."""
    demo = files("vqa_features.resources.demo")
    bundled = [Path(str(file)) for file in demo.iterdir() if file.name.endswith(".mp4")]
    return sorted(bundled) + sorted((SHARED / "clips/konvid-1k").glob("*.mp4"))


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


def agreement(peer: Peer, chosen: Sequence[Path]) -> Agreement:
    """Return how far a measure and its peer agree over clips."""
    extractor = peer.column.partition(".")[0]
    mine = np.array([ours(clip, extractor)[peer.column] for clip in chosen])
    other = np.array([theirs(peer, clip) for clip in chosen])
    difference = float(np.max(np.abs(mine / (other * peer.factor) - 1)))
    pearson, spearman = float(stats.pearsonr(mine, other)[0]), float(stats.spearmanr(mine, other)[0])
    return Agreement(peer, len(chosen), pearson, spearman, difference)


def _duration(clip: Path) -> float:
    with Video(clip) as video:
        return (FRAMES - 0.5) / video.info.fps
