"""PIQE's blocks by their definition, in NumPy and float64, with which the compiled kernel is compared."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from vqa_features.extractors.handcrafted._piqe import ACTIVE, BLOCK, CALM, CENTRE, LEFT_OUT, RUN
from vqa_features.kernels.nss import mscn

Image = NDArray[np.float64]
Mask = NDArray[np.bool_]


class Blocks(NamedTuple):
    """Variance and marks of all blocks, each (blocks down, blocks across)."""

    variance: Image
    active: Mask
    artefacts: Mask
    noise: Mask


def blocks_of(luma: NDArray[np.generic]) -> Blocks:
    """Variance, activity, calm edges and noise of the blocks of a plane (h, w)."""
    h, w = luma.shape
    image = np.asarray(luma, np.float64)
    largest = float(image.max())
    image = np.floor(image * (255 / largest) + 0.5) if largest > 0 else np.zeros_like(image)
    padded = np.pad(image, ((0, -h % BLOCK), (0, -w % BLOCK)), mode="symmetric")
    rows, columns = padded.shape[0] // BLOCK, padded.shape[1] // BLOCK
    blocks = mscn(padded).reshape(rows, BLOCK, columns, BLOCK).swapaxes(1, 2)
    variance = blocks.var(axis=(2, 3), ddof=1)
    active = variance > ACTIVE
    return Blocks(variance, active, active & has_calm_edge(blocks), active & is_noisy(blocks, variance))


def has_calm_edge(blocks: Image) -> Mask:
    """Whether some run of pixels along one of the four edges of a block hardly varies."""
    edges = np.stack([blocks[..., 0, :], blocks[..., -1, :], blocks[..., :, 0], blocks[..., :, -1]], axis=2)
    runs = np.lib.stride_tricks.sliding_window_view(edges, RUN, axis=-1)
    return np.asarray((runs.std(axis=-1, ddof=1) < CALM).any(axis=(2, 3)))


def is_noisy(blocks: Image, variance: Image) -> Mask:
    """Whether centre and surround of a block vary alike, relative to the block's deviation."""
    centre = deviation(blocks[..., list(CENTRE)])
    surround = deviation(np.delete(blocks, LEFT_OUT, axis=3))
    ratio = np.divide(centre, surround, out=np.zeros_like(centre), where=surround > 0)
    whole = np.sqrt(variance)
    larger = np.maximum(whole, ratio)
    beta = np.divide(np.abs(whole - ratio), larger, out=np.zeros_like(larger), where=larger > 0)
    return np.asarray(whole > 2 * beta)


def deviation(blocks: Image) -> Image:
    return np.asarray(blocks.std(axis=(2, 3), ddof=1))
