"""I3D with a ResNet as its base: convolutions inflated over time in every other block."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from torch import Tensor, nn

from .layers import Backbone
from .residual3d import Stem, Triple, resnet_stage, window_average
from .slowfast import Head

#: Frames that the first convolution of the blocks covers, by stage and block (repeated).
_SPANS = ((3,), (3, 1), (3, 1), (1, 3))


class I3D(Backbone):
    """Stem, four stages with a max-pool over two frames after the first.

    Parameters
    ----------
    depths : sequence of int
        Blocks of each stage.
    width : int
        Channels of the stem; the stages have 4, 8, 16 and 32 times as many.
    window : (frames, height, width)
        Window of the average pool before the classifier.
    num_classes : int
        Width of the classifier, which the embedding does not use.
    """

    heads = ("blocks.6.",)

    def __init__(
        self, depths: Sequence[int], width: int = 64, window: Triple = (4, 7, 7), num_classes: int = 400
    ) -> None:
        super().__init__()
        self.window = window
        blocks: list[nn.Module] = [Stem(width, 5)]
        channels = width
        for number, (depth, spans) in enumerate(zip(depths, _SPANS, strict=True)):
            inner, planes, stride = width << number, width << (number + 2), 1 if number == 0 else 2
            blocks.append(resnet_stage(depth, channels, inner, planes, stride, spans))
            channels = planes
            if number == 0:
                blocks.append(nn.MaxPool3d((2, 1, 1)))
        self.blocks = nn.ModuleList([*blocks, Head(channels, num_classes)])

    def stages(self) -> list[str]:
        """Names of the four stages."""
        return ["blocks.1", "blocks.3", "blocks.4", "blocks.5"]

    def features(self, x: Tensor) -> Tensor:
        """(B, 3, T, H, W) to (B, 2048)."""
        for block in self.blocks[:-1]:
            x = block(x)
        return window_average(x, self.window).mean((2, 3, 4))


def build(config: Mapping[str, Any]) -> I3D:
    """Return the network of a reference configuration."""
    return I3D(**config)
