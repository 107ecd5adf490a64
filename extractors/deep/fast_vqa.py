"""FAST-VQA and FasterVQA: networks trained to predict quality, which see fragments of the frames.

Wu et al., "FAST-VQA: Efficient End-to-end Video Quality Assessment with Fragment Sampling", ECCV
2022; "Neighbourhood Representative Sampling for Efficient End-to-end Video Quality Assessment",
TPAMI 2023 (FasterVQA). A Swin-T with gated relative position biases was trained on LSVQ; its
embedding is the mean of the last map, its score the mean of what the head predicts at every
position. Frames and fragments are those of the option files of the official benchmark; the script for
one video, ``vqa.py``, takes successive frames instead of every second one.

The official code draws starts and places without a seed; here `seed` gives them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from vqa_features.errors import ParameterError
from vqa_features.extractor import Session, Values
from vqa_features.frame import Views
from vqa_features.specs import Checkpoint, Feature, VideoInfo

from . import _fragments, _sampling
from ._base import DeepExtractor, check_positive
from ._preprocess import Preprocess
from ._session import DeepSession
from ._views import View, notes_of

if TYPE_CHECKING:
    from ._networks.layers import Backbone

#: Pixels per side of a mini-patch.
PATCH = 32
#: Configuration of the Swin-T.
SWIN_T = {
    "embed_dim": 96,
    "depths": [2, 2, 6, 2],
    "num_heads": [3, 6, 12, 24],
    "window_size": [8, 7, 7],
    "frag_biases": [True, True, True, False],
}
_RELEASES = "https://github.com/VQAssessment/FAST-VQA-and-FasterVQA/releases/download/"
_SEEN = "seen in VQAssessment/FAST-VQA-and-FasterVQA 9f264e4, README.md, under the repository's former name"
_LICENCE = "MIT (Apache-2.0 in the release's tag); trained on LSVQ"


def score_of_head(what: str) -> Feature:
    """Return the column of a head's score.

    Parameters
    ----------
    what : str
        What the head was trained to predict.
    """
    return Feature(
        "score",
        f"{what} as the network's head predicts it, mean over the positions of its map",
        direction="higher is better",
        sign="none: zero is no special quality",
    )


@dataclass(frozen=True)
class FragmentExtractor(DeepExtractor):
    """Base of the networks that see fragments: mini-patches of 32 x 32 pixels, joined to a square.

    Parameters
    ----------
    frames, stride : int
        Frames per clip; one frame of `stride` is taken.
    seed : int
        Draws the starts of the clips and the places of the mini-patches.
    """

    group: ClassVar[str] = "quality-network"
    dim: ClassVar[int] = 768
    preprocess: ClassVar[Preprocess] = Preprocess((224, 224), None)
    #: Successive frames of a clip in which the mini-patches lie at the same places.
    aligned: ClassVar[int] = 32

    view: View = "fragments"
    frames: int = 32
    stride: int = 2
    seed: int = 0

    def __post_init__(self) -> None:
        super().__post_init__()
        check_positive(self, "frames", "stride")
        check_seed(self)

    @property
    def scores(self) -> tuple[Feature, ...]:
        """The head's score."""
        return (score_of_head("quality"),)

    def windows(self, n_frames: int, fps: float) -> NDArray[np.int64]:
        """One clip in each of `clips` equal parts of the video, at a drawn start."""
        return _sampling.segmented(n_frames, self.frames, self.clips, self.stride, seed=self.seed)[0]

    def open(self, info: VideoInfo) -> Session:
        """Return a session that cuts fragments as published, or any other view; see `DeepExtractor.open`."""
        if self.view != "fragments" or self.scales:
            return super().open(info)
        return FragmentSession(self, self.load(), notes_of(self, info))

    @classmethod
    def network(cls, config: Mapping[str, Any]) -> Backbone:
        """Return the module of a configuration."""
        from ._networks import quality

        return quality.build(config)


class FragmentSession(DeepSession):
    """Cuts the mini-patches of every clip and block of aligned frames at places of their own.

    Parameters
    ----------
    extractor : FragmentExtractor
        The method; `crops` of it are so many draws for the same frames.
    network : Backbone
        Its network, in eval mode.
    notes : tuple of str
        What a reader of this video's columns should know.
    """

    def __init__(self, extractor: FragmentExtractor, network: Backbone, notes: tuple[str, ...]) -> None:
        super().__init__(extractor, network, notes)
        side = extractor.preprocess.side
        assert side is not None
        self._grid, self._aligned = side // PATCH, extractor.aligned
        blocks = -(-extractor.frames // extractor.aligned)
        self._draws = np.arange(extractor.clips * extractor.crops * blocks).reshape(
            -1, extractor.crops, blocks
        )
        self._seed, self._clip = extractor.seed, 0

    def prepare(self, frame: Views) -> Any:
        """Return the fragments of this frame for every draw, as it may belong to any clip and block."""
        rgb = frame.rgb
        height, width = rgb.shape[:2]
        larger = _fragments.enlarge(rgb, self._grid, PATCH)
        places = (
            _fragments.offsets(height, width, self._grid, PATCH, (self._seed, draw))
            for draw in range(self._draws.size)
        )
        return [_fragments.cut(larger, drawn, PATCH) for drawn in places]

    def push(self, window: Sequence[Any]) -> Values | None:
        """Take the next clip: of each frame the fragments of its block."""
        draws = self._draws[self._clip]
        self._clip += 1
        preprocess = self._extractor.preprocess
        return super().push(
            [
                [np.concatenate([preprocess(fragments[draw]) for draw in draws[:, place // self._aligned]])]
                for place, fragments in enumerate(window)
            ]
        )


def check_seed(extractor: Any) -> None:
    """Raise ParameterError where the parameter `seed` is none that NumPy takes."""
    if not 0 <= extractor.seed < 1 << 32:
        raise ParameterError(f"{extractor.name}: seed must be in 0 .. 2**32 - 1, got {extractor.seed}")


def taps_of(prefix: str) -> dict[str, int]:
    """Return the blocks of each stage of a Swin-T, before merging, and their width."""
    return {f"{prefix}.layers.{k}.blocks": 96 << k for k in range(4)}


def _release(tag: str, version: str, file: str) -> Checkpoint:
    return Checkpoint(tag, f"{_RELEASES}{version}/{file}.pth", _LICENCE, layout="FAST-VQA", seen=_SEEN)


@dataclass(frozen=True)
class _FastVqa(FragmentExtractor):
    """FAST-VQA's own networks."""

    architecture: ClassVar[str] = "fast-vqa"
    config: ClassVar[Mapping[str, Any]] = {
        **SWIN_T,
        "layout": "fragments",
        "base_x_size": [32, 224, 224],
    }
    taps: ClassVar[Mapping[str, int]] = taps_of("fragments_backbone")
    references: ClassVar[tuple[str, ...]] = (
        "Wu et al., FAST-VQA: efficient end-to-end video quality assessment with fragment sampling, "
        "ECCV 2022",
        "VQAssessment/FAST-VQA-and-FasterVQA 9f264e4, network, head, fragments, frames of the option files",
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        most = self.config["base_x_size"][0]
        least = most // self.config["window_size"][0]
        if not least <= self.frames <= most:
            raise ParameterError(
                f"{self.name}: frames must be in {least} .. {most}, where its scaled window has a size, "
                f"got {self.frames}"
            )


@dataclass(frozen=True)
class FastVqaB(_FastVqa):
    """FAST-VQA-B: 768 values and a score for each of 4 clips of 32 frames, 7 x 7 mini-patches."""

    name: ClassVar[str] = "fast-vqa-b"
    checkpoints: ClassVar[tuple[Checkpoint, ...]] = (
        _release("lsvq", "v2.0.0", "FAST_VQA_B_1_4"),
        _release("lsvq-from-scratch", "v2.0.1", "FAST_VQA_B_1_4_Scr"),
    )

    clips: int = 4


@dataclass(frozen=True)
class FastVqaM(_FastVqa):
    """FAST-VQA-M: 768 values and a score for each of 4 clips of 16 frames, 4 x 4 mini-patches."""

    name: ClassVar[str] = "fast-vqa-m"
    preprocess: ClassVar[Preprocess] = Preprocess((128, 128), None)
    aligned: ClassVar[int] = 8
    config: ClassVar[Mapping[str, Any]] = {
        **_FastVqa.config,
        "window_size": [4, 4, 4],
        "frag_biases": [False, False, False, False],
    }
    checkpoints: ClassVar[tuple[Checkpoint, ...]] = (_release("lsvq", "v2.0.0", "FAST_VQA_M_1_4"),)

    frames: int = 16
    clips: int = 4


@dataclass(frozen=True)
class FasterVqa(_FastVqa):
    """FasterVQA: 768 values and a score of a clip of 8 x 4 frames from the whole video.

    Parameters
    ----------
    segments : int
        Parts of the video; `frames` is divided among them. 4 with 16 frames is FasterVQA-MT.
    """

    name: ClassVar[str] = "faster-vqa"
    aligned: ClassVar[int] = 8
    references: ClassVar[tuple[str, ...]] = (
        "Wu et al., Neighbourhood representative sampling for efficient end-to-end video quality assessment, "
        "TPAMI 2023",
        _FastVqa.references[1],
    )
    checkpoints: ClassVar[tuple[Checkpoint, ...]] = (
        _release("lsvq", "v2.0.0", "FAST_VQA_3D_1_1"),
        _release("lsvq-from-scratch", "v2.0.1", "FAST_VQA_3D_1_1_Scr"),
    )

    segments: int = 8

    def __post_init__(self) -> None:
        super().__post_init__()
        check_positive(self, "segments")
        if self.frames % self.segments:
            raise ParameterError(
                f"{self.name}: segments must divide the {self.frames} frames of a clip, got {self.segments}"
            )

    def windows(self, n_frames: int, fps: float) -> NDArray[np.int64]:
        """Clips of successive short runs, one of each of `segments` equal parts of the video."""
        per = self.frames // self.segments
        found = _sampling.segmented(n_frames, per, self.segments, self.stride, self.clips, self.seed)
        return found.reshape(self.clips, self.frames)
