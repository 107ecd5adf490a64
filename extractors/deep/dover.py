"""DOVER: the technical and the aesthetic branch of a network trained to predict quality.

Wu et al., "Exploring video quality assessment on user generated contents from aesthetic and
technical perspectives", ICCV 2023. The technical branch is FAST-VQA's Swin-T and sees fragments of
3 clips of 32 frames; the aesthetic branch is a ConvNeXt-T with a time axis and sees 32 whole
frames, resized to 224 x 224. One file holds both; each extractor loads its part.

Frames are resized as torchvision 0.14, the version of the official environment, resizes tensors:
without antialias, rounded to integers.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from vqa_features.errors import ParameterError
from vqa_features.specs import Checkpoint, Feature

from . import _sampling
from ._base import DeepExtractor, check_positive
from ._preprocess import Preprocess
from .fast_vqa import SWIN_T, FragmentExtractor, check_seed, score_of_head, taps_of

if TYPE_CHECKING:
    from ._networks.layers import Backbone

_LICENCE = "S-Lab License 1.0 (non-commercial) since 12 August 2024, MIT before; trained on {}"
_REFERENCES = (
    "Wu et al., Exploring video quality assessment on user generated contents from aesthetic and technical "
    "perspectives, ICCV 2023",
    "VQAssessment/DOVER f1ddc96, network, heads, fragments, frames of dover.yml",
)
_CHECKPOINTS = (
    Checkpoint(
        "lsvq",
        "https://github.com/VQAssessment/DOVER/releases/download/v0.1.0/DOVER.pth",
        _LICENCE.format("LSVQ"),
        sha256="f4a42c0bbc94c94dd7409e7f40887d44c5c30314d1d09e7edf03cc35813b4838",
        layout="DOVER",
        seen="seen in VQAssessment/DOVER f1ddc96, README.md; digest from a public project that checks it",
    ),
    Checkpoint(
        "plus-plus",
        "https://huggingface.co/teowu/DOVER/resolve/main/DOVER_plus_plus.pth",
        _LICENCE.format("DIVIDE-3k"),
        layout="DOVER",
        seen="seen in VQAssessment/DOVER f1ddc96, README.md",
    ),
)


def fused_score(technical: float, aesthetic: float) -> float:
    """Return the official overall score of a video.

    Each score is centred and scaled, both are weighted (.6104 technical, .3896 aesthetic), and the
    logistic function of the sum is taken.

    Parameters
    ----------
    technical, aesthetic : float
        ``dover-technical.score.mean`` and ``dover-aesthetic.score.mean``.

    Returns
    -------
    float
        In 0..1, higher is better.

    References
    ----------
    ``fuse_results`` of ``evaluate_one_video.py``, VQAssessment/DOVER f1ddc96.

    Examples
    --------
    >>> fused_score(0.1107, -0.08285)
    0.5
    """
    overall = (technical - 0.1107) / 0.07355 * 0.6104 + (aesthetic + 0.08285) / 0.03774 * 0.3896
    return 1 / (1 + math.exp(-overall))


@dataclass(frozen=True)
class DoverTechnical(FragmentExtractor):
    """768 values and a score for each of 3 clips of 32 frames, 7 x 7 mini-patches."""

    name: ClassVar[str] = "dover-technical"
    architecture: ClassVar[str] = "dover"
    config: ClassVar[Mapping[str, Any]] = {**SWIN_T, "layout": "technical"}
    taps: ClassVar[Mapping[str, int]] = taps_of("technical_backbone")
    references: ClassVar[tuple[str, ...]] = _REFERENCES
    checkpoints: ClassVar[tuple[Checkpoint, ...]] = _CHECKPOINTS

    clips: int = 3

    @property
    def scores(self) -> tuple[Feature, ...]:
        """The technical head's score."""
        return (score_of_head("technical quality"),)


@dataclass(frozen=True)
class DoverAesthetic(DeepExtractor):
    """768 values and a score of 32 frames from the whole video.

    Parameters
    ----------
    frames : int
        Frames per clip, one from each of so many equal parts of the video.
    stride : int
        The last `stride` frames of a part are not drawn.
    seed : int
        Draws the frames.
    """

    name: ClassVar[str] = "dover-aesthetic"
    architecture: ClassVar[str] = "dover"
    group: ClassVar[str] = "quality-network"
    dim: ClassVar[int] = 768
    config: ClassVar[Mapping[str, Any]] = {
        "layout": "aesthetic",
        "depths": [3, 3, 9, 3],
        "dims": [96, 192, 384, 768],
    }
    taps: ClassVar[Mapping[str, int]] = {f"aesthetic_backbone.stages.{k}": 96 << k for k in range(4)}
    preprocess: ClassVar[Preprocess] = Preprocess((224, 224), None)
    references: ClassVar[tuple[str, ...]] = _REFERENCES
    checkpoints: ClassVar[tuple[Checkpoint, ...]] = _CHECKPOINTS

    frames: int = 32
    stride: int = 2
    seed: int = 0

    def __post_init__(self) -> None:
        super().__post_init__()
        check_positive(self, "frames", "stride")
        check_seed(self)
        if self.view == "resize" and self.crops != 1:
            raise ParameterError(
                f"{self.name}: the whole frame is seen, so crops must be 1, got {self.crops}"
            )

    @property
    def scores(self) -> tuple[Feature, ...]:
        """The aesthetic head's score."""
        return (score_of_head("aesthetic quality"),)

    def windows(self, n_frames: int, fps: float) -> NDArray[np.int64]:
        """Clips of one drawn frame from each of `frames` equal parts of the video."""
        found = _sampling.segmented(n_frames, 1, self.frames, self.stride, self.clips, self.seed)
        return found.reshape(self.clips, self.frames)

    @classmethod
    def network(cls, config: Mapping[str, Any]) -> Backbone:
        """Return the module of a configuration."""
        from ._networks import quality

        return quality.build(config)
