"""UniFormer S and B: convolution in early stages, space-time attention in late ones.

Li et al., "UniFormer: unified transformer for efficient spatiotemporal representation learning",
ICLR 2022. The vector is the mean of the final BatchNorm3d's output, 512 values. The official test
uses 16 frames spread over 64 (S: 128), short side 224, centre crop, normalised with .45 and .225, four
clips per video.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from vqa_features.specs import Checkpoint

from . import _sampling
from ._base import DeepExtractor, check_positive
from ._preprocess import HALF_MEAN, HALF_STD, Preprocess
from ._published import uniformer as published

if TYPE_CHECKING:
    from ._networks.layers import Backbone

_WIDTHS = (64, 128, 320, 512)


def _config(depth: list[int]) -> dict[str, Any]:
    return {
        "depth": depth,
        "embed_dim": list(_WIDTHS),
        "head_dim": 64,
        "mlp_ratio": 4,
        "qkv_bias": True,
        "split": False,
        "std": False,
        "layernorm_eps": 1e-6,
        "num_classes": 400,
    }


def _taps(depth: list[int]) -> dict[str, int]:
    return {
        f"blocks{stage}.{number}": width
        for stage, (blocks, width) in enumerate(zip(depth, _WIDTHS, strict=True), start=1)
        for number in range(blocks)
    }


@dataclass(frozen=True)
class _UniFormer(DeepExtractor):
    """The recipe the two networks share.

    Parameters
    ----------
    frames, stride : int
        Frames per clip, spread over frames x stride frames of the video.
    """

    architecture: ClassVar[str] = "uniformer"
    group: ClassVar[str] = "video-transformer"
    dim: ClassVar[int] = 512
    preprocess: ClassVar[Preprocess] = Preprocess(224, 224, HALF_MEAN, HALF_STD, "float")
    references: ClassVar[tuple[str, ...]] = (
        "Li et al., UniFormer, ICLR 2022",
        "Sense-X/UniFormer 52a0415, video_classification",
    )

    clips: int = 4
    frames: int = 16
    stride: int = 4

    def __post_init__(self) -> None:
        super().__post_init__()
        check_positive(self, "frames", "stride")

    def windows(self, n_frames: int, fps: float) -> NDArray[np.int64]:
        """Clips of `frames` frames; a video that is too short repeats its last frame."""
        return _sampling.dense(n_frames, self.frames, self.stride, self.clips)

    @classmethod
    def network(cls, config: Mapping[str, Any]) -> Backbone:
        """Return the module of a configuration."""
        from ._networks import uniformer

        return uniformer.build(config)


@dataclass(frozen=True)
class UniFormerS(_UniFormer):
    """Small: 18 blocks. The default weights are of the model that was trained and tested with stride 8."""

    name: ClassVar[str] = "uniformer-s"
    config: ClassVar[Mapping[str, Any]] = _config([3, 4, 8, 3])
    taps: ClassVar[Mapping[str, int]] = _taps([3, 4, 8, 3])
    checkpoints: ClassVar[tuple[Checkpoint, ...]] = published.S

    stride: int = 8


@dataclass(frozen=True)
class UniFormerB(_UniFormer):
    """Base: 40 blocks."""

    name: ClassVar[str] = "uniformer-b"
    config: ClassVar[Mapping[str, Any]] = _config([5, 8, 20, 7])
    taps: ClassVar[Mapping[str, int]] = _taps([5, 8, 20, 7])
    checkpoints: ClassVar[tuple[Checkpoint, ...]] = published.B
