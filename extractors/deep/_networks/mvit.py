"""MViTv2: a transformer whose tokens are pooled between stages, with relative positions by axis."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from math import prod
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import interpolate

from .layers import Backbone, Mlp
from .residual3d import Triple, convolution, half, triple

Size = tuple[int, int, int]
_EPSILON = 1e-6


def pooled(x: Tensor, size: Size, pool: nn.Module) -> tuple[Tensor, Size]:
    """Pool (B, heads, 1 + N, C) tokens as maps of `size`; the class token stays as it is."""
    cls, tokens = x[:, :, :1], x[:, :, 1:]
    batch, heads, _, width = x.shape
    maps = pool(tokens.transpose(2, 3).reshape(batch * heads, width, *size))
    tokens = maps.flatten(2).transpose(1, 2).reshape(batch, heads, -1, width)
    return torch.cat([cls, tokens], dim=2), (maps.shape[2], maps.shape[3], maps.shape[4])


def distances(table: Tensor, queries: int, keys: int) -> Tensor:
    """Rows of a table of relative positions for each query and key of one axis, (queries, keys, C).

    The axis with fewer positions is stretched to the other. A table of another length is interpolated.
    """
    longest = max(queries, keys)
    if len(table) != 2 * longest - 1:
        table = interpolate(table.T[None], size=2 * longest - 1, mode="linear")[0].T
    of_queries = torch.arange(queries)[:, None] * max(keys / queries, 1.0)
    of_keys = torch.arange(keys)[None] * max(queries / keys, 1.0)
    shift = (keys - 1) * max(queries / keys, 1.0)
    return table[(of_queries - of_keys + shift).long().to(table.device)]


class Attention(nn.Module):
    """Attention between pooled queries and more strongly pooled keys, plus the pooled queries themselves."""

    def __init__(
        self,
        dim: int,
        dim_out: int,
        heads: int,
        size: Size,
        kernel: Triple,
        stride_q: Triple,
        stride_kv: Triple,
    ) -> None:
        super().__init__()
        width = dim_out // heads
        self.heads, self.scale = heads, width**-0.5
        self.qkv = nn.Linear(dim, 3 * dim_out)
        self.proj = nn.Linear(dim_out, dim_out)
        for name, stride in (("q", stride_q), ("k", stride_kv), ("v", stride_kv)):
            pool = convolution(width, width, kernel, stride, groups=width)
            self.add_module(f"pool_{name}", pool)
            self.add_module(f"norm_{name}", nn.LayerNorm(width, eps=_EPSILON))
        largest = max(size[1] // stride_q[1], size[1] // stride_kv[1])
        self.rel_pos_h = nn.Parameter(torch.zeros(2 * largest - 1, width))
        self.rel_pos_w = nn.Parameter(torch.zeros(2 * largest - 1, width))
        self.rel_pos_t = nn.Parameter(torch.zeros(2 * size[0] - 1, width))

    def _pooled(self, name: str, x: Tensor, size: Size) -> tuple[Tensor, Size]:
        x, size = pooled(x, size, self.get_submodule(f"pool_{name}"))
        return self.get_submodule(f"norm_{name}")(x), size

    def _positions(self, q: Tensor, of_q: Size, of_k: Size) -> Tensor:
        """What the relative positions add to the products of queries and keys without class tokens."""
        maps = q.reshape(*q.shape[:2], *of_q, -1)  # (B, heads, T, H, W, C)
        along, down, across = (
            distances(table, queries, keys)
            for table, queries, keys in zip(
                (self.rel_pos_t, self.rel_pos_h, self.rel_pos_w), of_q, of_k, strict=True
            )
        )
        added = torch.einsum("bnthwc,tkc->bnthwk", maps, along)[..., :, None, None]
        added = added + torch.einsum("bnthwc,hkc->bnthwk", maps, down)[..., None, :, None]
        added = added + torch.einsum("bnthwc,wkc->bnthwk", maps, across)[..., None, None, :]
        return added.flatten(5).flatten(2, 4)

    def forward(self, x: Tensor, size: Size) -> tuple[Tensor, Size]:
        q, k, v = self.qkv(x).unflatten(-1, (3, self.heads, -1)).permute(2, 0, 3, 1, 4)
        q, of_q = self._pooled("q", q, size)
        k, of_k = self._pooled("k", k, size)
        v, _ = self._pooled("v", v, size)
        weights = (q * self.scale) @ k.transpose(2, 3)
        weights[:, :, 1:, 1:] += self._positions(q[:, :, 1:], of_q, of_k)
        attended = weights.softmax(-1) @ v
        attended[:, :, 1:] += q[:, :, 1:]
        return self.proj(attended.transpose(1, 2).flatten(2)), of_q


class Block(nn.Module):
    """Attention, which may pool and widen, and MLP."""

    def __init__(
        self,
        dim: int,
        dim_out: int,
        heads: int,
        size: Size,
        kernel: Triple,
        stride_q: Triple,
        stride_kv: Triple,
        mlp_ratio: float,
    ) -> None:
        super().__init__()
        self.norm1 = nn.LayerNorm(dim, eps=_EPSILON)
        self.attn = Attention(dim, dim_out, heads, size, kernel, stride_q, stride_kv)
        self.norm2 = nn.LayerNorm(dim_out, eps=_EPSILON)
        self.mlp = Mlp(dim_out, int(dim_out * mlp_ratio))
        self.proj = nn.Linear(dim, dim_out) if dim != dim_out else None
        self.pool_skip: nn.Module | None = None
        if prod(stride_q) > 1:
            sides = [step + 1 if step > 1 else step for step in stride_q]
            self.pool_skip = nn.MaxPool3d(triple(sides), triple(stride_q), half(sides))

    def forward(self, x: Tensor, size: Size) -> tuple[Tensor, Size]:
        normed = self.norm1(x)
        attended, smaller = self.attn(normed, size)
        if self.proj is not None:
            x = self.proj(normed)
        if self.pool_skip is not None:
            x = pooled(x[:, None], size, self.pool_skip)[0][:, 0]
        x = x + attended
        return x + self.mlp(self.norm2(x)), smaller


class PatchEmbed(nn.Module):
    """Overlapping patches of 3 x 7 x 7, one for every 2 x 4 x 4."""

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.proj = nn.Conv3d(3, dim, (3, 7, 7), (2, 4, 4), (1, 3, 3))

    def forward(self, x: Tensor) -> Tensor:
        return self.proj(x)


class Head(nn.Module):
    """The classifier."""

    def __init__(self, dim: int, num_classes: int) -> None:
        super().__init__()
        self.projection = nn.Linear(dim, num_classes)


class MViT(Backbone):
    """MViTv2 for video.

    Parameters
    ----------
    depths : sequence of int
        Blocks of each stage. The first block of a later stage doubles channels and heads and halves the map.
    embed_dim, num_heads : int
        Channels and heads of the first stage.
    frames, size : int
        Frames and side of the pictures that the tables of positions are made for; interpolated for others.
    stride_kv : (time, height, width)
        Pooling of keys and values in the first stage; halved with the map.
    kernel : (time, height, width)
        Kernel of all three pools.
    mlp_ratio : float
        Hidden channels of an MLP per channel.
    num_classes : int
        Width of the classifier, which the embedding does not use.
    """

    heads = ("head.",)

    def __init__(
        self,
        depths: Sequence[int],
        embed_dim: int = 96,
        num_heads: int = 1,
        frames: int = 16,
        size: int = 224,
        stride_kv: Triple = (1, 8, 8),
        kernel: Triple = (3, 3, 3),
        mlp_ratio: float = 4.0,
        num_classes: int = 400,
    ) -> None:
        super().__init__()
        self.patch_embed = PatchEmbed(embed_dim)
        self.cls_token = nn.Parameter(torch.zeros(1, 1, embed_dim))
        shape: Size = (frames // 2, size // 4, size // 4)
        self._last: list[int] = []
        blocks: list[Block] = []
        dim = embed_dim
        for stage, depth in enumerate(depths):
            for number in range(depth):
                halving = stage > 0 and number == 0
                stride_q = (1, 2, 2) if halving else (1, 1, 1)
                stride_kv = [max(step // by, 1) for step, by in zip(stride_kv, stride_q, strict=True)]
                dim_out = embed_dim << stage
                blocks.append(
                    Block(dim, dim_out, num_heads << stage, shape, kernel, stride_q, stride_kv, mlp_ratio)
                )
                shape = (shape[0], shape[1] // stride_q[1], shape[2] // stride_q[2])
                dim = dim_out
            self._last.append(len(blocks) - 1)
        self.blocks = nn.ModuleList(blocks)
        self.norm = nn.LayerNorm(dim, eps=_EPSILON)
        self.head = Head(dim, num_classes)

    def stages(self) -> list[str]:
        """Names of the last block of each stage."""
        return [f"blocks.{number}" for number in self._last]

    def tokens(self, output: Any) -> tuple[Tensor, Tensor | None]:
        """Tokens and class token of a block's output."""
        return output[0][:, 1:], output[0][:, 0]

    def features(self, x: Tensor) -> Tensor:
        """(B, 3, T, H, W) to (B, D): the class token after the final norm."""
        maps = self.patch_embed(x)
        size: Size = (maps.shape[2], maps.shape[3], maps.shape[4])
        tokens = maps.flatten(2).transpose(1, 2)
        tokens = torch.cat([self.cls_token.expand(len(tokens), -1, -1), tokens], dim=1)
        for block in self.blocks:
            tokens, size = block(tokens, size)
        return self.norm(tokens[:, 0])

    def rename(self, key: str) -> str:
        """Our key for one of torchvision's."""
        key = re.sub(r"\.pool_([qkv])\.pool\.", r".pool_\1.", key)
        key = re.sub(r"\.pool_([qkv])\.norm_act\.0\.", r".norm_\1.", key)
        key = key.replace(".attn.project.0.", ".attn.proj.").replace(".project.", ".proj.")
        key = key.replace(".mlp.0.", ".mlp.fc1.").replace(".mlp.3.", ".mlp.fc2.")
        names = {"conv_proj.": "patch_embed.proj.", "head.1.": "head.projection."}
        for theirs, ours in names.items():
            key = ours + key.removeprefix(theirs) if key.startswith(theirs) else key
        return "cls_token" if key == "pos_encoding.class_token" else key

    def adapt(self, state: dict[str, Tensor]) -> dict[str, Tensor]:
        """Give torchvision's class token its two leading axes."""
        token = state.get("cls_token")
        return state if token is None or token.ndim != 1 else state | {"cls_token": token[None, None]}


def build(config: Mapping[str, Any]) -> MViT:
    """Return the network of a reference configuration."""
    return MViT(**config)
