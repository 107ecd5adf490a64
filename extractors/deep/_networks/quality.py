"""Branches of FAST-VQA and DOVER: a backbone whose last map gives the embedding and a head's score.

Names of parameters are those of the official modules ``DiViDeAddEvaluator`` and ``DOVER``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import torch
from torch import Tensor, nn

from .convnext3d import ConvNext3D
from .gated_swin import GatedSwin
from .layers import Backbone


class Head(nn.Module):
    """A score of every position from its channels alone; the score of a clip is their mean."""

    def __init__(self, in_channels: int = 768, hidden_channels: int = 64) -> None:
        super().__init__()
        self.fc_hid = nn.Conv3d(in_channels, hidden_channels, 1)
        self.fc_last = nn.Conv3d(hidden_channels, 1, 1)
        self.gelu = nn.GELU()

    def forward(self, x: Tensor) -> Tensor:
        """(B, T, H, W, D) to (B, 1)."""
        hidden = self.gelu(self.fc_hid(x.permute(0, 4, 1, 2, 3)))
        return self.fc_last(hidden).mean((2, 3, 4))


class Branch(Backbone):
    """A backbone and its head under their official names."""

    backbone_name: ClassVar[str]
    head_name: ClassVar[str]

    def __init__(self, backbone: GatedSwin | ConvNext3D, head: Head) -> None:
        super().__init__()
        self.add_module(self.backbone_name, backbone)
        self.add_module(self.head_name, head)

    def features(self, x: Tensor, scores: bool = False) -> Tensor:
        """(B, 3, T, H, W) to the mean of the last map, (B, D); with `scores` the head's follows it."""
        last = self.get_submodule(self.backbone_name)(x)
        embedding = last.mean((1, 2, 3))
        if not scores:
            return embedding
        return torch.cat([embedding, self.get_submodule(self.head_name)(last)], dim=1)

    def stages(self) -> list[str]:
        """Names of the four stages."""
        backbone = self.get_submodule(self.backbone_name)
        assert isinstance(backbone, GatedSwin | ConvNext3D)
        return [f"{self.backbone_name}.{name}" for name in backbone.taps()]


class FragmentBranch(Branch):
    """A Swin-T with gated biases; its stages are (B, T, H, W, C) maps."""

    def tokens(self, output: Tensor) -> tuple[Tensor, None]:
        """Channels-last maps as tokens; there is no class token."""
        return output.flatten(1, 3), None


class FastVqa(FragmentBranch):
    """FAST-VQA, FAST-VQA-M and FasterVQA."""

    backbone_name, head_name = "fragments_backbone", "vqa_head"


class DoverTechnical(FragmentBranch):
    """The technical branch of DOVER."""

    backbone_name, head_name = "technical_backbone", "technical_head"
    drops = ("aesthetic_backbone.", "aesthetic_head.")


class DoverAesthetic(Branch):
    """The aesthetic branch of DOVER."""

    backbone_name, head_name = "aesthetic_backbone", "aesthetic_head"
    drops = ("technical_backbone.", "technical_head.")


def build(config: Mapping[str, Any]) -> Branch:
    """Return the network of a configuration: `layout`, options of the backbone, `vqa_head` of the head."""
    options = {key: value for key, value in config.items() if key not in ("layout", "vqa_head")}
    head = Head(**config.get("vqa_head", {}))
    if config["layout"] == "aesthetic":
        return DoverAesthetic(ConvNext3D(**options), head)
    branches = {"fragments": FastVqa, "technical": DoverTechnical}
    return branches[config["layout"]](GatedSwin(**options), head)
