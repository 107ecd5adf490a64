"""InternVideo: its generative encoder (VideoMAE) and its multimodal encoder (CLIP with global blocks).

Wang et al., "InternVideo: General Video Foundation Models via Generative and Discriminative
Learning", 2022. The generative encoder gives the normalised mean of its tokens for clips of 16
frames, every fourth one; the multimodal one gives its normalised video token for 8 frames spread
over the video.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from vqa_features.errors import ParameterError
from vqa_features.specs import Checkpoint

from . import _sampling
from ._base import DeepExtractor, check_positive
from ._preprocess import Preprocess
from ._published import internvideo as published

if TYPE_CHECKING:
    from ._networks.layers import Backbone

_PAPER = (
    "Wang et al., InternVideo: General Video Foundation Models via Generative and Discriminative "
    "Learning, arXiv:2212.03191, 2022"
)
_CLIP_MEAN = (0.48145466, 0.4578275, 0.40821073)
_CLIP_STD = (0.26862954, 0.26130258, 0.27577711)


def _mae_config(dim: int, depth: int, heads: int) -> dict[str, Any]:
    return {
        "img_size": 224,
        "patch_size": 16,
        "tubelet_size": 2,
        "all_frames": 16,
        "embed_dim": dim,
        "depth": depth,
        "num_heads": heads,
        "mlp_ratio": 4,
        "qkv_bias": True,
        "init_values": 0.0,
        "use_mean_pooling": True,
        "layernorm_eps": 1e-6,
        "num_classes": 400,
        "layout": "finetune",
    }


def _mm_config(patch: int, width: int, layers: int, heads: int, embed_dim: int) -> dict[str, Any]:
    return {
        "input_resolution": 224,
        "patch_size": patch,
        "width": width,
        "layers": layers,
        "heads": heads,
        "return_list": list(range(layers - 4, layers)),
        "t_size": 8,
        "embed_dim": embed_dim,
    }


def decimated(n: int, frames: int, stride: int, clips: int) -> NDArray[np.int64]:
    """VideoMAE's test clips, (clips, frames): every `stride`-th frame, cut into clips.

    The first clip starts at the first frame, the last ends at the last one taken; one clip is the
    middle one. A video shorter than a clip repeats its last frame.
    """
    taken = np.arange(0, n, stride)
    taken = np.pad(taken, (0, max(0, frames - len(taken))), mode="edge")
    spare = len(taken) - frames
    starts = [spare // 2] if clips == 1 else [int(k * (spare / (clips - 1))) for k in range(clips)]
    return np.stack([taken[start : start + frames] for start in starts])


@dataclass(frozen=True)
class _InternVideoMAE(DeepExtractor):
    """Recipe and network of the generative encoders.

    Parameters
    ----------
    frames : int
        Frames per clip.
    stride : int
        Every how many frames one is taken.
    """

    group: ClassVar[str] = "video-foundation"
    architecture: ClassVar[str] = "internvideo-mae"
    preprocess: ClassVar[Preprocess] = Preprocess(224, 224, way="cv2")
    references: ClassVar[tuple[str, ...]] = (
        _PAPER,
        "OpenGVLab/InternVideo, commit 3965eef, InternVideo1/Pretrain/VideoMAE/modeling_finetune.py",
    )

    clips: int = 5
    crops: int = 3
    frames: int = 16
    stride: int = 4

    def __post_init__(self) -> None:
        super().__post_init__()
        check_positive(self, "frames", "stride")
        if self.frames % 2:
            raise ParameterError(f"{self.name}: frames must be even (a tubelet has 2), got {self.frames}")

    def windows(self, n_frames: int, fps: float) -> NDArray[np.int64]:
        """Clips of `frames` frames, `stride` apart, spread evenly."""
        return decimated(n_frames, self.frames, self.stride, self.clips)

    @classmethod
    def network(cls, config: Mapping[str, Any]) -> Backbone:
        """Return the module of a configuration."""
        from ._networks.videomae import VideoMAE

        return VideoMAE(config)


@dataclass(frozen=True)
class InternVideoMAEB(_InternVideoMAE):
    """VideoMAE ViT-B/16, 768 values per clip."""

    name: ClassVar[str] = "internvideo-mae-b"
    config: ClassVar[Mapping[str, Any]] = _mae_config(768, 12, 12)
    dim: ClassVar[int] = 768
    taps: ClassVar[Mapping[str, int]] = {f"blocks.{number}": 768 for number in range(12)}
    checkpoints: ClassVar[tuple[Checkpoint, ...]] = published.MAE_B


@dataclass(frozen=True)
class InternVideoMAEL(_InternVideoMAE):
    """VideoMAE ViT-L/16, 1024 values per clip."""

    name: ClassVar[str] = "internvideo-mae-l"
    config: ClassVar[Mapping[str, Any]] = _mae_config(1024, 24, 16)
    dim: ClassVar[int] = 1024
    taps: ClassVar[Mapping[str, int]] = {f"blocks.{number}": 1024 for number in range(24)}
    checkpoints: ClassVar[tuple[Checkpoint, ...]] = published.MAE_L


@dataclass(frozen=True)
class InternVideoMAEH(_InternVideoMAE):
    """VideoMAE ViT-H/16, 1280 values per clip."""

    name: ClassVar[str] = "internvideo-mae-h"
    config: ClassVar[Mapping[str, Any]] = _mae_config(1280, 32, 16)
    dim: ClassVar[int] = 1280
    taps: ClassVar[Mapping[str, int]] = {f"blocks.{number}": 1280 for number in range(32)}
    checkpoints: ClassVar[tuple[Checkpoint, ...]] = published.MAE_H

    clips: int = 7


@dataclass(frozen=True)
class _InternVideoMM(DeepExtractor):
    """Recipe and network of the multimodal encoders.

    Parameters
    ----------
    frames : int
        Frames, from the first of the video to the last.
    """

    group: ClassVar[str] = "video-foundation"
    architecture: ClassVar[str] = "internvideo-mm"
    # The official demo's Resize leaves its interpolation at the default, which is the nearest pixel.
    preprocess: ClassVar[Preprocess] = Preprocess(256, 224, _CLIP_MEAN, _CLIP_STD, "cv2", "nearest")
    references: ClassVar[tuple[str, ...]] = (
        _PAPER,
        "OpenGVLab/InternVideo, commit 3965eef, InternVideo1/Pretrain/Multi-Modalities-Pretraining",
    )

    frames: int = 8

    def __post_init__(self) -> None:
        super().__post_init__()
        check_positive(self, "frames")
        if self.clips != 1:
            raise ParameterError(f"{self.name}: its one clip covers the video, so clips must be 1")

    def windows(self, n_frames: int, fps: float) -> NDArray[np.int64]:
        """One clip, from the first frame to the last."""
        return _sampling.linspace(n_frames, self.frames)

    @classmethod
    def network(cls, config: Mapping[str, Any]) -> Backbone:
        """Return the module of a configuration."""
        from ._networks.uniformerv2 import InternVideoTower

        return InternVideoTower(config)


@dataclass(frozen=True)
class InternVideoMMB(_InternVideoMM):
    """Multimodal ViT-B/16, 768 values per video; ``tap=projected`` gives the 512 shared with text."""

    name: ClassVar[str] = "internvideo-mm-b"
    config: ClassVar[Mapping[str, Any]] = _mm_config(16, 768, 12, 12, 512)
    dim: ClassVar[int] = 768
    taps: ClassVar[Mapping[str, int]] = {
        **{f"visual.transformer.resblocks.{k}": 768 for k in range(12)},
        "projected": 512,
    }
    checkpoints: ClassVar[tuple[Checkpoint, ...]] = published.MM_B


@dataclass(frozen=True)
class InternVideoMML(_InternVideoMM):
    """Multimodal ViT-L/14, 1024 values per video; ``tap=projected`` gives the 768 shared with text."""

    name: ClassVar[str] = "internvideo-mm-l"
    config: ClassVar[Mapping[str, Any]] = _mm_config(14, 1024, 24, 16, 768)
    dim: ClassVar[int] = 1024
    taps: ClassVar[Mapping[str, int]] = {
        **{f"visual.transformer.resblocks.{k}": 1024 for k in range(24)},
        "projected": 768,
    }
    checkpoints: ClassVar[tuple[Checkpoint, ...]] = published.MM_L
