"""InternVideo2's encoders: one class for the layouts the project released.

The layouts share trunk and attention pool and differ in what follows and in the position tables:

========  ==============================================================  =====================
layout    official class                                                  embedding
========  ==============================================================  =====================
single    fine-tuned (single_modality/models/internvideo2.py)             pool, `fc_norm`
ap        attentive probe (single_modality/models/internvideo2_ap.py)     pool, MLP, `fc_norm`
clip      CLIP (multi_modality, internvideo2_clip_vision.py)              pool
stage2    Stage2 (multi_modality, internvideo2.py)                        pool
distill   S, B, L (single_modality/models/internvideo2_distill.py)        pool
========  ==============================================================  =====================
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn

from vqa_features.errors import ParameterError

from .._weights import keys, overlay
from .internvideo2 import LAYER_NORM_EPS, RMS_NORM_EPS, AttentionPool, Block, Decoder, PatchEmbed
from .layers import Backbone, Mlp
from .positions import Grid, average_over_time, interpolate_table, separate_sincos_tables, sincos_table

LAYOUTS = ("single", "ap", "clip", "stage2", "distill")
_GELU = {"tanh": "tanh", "erf": "none"}
_DECODERS = ("clip_decoder.", "final_clip_decoder.", "mae_decoder.")
_TABLES = ("clip_pos_embed", "clip_img_pos_embed", "img_pos_embed", "mae_pos_embed")
#: Frames of the position table that the official fine-tuning code assumes.
_SOURCE_FRAMES = 8
_STAGE2_FRAMES = 4


class InternVideo2(Backbone):
    """InternVideo2 in any of its layouts.

    Parameters
    ----------
    config : mapping
        Keys of the official constructors, and `layout` (see the module) and `gelu` (``tanh``, as
        the published weights were trained, or ``erf``).
    """

    # Position tables, each where the layout has it.
    pos_embed: Tensor
    img_pos_embed: Tensor
    pos_embed_spatial: Tensor
    pos_embed_temporal: Tensor
    pos_embed_cls: Tensor

    heads = ("head.",)

    def __init__(self, config: Mapping[str, Any]) -> None:
        super().__init__()
        self._set_layout(config.get("layout", "single"))
        gelu = config.get("gelu", "tanh")
        if gelu not in _GELU:
            raise ParameterError(f"gelu must be tanh or erf, got {gelu!r}")
        dim, patch, tubelet = config["embed_dim"], config["patch_size"], config.get("tubelet_size", 1)
        side = config["img_size"] // patch
        self.grid: Grid = (config["num_frames"] // tubelet, side, side)
        out_dim = config["clip_embed_dim"]

        self.cls_token = nn.Parameter(0.02 * torch.randn(1, 1, dim))
        self._add_position_tables(config, dim)
        self.patch_embed = PatchEmbed(dim, patch, tubelet, config.get("in_chans", 3))
        self.blocks = nn.ModuleList(
            Block(
                dim,
                config["num_heads"],
                config["mlp_ratio"],
                config.get("qkv_bias", False),
                config.get("qk_normalization", True),
                config.get("init_values", 1e-5),
                config.get("rmsnorm_eps", RMS_NORM_EPS),
                _GELU[gelu],
            )
            for _ in range(config["depth"])
        )
        pool_eps = config.get("attn_pool_ln_eps", LAYER_NORM_EPS)
        self.clip_projector = AttentionPool(dim, config["attn_pool_num_heads"], out_dim, pool_eps)
        if self.layout in ("stage2", "distill"):
            self._add_decoders(config, dim, out_dim)
        if self.layout == "ap":
            self.extra_mlp = nn.Sequential(nn.LayerNorm(out_dim), Mlp(out_dim, 4 * out_dim))
        if self.layout in ("single", "ap"):
            self.fc_norm = nn.LayerNorm(out_dim)
            self.head = nn.Linear(out_dim, config.get("num_classes", 400))

    def _set_layout(self, layout: str) -> None:
        """Set `layout` and the keys of a file it leaves out: the norm after the pool only without one."""
        if layout not in LAYOUTS:
            raise ParameterError(f"layout must be one of {', '.join(LAYOUTS)}, got {layout!r}")
        self.layout = layout
        pooled = layout not in ("single", "ap")
        self.drops = (*_DECODERS, *_TABLES, "head.", *(("fc_norm.",) if pooled else ()))  # type: ignore[misc]

    def _add_position_tables(self, config: Mapping[str, Any], dim: int) -> None:
        """Make the tables the layout has, at the official initial value."""
        # The clip_ tables serve the teacher heads: parts of the state dict, never of the embedding.
        prefixes = ("", "clip_") if self.layout in ("stage2", "distill") else ("",)
        self.separate = config.get("sep_pos_embed", False)
        self.image_table = self.layout == "stage2" and config.get("sep_image_video_pos_embed", False)
        for prefix in prefixes:
            if self.separate:
                space, time = separate_sincos_tables(self.grid, dim)
                self.register_parameter(f"{prefix}pos_embed_spatial", nn.Parameter(space))
                self.register_parameter(f"{prefix}pos_embed_temporal", nn.Parameter(time))
                self.register_parameter(f"{prefix}pos_embed_cls", nn.Parameter(torch.zeros(1, 1, dim)))
                continue
            self.register_parameter(f"{prefix}pos_embed", nn.Parameter(sincos_table(self.grid, dim)))
            if self.image_table:
                table = sincos_table((1, *self.grid[1:]), dim)
                self.register_parameter(f"{prefix}img_pos_embed", nn.Parameter(table))

    def _add_decoders(self, config: Mapping[str, Any], dim: int, out_dim: int) -> None:
        """Make the heads trained to imitate the teachers."""
        kind = config.get("clip_student_decoder", "Linear_Decoder")
        teacher_dim, final_dim = config["clip_teacher_embed_dim"], config["clip_teacher_final_dim"]
        heads = (Decoder(dim, teacher_dim, kind) for _ in range(config["clip_return_layer"]))
        self.clip_decoder = nn.ModuleList(heads)
        if final_dim > 0:
            self.final_clip_decoder = Decoder(out_dim, final_dim, kind)

    def position_table(self, grid: Grid, use_image: bool) -> Tensor:
        """Return the rows to add to the class token and the tokens of `grid`."""
        flat = (1, *self.grid[1:])
        if self.separate:
            space = interpolate_table(self.pos_embed_spatial, flat, (1, *grid[1:]))
            if not use_image:
                time = interpolate_table(self.pos_embed_temporal, (self.grid[0], 1, 1), (grid[0], 1, 1))
                space = (time[:, :, None] + space[:, None]).flatten(1, 2)
            return torch.cat([self.pos_embed_cls, space], dim=1)
        if not use_image:
            return interpolate_table(self.pos_embed, self.grid, grid)
        table = self.img_pos_embed if self.image_table else average_over_time(self.pos_embed, self.grid)
        return interpolate_table(table, flat, grid)

    def features(self, x: Tensor, use_image: bool | None = None) -> Tensor:
        """Return the layout's vector, (B, clip_embed_dim).

        The layer `final_clip_decoder`, where there is one, maps it to the unit vector that was
        aligned with the teacher's.

        Parameters
        ----------
        x : Tensor, (B, 3, T, H, W)
            Normalised clips.
        use_image : bool, optional
            Take the position table of single images: the image table where the layout has one,
            otherwise the average over time. Default: for one frame, unless the module itself is
            made for one, as the official multimodal encoders do.
        """
        if use_image is None:
            use_image = x.shape[2] == 1 and self.grid[0] > 1
        x = self.patch_embed(x)
        grid = (x.shape[2], x.shape[3], x.shape[4])
        x = x.flatten(2).transpose(1, 2)
        x = torch.cat([self.cls_token.expand(x.shape[0], -1, -1), x], dim=1)
        x = x + self.position_table(grid, use_image)
        for block in self.blocks:
            x = block(x)
        vector = self.clip_projector(x)
        if self.layout == "ap":
            vector = vector + self.extra_mlp(vector)
        if self.layout in ("single", "ap"):
            vector = self.fc_norm(vector)
        if hasattr(self, "final_clip_decoder"):
            self.final_clip_decoder(vector)
        return vector

    def stages(self) -> list[str]:
        """Names of the blocks."""
        return [f"blocks.{number}" for number in range(len(self.blocks))]

    def tokens(self, output: Tensor) -> tuple[Tensor, Tensor | None]:
        """Return all tokens, of which the class token is the first; or a vector made of all."""
        return (output[:, None], None) if output.ndim == 2 else (output, output[:, 0])

    def load_official(self, state_dict: Mapping[str, Any]) -> list[str]:
        """Load any official file; one without a classifier turns ``single`` into ``clip``, with a warning.

        Stage1, Stage2, CLIP and distilled files end at the pool: they have no `fc_norm`. What else a
        file holds (decoders and their position tables, text and audio towers) is left out by name.
        """
        state, others = keys.tower(keys.unwrap(state_dict))
        own = self.state_dict()
        found, _, _ = keys.match_keys(state, own, self.rename)
        if found and all(key.startswith("clip_projector.") for key in found):
            raise ParameterError(
                "it holds the attention pool alone, which completes another file: "
                "import both, and give weights=clip"
            )
        after_pool = {key for key in own if key.startswith(("fc_norm.", "head."))}
        if self.layout == "single" and own.keys() - found.keys() == after_pool:
            warnings.warn(
                "the file holds an encoder without fc_norm and classifier: "
                "the embedding is the attention pool's vector (layout 'clip')",
                stacklevel=2,
            )
            self._set_layout("clip")
            del self.fc_norm, self.head
        return others + super().load_official(state)

    def overlay_official(self, state_dict: Mapping[str, Any]) -> list[str]:
        """Replace the parameters that a file of the CLIP stage holds; returns the keys left out.

        Such a file has the attention pool alone, and a projection to the text's space.
        """
        state, others = keys.tower(keys.unwrap(state_dict))
        return others + overlay.lay_over(self, state, self.rename, self.drops)

    def adapt(self, state: dict[str, Tensor]) -> dict[str, Tensor]:
        """Interpolate position tables made for another number of frames or another size."""
        own, adapted = self.state_dict(), dict(state)
        for key, table in state.items():
            if "pos_embed" not in key or table.shape == own[key].shape:
                continue
            source: Grid | None
            if key.endswith("_temporal"):
                source, target = (table.shape[1], 1, 1), (self.grid[0], 1, 1)
            elif key.endswith("_spatial"):
                source, target = _square(table.shape[1]), (1, *self.grid[1:])
            elif "img_pos_embed" in key:
                source, target = _square(table.shape[1] - 1), (1, *self.grid[1:])
            else:
                source, target = self._source_grid(table.shape[1] - 1), self.grid
            if source is not None:
                adapted[key] = interpolate_table(table, source, target)
        return adapted

    def _source_grid(self, tokens: int) -> Grid | None:
        """Grid of a file's joint table, which its shape alone leaves open.

        The official fine-tuning code's 8 frames; where they make no square, this module's own
        height and width; where those do not divide the table, Stage2's 4 frames.
        """
        own_tokens = self.grid[1] * self.grid[2]
        return (
            _square(tokens / _SOURCE_FRAMES, _SOURCE_FRAMES)
            or ((tokens // own_tokens, *self.grid[1:]) if tokens % own_tokens == 0 else None)
            or _square(tokens / _STAGE2_FRAMES, _STAGE2_FRAMES)
        )


def _square(tokens: float, frames: int = 1) -> Grid | None:
    """Grid of `frames` squares of `tokens`, None if they make no square."""
    side = math.isqrt(int(tokens))
    return (frames, side, side) if side * side == tokens else None
