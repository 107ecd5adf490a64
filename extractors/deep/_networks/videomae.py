"""VideoMAE's joint space-time transformer, InternVideo's generative branch.

Parameter names and arithmetic follow the official release (OpenGVLab/InternVideo, commit 3965eef,
InternVideo1/Pretrain/VideoMAE: modeling_finetune.py, and the encoder of modeling_pretrain.py).
Queries and values have a bias, keys have none; the position table is fixed and not a parameter.

References
----------
Wang et al., "InternVideo: General Video Foundation Models via Generative and Discriminative
Learning", 2022 (arXiv:2212.03191). Tong et al., "VideoMAE", NeurIPS 2022 (arXiv:2203.12602).
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from vqa_features.errors import ParameterError

from .._weights import keys
from .._weights.stored import Stored, joined
from .layers import Backbone, Mlp
from .positions import interpolate_table, sinusoid_table

#: Epsilon of every LayerNorm in the official model functions.
LAYER_NORM_EPS = 1e-6
#: Names in the files of the transformers library and of mmaction, after the number of the block; and ours.
_NAMES = (
    (r"^embeddings\.patch_embeddings\.projection\.|^patch_embed\.projection\.", "patch_embed.proj."),
    (r"\.attention\.attention\.qkv\.", ".attn.qkv."),
    (r"\.attention\.attention\.(?:q_bias|query\.bias)$", ".attn.q_bias"),
    (r"\.attention\.attention\.(?:v_bias|value\.bias)$", ".attn.v_bias"),
    (r"\.attention\.output\.dense\.", ".attn.proj."),
    (r"\.intermediate\.dense\.|\.mlp\.layers\.0\.0\.", ".mlp.fc1."),
    (r"\.output\.dense\.|\.mlp\.layers\.1\.", ".mlp.fc2."),
    (r"\.layernorm_before\.", ".norm1."),
    (r"\.layernorm_after\.", ".norm2."),
    (r"^layernorm\.", "norm."),
    (r"^classifier\.|^cls_head\.fc_cls\.", "head."),
)

#: A key of a block of the encoder in the library's files, not of the decoder beside it.
_OF_BLOCK = re.compile(r"(^|\.)layer\.\d+\.")


class Attention(nn.Module):
    """Multi-head attention whose keys carry no bias."""

    def __init__(self, dim: int, heads: int, qkv_bias: bool) -> None:
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(dim, 3 * dim, bias=False)
        self.q_bias = nn.Parameter(torch.zeros(dim)) if qkv_bias else None
        self.v_bias = nn.Parameter(torch.zeros(dim)) if qkv_bias else None
        self.proj = nn.Linear(dim, dim)

    def forward(self, x: Tensor) -> Tensor:
        bias = None
        if self.q_bias is not None and self.v_bias is not None:
            bias = torch.cat([self.q_bias, torch.zeros_like(self.v_bias), self.v_bias])
        qkv = functional.linear(x, self.qkv.weight, bias)
        q, k, v = qkv.reshape(*qkv.shape[:2], 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        out = functional.scaled_dot_product_attention(q, k, v)
        return self.proj(out.transpose(1, 2).flatten(2))


class Block(nn.Module):
    """Pre-norm transformer block, with layer scale where `init_values` is above zero."""

    def __init__(
        self, dim: int, heads: int, mlp_ratio: float, qkv_bias: bool, init_values: float, eps: float
    ) -> None:
        super().__init__()
        scaled = init_values > 0
        self.gamma_1 = nn.Parameter(torch.full((dim,), init_values)) if scaled else None
        self.gamma_2 = nn.Parameter(torch.full((dim,), init_values)) if scaled else None
        self.norm1 = nn.LayerNorm(dim, eps=eps)
        self.attn = Attention(dim, heads, qkv_bias)
        self.norm2 = nn.LayerNorm(dim, eps=eps)
        self.mlp = Mlp(dim, int(dim * mlp_ratio))

    def forward(self, x: Tensor) -> Tensor:
        attended = self.attn(self.norm1(x))
        x = x + (attended if self.gamma_1 is None else self.gamma_1 * attended)
        mixed = self.mlp(self.norm2(x))
        return x + (mixed if self.gamma_2 is None else self.gamma_2 * mixed)


class PatchEmbed(nn.Module):
    """Tubelets to tokens by a strided 3D convolution."""

    def __init__(self, dim: int, patch: int, tubelet: int, channels: int = 3) -> None:
        super().__init__()
        size = (tubelet, patch, patch)
        self.proj = nn.Conv3d(channels, dim, size, stride=size)

    def forward(self, video: Tensor) -> Tensor:
        """(n, channels, time, height, width) to (n, dim, frames, h, w)."""
        return self.proj(video)


class VideoMAE(Backbone):
    """VideoMAE's encoder, as fine-tuned or as pre-trained.

    Parameters
    ----------
    config : mapping
        Keys of the official constructor. `layout` is ``finetune`` (mean of the tokens, then
        `fc_norm`, then a classifier; without `use_mean_pooling` the first token after `norm`) or
        ``encoder`` (`norm` on each token; the feature is their mean).
    """

    heads = ("head.",)
    drops = ("decoder.", "encoder_to_decoder.", "mask_token")
    position_table: Tensor

    def __init__(self, config: Mapping[str, Any]) -> None:
        super().__init__()
        if config.get("pos_embed", "sinusoid") != "sinusoid" or config.get("k_bias", False):
            raise ParameterError("VideoMAE is built with pos_embed='sinusoid' and without k_bias only")
        self.layout = config.get("layout", "finetune")
        if self.layout not in ("finetune", "encoder"):
            raise ParameterError(f"layout must be finetune or encoder, got {self.layout!r}")
        dim, patch, tubelet = config["embed_dim"], config["patch_size"], config.get("tubelet_size", 2)
        side = config["img_size"] // patch
        self.grid = (config["all_frames"] // tubelet, side, side)
        self.eps = config.get("layernorm_eps", LAYER_NORM_EPS)
        self.patch_embed = PatchEmbed(dim, patch, tubelet, config.get("in_chans", 3))
        self.blocks = nn.ModuleList(
            Block(
                dim,
                config["num_heads"],
                config["mlp_ratio"],
                config.get("qkv_bias", True),
                config.get("init_values") or 0.0,
                self.eps,
            )
            for _ in range(config["depth"])
        )
        if self.layout == "finetune" and config.get("use_mean_pooling", True):
            self.fc_norm: nn.Module | None = nn.LayerNorm(dim, eps=self.eps)
        else:
            self.fc_norm = None
            self.norm = nn.LayerNorm(dim, eps=self.eps)
        if self.layout == "finetune":
            self.head = nn.Linear(dim, config.get("num_classes", 400))
        table = sinusoid_table(self.grid[0] * side * side, dim)
        self.register_buffer("position_table", table, persistent=False)

    def features(self, x: Tensor) -> Tensor:
        """(B, 3, T, H, W) to (B, embed_dim)."""
        x = self.patch_embed(x)
        grid = (x.shape[2], x.shape[3], x.shape[4])
        x = x.flatten(2).transpose(1, 2) + interpolate_table(self.position_table, self.grid, grid)
        for block in self.blocks:
            x = block(x)
        if self.fc_norm is not None:
            return self.fc_norm(x.mean(1))
        x = self.norm(x)
        return x.mean(1) if self.layout == "encoder" else x[:, 0]

    def stages(self) -> list[str]:
        """Names of the blocks."""
        return [f"blocks.{number}" for number in range(len(self.blocks))]

    def tokens(self, output: Tensor) -> tuple[Tensor, Tensor | None]:
        """All tokens; there is no class token."""
        return output, None

    def rename(self, key: str) -> str:
        """Our key for one of the transformers library or of mmaction."""
        key = re.sub(r"^layer\.(\d+)\.", r"blocks.\1.", key)
        for theirs, ours in _NAMES:
            key = re.sub(theirs, ours, key)
        return key

    def load_official(self, state_dict: Mapping[str, Any]) -> list[str]:
        """Load any official file; a pre-training file makes this an ``encoder``, with a warning.

        Such a file has a norm for each token and neither `fc_norm` nor a classifier.
        """
        state, others = keys.tower(keys.unwrap(state_dict))
        state, own = self._packed(state), self.state_dict()
        tables = [key for key in state if key.endswith("pos_embed") and self._is_own_table(state[key])]
        others += tables
        state = {key: value for key, value in state.items() if key not in tables}
        norm = {"norm.weight", "norm.bias"}
        found, _, _ = keys.match_keys(state, own.keys() | norm, self.rename)
        after_tokens = {key for key in own if key.startswith(("fc_norm.", "head."))}
        if self.fc_norm is not None and own.keys() - found.keys() == after_tokens and norm <= found.keys():
            self._become_encoder()
        return others + super().load_official(state)

    @staticmethod
    def _packed(state: dict[str, Stored]) -> dict[str, Stored]:
        """Join the projections of query, key and value, which the transformers library keeps apart."""
        found = dict(state)
        for key in state:
            start = key.removesuffix("attention.query.weight")
            parts = [f"{start}attention.{one}.weight" for one in ("query", "key", "value")]
            if _OF_BLOCK.search(key) and start != key and all(part in state for part in parts):
                found[f"{start}attention.qkv.weight"] = joined([found.pop(part) for part in parts])
        return found

    def _is_own_table(self, table: Stored) -> bool:
        """Whether a stored position table is the computed one, which mmaction saves."""
        _, tokens, dim = table.shape if len(table.shape) == 3 else (0, 0, 0)
        return tokens > 0 and torch.allclose(table.in_float32(), sinusoid_table(tokens, dim), atol=1e-4)

    def _become_encoder(self) -> None:
        warnings.warn(
            "the file holds a pre-trained encoder without fc_norm and classifier: "
            "the embedding is the mean of the normalised tokens (layout 'encoder')",
            stacklevel=3,
        )
        self.layout, self.fc_norm = "encoder", None
        self.norm = nn.LayerNorm(self.position_table.shape[-1], eps=self.eps)
        del self.head
