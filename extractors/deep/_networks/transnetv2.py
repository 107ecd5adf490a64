"""TransNet V2: dilated 3D convolutions, frame similarity and colour histograms (Souček and Lokoč)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import avg_pool2d, normalize, pad, relu

from .layers import Backbone

DILATIONS = (1, 2, 4, 8)
#: Frames on each side with which a frame is compared.
REACH = 50
#: Frames at each end of a window that only give context (the official prediction drops them).
CONTEXT = 25
#: TensorFlow's batch norm epsilon, with which the weights were trained.
EPSILON = 1e-3


class Separable(nn.Module):
    """3x3 across space, then 3 along time with a dilation."""

    def __init__(self, channels: int, filters: int, dilation: int) -> None:
        super().__init__()
        across = nn.Conv3d(channels, 2 * filters, (1, 3, 3), padding=(0, 1, 1), bias=False)
        along = nn.Conv3d(
            2 * filters, filters, (3, 1, 1), dilation=(dilation, 1, 1), padding=(dilation, 0, 0), bias=False
        )
        self.layers = nn.ModuleList([across, along])

    def forward(self, x: Tensor) -> Tensor:
        for layer in self.layers:
            x = layer(x)
        return x


class DilatedBlock(nn.Module):
    """The same input at four dilations, side by side, and a batch norm."""

    def __init__(self, channels: int, filters: int) -> None:
        super().__init__()
        for dilation in DILATIONS:
            self.add_module(f"Conv3D_{dilation}", Separable(channels, filters, dilation))
        self.bn = nn.BatchNorm3d(4 * filters, eps=EPSILON)

    def forward(self, x: Tensor) -> Tensor:
        parts = [self.get_submodule(f"Conv3D_{dilation}")(x) for dilation in DILATIONS]
        return self.bn(torch.cat(parts, dim=1))


class Stack(nn.Module):
    """Two dilated blocks with a shortcut around the second, and 2x2 average pooling."""

    def __init__(self, channels: int, filters: int) -> None:
        super().__init__()
        self.DDCNN = nn.ModuleList([DilatedBlock(channels, filters), DilatedBlock(4 * filters, filters)])

    def forward(self, x: Tensor) -> Tensor:
        first = relu(self.DDCNN[0](x))
        y = relu(self.DDCNN[1](first)) + first
        # frame by frame: pooling in 3D has no bfloat16 on the CPU
        pooled = avg_pool2d(y.flatten(1, 2), 2)
        return pooled.reshape(*y.shape[:3], *pooled.shape[2:])


def near_similarities(vectors: Tensor) -> Tensor:
    """(B, T, C) unit vectors to (B, T, 101): each frame's cosine with its neighbours, 0 outside."""
    batch, frames, _ = vectors.shape
    everyone = pad(vectors @ vectors.transpose(1, 2), (REACH, REACH))
    places = torch.arange(frames)[:, None] + torch.arange(2 * REACH + 1)
    return everyone.gather(2, places.to(vectors.device).expand(batch, -1, -1))


class FrameSimilarity(nn.Module):
    """Learned similarity of neighbouring frames."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.projection = nn.Linear(channels, 128)
        self.fc = nn.Linear(2 * REACH + 1, 128)

    def forward(self, maps: list[Tensor]) -> Tensor:
        pooled = torch.cat([one.mean((3, 4)) for one in maps], dim=1).transpose(1, 2)
        return relu(self.fc(near_similarities(normalize(self.projection(pooled), dim=2))))


class ColorHistograms(nn.Module):
    """Similarity of neighbouring frames' 8 x 8 x 8 colour histograms."""

    def __init__(self) -> None:
        super().__init__()
        self.fc = nn.Linear(2 * REACH + 1, 128)

    def forward(self, x: Tensor) -> Tensor:
        bins = (x.float() * 255).round().long().flatten(3) >> 5  # (B, 3, T, pixels)
        codes = (bins[:, 0] << 6) + (bins[:, 1] << 3) + bins[:, 2]
        counts = torch.zeros(*codes.shape[:2], 512, device=x.device)
        counts.scatter_add_(2, codes, torch.ones_like(codes, dtype=counts.dtype))
        return relu(self.fc(near_similarities(normalize(counts, dim=2)).to(x.dtype)))


class TransNetV2(Backbone):
    """Three stacks; similarities; one hidden layer of 1024 per frame.

    A clip's vector is the mean over its frames, without the `CONTEXT` frames at each end where
    the clip is long enough to have them.
    """

    heads = ("cls_layer1.", "cls_layer2.")

    def __init__(self, filters: int = 16, stacks: int = 3, dim: int = 1024) -> None:
        super().__init__()
        widths = [4 * filters << number for number in range(stacks)]
        self.SDDCNN = nn.ModuleList(
            Stack(3 if number == 0 else widths[number - 1], filters << number) for number in range(stacks)
        )
        self.frame_sim_layer = FrameSimilarity(sum(widths))
        self.color_hist_layer = ColorHistograms()
        # 27 x 48 pixels are 3 x 6 after three poolings
        self.fc1 = nn.Linear(widths[-1] * 3 * 6 + 2 * 128, dim)
        self.cls_layer1 = nn.Linear(dim, 1)
        self.cls_layer2 = nn.Linear(dim, 1)

    def stages(self) -> list[str]:
        """Names of the stacks; each gives a (B, C, T, H, W) map."""
        return [f"SDDCNN.{number}" for number in range(len(self.SDDCNN))]

    def frame_features(self, x: Tensor) -> Tensor:
        """(B, 3, T, 27, 48) in 0..1 to (B, T, 1024)."""
        maps: list[Tensor] = []
        y = x
        for stack in self.SDDCNN:
            y = stack(y)
            maps.append(y)
        flat = y.permute(0, 2, 3, 4, 1).flatten(2)
        return relu(self.fc1(torch.cat([self.color_hist_layer(x), self.frame_sim_layer(maps), flat], dim=2)))

    def features(self, x: Tensor) -> Tensor:
        """(B, 3, T, 27, 48) in 0..1 to (B, 1024)."""
        frames = self.frame_features(x)
        return (frames[:, CONTEXT:-CONTEXT] if frames.shape[1] > 2 * CONTEXT else frames).mean(1)


def build(config: Mapping[str, Any]) -> TransNetV2:
    """Return the network of a configuration (`filters`, `stacks`, `dim`)."""
    return TransNetV2(**config)
