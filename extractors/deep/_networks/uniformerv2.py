"""UniFormerV2: a CLIP image transformer extended to video with local and global blocks.

Parameter names and arithmetic follow the official release (OpenGVLab/UniFormerV2, commit 722a434,
slowfast/models/uniformerv2_model.py). The multimodal tower of InternVideo (OpenGVLab/InternVideo,
commit 3965eef, clip_utils/utils/clip_vit_only_global.py) is the same trunk without local blocks,
its classifier replaced by a norm and a projection.

References
----------
Li et al., "UniFormerV2: Spatiotemporal Learning by Arming Image ViTs with Video UniFormer",
ICCV 2023 (arXiv:2211.09552).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from .._weights import keys
from .layers import Backbone
from .positions import interpolate_table


class QuickGELU(nn.Module):
    """The sigmoid approximation of GELU that CLIP was trained with."""

    def forward(self, x: Tensor) -> Tensor:
        return x * torch.sigmoid(1.702 * x)


class PackedAttention(nn.Module):
    """Multi-head attention with torch's packed parameter names, batch first."""

    def __init__(self, dim: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.in_proj_weight = nn.Parameter(nn.init.xavier_uniform_(torch.empty(3 * dim, dim)))
        self.in_proj_bias = nn.Parameter(torch.zeros(3 * dim))
        self.out_proj = nn.Linear(dim, dim)

    def forward(self, query: Tensor, context: Tensor) -> Tensor:
        """Return the attention of `query` (n, q, dim) over `context` (n, k, dim)."""
        weights, biases = self.in_proj_weight.chunk(3), self.in_proj_bias.chunk(3)
        q, k, v = (
            functional.linear(x, weight, bias).reshape(*x.shape[:2], self.heads, -1).transpose(1, 2)
            for x, weight, bias in zip((query, context, context), weights, biases, strict=True)
        )
        out = functional.scaled_dot_product_attention(q, k, v)
        return self.out_proj(out.transpose(1, 2).flatten(2))


def _mlp(dim: int, hidden: int) -> nn.Sequential:
    mlp = nn.Sequential()
    mlp.add_module("c_fc", nn.Linear(dim, hidden))
    mlp.add_module("gelu", QuickGELU())
    mlp.add_module("c_proj", nn.Linear(hidden, dim))
    return mlp


class LocalBlock(nn.Module):
    """Local relation aggregator: a bottleneck with a depth-wise convolution over time."""

    def __init__(self, dim: int, reduction: float) -> None:
        super().__init__()
        reduced = int(dim // reduction)
        self.pos_embed = nn.Sequential(
            nn.BatchNorm3d(dim),
            nn.Conv3d(dim, reduced, 1),
            nn.Conv3d(reduced, reduced, (3, 1, 1), padding=(1, 0, 0), groups=reduced),
            nn.Conv3d(reduced, dim, 1),
        )

    def forward(self, x: Tensor, size: tuple[int, int]) -> Tensor:
        return add_to_patches(x, size, self.pos_embed)


class ResidualAttentionBlock(nn.Module):
    """CLIP's image block on every frame, with up to two local blocks: before attention, before the MLP.

    Takes and gives (n, frames, 1 + h * w, dim), the class token of each frame first.
    """

    def __init__(self, dim: int, heads: int, local_blocks: int, reduction: float) -> None:
        super().__init__()
        self.lmhra1 = LocalBlock(dim, reduction) if local_blocks >= 1 else None
        self.lmhra2 = LocalBlock(dim, reduction) if local_blocks >= 2 else None
        self.attn = PackedAttention(dim, heads)
        self.ln_1 = nn.LayerNorm(dim)
        self.mlp = _mlp(dim, 4 * dim)
        self.ln_2 = nn.LayerNorm(dim)

    def forward(self, x: Tensor, size: tuple[int, int]) -> Tensor:
        if self.lmhra1 is not None:
            x = self.lmhra1(x, size)
        frames = self.ln_1(x).flatten(0, 1)
        x = x + self.attn(frames, frames).view_as(x)
        if self.lmhra2 is not None:
            x = self.lmhra2(x, size)
        return x + self.mlp(self.ln_2(x))


class GlobalBlock(nn.Module):
    """One video token queries all tokens of all frames (cross attention), then an MLP."""

    def __init__(self, dim: int, heads: int, mlp_factor: float) -> None:
        super().__init__()
        self.attn = PackedAttention(dim, heads)
        self.ln_1 = nn.LayerNorm(dim)
        self.mlp = _mlp(dim, round(mlp_factor * dim))
        self.ln_2 = nn.LayerNorm(dim)
        self.ln_3 = nn.LayerNorm(dim)

    def forward(self, query: Tensor, context: Tensor) -> Tensor:
        query = query + self.attn(self.ln_1(query), self.ln_3(context))
        return query + self.mlp(self.ln_2(query))


class VideoTransformer(nn.Module):
    """The blocks: frames are encoded, and after the blocks in `return_list` a video token attends to them."""

    proj: nn.Sequential

    def __init__(self, config: Mapping[str, Any], local_blocks: int, balanced: bool) -> None:
        super().__init__()
        width, heads = config["width"], config["heads"]
        dim, dim_heads = config.get("n_dim", width), config.get("n_head", heads)
        reduction, mlp_factor = config.get("dw_reduction", 1.5), config.get("mlp_factor", 4.0)
        self.return_list = list(config["return_list"])
        self.temporal_cls_token = nn.Parameter(torch.zeros(1, 1, dim))
        self.balance = nn.Parameter(torch.zeros(dim)) if balanced else None
        self.resblocks = nn.ModuleList(
            ResidualAttentionBlock(width, heads, local_blocks, reduction) for _ in range(config["layers"])
        )
        self.dpe = nn.ModuleList(nn.Conv3d(dim, dim, 3, padding=1, groups=dim) for _ in self.return_list)
        self.dec = nn.ModuleList(GlobalBlock(dim, dim_heads, mlp_factor) for _ in self.return_list)

    def forward(self, x: Tensor, size: tuple[int, int]) -> Tensor:
        """(n, frames, 1 + h * w, width) to the video token, (n, n_dim)."""
        video = self.temporal_cls_token.repeat(x.shape[0], 1, 1)
        stages = iter(zip(self.dpe, self.dec, strict=True))
        for number, block in enumerate(self.resblocks):
            x = block(x, size)
            if number in self.return_list:
                position, look = next(stages)
                video = look(video, add_to_patches(x, size, position).flatten(1, 2))
        token = video[:, 0]
        if self.balance is None:
            return token
        weight = torch.sigmoid(self.balance)
        return (1 - weight) * token + weight * x[:, :, 0].mean(1)


class VideoTower(Backbone):
    """Patch embedding, position table and blocks."""

    def __init__(self, config: Mapping[str, Any], local_blocks: int, balanced: bool) -> None:
        super().__init__()
        width, patch = config["width"], config["patch_size"]
        side = config["input_resolution"] // patch
        self.size = (side, side)
        halved = config.get("temporal_downsample", False)
        kernel = config.get("kernel_size", 3) if halved else 1
        self.class_embedding = nn.Parameter(width**-0.5 * torch.randn(width))
        self.positional_embedding = nn.Parameter(width**-0.5 * torch.randn(side * side + 1, width))
        self.conv1 = nn.Conv3d(
            3,
            width,
            (kernel, patch, patch),
            stride=(2 if halved else 1, patch, patch),
            padding=((kernel - 1) // 2, 0, 0),
            bias=False,
        )
        self.ln_pre = nn.LayerNorm(width)
        self.transformer = VideoTransformer(config, local_blocks, balanced)

    def features(self, x: Tensor) -> Tensor:
        """(B, 3, T, H, W) to the video token, (B, n_dim)."""
        x = self.conv1(x)
        size = (x.shape[3], x.shape[4])
        x = x.permute(0, 2, 3, 4, 1).flatten(2, 3)
        x = torch.cat([self.class_embedding.expand(*x.shape[:2], 1, -1), x], dim=2)
        table = interpolate_table(self.positional_embedding[None], (1, *self.size), (1, *size))
        return self.transformer(self.ln_pre(x + table), size)

    def stages(self) -> list[str]:
        """Names of the image blocks."""
        return [f"transformer.resblocks.{number}" for number in range(len(self.transformer.resblocks))]

    def tokens(self, output: Tensor) -> tuple[Tensor, Tensor | None]:
        """All frames' tokens; the class token is the mean of the frames' own."""
        return output.flatten(1, 2), output[:, :, 0].mean(1)

    def adapt(self, state: dict[str, Tensor]) -> dict[str, Tensor]:
        """Interpolate a square position table to this module's size."""
        return adapt_square_table(self, state, "positional_embedding", self.size)


class UniFormerV2(VideoTower):
    """UniFormerV2 as released for Kinetics (global blocks only) and Something-Something (local ones too).

    Parameters
    ----------
    config : mapping
        Keys of the official constructor; `n_dim` and `n_head` default to `width` and `heads`.
        The embedding is the classifier's input, the normalised video token.
    """

    heads = ("transformer.proj.2.",)

    def __init__(self, config: Mapping[str, Any]) -> None:
        local = 0 if config["no_lmhra"] else 2 if config["double_lmhra"] else 1
        super().__init__(config, local, balanced=not config.get("frozen", False))
        dim = config.get("n_dim", config["width"])
        classifier = nn.Linear(dim, config["num_classes"])
        # The official dropout sits at 1: its place keeps the classifier's key.
        self.transformer.proj = nn.Sequential(nn.LayerNorm(dim), nn.Identity(), classifier)

    def features(self, x: Tensor) -> Tensor:
        """(B, 3, T, H, W) to (B, n_dim)."""
        return self.transformer.proj[0](super().features(x))

    def rename(self, key: str) -> str:
        """Return the key for one of mmaction, whose norm and classifier have names of their own."""
        norm = key.replace("transformer.norm.", "transformer.proj.0.")
        return norm.replace("cls_head.fc_cls.", "transformer.proj.2.")


class InternVideoTower(Backbone):
    """Visual tower of InternVideo's multimodal model: trunk, norm, and projection to the text's space.

    Parameters
    ----------
    config : mapping
        Keys of the official constructor, and `embed_dim`, the width of the space shared with text.
    """

    drops = (
        *("transformer.", "token_embedding.", "positional_embedding", "ln_final."),
        *("text_projection", "text_mask_embedding", "logit_scale"),
    )

    def __init__(self, config: Mapping[str, Any]) -> None:
        super().__init__()
        dim = config.get("n_dim", config["width"])
        self.visual_proj = nn.Parameter(dim**-0.5 * torch.randn(dim, config["embed_dim"]))
        self.visual = VideoTower(config, local_blocks=0, balanced=True)
        self.visual_ln_post = nn.LayerNorm(dim)
        self.projected = nn.Identity()

    def features(self, x: Tensor) -> Tensor:
        """(B, 3, T, H, W) to (B, n_dim); the layer `projected` holds the vector in the text's space."""
        feature = self.visual_ln_post(self.visual.features(x))
        self.projected(feature @ self.visual_proj)
        return feature

    def stages(self) -> list[str]:
        """Names of the image blocks."""
        return [f"visual.{name}" for name in self.visual.stages()]

    def tokens(self, output: Tensor) -> tuple[Tensor, Tensor | None]:
        """All frames' tokens, the class token the mean of the frames' own; or the projected vector."""
        return (output[:, None], None) if output.ndim == 2 else self.visual.tokens(output)

    def adapt(self, state: dict[str, Tensor]) -> dict[str, Tensor]:
        """Interpolate a square position table to this module's size."""
        return adapt_square_table(self, state, "visual.positional_embedding", self.visual.size)

    def load_official(self, state_dict: Mapping[str, Any]) -> list[str]:
        """Load the visual part of an official file; the text tower is left out by name."""
        visual, others = keys.tower(keys.unwrap(state_dict), "clip.visual")
        return others + super().load_official(visual)


def add_to_patches(x: Tensor, size: tuple[int, int], layer: nn.Module) -> Tensor:
    """Add `layer` of the patches, seen as a (n, dim, frames, h, w) map, to the patches.

    `x` is (n, frames, 1 + h * w, dim); class tokens stay as they are.
    """
    video = x[:, :, 1:].reshape(*x.shape[:2], *size, x.shape[3])
    maps = layer(video.permute(0, 4, 1, 2, 3))
    patches = x[:, :, 1:] + maps.permute(0, 2, 3, 4, 1).flatten(2, 3)
    return torch.cat([x[:, :, :1], patches], dim=2)


def adapt_square_table(
    module: nn.Module, state: dict[str, Tensor], key: str, size: tuple[int, int]
) -> dict[str, Tensor]:
    """Interpolate `state[key]`, (1 + side * side, dim), to `size` where its length differs."""
    table = state.get(key)
    if table is None or table.shape == module.get_parameter(key).shape:
        return state
    side = round((table.shape[0] - 1) ** 0.5)
    if side * side != table.shape[0] - 1:
        return state
    resized = interpolate_table(table[None], (1, side, side), (1, *size))[0]
    return {**state, key: resized}
