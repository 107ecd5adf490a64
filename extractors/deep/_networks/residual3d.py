"""Residual blocks over space and time, as SlowFast, I3D and X3D have them, with pytorchvideo's names."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from torch import Tensor, nn
from torch.nn.functional import avg_pool3d

Triple = Sequence[int]


def triple(values: Triple) -> tuple[int, int, int]:
    """Time, height and width as a tuple."""
    time, height, width = values
    return time, height, width


def half(kernel: Triple) -> tuple[int, int, int]:
    """The padding that keeps the size under an odd kernel."""
    return triple([side // 2 for side in kernel])


def convolution(
    channels: int, planes: int, kernel: Triple, stride: Triple = (1, 1, 1), groups: int = 1
) -> nn.Conv3d:
    """A convolution without bias, padded by half its odd kernel."""
    return nn.Conv3d(
        channels, planes, triple(kernel), triple(stride), half(kernel), groups=groups, bias=False
    )


class Stem(nn.Module):
    """Convolution, norm, and a max-pool of 3 x 3 with stride 2."""

    def __init__(self, planes: int, frames: int) -> None:
        super().__init__()
        self.conv = convolution(3, planes, (frames, 7, 7), (1, 2, 2))
        self.norm = nn.BatchNorm3d(planes)
        self.activation = nn.ReLU(inplace=True)
        self.pool = nn.MaxPool3d((1, 3, 3), (1, 2, 2), (0, 1, 1))

    def forward(self, x: Tensor) -> Tensor:
        return self.pool(self.activation(self.norm(self.conv(x))))


class Bottleneck(nn.Module):
    """Three convolutions: to `inner` channels, over the picture (`stride` is here), to `planes` channels."""

    def __init__(
        self,
        channels: int,
        inner: int,
        planes: int,
        kernels: tuple[Triple, Triple],
        stride: Triple,
        groups: int = 1,
    ) -> None:
        super().__init__()
        self.conv_a = convolution(channels, inner, kernels[0])
        self.norm_a = nn.BatchNorm3d(inner)
        self.act_a = nn.ReLU(inplace=True)
        self.conv_b = convolution(inner, inner, kernels[1], stride, groups)
        self.norm_b: nn.Module = nn.BatchNorm3d(inner)
        self.act_b: nn.Module = nn.ReLU(inplace=True)
        self.conv_c = convolution(inner, planes, (1, 1, 1))
        self.norm_c = nn.BatchNorm3d(planes)

    def forward(self, x: Tensor) -> Tensor:
        x = self.act_a(self.norm_a(self.conv_a(x)))
        x = self.act_b(self.norm_b(self.conv_b(x)))
        return self.norm_c(self.conv_c(x))


class ResBlock(nn.Module):
    """A bottleneck and its shortcut: a convolution where the shape changes, with a norm if `normed`."""

    def __init__(self, channels: int, planes: int, stride: Triple, branch2: Bottleneck, normed: bool) -> None:
        super().__init__()
        self.branch1_conv: nn.Module = nn.Identity()
        self.branch1_norm: nn.Module = nn.Identity()
        if channels != planes or max(stride) > 1:
            self.branch1_conv = convolution(channels, planes, (1, 1, 1), stride)
            if normed:
                self.branch1_norm = nn.BatchNorm3d(planes)
        self.branch2 = branch2
        self.activation = nn.ReLU(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        return self.activation(self.branch1_norm(self.branch1_conv(x)) + self.branch2(x))


class Stage(nn.Module):
    """Residual blocks one after the other."""

    def __init__(self, blocks: Iterable[ResBlock]) -> None:
        super().__init__()
        self.res_blocks = nn.ModuleList(blocks)

    def forward(self, x: Tensor) -> Tensor:
        for block in self.res_blocks:
            x = block(x)
        return x


def resnet_stage(
    depth: int, channels: int, inner: int, planes: int, stride: int, spans: Sequence[int]
) -> Stage:
    """A stage of a ResNet; `spans`, repeated: frames that the first convolution of a block covers."""
    blocks = []
    for number in range(depth):
        entering = channels if number == 0 else planes
        steps = (1, stride, stride) if number == 0 else (1, 1, 1)
        kernels = ((spans[number % len(spans)], 1, 1), (1, 3, 3))
        branch = Bottleneck(entering, inner, planes, kernels, steps)
        blocks.append(ResBlock(entering, planes, steps, branch, normed=True))
    return Stage(blocks)


def window_average(x: Tensor, window: Triple) -> Tensor:
    """Averages over a (frames, height, width) window at each of its places.

    The official heads pool so: where the picture of a test is larger than that of the training there are
    several places, and the middle of the picture counts more. A smaller map is averaged as a whole.
    """
    size = [min(side, extent) for side, extent in zip(window, x.shape[2:], strict=True)]
    return avg_pool3d(x.float(), size, stride=1).to(x.dtype)  # torch has no pool of bfloat16 on the CPU
