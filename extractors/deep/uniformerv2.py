"""UniFormerV2: CLIP's image transformer extended to video, in the variants for Kinetics and SSv2.

Li et al., "UniFormerV2: Spatiotemporal Learning by Arming Image ViTs with Video UniFormer", ICCV 2023.
One embedding per clip: the video token after its norm, the classifier's input. Clips are one frame
of each of 8 (SSv2: 16) equal segments of the whole video, as the official test does.
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
from ._published import uniformerv2 as published

if TYPE_CHECKING:
    from ._networks.layers import Backbone


def _config(resolution: int, patch: int, width: int, layers: int, heads: int, **other: Any) -> dict[str, Any]:
    """The official constructor's values: Kinetics has global blocks in the last four layers alone."""
    return {
        "input_resolution": resolution,
        "patch_size": patch,
        "width": width,
        "layers": layers,
        "heads": heads,
        "return_list": list(range(layers - 4, layers)),
        "temporal_downsample": False,
        "no_lmhra": True,
        "double_lmhra": True,
        "dw_reduction": 1.5,
        "mlp_factor": 4.0,
        "frozen": False,
        "t_size": 8,
        "num_classes": 400,
        **other,
    }


def _something(first: int, layers: int) -> dict[str, Any]:
    """The constructor's other values for Something-Something: global blocks from layer `first` on."""
    return {
        "return_list": list(range(first, layers)),
        "temporal_downsample": True,
        "no_lmhra": False,
        "t_size": 16,
        "num_classes": 174,
    }


def _taps(layers: int, width: int) -> dict[str, int]:
    return {f"transformer.resblocks.{number}": width for number in range(layers)}


def _preprocess(size: int) -> Preprocess:
    return Preprocess(size, size, HALF_MEAN, HALF_STD, "float")


@dataclass(frozen=True)
class _UniFormerV2(DeepExtractor):
    """Recipe and network that the variants share.

    Parameters
    ----------
    frames : int
        Frames per clip, spread over the whole video.
    """

    group: ClassVar[str] = "video-transformer"
    architecture: ClassVar[str] = "uniformerv2"
    references: ClassVar[tuple[str, ...]] = (
        "Li et al., UniFormerV2: Spatiotemporal Learning by Arming Image ViTs with Video UniFormer, "
        "ICCV 2023",
        "OpenGVLab/UniFormerV2, commit 722a434, slowfast/models/uniformerv2_model.py",
    )

    clips: int = 4
    crops: int = 3
    frames: int = 8

    def __post_init__(self) -> None:
        super().__post_init__()
        check_positive(self, "frames")

    def windows(self, n_frames: int, fps: float) -> NDArray[np.int64]:
        """One frame of each of `frames` equal segments; clips interleave."""
        return _sampling.sparse(n_frames, self.frames, self.clips)

    @classmethod
    def network(cls, config: Mapping[str, Any]) -> Backbone:
        """Return the module of a configuration."""
        from ._networks.uniformerv2 import UniFormerV2

        return UniFormerV2(config)


@dataclass(frozen=True)
class UniFormerV2B(_UniFormerV2):
    """B/16 at 224 pixels, 768 values per clip."""

    name: ClassVar[str] = "uniformerv2-b"
    config: ClassVar[Mapping[str, Any]] = _config(224, 16, 768, 12, 12)
    dim: ClassVar[int] = 768
    taps: ClassVar[Mapping[str, int]] = _taps(12, 768)
    preprocess: ClassVar[Preprocess] = _preprocess(224)
    checkpoints: ClassVar[tuple[Checkpoint, ...]] = published.B


@dataclass(frozen=True)
class UniFormerV2L(_UniFormerV2):
    """L/14 at 224 pixels, 1024 values per clip."""

    name: ClassVar[str] = "uniformerv2-l"
    config: ClassVar[Mapping[str, Any]] = _config(224, 14, 1024, 24, 16)
    dim: ClassVar[int] = 1024
    taps: ClassVar[Mapping[str, int]] = _taps(24, 1024)
    preprocess: ClassVar[Preprocess] = _preprocess(224)
    checkpoints: ClassVar[tuple[Checkpoint, ...]] = published.L


@dataclass(frozen=True)
class UniFormerV2L336(_UniFormerV2):
    """L/14 at 336 pixels, 1024 values per clip."""

    name: ClassVar[str] = "uniformerv2-l-336"
    config: ClassVar[Mapping[str, Any]] = _config(336, 14, 1024, 24, 16)
    dim: ClassVar[int] = 1024
    taps: ClassVar[Mapping[str, int]] = _taps(24, 1024)
    preprocess: ClassVar[Preprocess] = _preprocess(336)
    checkpoints: ClassVar[tuple[Checkpoint, ...]] = published.L336


@dataclass(frozen=True)
class UniFormerV2L336Frozen(_UniFormerV2):
    """L/14 at 336 pixels over a frozen CLIP, 1024 values per clip: the video token alone."""

    name: ClassVar[str] = "uniformerv2-l-336-frozen"
    config: ClassVar[Mapping[str, Any]] = _config(336, 14, 1024, 24, 16, frozen=True)
    dim: ClassVar[int] = 1024
    taps: ClassVar[Mapping[str, int]] = _taps(24, 1024)
    preprocess: ClassVar[Preprocess] = _preprocess(336)
    checkpoints: ClassVar[tuple[Checkpoint, ...]] = published.L336_FROZEN

    clips: int = 3
    crops: int = 1


@dataclass(frozen=True)
class UniFormerV2BSSv2(_UniFormerV2):
    """B/16 for Something-Something: local blocks, frames halved; 768 values per clip."""

    name: ClassVar[str] = "uniformerv2-b-ssv2"
    config: ClassVar[Mapping[str, Any]] = _config(224, 16, 768, 12, 12, **_something(4, 12))
    dim: ClassVar[int] = 768
    taps: ClassVar[Mapping[str, int]] = _taps(12, 768)
    preprocess: ClassVar[Preprocess] = _preprocess(224)
    checkpoints: ClassVar[tuple[Checkpoint, ...]] = published.B_SSV2

    clips: int = 1
    frames: int = 16


@dataclass(frozen=True)
class UniFormerV2LSSv2(_UniFormerV2):
    """L/14 for Something-Something: local blocks, frames halved; 1024 values per clip."""

    name: ClassVar[str] = "uniformerv2-l-ssv2"
    config: ClassVar[Mapping[str, Any]] = _config(224, 14, 1024, 24, 16, **_something(8, 24))
    dim: ClassVar[int] = 1024
    taps: ClassVar[Mapping[str, int]] = _taps(24, 1024)
    preprocess: ClassVar[Preprocess] = _preprocess(224)
    checkpoints: ClassVar[tuple[Checkpoint, ...]] = published.L_SSV2

    clips: int = 1
    frames: int = 16
