"""Swin-T of FAST-VQA and DOVER: attention that knows which fragment a position belongs to.

Two positions of a window lie in one mini-patch or in different ones, where their distance on the
joined picture says nothing of the scene. So there are two tables of relative positions (Wu et al.,
ECCV 2022, gated relative position biases). As in the official code, the gate is not 0 or 1 but the
distance of the two cells, rows plus columns of a grid of as many cells as a window has positions.
Names of parameters are the official ones.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn.functional import interpolate

from vqa_features.errors import ParameterError

from .layers import Mlp
from .video_swin import Merge, PatchEmbed, Size, WindowAttention, split_windows


def cell_distances(size: Size, window: Size, shift: Size, device: torch.device) -> Tensor:
    """(windows, N, N) distance of the cells of each pair of positions, after the shift; time has one cell."""
    rows, columns = (
        interpolate(torch.arange(float(window[axis]), device=device)[None, None], size[axis])
        .flatten()
        .roll(-shift[axis])
        for axis in (1, 2)
    )
    cells = torch.stack(torch.meshgrid(rows, columns, indexing="ij"), dim=-1)
    places = split_windows(cells.expand(1, window[0], -1, -1, -1), window)[0]
    distances = torch.cdist(places, places, p=1)  # those of one window in time: all have the same
    return distances.repeat(size[0] // window[0], 1, 1)


class GatedAttention(WindowAttention):
    """Window attention with a second table for positions of one fragment."""

    def __init__(self, dim: int, window: Size, shift: Size, heads: int, gated: bool, scaled: bool) -> None:
        super().__init__(dim, window, shift, heads)
        self.scaled = scaled
        if gated:
            self.fragment_position_bias_table = nn.Parameter(
                torch.zeros_like(self.relative_position_bias_table)
            )

    def bias(self, window: Size, size: Size, shift: Size) -> Tensor:
        """(1 or windows, heads, N, N): between fragments the one table, inside of one the other.

        A scaled window reads the rows of its own positions, any other the first N of the full window.
        """
        positions = window[0] * window[1] * window[2]
        index = self.relative_position_index[:positions, :positions]
        if self.scaled:
            t, h, w = window
            full = self.relative_position_index.reshape(*self.window, *self.window)
            index = full[:t, :h, :w, :t, :h, :w].reshape(positions, positions)
        between = self.relative_position_bias_table[index].permute(2, 0, 1)[None]
        if not hasattr(self, "fragment_position_bias_table"):
            return between
        inside = self.fragment_position_bias_table[index].permute(2, 0, 1)[None]
        gate = cell_distances(size, window, shift, between.device).to(between)[:, None]
        return torch.addcmul(inside, gate, between - inside)


class Block(nn.Module):
    """Window attention and an MLP, each after a norm and around a shortcut."""

    def __init__(self, dim: int, attention: GatedAttention) -> None:
        super().__init__()
        self.norm1 = nn.LayerNorm(dim)
        self.attn = attention
        self.norm2 = nn.LayerNorm(dim)
        self.mlp = Mlp(dim, 4 * dim)

    def forward(self, x: Tensor, largest: Size | None) -> Tensor:
        x = x + self.attn(self.norm1(x), largest)
        return x + self.mlp(self.norm2(x))


class Blocks(nn.ModuleList):
    """Blocks one after the other; its output is that of a stage."""

    def forward(self, x: Tensor, largest: Size | None) -> Tensor:
        for block in self:
            x = block(x, largest)
        return x


class Stage(nn.Module):
    """Blocks of one width, every second one with shifted windows, and the merging after them."""

    downsample: Merge | None

    def __init__(self, dim: int, blocks: Sequence[Block], last: bool) -> None:
        super().__init__()
        self.blocks = Blocks(blocks)
        self.downsample = None if last else Merge(dim)

    def forward(self, x: Tensor, largest: Size | None) -> Tensor:
        x = self.blocks(x, largest)
        return x if self.downsample is None else self.downsample(x)


class GatedSwin(nn.Module):
    """Patches, four stages with merging between them, norm.

    Parameters
    ----------
    embed_dim : int
        Width of the first stage; it doubles with every stage.
    depths, num_heads : sequence of int
        Blocks and attention heads of each stage.
    window_size : sequence of int
        Frames, rows and columns of a window.
    frag_biases : sequence of bool
        Stages with the second table.
    base_x_size : sequence of int, optional
        Input for which the window is meant; of other inputs it covers the same part. None: never scaled.
    patch_size : sequence of int
        Frames, rows and columns of a patch.
    """

    def __init__(
        self,
        embed_dim: int,
        depths: Sequence[int],
        num_heads: Sequence[int],
        window_size: Sequence[int],
        frag_biases: Sequence[bool],
        base_x_size: Sequence[int] | None = None,
        patch_size: Sequence[int] = (2, 4, 4),
    ) -> None:
        super().__init__()
        self.window, self.base = tuple(window_size), base_x_size
        self.patch_embed = PatchEmbed(tuple(patch_size), embed_dim, norm=True)
        shifts = ((0, 0, 0), tuple(extent // 2 for extent in window_size))
        stages = []
        for number, (depth, heads, gated) in enumerate(zip(depths, num_heads, frag_biases, strict=True)):
            dim = embed_dim << number
            scaled = base_x_size is not None
            blocks = [
                Block(dim, GatedAttention(dim, self.window, shifts[k % 2], heads, gated, scaled))
                for k in range(depth)
            ]
            stages.append(Stage(dim, blocks, last=number == len(depths) - 1))
        self.layers = nn.ModuleList(stages)
        self.norm = nn.LayerNorm(dim)

    def forward(self, x: Tensor) -> Tensor:
        """(B, 3, T, H, W) to the normed map, (B, T', H', W', D)."""
        largest = self._largest(tuple(x.shape[2:]))
        x = self.patch_embed(x)
        for stage in self.layers:
            x = stage(x, largest)
        return self.norm(x)

    def taps(self) -> list[str]:
        """Names of the stages without the merging; their output is a (B, T, H, W, C) map."""
        return [f"layers.{k}.blocks" for k in range(len(self.layers))]

    def _largest(self, size: Size) -> Size | None:
        """The window for an input of this size, None for the own one."""
        if self.base is None:
            return None
        window = tuple(w * s // b for w, s, b in zip(self.window, size, self.base, strict=True))
        if any(not 1 <= part <= whole for part, whole in zip(window, self.window, strict=True)):
            shown = ["x".join(map(str, one)) for one in (size, self.base, self.window)]
            raise ParameterError(
                f"an input of {shown[0]} (frames x rows x columns) does not suit the network, whose window "
                f"of {shown[2]} is scaled from {shown[1]}: take no larger input, and none without a window"
            )
        return window
