"""InternVideo2's video transformer: joint attention, RMSNorm, an attention pool as head.

Parameter names and arithmetic follow the official release (OpenGVLab/InternVideo, commit 3965eef,
InternVideo2/single_modality/models/internvideo2{,_ap,_distill}.py and
InternVideo2/multi_modality/models/backbones/internvideo2/internvideo2{,_clip_vision}.py). The
published weights were trained with a fused MLP whose GELU is the tanh approximation.

References
----------
Wang et al., "InternVideo2: Scaling Foundation Models for Multimodal Video Understanding",
ECCV 2024 (arXiv:2403.15377).
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from .layers import Mlp

#: Epsilon of the RMSNorm in blocks and of query and key.
RMS_NORM_EPS = 1e-6
#: Epsilon of every LayerNorm: attention pool, decoders, classifier norm.
LAYER_NORM_EPS = 1e-5


class RMSNorm(nn.Module):
    """Scale to a root mean square of one over the last axis."""

    def __init__(self, dim: int, eps: float = RMS_NORM_EPS) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(dim))
        self.eps = eps

    def forward(self, x: Tensor) -> Tensor:
        scale = torch.rsqrt(x.float().pow(2).mean(-1, keepdim=True) + self.eps)
        return self.weight * (x.float() * scale).to(x.dtype)


class Attention(nn.Module):
    """Multi-head attention; query and key are normalised over the full width, before the heads."""

    def __init__(self, dim: int, heads: int, qkv_bias: bool, qk_norm: bool, eps: float) -> None:
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(dim, 3 * dim, bias=qkv_bias)
        self.proj = nn.Linear(dim, dim)
        self.q_norm = RMSNorm(dim, eps) if qk_norm else nn.Identity()
        self.k_norm = RMSNorm(dim, eps) if qk_norm else nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        q, k, v = self.qkv(x).chunk(3, dim=-1)
        q, k, v = (
            y.unflatten(-1, (self.heads, -1)).transpose(1, 2) for y in (self.q_norm(q), self.k_norm(k), v)
        )
        out = functional.scaled_dot_product_attention(q, k, v)
        return self.proj(out.transpose(1, 2).flatten(2))


class LayerScale(nn.Module):
    """Multiply each channel by a learned factor."""

    def __init__(self, dim: int, init_values: float) -> None:
        super().__init__()
        self.gamma = nn.Parameter(torch.full((dim,), init_values))

    def forward(self, x: Tensor) -> Tensor:
        return x * self.gamma


class Block(nn.Module):
    """Pre-norm transformer block with layer scale."""

    def __init__(
        self,
        dim: int,
        heads: int,
        mlp_ratio: float,
        qkv_bias: bool,
        qk_norm: bool,
        init_values: float | None,
        eps: float,
        approximate: str,
    ) -> None:
        super().__init__()
        self.norm1 = RMSNorm(dim, eps)
        self.attn = Attention(dim, heads, qkv_bias, qk_norm, eps)
        self.ls1 = LayerScale(dim, init_values) if init_values else nn.Identity()
        self.norm2 = RMSNorm(dim, eps)
        self.mlp = Mlp(dim, int(dim * mlp_ratio), nn.GELU(approximate))
        self.ls2 = LayerScale(dim, init_values) if init_values else nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.ls1(self.attn(self.norm1(x)))
        return x + self.ls2(self.mlp(self.norm2(x)))


class CrossAttention(nn.Module):
    """Multi-head attention of a query over a context, with separate biases for q, k and v."""

    def __init__(self, dim: int, heads: int, out_dim: int) -> None:
        super().__init__()
        self.heads = heads
        self.q_bias = nn.Parameter(torch.zeros(dim))
        self.k_bias = nn.Parameter(torch.zeros(dim))
        self.v_bias = nn.Parameter(torch.zeros(dim))
        self.q = nn.Linear(dim, dim, bias=False)
        self.k = nn.Linear(dim, dim, bias=False)
        self.v = nn.Linear(dim, dim, bias=False)
        self.proj = nn.Linear(dim, out_dim)

    def forward(self, query: Tensor, key: Tensor, value: Tensor) -> Tensor:
        q, k, v = (
            (linear(x) + bias).unflatten(-1, (self.heads, -1)).transpose(1, 2)
            for x, linear, bias in (
                (query, self.q, self.q_bias),
                (key, self.k, self.k_bias),
                (value, self.v, self.v_bias),
            )
        )
        out = functional.scaled_dot_product_attention(q, k, v)
        return self.proj(out.transpose(1, 2).flatten(2))


class AttentionPool(nn.Module):
    """The mean token, class token included, queries all tokens: (n, tokens, dim) to (n, out_dim)."""

    def __init__(self, dim: int, heads: int, out_dim: int, eps: float = LAYER_NORM_EPS) -> None:
        super().__init__()
        self.norm1_q = nn.LayerNorm(dim, eps=eps)
        self.norm1_k = nn.LayerNorm(dim, eps=eps)
        self.norm1_v = nn.LayerNorm(dim, eps=eps)
        self.cross_attn = CrossAttention(dim, heads, out_dim)

    def forward(self, tokens: Tensor) -> Tensor:
        query = self.norm1_q(tokens.mean(dim=1, keepdim=True))
        return self.cross_attn(query, self.norm1_k(tokens), self.norm1_v(tokens))[:, 0]


class Decoder(nn.Module):
    """Head that was trained to imitate a teacher: linear or MLP, a norm, unit length."""

    def __init__(self, dim: int, out_dim: int, kind: str) -> None:
        super().__init__()
        linear = nn.Linear(dim, out_dim)
        mlp = kind == "MLP_Decoder"
        self.head = nn.Sequential(nn.Linear(dim, dim), nn.GELU(), linear) if mlp else linear
        self.norm = nn.LayerNorm(out_dim, eps=LAYER_NORM_EPS)

    def forward(self, x: Tensor) -> Tensor:
        return functional.normalize(self.norm(self.head(x)), dim=-1)


class PatchEmbed(nn.Module):
    """Tubelets to tokens by a strided 3D convolution."""

    def __init__(self, dim: int, patch: int, tubelet: int, channels: int) -> None:
        super().__init__()
        size = (tubelet, patch, patch)
        self.proj = nn.Conv3d(channels, dim, size, stride=size)

    def forward(self, video: Tensor) -> Tensor:
        """(n, channels, time, height, width) to (n, dim, frames, h, w)."""
        return self.proj(video)
