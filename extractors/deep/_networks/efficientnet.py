"""EfficientNet-Lite: inverted residual blocks without squeeze-and-excitation, with ReLU6."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from torch import Tensor, nn
from torch.nn.functional import conv2d, pad, relu6

from .layers import ImageBackbone

#: Repeats, kernel, stride, expansion, output channels of each group of Lite0 (EfficientNet, table 1).
GROUPS = (
    (1, 3, 1, 1, 16),
    (2, 3, 2, 6, 24),
    (2, 5, 2, 6, 40),
    (3, 3, 2, 6, 80),
    (3, 5, 1, 6, 112),
    (4, 5, 2, 6, 192),
    (1, 3, 1, 6, 320),
)
#: TensorFlow's batch norm epsilon, with which the weights were trained.
EPSILON = 1e-3


class SameConv2d(nn.Conv2d):
    """Convolution with TensorFlow's SAME padding: the odd pixel goes to the right and bottom."""

    def forward(self, x: Tensor) -> Tensor:
        pads: list[int] = []
        for size, kernel, step in zip(x.shape[:1:-1], self.kernel_size[::-1], self.stride[::-1], strict=True):
            total = max((-(-size // step) - 1) * step + kernel - size, 0)
            pads += [total // 2, total - total // 2]
        return conv2d(pad(x, pads), self.weight, None, self.stride, groups=self.groups)


class Block(nn.Module):
    """Expand, convolve depth-wise, project; a shortcut where the shape is kept."""

    def __init__(self, channels: int, planes: int, kernel: int, stride: int, expansion: int) -> None:
        super().__init__()
        wide = channels * expansion
        self.expands = expansion != 1
        if self.expands:
            self._expand_conv = SameConv2d(channels, wide, 1, bias=False)
            self._bn0 = nn.BatchNorm2d(wide, eps=EPSILON)
        self._depthwise_conv = SameConv2d(wide, wide, kernel, stride, groups=wide, bias=False)
        self._bn1 = nn.BatchNorm2d(wide, eps=EPSILON)
        self._project_conv = SameConv2d(wide, planes, 1, bias=False)
        self._bn2 = nn.BatchNorm2d(planes, eps=EPSILON)
        self.shortcut = stride == 1 and channels == planes

    def forward(self, x: Tensor) -> Tensor:
        y = relu6(self._bn0(self._expand_conv(x))) if self.expands else x
        y = relu6(self._bn1(self._depthwise_conv(y)))
        y = self._bn2(self._project_conv(y))
        return x + y if self.shortcut else y


class EfficientNetLite(ImageBackbone):
    """Stem, 16 to 21 blocks, head convolution, global average pool.

    Parameters
    ----------
    width_coefficient, depth_coefficient : float
        Factors of the channels and of the repeats of the blocks (EfficientNet, equation 3). The Lite
        variants scale neither stem and head nor the repeats of the first and last group.
    num_classes : int
        Width of the classifier, which the embedding does not use.
    """

    heads = ("_fc.",)

    def __init__(
        self, width_coefficient: float = 1.0, depth_coefficient: float = 1.0, num_classes: int = 1000
    ) -> None:
        super().__init__()
        self._conv_stem = SameConv2d(3, 32, 3, 2, bias=False)
        self._bn0 = nn.BatchNorm2d(32, eps=EPSILON)
        self._blocks = nn.ModuleList()
        channels = 32
        for group, (repeats, kernel, stride, expansion, planes) in enumerate(GROUPS):
            planes = in_eights(planes * width_coefficient)
            is_outer = group in (0, len(GROUPS) - 1)
            for number in range(repeats if is_outer else math.ceil(repeats * depth_coefficient)):
                self._blocks.append(Block(channels, planes, kernel, 1 if number else stride, expansion))
                channels = planes
        self._conv_head = SameConv2d(channels, 1280, 1, bias=False)
        self._bn1 = nn.BatchNorm2d(1280, eps=EPSILON)
        self._fc = nn.Linear(1280, num_classes)

    def stages(self) -> list[str]:
        """Names of the blocks."""
        return [f"_blocks.{number}" for number in range(len(self._blocks))]

    def image_features(self, images: Tensor) -> Tensor:
        """(N, 3, H, W) to (N, 1280)."""
        x = relu6(self._bn0(self._conv_stem(images)))
        for block in self._blocks:
            x = block(x)
        return relu6(self._bn1(self._conv_head(x))).mean((2, 3))


def in_eights(channels: float) -> int:
    """Return the nearest multiple of eight, not below nine tenths (EfficientNet's ``round_filters``)."""
    nearest = max(8, int(channels + 4) // 8 * 8)
    return nearest + 8 if nearest < 0.9 * channels else nearest


def build(config: Mapping[str, Any]) -> EfficientNetLite:
    """Return the network of a configuration (the arguments of `EfficientNetLite`)."""
    return EfficientNetLite(**config)
