"""PIQE: perception-based image quality from active blocks, their artefacts and their noise.

N. Venkatanath, D. Praneeth, M. C. Bh, S. S. Channappayya and S. S. Medasani, "Blind image quality
evaluation using perception based features", NCC 2015; the numbers are those of MATLAB's ``piqe``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from vqa_features.extractor import Session, Values
from vqa_features.frame import Views
from vqa_features.kernels.nss import mscn

Image = NDArray[np.float64]
Mask = NDArray[np.bool_]

BLOCK = 16
#: Variance of MSCN coefficients above which a block is active.
ACTIVE = 0.1
#: Deviation of a run of edge pixels below which the edge is an artefact, and the length of a run.
CALM, RUN = 0.1, 6
#: Columns of a block compared with the rest; the rest keeps the second one and lacks its neighbour.
CENTRE, LEFT_OUT = (7, 8), (7, 9)


class _PiqeSession(Session):
    """Score and mask shares of each frame; keeps nothing between frames."""

    def push(self, window: Sequence[Views]) -> Values:
        found = piqe(window[0].luma)
        return np.array([found.score, found.active.mean(), found.artefacts.mean(), found.noise.mean()])


class PiqeResult(NamedTuple):
    """Score in 0..100, lower is better, and masks of blocks at full size, each (h, w) bool."""

    score: float
    active: Mask
    artefacts: Mask
    noise: Mask


def piqe(luma: NDArray[np.generic]) -> PiqeResult:
    """Evaluate a gray image (h, w) in any unit; a picture without an active block scores 100.

    The image is scaled so that its largest value is 255, and rounded; sides that are no multiple of
    16 are extended by mirroring.
    """
    h, w = luma.shape
    image = np.asarray(luma, np.float64)
    largest = float(image.max())
    image = np.floor(image * (255 / largest) + 0.5) if largest > 0 else np.zeros_like(image)
    padded = np.pad(image, ((0, -h % BLOCK), (0, -w % BLOCK)), mode="symmetric")
    rows, columns = padded.shape[0] // BLOCK, padded.shape[1] // BLOCK
    blocks = mscn(padded).reshape(rows, BLOCK, columns, BLOCK).swapaxes(1, 2)
    variance = blocks.var(axis=(2, 3), ddof=1)
    active = variance > ACTIVE
    artefacts = active & _has_calm_edge(blocks)
    noise = active & _is_noisy(blocks, variance)
    distortion = float(((1 - variance)[artefacts]).sum() + variance[noise].sum())
    score = 100 * (distortion + 1) / (int(active.sum()) + 1)
    masks = (
        np.repeat(np.repeat(mask, BLOCK, axis=0), BLOCK, axis=1)[:h, :w]
        for mask in (active, artefacts, noise)
    )
    return PiqeResult(score, *masks)


def _has_calm_edge(blocks: Image) -> Mask:
    """Whether some run of pixels along one of the four edges of a block hardly varies."""
    edges = np.stack([blocks[..., 0, :], blocks[..., -1, :], blocks[..., :, 0], blocks[..., :, -1]], axis=2)
    runs = np.lib.stride_tricks.sliding_window_view(edges, RUN, axis=-1)
    return np.asarray((runs.std(axis=-1, ddof=1) < CALM).any(axis=(2, 3)))


def _is_noisy(blocks: Image, variance: Image) -> Mask:
    """Whether centre and surround of a block vary alike, relative to the block's deviation."""
    centre = _deviation(blocks[..., list(CENTRE)])
    surround = _deviation(np.delete(blocks, LEFT_OUT, axis=3))
    ratio = np.divide(centre, surround, out=np.zeros_like(centre), where=surround > 0)
    deviation = np.sqrt(variance)
    larger = np.maximum(deviation, ratio)
    beta = np.divide(np.abs(deviation - ratio), larger, out=np.zeros_like(larger), where=larger > 0)
    return np.asarray(deviation > 2 * beta)


def _deviation(blocks: Image) -> Image:
    return np.asarray(blocks.std(axis=(2, 3), ddof=1))
