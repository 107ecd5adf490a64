"""Video Swin Transformer: attention in shifted 3D windows (Liu et al., 2022), torchvision's names.

Two details decide whether the numbers agree with the official code. Where the map is smaller than
the window along an axis, the window shrinks to the map, that axis is not shifted, and the table of
relative positions is still read with the *first* N rows and columns of the full window's index.
And padding to whole windows happens after the first norm, with zeros that take part in attention
except across the borders of the shifted regions.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import pad, scaled_dot_product_attention

from .layers import Backbone

Size = tuple[int, ...]
#: Added to the attention of two positions that were not neighbours before the shift.
MASKED = -100.0


def relative_index(window: Size) -> Tensor:
    """(N, N) rows of the bias table for each pair of positions in a window of N."""
    grid = np.stack(np.meshgrid(*map(np.arange, window), indexing="ij")).reshape(3, -1)
    offsets = grid[:, :, None] - grid[:, None, :] + np.array(window)[:, None, None] - 1
    steps = ((2 * window[1] - 1) * (2 * window[2] - 1), 2 * window[2] - 1, 1)
    return torch.from_numpy(np.einsum("aij,a->ij", offsets, np.array(steps)))


def region_mask(size: Size, window: Size, shift: Size) -> Tensor:
    """(windows, N, N): 0 within a region of the shifted map, `MASKED` across two."""
    axes = []
    for length, extent, moved in zip(size, window, shift, strict=True):
        places = np.arange(length)
        axes.append(np.where(places >= length - moved, 2, places >= length - extent) if moved else 0 * places)
    labels = axes[0][:, None, None] * 9 + axes[1][:, None] * 3 + axes[2]
    flat = split_windows(torch.from_numpy(labels)[None, ..., None], window)[0, ..., 0]
    return (flat[:, :, None] != flat[:, None, :]) * MASKED


def split_windows(x: Tensor, window: Size) -> Tensor:
    """(B, T, H, W, C) to (B, windows, N, C)."""
    b, t, h, w, c = x.shape
    wt, wh, ww = window
    x = x.view(b, t // wt, wt, h // wh, wh, w // ww, ww, c).permute(0, 1, 3, 5, 2, 4, 6, 7)
    return x.reshape(b, -1, wt * wh * ww, c)


def join_windows(x: Tensor, window: Size, size: Size) -> Tensor:
    """(B, windows, N, C) back to (B, T, H, W, C)."""
    (t, h, w), (wt, wh, ww) = size, window
    x = x.view(len(x), t // wt, h // wh, w // ww, wt, wh, ww, -1).permute(0, 1, 4, 2, 5, 3, 6, 7)
    return x.reshape(len(x), t, h, w, -1)


class WindowAttention(nn.Module):
    """Self-attention inside windows, shifted by half a window in every second block."""

    relative_position_index: Tensor

    def __init__(self, dim: int, window: Size, shift: Size, heads: int) -> None:
        super().__init__()
        self.window, self.shift, self.heads = window, shift, heads
        self.qkv = nn.Linear(dim, 3 * dim)
        self.proj = nn.Linear(dim, dim)
        entries = int(np.prod([2 * extent - 1 for extent in window]))
        self.relative_position_bias_table = nn.Parameter(torch.zeros(entries, heads))
        self.register_buffer("relative_position_index", relative_index(window))

    def forward(self, x: Tensor, largest: Size | None = None) -> Tensor:
        """(B, T, H, W, C) to the same shape; `largest` is a window to use instead of the own one."""
        _, t, h, w, c = x.shape
        largest = largest or self.window
        inside = [length <= extent for length, extent in zip((t, h, w), largest, strict=True)]
        window = tuple(min(length, extent) for length, extent in zip((t, h, w), largest, strict=True))
        shift = tuple(0 if whole else moved for whole, moved in zip(inside, self.shift, strict=True))
        spare = [-length % extent for length, extent in zip((t, h, w), window, strict=True)]
        x = pad(x, (0, 0, 0, spare[2], 0, spare[1], 0, spare[0]))
        size = tuple(x.shape[1:4])
        bias = self.bias(window, size, shift)
        if any(shift):
            x = torch.roll(x, [-moved for moved in shift], (1, 2, 3))
            bias = bias + region_mask(size, window, shift).to(bias)[:, None]
        windows = split_windows(x, window)
        q, k, v = self.qkv(windows).unflatten(-1, (3, self.heads, c // self.heads)).permute(3, 0, 1, 4, 2, 5)
        # clip by clip: only four dimensions take the fast path, and the mask is kept once
        each = [
            scaled_dot_product_attention(*clip, attn_mask=bias.to(q.dtype))
            for clip in zip(q, k, v, strict=True)
        ]
        attended = torch.stack(each)
        x = join_windows(self.proj(attended.transpose(2, 3).flatten(3)), window, size)
        if any(shift):
            x = torch.roll(x, shift, (1, 2, 3))
        return x[:, :t, :h, :w]

    def bias(self, window: Size, size: Size, shift: Size) -> Tensor:
        """(1 or windows, heads, N, N) learned bias of each pair of positions in a window of a padded map."""
        positions = int(np.prod(window))
        index = self.relative_position_index[:positions, :positions]
        return self.relative_position_bias_table[index].permute(2, 0, 1)[None]


class Block(nn.Module):
    """Window attention and an MLP, each after a norm and around a shortcut."""

    def __init__(self, dim: int, window: Size, shift: Size, heads: int, mlp_ratio: float) -> None:
        super().__init__()
        self.norm1 = nn.LayerNorm(dim)
        self.attn = WindowAttention(dim, window, shift, heads)
        self.norm2 = nn.LayerNorm(dim)
        hidden = int(dim * mlp_ratio)
        # torchvision numbers its dropouts too: the linear layers are mlp.0 and mlp.3
        self.mlp = nn.Sequential(nn.Linear(dim, hidden), nn.GELU(), nn.Identity(), nn.Linear(hidden, dim))

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.attn(self.norm1(x))
        return x + self.mlp(self.norm2(x))


class Merge(nn.Module):
    """Every 2 x 2 neighbourhood becomes one position of twice the width."""

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.reduction = nn.Linear(4 * dim, 2 * dim, bias=False)
        self.norm = nn.LayerNorm(4 * dim)

    def forward(self, x: Tensor) -> Tensor:
        x = pad(x, (0, 0, 0, x.shape[3] % 2, 0, x.shape[2] % 2))
        quarters = [x[:, :, i::2, j::2] for j, i in itertools.product((0, 1), repeat=2)]
        return self.reduction(self.norm(torch.cat(quarters, dim=-1)))


class PatchEmbed(nn.Module):
    """Non-overlapping patches, padded at the end, to channels-last tokens."""

    def __init__(self, patch: Size, dim: int, norm: bool) -> None:
        super().__init__()
        frames, height, width = self.patch = patch
        self.proj = nn.Conv3d(3, dim, (frames, height, width), (frames, height, width))
        self.norm = nn.LayerNorm(dim) if norm else nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        t, h, w = (-length % extent for length, extent in zip(x.shape[2:], self.patch, strict=True))
        return self.norm(self.proj(pad(x, (0, w, 0, h, 0, t))).permute(0, 2, 3, 4, 1))


class VideoSwin(Backbone):
    """Patches, four stages with merging between them, norm, mean over all positions."""

    heads = ("head.",)

    def __init__(
        self,
        patch_size: Sequence[int],
        embed_dim: int,
        depths: Sequence[int],
        num_heads: Sequence[int],
        window_size: Sequence[int],
        mlp_ratio: float = 4.0,
        num_classes: int = 400,
        patch_norm: bool = True,
    ) -> None:
        super().__init__()
        self.patch_embed = PatchEmbed(tuple(patch_size), embed_dim, patch_norm)
        window = tuple(window_size)
        shifts = ((0, 0, 0), tuple(extent // 2 for extent in window))
        stages: list[nn.Module] = []
        for number, (depth, heads) in enumerate(zip(depths, num_heads, strict=True)):
            dim = embed_dim << number
            blocks = (Block(dim, window, shifts[k % 2], heads, mlp_ratio) for k in range(depth))
            stages.append(nn.Sequential(*blocks))
            if number < len(depths) - 1:
                stages.append(Merge(dim))
        # torchvision's name for the stages is also that of our method: put it past the check
        self._modules["features"] = nn.Sequential(*stages)
        self.norm = nn.LayerNorm(dim)
        self.head = nn.Linear(dim, num_classes)

    def stages(self) -> list[str]:
        """Names of the four stages; each gives a (B, T, H, W, C) map."""
        return [f"features.{number}" for number in range(0, len(self._stages()), 2)]

    def _stages(self) -> nn.Sequential:
        stages = self._modules["features"]
        assert isinstance(stages, nn.Sequential)
        return stages

    def features(self, x: Tensor) -> Tensor:
        """(B, 3, T, H, W) to (B, D)."""
        return self.norm(self._stages()(self.patch_embed(x))).mean((1, 2, 3))

    def tokens(self, output: Tensor) -> tuple[Tensor, None]:
        """(B, T, H, W, C) maps as tokens; there is no class token."""
        return output.flatten(1, 3), None

    def rename(self, key: str) -> str:
        """Our key for one of the official release or of mmaction's."""
        key = re.sub(
            r"^layers\.(\d)\.blocks\.",
            lambda stage: f"features.{2 * int(stage[1])}.",
            key.replace("norm3.", "norm."),
        )
        key = re.sub(r"^layers\.(\d)\.downsample\.", lambda stage: f"features.{2 * int(stage[1]) + 1}.", key)
        key = key.replace(".mlp.fc1.", ".mlp.0.").replace(".mlp.fc2.", ".mlp.3.")
        return key.replace("cls_head.fc_cls.", "head.")


#: Keys of a configuration that change nothing at test time.
_TRAINING = ("stochastic_depth_prob", "drop_path_rate", "layout", "frozen_stages", "pretrained")


def build(config: Mapping[str, Any]) -> VideoSwin:
    """Return the network of a reference configuration, of either layout."""
    return VideoSwin(**{key: value for key, value in config.items() if key not in _TRAINING})
