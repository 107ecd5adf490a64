"""InternVideo2: video foundation encoders, distilled (S, B, L) and original (1B, 6B).

Wang et al., "InternVideo2: Scaling Foundation Models for Multimodal Video Understanding", ECCV 2024.
One embedding per clip: the attention pool's vector, for fine-tuned weights after the classifier's
norm. Two official recipes: that of the fine-tuned models (frames of 8 segments, short side 224) and
that of Stage2 and CLIP (middle frames of the segments, 224 x 224 whatever the aspect).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from vqa_features.errors import ParameterError
from vqa_features.specs import Checkpoint

from . import _sampling
from ._base import DeepExtractor, check_positive
from ._preprocess import Preprocess
from ._published import internvideo2 as published

if TYPE_CHECKING:
    from ._networks.layers import Backbone

_PREPROCESS = {
    "action": Preprocess(224, 224, way="cv2"),
    # On tensors: the release pins torchvision 0.14, which does not antialias them.
    "multimodal": Preprocess((224, 224), None, way="tensor", interpolation="bicubic"),
}


def _config(dim: int, depth: int, heads: int, mlp_ratio: float = 4) -> dict[str, Any]:
    return {
        "img_size": 224,
        "patch_size": 14,
        "tubelet_size": 1,
        "num_frames": 8,
        "qkv_bias": False,
        "qk_normalization": True,
        "attn_pool_num_heads": 16,
        "clip_embed_dim": 768,
        "init_values": 1e-5,
        "sep_pos_embed": False,
        "embed_dim": dim,
        "depth": depth,
        "num_heads": heads,
        "mlp_ratio": mlp_ratio,
        "num_classes": 400,
        "gelu": "tanh",
        "layout": "single",
    }


@dataclass(frozen=True)
class _InternVideo2(DeepExtractor):
    """Recipe and network that the variants share.

    Parameters
    ----------
    frames : int
        Frames per clip, spread over the whole video.
    recipe : {"action", "multimodal"}
        Frames and resizing of the fine-tuned models' test, or of Stage2 and CLIP.
    """

    group: ClassVar[str] = "video-foundation"
    architecture: ClassVar[str] = "internvideo2"
    dim: ClassVar[int] = 768
    references: ClassVar[tuple[str, ...]] = (
        "Wang et al., InternVideo2: Scaling Foundation Models for Multimodal Video Understanding, ECCV 2024",
        "OpenGVLab/InternVideo, commit 3965eef, InternVideo2/{single_modality,multi_modality}",
    )

    clips: int = 4
    crops: int = 3
    frames: int = 8
    recipe: Literal["action", "multimodal"] = "action"

    def __post_init__(self) -> None:
        if self.recipe not in _PREPROCESS:
            raise ParameterError(f"{self.name}: recipe must be action or multimodal, got {self.recipe!r}")
        super().__post_init__()
        check_positive(self, "frames")
        if self.recipe == "multimodal" and (self.clips, self.crops) != (1, 1):
            raise ParameterError(
                f"{self.name}: the multimodal recipe uses the whole video and picture once: "
                f"clips and crops must be 1, got {self.clips} and {self.crops}"
            )

    @property
    def preprocess(self) -> Preprocess:  # type: ignore[override]
        """The recipe's resizing and normalisation."""
        return _PREPROCESS[self.recipe]

    def windows(self, n_frames: int, fps: float) -> NDArray[np.int64]:
        """One frame of each of `frames` equal segments; clips interleave."""
        if self.recipe == "multimodal":
            return _sampling.middle(n_frames, self.frames)
        return _sampling.sparse(n_frames, self.frames, self.clips)

    @classmethod
    def network(cls, config: Mapping[str, Any]) -> Backbone:
        """Return the module of a configuration."""
        from ._networks.internvideo2_model import InternVideo2

        return InternVideo2(config)


@dataclass(frozen=True)
class InternVideo2S(_InternVideo2):
    """S/14, distilled from the 1B model: 12 blocks of 384."""

    name: ClassVar[str] = "internvideo2-s"
    config: ClassVar[Mapping[str, Any]] = _config(384, 12, 6)
    taps: ClassVar[Mapping[str, int]] = {f"blocks.{number}": 384 for number in range(12)}
    checkpoints: ClassVar[tuple[Checkpoint, ...]] = published.S


@dataclass(frozen=True)
class InternVideo2B(_InternVideo2):
    """B/14, distilled from the 1B model: 12 blocks of 768."""

    name: ClassVar[str] = "internvideo2-b"
    config: ClassVar[Mapping[str, Any]] = _config(768, 12, 12)
    taps: ClassVar[Mapping[str, int]] = {f"blocks.{number}": 768 for number in range(12)}
    checkpoints: ClassVar[tuple[Checkpoint, ...]] = published.B


@dataclass(frozen=True)
class InternVideo2L(_InternVideo2):
    """L/14, distilled from the 1B model: 24 blocks of 1024."""

    name: ClassVar[str] = "internvideo2-l"
    config: ClassVar[Mapping[str, Any]] = _config(1024, 24, 16)
    taps: ClassVar[Mapping[str, int]] = {f"blocks.{number}": 1024 for number in range(24)}
    checkpoints: ClassVar[tuple[Checkpoint, ...]] = published.L


@dataclass(frozen=True)
class InternVideo21B(_InternVideo2):
    """The 1B model: 40 blocks of 1408."""

    name: ClassVar[str] = "internvideo2-1b"
    config: ClassVar[Mapping[str, Any]] = _config(1408, 40, 16, mlp_ratio=48 / 11)
    taps: ClassVar[Mapping[str, int]] = {f"blocks.{number}": 1408 for number in range(40)}
    checkpoints: ClassVar[tuple[Checkpoint, ...]] = published.ONE_B


@dataclass(frozen=True)
class InternVideo26B(_InternVideo2):
    """The 6B model: 48 blocks of 3200. No fine-tuned weights are published, so the recipe is Stage2's."""

    name: ClassVar[str] = "internvideo2-6b"
    config: ClassVar[Mapping[str, Any]] = _config(3200, 48, 25)
    taps: ClassVar[Mapping[str, int]] = {f"blocks.{number}": 3200 for number in range(48)}
    checkpoints: ClassVar[tuple[Checkpoint, ...]] = published.SIX_B

    clips: int = 1
    crops: int = 1
    frames: int = 4
    recipe: Literal["action", "multimodal"] = "multimodal"
