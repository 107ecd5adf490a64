"""Position tables of the video transformers, and their interpolation to another grid.

A grid is (frames, height, width) in tokens; tokens are in that order, width fastest.
"""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

Grid = tuple[int, int, int]

#: Wavelengths run from 2 pi to this times 2 pi (Vaswani et al. 2017, section 3.5).
_BASE = 10000


def sinusoid_table(tokens: int, dim: int) -> Tensor:
    """Return VideoMAE's fixed table, (1, tokens, dim): sines at even, cosines at odd columns."""
    angle = np.arange(tokens)[:, None] / _BASE ** (2 * (np.arange(dim) // 2) / dim)
    table = np.where(np.arange(dim) % 2 == 0, np.sin(angle), np.cos(angle))
    return torch.tensor(table, dtype=torch.float32)[None]


def sincos_table(grid: Grid, dim: int, cls: bool = True) -> Tensor:
    """Return the 3D sine-cosine table InternVideo2 starts from, (1, cls + tokens, dim).

    The first quarter of the columns encodes time, the rest the column and then the row of a token;
    the row of the class token is zero.
    """
    frames, height, width = grid
    t, y, x = (
        axis.reshape(-1) for axis in np.meshgrid(*map(np.arange, (frames, height, width)), indexing="ij")
    )
    space = dim // 4 * 3
    table = np.concatenate(
        [_sincos(t, dim // 4), _sincos(x, space // 2), _sincos(y, space // 2)],
        axis=1,
    )
    if cls:
        table = np.concatenate([np.zeros((1, dim)), table])
    return torch.tensor(table, dtype=torch.float32)[None]


def separate_sincos_tables(grid: Grid, dim: int) -> tuple[Tensor, Tensor]:
    """Return the spatial (1, height * width, dim) and temporal (1, frames, dim) tables."""
    frames, height, width = grid
    y, x = (axis.reshape(-1) for axis in np.meshgrid(np.arange(height), np.arange(width), indexing="ij"))
    space = np.concatenate([_sincos(x, dim // 2), _sincos(y, dim // 2)], axis=1)
    time = _sincos(np.arange(frames), dim)
    return torch.tensor(space, dtype=torch.float32)[None], torch.tensor(time, dtype=torch.float32)[None]


def interpolate_table(table: Tensor, source: Grid, target: Grid) -> Tensor:
    """Return `table` (1, extra + tokens of `source`, dim) for the tokens of `target`.

    Linear over time, then bicubic over space, as the official fine-tuning code does; the extra
    rows in front (class token) are kept.
    """
    if source == target:
        return table
    dim = table.shape[-1]
    extra = table.shape[1] - source[0] * source[1] * source[2]
    rows = table[0, extra:].reshape(*source, dim)
    if source[0] != target[0]:
        lines = rows.permute(1, 2, 3, 0).reshape(-1, dim, source[0])
        lines = functional.interpolate(lines, size=target[0], mode="linear")
        rows = lines.reshape(source[1], source[2], dim, target[0]).permute(3, 0, 1, 2)
    if source[1:] != target[1:]:
        maps = rows.permute(0, 3, 1, 2)
        rows = functional.interpolate(maps, size=target[1:], mode="bicubic").permute(0, 2, 3, 1)
    return torch.cat([table[:, :extra], rows.reshape(1, -1, dim)], dim=1)


def average_over_time(table: Tensor, source: Grid) -> Tensor:
    """Return `table` for one frame: its mean over time, the extra rows in front kept."""
    extra = table.shape[1] - source[0] * source[1] * source[2]
    rows = table[:, extra:].reshape(1, source[0], -1, table.shape[-1]).mean(dim=1)
    return torch.cat([table[:, :extra], rows], dim=1)


def _sincos(position: NDArray[np.int64], dim: int) -> NDArray[np.float32]:
    """Sines, then cosines of `position` at dim / 2 wavelengths, (n, dim), in single precision."""
    frequency = np.arange(dim // 2, dtype=np.float32) / np.float32(dim / 2)
    angle = position.astype(np.float32)[:, None] * (1.0 / np.float32(_BASE) ** frequency)
    return np.concatenate([np.sin(angle), np.cos(angle)], axis=1)
