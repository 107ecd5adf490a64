"""ResNet with bottleneck blocks (He et al., 2016), strides in the 3x3, torchvision's names."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from torch import Tensor, nn

from .layers import ImageBackbone


class Bottleneck(nn.Module):
    """1x1, 3x3, 1x1 convolutions and a shortcut."""

    def __init__(self, channels: int, width: int, stride: int) -> None:
        super().__init__()
        planes = 4 * width
        self.conv1 = nn.Conv2d(channels, width, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, width, 3, stride, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(width)
        self.conv3 = nn.Conv2d(width, planes, 1, bias=False)
        self.bn3 = nn.BatchNorm2d(planes)
        self.relu = nn.ReLU(inplace=True)
        self.downsample: nn.Module | None = None
        if stride != 1 or channels != planes:
            self.downsample = nn.Sequential(
                nn.Conv2d(channels, planes, 1, stride, bias=False), nn.BatchNorm2d(planes)
            )

    def forward(self, x: Tensor) -> Tensor:
        shortcut = x if self.downsample is None else self.downsample(x)
        y = self.relu(self.bn1(self.conv1(x)))
        y = self.relu(self.bn2(self.conv2(y)))
        return self.relu(self.bn3(self.conv3(y)) + shortcut)


class ResNet(ImageBackbone):
    """Stem, four stages, global average pool."""

    heads = ("fc.",)

    def __init__(self, layers: Sequence[int] = (3, 4, 6, 3), num_classes: int = 1000) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, 64, 7, 2, 3, bias=False)
        self.bn1 = nn.BatchNorm2d(64)
        self.relu = nn.ReLU(inplace=True)
        self.maxpool = nn.MaxPool2d(3, 2, 1)
        channels = 64
        for number, depth in enumerate(layers, start=1):
            width = 32 << number
            first = Bottleneck(channels, width, 1 if number == 1 else 2)
            channels = 4 * width
            rest = (Bottleneck(channels, width, 1) for _ in range(depth - 1))
            self.add_module(f"layer{number}", nn.Sequential(first, *rest))
        self.fc = nn.Linear(channels, num_classes)

    def stages(self) -> list[str]:
        """Names of the four stages; each gives a (B, C, H, W) map."""
        return [name for name, _ in self.named_children() if name.startswith("layer")]

    def image_features(self, images: Tensor) -> Tensor:
        """(N, 3, H, W) to (N, 2048)."""
        x = self.maxpool(self.relu(self.bn1(self.conv1(images))))
        for name in self.stages():
            x = self.get_submodule(name)(x)
        return x.mean((2, 3))

    def rename(self, key: str) -> str:
        """Our key for one of the transformers library's."""
        key = key.removeprefix("resnet.").removeprefix("encoder.")
        stem = {"convolution": "conv1", "normalization": "bn1"}
        key = re.sub(r"^embedder\.embedder\.(\w+)", lambda found: stem[found[1]], key)
        key = re.sub(
            r"^stages\.(\d)\.layers\.(\d+)\.", lambda found: f"layer{int(found[1]) + 1}.{found[2]}.", key
        )
        key = key.replace("shortcut.convolution", "downsample.0").replace(
            "shortcut.normalization", "downsample.1"
        )
        parts = {"convolution": "conv", "normalization": "bn"}
        key = re.sub(r"layer\.(\d)\.(\w+)", lambda found: f"{parts[found[2]]}{int(found[1]) + 1}", key)
        return key.replace("classifier.1.", "fc.")


def build(config: Mapping[str, Any]) -> ResNet:
    """Return the network of a configuration (`layers`, `num_classes`)."""
    return ResNet(**config)
