"""SlowFast: a ResNet of few frames and many channels beside one of many frames and few channels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from vqa_features.errors import ParameterError

from .layers import Backbone
from .residual3d import Stem, Triple, convolution, resnet_stage, window_average

PATHS = ("slow", "fast")
#: Frames that the first convolution of a stage's blocks covers, slow and fast.
_SPANS = ((1, 1, 3, 3), (3, 3, 3, 3))


class Fusion(nn.Module):
    """Fast maps, brought to the slow frame rate, become more channels of the slow maps."""

    def __init__(self, channels: int, ratio: int, kernel: int, alpha: int) -> None:
        super().__init__()
        self.conv_fast_to_slow = convolution(channels, channels * ratio, (kernel, 1, 1), (alpha, 1, 1))
        self.norm = nn.BatchNorm3d(channels * ratio)
        self.activation = nn.ReLU(inplace=True)

    def forward(self, slow: Tensor, fast: Tensor) -> tuple[Tensor, Tensor]:
        return torch.cat([slow, self.activation(self.norm(self.conv_fast_to_slow(fast)))], dim=1), fast


class TwoPaths(nn.Module):
    """One stage of both pathways, and the fusion after it (none after the last)."""

    def __init__(self, slow: nn.Module, fast: nn.Module, fusion: Fusion | None) -> None:
        super().__init__()
        self.multipathway_blocks = nn.ModuleList([slow, fast])
        self.multipathway_fusion = fusion

    def forward(self, slow: Tensor, fast: Tensor) -> tuple[Tensor, Tensor]:
        slow, fast = self.multipathway_blocks[0](slow), self.multipathway_blocks[1](fast)
        return (slow, fast) if self.multipathway_fusion is None else self.multipathway_fusion(slow, fast)


class Head(nn.Module):
    """The classifier; the embedding is what it sees."""

    def __init__(self, channels: int, num_classes: int) -> None:
        super().__init__()
        self.proj = nn.Linear(channels, num_classes)


class SlowFast(Backbone):
    """Two pathways of four stages.

    Parameters
    ----------
    depths : sequence of int
        Blocks of each stage.
    width : int
        Channels of the slow stem; the stages have 4, 8, 16 and 32 times as many.
    beta : int
        The fast pathway has so many times fewer channels.
    alpha : int
        The slow pathway sees one of so many frames.
    fusion_ratio, fusion_kernel : int
        Channels of a fusion per fast channel, and the frames it covers.
    windows : pair of (frames, height, width)
        Windows of the two average pools before the classifier.
    num_classes : int
        Width of the classifier, which the embedding does not use.
    """

    #: Of the official model: blocks.5 is a pool without weights.
    heads = ("blocks.6.",)

    def __init__(
        self,
        depths: Sequence[int],
        width: int = 64,
        beta: int = 8,
        alpha: int = 4,
        fusion_ratio: int = 2,
        fusion_kernel: int = 7,
        windows: Sequence[Triple] = ((8, 7, 7), (32, 7, 7)),
        num_classes: int = 400,
    ) -> None:
        super().__init__()
        self.alpha, self.windows = alpha, windows

        def fusion(channels: int) -> Fusion:
            return Fusion(channels // beta, fusion_ratio, fusion_kernel, alpha)

        stages: list[nn.Module] = [TwoPaths(Stem(width, 1), Stem(width // beta, 5), fusion(width))]
        channels = width
        for number, depth in enumerate(depths):
            inner, planes, stride = width << number, width << (number + 2), 1 if number == 0 else 2
            joined = channels + channels // beta * fusion_ratio
            slow, fast = (
                resnet_stage(depth, entering, inner // part, planes // part, stride, [spans[number]])
                for entering, part, spans in zip((joined, channels // beta), (1, beta), _SPANS, strict=True)
            )
            last = number == len(depths) - 1
            stages.append(TwoPaths(slow, fast, None if last else fusion(planes)))
            channels = planes
        self.blocks = nn.ModuleList([*stages, nn.Identity(), Head(channels + channels // beta, num_classes)])

    def _paths(self) -> dict[str, str]:
        """Module of each stage's pathway, by the name of the tap."""
        return {
            f"{path}{stage}": f"blocks.{stage}.multipathway_blocks.{number}"
            for stage in range(1, len(self.blocks) - 2)
            for number, path in enumerate(PATHS)
        }

    def stages(self) -> list[str]:
        """Both pathways of each stage, before their fusion: slow1, fast1, slow2, ..."""
        return list(self._paths())

    def tap_name(self, tap: int | str) -> str:
        """Return the name of the sub-module a tap means."""
        name = tap if isinstance(tap, str) else super().tap_name(tap)
        return self._paths().get(name) or super().tap_name(name)

    def slow_frames(self, x: Tensor) -> Tensor:
        """Every alpha-th frame, from the first to the last, as the official packing takes them."""
        frames = x.shape[2]
        if frames % self.alpha:
            raise ParameterError(f"SlowFast needs a number of frames that {self.alpha} divides, got {frames}")
        return x[:, :, torch.linspace(0, frames - 1, frames // self.alpha).long().to(x.device)]

    def features(self, x: Tensor, path: str = "joined") -> Tensor:
        """(B, 3, T, H, W) frames of the fast pathway to (B, D); `path` selects slow, fast or both, joined."""
        if path not in ("joined", *PATHS):
            raise ParameterError(f"path must be joined, slow or fast, got {path!r}")
        slow, fast = self.slow_frames(x), x
        for stage in self.blocks[:-2]:
            slow, fast = stage(slow, fast)
        pooled = {
            name: window_average(maps, window).mean((2, 3, 4))
            for name, maps, window in zip(PATHS, (slow, fast), self.windows, strict=True)
        }
        return torch.cat(list(pooled.values()), dim=1) if path == "joined" else pooled[path]


def build(config: Mapping[str, Any]) -> SlowFast:
    """Return the network of a reference configuration."""
    return SlowFast(**config)
