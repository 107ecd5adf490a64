"""UniFormer S and B: convolution in early stages, space-time attention in late ones.

Li et al., "UniFormer: unified transformer for efficient spatiotemporal representation learning",
ICLR 2022. The vector is the mean of the final BatchNorm3d's output, 512 values. The official test
uses 16 frames spread over 64, short side 224, centre crop, normalised with .45 and .225, four
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

if TYPE_CHECKING:
    from ._networks.layers import Backbone

#: The authors publish every file on Google Drive, linked from this page, and some of them on the hub.
_PAGE = "https://github.com/Sense-X/UniFormer/tree/main/video_classification"
_HUB = "https://huggingface.co/Sense-X/uniformer_video/resolve/main/"
_AUTHORS_OWN = "https://huggingface.co/Andy1621/uniformer/resolve/main/"
_MMACTION = "https://download.openmmlab.com/mmaction/v1.0/recognition/uniformerv1/"
_LICENCE = "Apache-2.0; trained on {}"
_WIDTHS = (64, 128, 320, 512)


def _authors(
    tag: str, file: str, sha256: str | None = None, size: int | None = None, hub: str = ""
) -> Checkpoint:
    return Checkpoint(
        tag,
        f"{hub}{file}.pth" if hub else _PAGE,
        _LICENCE.format("Kinetics-600" if "kinetics600" in tag else "Kinetics-400"),
        file=f"{file}.pth",
        sha256=sha256,
        size=size,
        layout="authors' release",
        by_hand=not hub,
    )


def _mmaction(tag: str, file: str, digest: str) -> Checkpoint:
    url = f"{_MMACTION}{file}_20221219-{digest}.pth"
    return Checkpoint(tag, url, _LICENCE.format("Kinetics-400"), sha256=digest, layout="mmaction")


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
    """Small: 18 blocks."""

    name: ClassVar[str] = "uniformer-s"
    config: ClassVar[Mapping[str, Any]] = _config([3, 4, 8, 3])
    taps: ClassVar[Mapping[str, int]] = _taps([3, 4, 8, 3])
    checkpoints: ClassVar[tuple[Checkpoint, ...]] = (
        _authors(
            "kinetics400",
            "uniformer_small_k400_16x4",
            "4829a6abe934a1c8083f377afea621f01d16bc4a93ce6ae74d7c5bea7eff6a7b",
            85735325,
        ),
        _authors("kinetics400-8x8", "uniformer_small_k400_8x8"),
        _authors(
            "kinetics400-16x8",
            "uniformer_small_k400_16x8",
            "d5fd7b0c49ee6a5422ef5d0c884d962c742003bfbd900747485eb99fa269d0db",
            85735325,
            _HUB,
        ),
        _authors(
            "kinetics600-16x8",
            "uniformer_small_k600_16x8",
            "2a9143a63691c442b23f912ed3489e5800fc5916fb7aa1b25322ad5da2466c6f",
            86145693,
            _HUB,
        ),
        _mmaction(
            "mmaction-kinetics400", "uniformer-small_imagenet1k-pre_16x4x1_kinetics400-rgb", "c630a037"
        ),
    )


@dataclass(frozen=True)
class UniFormerB(_UniFormer):
    """Base: 40 blocks."""

    name: ClassVar[str] = "uniformer-b"
    config: ClassVar[Mapping[str, Any]] = _config([5, 8, 20, 7])
    taps: ClassVar[Mapping[str, int]] = _taps([5, 8, 20, 7])
    checkpoints: ClassVar[tuple[Checkpoint, ...]] = (
        _authors(
            "kinetics400",
            "uniformer_base_k400_16x4",
            "a36e08ecff0a2b11020d6e88046353f80fdeb10b40fe167f2fbc0c1d976fb873",
            199525573,
            _AUTHORS_OWN,
        ),
        _authors("kinetics400-8x8", "uniformer_base_k400_8x8"),
        _authors("kinetics400-16x8", "uniformer_base_k400_16x8"),
        _authors("kinetics600", "uniformer_base_k600_16x4"),
        _authors("kinetics600-16x8", "uniformer_base_k600_16x8"),
        _authors(
            "kinetics600-32x4",
            "uniformer_base_k600_32x4",
            "d44685e1d12e5aa413032e7719a8be45b95a19da4e7f76ac0e811f9a6f4825ae",
            199935941,
            _HUB,
        ),
        _mmaction("mmaction-kinetics400", "uniformer-base_imagenet1k-pre_16x4x1_kinetics400-rgb", "157c2e66"),
        _mmaction(
            "mmaction-kinetics400-32x4", "uniformer-base_imagenet1k-pre_32x4x1_kinetics400-rgb", "b776322c"
        ),
    )
