"""UniFormer for video: convolution blocks first, then joint or split space-time attention."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from torch import Tensor, nn
from torch.nn.functional import scaled_dot_product_attention

from .layers import Backbone, Mlp


class Attention(nn.Module):
    """Multi-head self-attention over (B, N, C) tokens."""

    def __init__(self, dim: int, heads: int, bias: bool, scale: float | None) -> None:
        super().__init__()
        self.heads, self.scale = heads, scale
        self.qkv = nn.Linear(dim, 3 * dim, bias=bias)
        self.proj = nn.Linear(dim, dim)

    def forward(self, x: Tensor) -> Tensor:
        q, k, v = self.qkv(x).unflatten(-1, (3, self.heads, -1)).permute(2, 0, 3, 1, 4)
        attended = scaled_dot_product_attention(q, k, v, scale=self.scale)
        return self.proj(attended.transpose(1, 2).flatten(2))


class ConvMlp(nn.Module):
    """The MLP as 1x1x1 convolutions."""

    def __init__(self, dim: int, hidden: int) -> None:
        super().__init__()
        self.fc1 = nn.Conv3d(dim, hidden, 1)
        self.act = nn.GELU()
        self.fc2 = nn.Conv3d(hidden, dim, 1)

    def forward(self, x: Tensor) -> Tensor:
        return self.fc2(self.act(self.fc1(x)))


class ConvBlock(nn.Module):
    """Local aggregation: a depth-wise 5x5x5 convolution in place of attention."""

    def __init__(self, dim: int, hidden: int) -> None:
        super().__init__()
        self.pos_embed = nn.Conv3d(dim, dim, 3, padding=1, groups=dim)
        self.norm1 = nn.BatchNorm3d(dim)
        self.conv1 = nn.Conv3d(dim, dim, 1)
        self.conv2 = nn.Conv3d(dim, dim, 1)
        self.attn = nn.Conv3d(dim, dim, 5, padding=2, groups=dim)
        self.norm2 = nn.BatchNorm3d(dim)
        self.mlp = ConvMlp(dim, hidden)

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.pos_embed(x)
        x = x + self.conv2(self.attn(self.conv1(self.norm1(x))))
        return x + self.mlp(self.norm2(x))


class AttentionBlock(nn.Module):
    """Attention over every position of space and time at once."""

    def __init__(
        self, dim: int, hidden: int, heads: int, bias: bool, scale: float | None, epsilon: float
    ) -> None:
        super().__init__()
        self.pos_embed = nn.Conv3d(dim, dim, 3, padding=1, groups=dim)
        self.norm1 = nn.LayerNorm(dim, eps=epsilon)
        self.attn = Attention(dim, heads, bias, scale)
        self.norm2 = nn.LayerNorm(dim, eps=epsilon)
        self.mlp = Mlp(dim, hidden)

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.pos_embed(x)
        tokens = x.flatten(2).transpose(1, 2)
        tokens = tokens + self.attn(self.norm1(tokens))
        tokens = tokens + self.mlp(self.norm2(tokens))
        return tokens.transpose(1, 2).reshape(x.shape)


class SplitBlock(AttentionBlock):
    """Attention along time, then within each frame.

    The shortcut around the second one starts before the first, as in the official code.
    """

    def __init__(
        self, dim: int, hidden: int, heads: int, bias: bool, scale: float | None, epsilon: float
    ) -> None:
        super().__init__(dim, hidden, heads, bias, scale, epsilon)
        self.t_norm = nn.LayerNorm(dim, eps=epsilon)
        self.t_attn = Attention(dim, heads, bias, scale)

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.pos_embed(x)
        batch, dim, frames = x.shape[:3]
        grid = x.flatten(3).permute(0, 2, 3, 1)  # (B, T, positions, C)
        along = grid.transpose(1, 2).flatten(0, 1)
        along = along + self.t_attn(self.t_norm(along))
        within = along.unflatten(0, (batch, -1)).transpose(1, 2).flatten(0, 1)
        tokens = grid.flatten(0, 1) + self.attn(self.norm1(within))
        tokens = tokens.reshape(batch, -1, dim)
        tokens = tokens + self.mlp(self.norm2(tokens))
        return tokens.transpose(1, 2).reshape(batch, dim, frames, *x.shape[3:])


class PatchEmbed(nn.Module):
    """Strided convolution and a LayerNorm over channels (epsilon 1e-5, unlike the blocks')."""

    def __init__(self, channels: int, dim: int, patch: int, frames: int, step: int) -> None:
        super().__init__()
        kernel, stride = (frames, patch, patch), (step, patch, patch)
        self.norm = nn.LayerNorm(dim)
        self.proj = nn.Conv3d(channels, dim, kernel, stride, padding=(frames // 2, 0, 0))

    def forward(self, x: Tensor) -> Tensor:
        return self.norm(self.proj(x).permute(0, 2, 3, 4, 1)).permute(0, 4, 1, 2, 3)


class UniFormer(Backbone):
    """Four stages, each after a patch embedding; BatchNorm3d; mean over all positions.

    Parameters
    ----------
    depth, embed_dim : sequence of int
        Blocks and width of each stage.
    head_dim : int
        Width of an attention head.
    split : bool
        Attention along time and space in turn instead of jointly.
    std : bool
        Patch embeddings after the first see three frames.
    """

    heads = ("head.",)

    def __init__(
        self,
        depth: Sequence[int],
        embed_dim: Sequence[int],
        head_dim: int = 64,
        mlp_ratio: float = 4.0,
        qkv_bias: bool = True,
        qk_scale: float | None = None,
        num_classes: int = 400,
        split: bool = False,
        std: bool = False,
        layernorm_eps: float = 1e-6,
    ) -> None:
        super().__init__()
        attention = SplitBlock if split else AttentionBlock
        channels = 3
        for number, (blocks, dim) in enumerate(zip(depth, embed_dim, strict=True), start=1):
            first = number == 1
            embed = PatchEmbed(channels, dim, 4 if first else 2, 3 if first or std else 1, 2 if first else 1)
            hidden = int(dim * mlp_ratio)
            stage: list[nn.Module] = [
                ConvBlock(dim, hidden)
                if number <= 2
                else attention(dim, hidden, dim // head_dim, qkv_bias, qk_scale, layernorm_eps)
                for _ in range(blocks)
            ]
            self.add_module(f"patch_embed{number}", embed)
            self.add_module(f"blocks{number}", nn.ModuleList(stage))
            channels = dim
        self.depth = tuple(depth)
        self.norm = nn.BatchNorm3d(channels)
        self.head = nn.Linear(channels, num_classes)

    def stages(self) -> list[str]:
        """Names of the blocks; each gives a (B, C, T, H, W) map."""
        return [
            f"blocks{stage}.{number}"
            for stage, blocks in enumerate(self.depth, start=1)
            for number in range(blocks)
        ]

    def features(self, x: Tensor) -> Tensor:
        """(B, 3, T, H, W) to (B, D)."""
        for number in range(1, len(self.depth) + 1):
            x = self.get_submodule(f"patch_embed{number}")(x)
            for block in self.get_submodule(f"blocks{number}").children():
                x = block(x)
        return self.norm(x).flatten(2).mean(2)

    def rename(self, key: str) -> str:
        """Our key for one of mmaction's."""
        return key.replace("cls_head.fc_cls.", "head.")


#: Keys of a configuration that change nothing at test time.
_TRAINING = ("drop_path", "layout")


def build(config: Mapping[str, Any]) -> UniFormer:
    """Return the network of a reference configuration."""
    return UniFormer(**{key: value for key, value in config.items() if key not in _TRAINING})
