"""The three 18-layer video ResNets of Tran et al. (2018), with torchvision's module names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from torch import Tensor, nn

from .layers import Backbone


def convolution(kind: str, channels: int, planes: int, middle: int, stride: int = 1) -> nn.Module:
    """A 3x3x3 convolution of one `kind`.

    3d: full. 2d: no extent in time, and no stride in it. 2+1d: space, then time, with `middle`
    channels in between so that the number of weights is about that of the full one.
    """
    if kind == "3d":
        return nn.Conv3d(channels, planes, 3, stride, 1, bias=False)
    across = nn.Conv3d(
        channels, planes if kind == "2d" else middle, (1, 3, 3), (1, stride, stride), (0, 1, 1), bias=False
    )
    if kind == "2d":
        return across
    along = nn.Conv3d(middle, planes, (3, 1, 1), (stride, 1, 1), (1, 0, 0), bias=False)
    return nn.Sequential(across, nn.BatchNorm3d(middle), nn.ReLU(inplace=True), along)


class Block(nn.Module):
    """Two convolutions and a shortcut."""

    def __init__(self, kind: str, channels: int, planes: int, stride: int) -> None:
        super().__init__()
        middle = (channels * planes * 27) // (channels * 9 + 3 * planes)
        self.conv1 = nn.Sequential(
            convolution(kind, channels, planes, middle, stride), nn.BatchNorm3d(planes), nn.ReLU(inplace=True)
        )
        self.conv2 = nn.Sequential(convolution(kind, planes, planes, middle), nn.BatchNorm3d(planes))
        self.relu = nn.ReLU(inplace=True)
        self.downsample: nn.Module | None = None
        if stride != 1 or channels != planes:
            steps = (1 if kind == "2d" else stride, stride, stride)
            self.downsample = nn.Sequential(
                nn.Conv3d(channels, planes, 1, steps, bias=False), nn.BatchNorm3d(planes)
            )

    def forward(self, x: Tensor) -> Tensor:
        shortcut = x if self.downsample is None else self.downsample(x)
        return self.relu(self.conv2(self.conv1(x)) + shortcut)


def stem(kind: str, width: int) -> nn.Sequential:
    """First layers: 7x7 over 3 frames at once, or 7x7 and then 3 frames."""
    if kind != "2+1d":
        first = nn.Conv3d(3, width, (3, 7, 7), (1, 2, 2), (1, 3, 3), bias=False)
        return nn.Sequential(first, nn.BatchNorm3d(width), nn.ReLU(inplace=True))
    return nn.Sequential(
        nn.Conv3d(3, 45, (1, 7, 7), (1, 2, 2), (0, 3, 3), bias=False),
        nn.BatchNorm3d(45),
        nn.ReLU(inplace=True),
        nn.Conv3d(45, width, (3, 1, 1), 1, (1, 0, 0), bias=False),
        nn.BatchNorm3d(width),
        nn.ReLU(inplace=True),
    )


class VideoResNet(Backbone):
    """Stem, four stages, global average pool.

    Parameters
    ----------
    kinds : sequence of {"3d", "2d", "2+1d"}
        Convolution of each stage.
    layers, widths : sequence of int
        Blocks and channels of each stage.
    num_classes : int
        Width of the classifier, which the embedding does not use.
    """

    heads = ("fc.",)

    def __init__(
        self, kinds: Sequence[str], layers: Sequence[int], widths: Sequence[int], num_classes: int
    ) -> None:
        super().__init__()
        self.stem = stem(kinds[0], widths[0])
        channels = widths[0]
        for number, (kind, depth, planes) in enumerate(zip(kinds, layers, widths, strict=True), start=1):
            first = Block(kind, channels, planes, stride=1 if number == 1 else 2)
            rest = [Block(kind, planes, planes, stride=1) for _ in range(depth - 1)]
            self.add_module(f"layer{number}", nn.Sequential(first, *rest))
            channels = planes
        self.avgpool = nn.AdaptiveAvgPool3d(1)
        self.fc = nn.Linear(channels, num_classes)

    def stages(self) -> list[str]:
        """Names of the four stages."""
        return [name for name, _ in self.named_children() if name.startswith("layer")]

    def features(self, x: Tensor) -> Tensor:
        """(B, 3, T, H, W) to (B, 512)."""
        x = self.stem(x)
        for name in self.stages():
            x = self.get_submodule(name)(x)
        return self.avgpool(x).flatten(1)


def build(kinds: Sequence[str], config: Mapping[str, Any]) -> VideoResNet:
    """Return the network of a reference configuration."""
    widths = config.get("widths", (64, 128, 256, 512))
    layers = config.get("layers", (2, 2, 2, 2))
    return VideoResNet(kinds, layers, widths, config.get("num_classes", 400))
