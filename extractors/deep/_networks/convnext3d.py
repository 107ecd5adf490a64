"""ConvNeXt with a time axis, the aesthetic branch of DOVER.

Liu et al., "A ConvNet for the 2020s", CVPR 2022; Wu et al., "Exploring video quality assessment on
user generated contents from aesthetic and technical perspectives", ICCV 2023. The stem halves the
frames, no later layer does; of three depthwise convolutions the second sees three frames, the
others one. Names of parameters are the official ones.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import torch
from torch import Tensor, nn

#: Frames that the depthwise convolutions of successive blocks of a stage see.
FRAMES = (1, 3, 1)
EPSILON = 1e-6


class ChannelNorm(nn.LayerNorm):
    """Layer norm over the channels of (B, C, T, H, W) maps."""

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x.permute(0, 2, 3, 4, 1)).permute(0, 4, 1, 2, 3)


class Block(nn.Module):
    """Depthwise convolution, norm and an MLP over channels, scaled, around a shortcut."""

    def __init__(self, dim: int, frames: int) -> None:
        super().__init__()
        self.dwconv = nn.Conv3d(dim, dim, (frames, 7, 7), padding=(frames // 2, 3, 3), groups=dim)
        self.norm = nn.LayerNorm(dim, eps=EPSILON)
        self.pwconv1 = nn.Linear(dim, 4 * dim)
        self.act = nn.GELU()
        self.pwconv2 = nn.Linear(4 * dim, dim)
        self.gamma = nn.Parameter(torch.ones(dim))

    def forward(self, x: Tensor) -> Tensor:
        y = self.norm(self.dwconv(x).permute(0, 2, 3, 4, 1))
        y = self.gamma * self.pwconv2(self.act(self.pwconv1(y)))
        return x + y.permute(0, 4, 1, 2, 3)


class ConvNext3D(nn.Module):
    """Four stages of blocks, each after a norm and a strided convolution, and a norm.

    Parameters
    ----------
    depths, dims : sequence of int
        Blocks and channels of each stage.
    """

    def __init__(self, depths: Sequence[int], dims: Sequence[int]) -> None:
        super().__init__()
        stem = nn.Sequential(nn.Conv3d(3, dims[0], (2, 4, 4), (2, 4, 4)), ChannelNorm(dims[0], eps=EPSILON))
        merges = [
            nn.Sequential(ChannelNorm(narrow, eps=EPSILON), nn.Conv3d(narrow, wide, (1, 2, 2), (1, 2, 2)))
            for narrow, wide in itertools.pairwise(dims)
        ]
        self.downsample_layers = nn.ModuleList([stem, *merges])
        self.stages = nn.ModuleList(
            nn.Sequential(*(Block(dim, FRAMES[k % 3]) for k in range(depth)))
            for depth, dim in zip(depths, dims, strict=True)
        )
        self.norm = nn.LayerNorm(dims[-1], eps=EPSILON)

    def forward(self, x: Tensor) -> Tensor:
        """(B, 3, T, H, W) to the normed map, (B, T', H', W', D)."""
        for merge, stage in zip(self.downsample_layers, self.stages, strict=True):
            x = stage(merge(x))
        return self.norm(x.permute(0, 2, 3, 4, 1))

    def taps(self) -> list[str]:
        """Names of the stages, whose output is a (B, C, T, H, W) map."""
        return [f"stages.{k}" for k in range(len(self.stages))]
