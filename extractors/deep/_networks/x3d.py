"""X3D: a narrow ResNet with depth-wise convolutions over space and time and squeeze-and-excitation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from torch import Tensor, nn

from .layers import Backbone
from .residual3d import Bottleneck, ResBlock, Stage, Triple, convolution, window_average


def rounded(channels: float) -> int:
    """The multiple of 8 nearest to a number of channels, never below 8 nor 10 % under it."""
    nearest = max(8, int(channels + 4) // 8 * 8)
    return nearest + 8 if nearest < 0.9 * channels else nearest


class StemConvolution(nn.Module):
    """Space, then time for each channel. The official names of the two are exchanged."""

    def __init__(self, planes: int) -> None:
        super().__init__()
        self.conv_t = convolution(3, planes, (1, 3, 3), (1, 2, 2))
        self.conv_xy = convolution(planes, planes, (5, 1, 1), groups=planes)

    def forward(self, x: Tensor) -> Tensor:
        return self.conv_xy(self.conv_t(x))


class Stem(nn.Module):
    """Separated convolution, norm."""

    def __init__(self, planes: int) -> None:
        super().__init__()
        self.conv = StemConvolution(planes)
        self.norm = nn.BatchNorm3d(planes)
        self.activation = nn.ReLU(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        return self.activation(self.norm(self.conv(x)))


class SqueezeExcitation(nn.Module):
    """Each channel is weighted by what all channels are on average."""

    def __init__(self, channels: int, reduced: int) -> None:
        super().__init__()
        self.block = nn.Sequential(
            nn.Conv3d(channels, reduced, 1),
            nn.ReLU(inplace=True),
            nn.Conv3d(reduced, channels, 1),
            nn.Sigmoid(),
        )

    def forward(self, x: Tensor) -> Tensor:
        return x * self.block(x.mean((2, 3, 4), keepdim=True))


class DepthwiseBottleneck(Bottleneck):
    """The middle convolution is depth-wise, 3 x 3 x 3; weighting of the channels, then Swish."""

    def __init__(self, channels: int, inner: int, planes: int, stride: Triple, weighted: bool) -> None:
        super().__init__(channels, inner, planes, ((1, 1, 1), (3, 3, 3)), stride, groups=inner)
        weighting = SqueezeExcitation(inner, rounded(inner / 16)) if weighted else nn.Identity()
        self.norm_b = nn.Sequential(nn.BatchNorm3d(inner), weighting)
        self.act_b = nn.SiLU(inplace=True)


def stage(depth: int, channels: int, inner: int, planes: int) -> Stage:
    """Blocks of which the first halves the picture and every other one, from the first, is weighted."""
    blocks = []
    for number in range(depth):
        entering, stride = (channels, (1, 2, 2)) if number == 0 else (planes, (1, 1, 1))
        branch = DepthwiseBottleneck(entering, inner, planes, stride, weighted=number % 2 == 0)
        blocks.append(ResBlock(entering, planes, stride, branch, normed=entering != planes))
    return Stage(blocks)


class ProjectedPool(nn.Module):
    """To `inner` channels, average over a window, to `planes` channels at each of its places."""

    def __init__(self, channels: int, inner: int, planes: int, window: Triple) -> None:
        super().__init__()
        self.window = window
        self.pre_conv = convolution(channels, inner, (1, 1, 1))
        self.pre_norm = nn.BatchNorm3d(inner)
        self.post_conv = convolution(inner, planes, (1, 1, 1))
        self.activation = nn.ReLU(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        x = self.activation(self.pre_norm(self.pre_conv(x)))
        return self.activation(self.post_conv(window_average(x, self.window)))


class Head(nn.Module):
    """Projected pool and classifier; the embedding is what the classifier sees."""

    def __init__(self, pool: ProjectedPool, planes: int, num_classes: int) -> None:
        super().__init__()
        self.pool = pool
        self.proj = nn.Linear(planes, num_classes)

    def forward(self, x: Tensor) -> Tensor:
        return self.pool(x).mean((2, 3, 4))


class X3D(Backbone):
    """Stem, four stages that each halve the picture, projected pool.

    Parameters
    ----------
    depths, widths : sequence of int
        Blocks and channels of each stage; the stem has the channels of the first.
    expansion : float
        Channels inside a block per channel outside.
    dim : int
        Width of the embedding.
    window : (frames, height, width)
        Window of the average pool.
    num_classes : int
        Width of the classifier, which the embedding does not use.
    """

    heads = ("blocks.5.proj.",)

    def __init__(
        self,
        depths: Sequence[int],
        widths: Sequence[int],
        expansion: float = 2.25,
        dim: int = 2048,
        window: Triple = (16, 7, 7),
        num_classes: int = 400,
    ) -> None:
        super().__init__()
        blocks: list[nn.Module] = [Stem(widths[0])]
        channels = widths[0]
        for depth, planes in zip(depths, widths, strict=True):
            blocks.append(stage(depth, channels, int(expansion * planes), planes))
            channels = planes
        pool = ProjectedPool(channels, int(expansion * channels), dim, window)
        self.blocks = nn.ModuleList([*blocks, Head(pool, dim, num_classes)])

    def stages(self) -> list[str]:
        """Names of the four stages."""
        return [f"blocks.{number}" for number in range(1, len(self.blocks) - 1)]

    def features(self, x: Tensor) -> Tensor:
        """(B, 3, T, H, W) to (B, 2048)."""
        for block in self.blocks:
            x = block(x)
        return x


def build(config: Mapping[str, Any]) -> X3D:
    """Return the network of a reference configuration."""
    return X3D(**config)
