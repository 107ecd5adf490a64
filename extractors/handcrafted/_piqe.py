"""PIQE: perception-based image quality from active blocks, their artefacts and their noise.

N. Venkatanath, D. Praneeth, M. C. Bh, S. S. Channappayya and S. S. Medasani, "Blind image quality
evaluation using perception based features", NCC 2015; the numbers are those of MATLAB's ``piqe``.

One pass over the image computes a row of blocks at a time and stores no field.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from vqa_features.extractor import Session, Values
from vqa_features.frame import Views
from vqa_features.kernels.jit import SUMMING, jit
from vqa_features.kernels.mscn_sums import coefficients, load_row
from vqa_features.kernels.nss import gaussian
from vqa_features.kernels.planes import as_plane

Line = NDArray[np.float32]
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

    concurrent = True

    def prepare(self, frame: Views) -> Values:
        luma = frame.luma
        blocks = blocks_of(luma)
        heights, widths = (np.minimum(BLOCK, side - np.arange(0, side, BLOCK)) for side in luma.shape)
        marks = (blocks.active, blocks.artefacts, blocks.noise)
        return np.array([blocks.score, *(heights @ mask @ widths / luma.size for mask in marks)])

    def push(self, window: Sequence[Values]) -> Values:
        return window[0]


class PiqeResult(NamedTuple):
    """Score in 0..100, lower is better, and masks of blocks at full size, each (h, w) bool."""

    score: float
    active: Mask
    artefacts: Mask
    noise: Mask


class Blocks(NamedTuple):
    """Variance of the MSCN coefficients and marks of all blocks, each (blocks down, blocks across)."""

    variance: Values
    active: Mask
    artefacts: Mask
    noise: Mask

    @property
    def score(self) -> float:
        """Distortion of the active blocks, in per cent; 100 without one."""
        variance = self.variance
        distortion = float((1 - variance[self.artefacts]).sum() + variance[self.noise].sum())
        return 100 * (distortion + 1) / (int(self.active.sum()) + 1)


def piqe(luma: NDArray[np.generic]) -> PiqeResult:
    """Evaluate a gray image (h, w), not negative, in any unit; without an active block it scores 100.

    The image is scaled so that its largest value is 255, and rounded; sides that are no multiple of
    16 are extended by mirroring.
    """
    h, w = luma.shape
    blocks = blocks_of(luma)
    masks = (
        np.repeat(np.repeat(mask, BLOCK, axis=0), BLOCK, axis=1)[:h, :w]
        for mask in (blocks.active, blocks.artefacts, blocks.noise)
    )
    return PiqeResult(blocks.score, *masks)


def blocks_of(luma: NDArray[np.generic]) -> Blocks:
    """Variance, activity, calm edges and noise of the blocks of a plane (h, w), as in `piqe`.

    Coefficients are computed in float32: variances are within 1e-5 of those in float64.
    """
    h, w = luma.shape
    codes = as_plane(np.pad(_codes(luma), ((0, -h % BLOCK), (0, -w % BLOCK)), mode="symmetric"))
    shape = (codes.shape[0] // BLOCK, codes.shape[1] // BLOCK)
    variance, calm, noisy = np.empty(shape), np.empty(shape, np.bool_), np.empty(shape, np.bool_)
    _stream(codes, False, gaussian().astype(np.float32), variance, calm, noisy)
    active = variance > ACTIVE
    return Blocks(variance, active, active & calm, active & noisy)


def _codes(luma: NDArray[np.generic]) -> NDArray[np.uint8]:
    """Values times 255 over the largest, rounded half up."""
    largest = float(luma.max())
    if largest <= 0:
        return np.zeros(luma.shape, np.uint8)
    levels = np.arange(256) if luma.dtype == np.uint8 else luma
    scaled = np.multiply(levels, 255 / largest, dtype=np.float64)
    scaled += 0.5
    codes = scaled.astype(np.uint8)
    return np.asarray(cv2.LUT(luma.view(np.uint8), codes), np.uint8) if luma.dtype == np.uint8 else codes


@jit(**SUMMING)
def _stream(
    codes: NDArray[np.uint8], zero: bool, weights: Line, variance: Values, calm: Mask, noisy: Mask
) -> None:
    """Fill three numbers of each block; `codes` are whole blocks."""
    height, width = codes.shape
    ring = np.empty((7, width + 6), np.float32)  # rows y - 3 .. y + 3, at row number mod 7
    moments = np.empty((2, width + 6), np.float32)
    lines = np.empty((BLOCK, width), np.float32)
    edges = np.empty((4, BLOCK, width // BLOCK), np.float32)
    least = np.empty(width // BLOCK, np.float32)
    sums = np.empty((2, width), np.float32)
    for y in range(-3, 3):
        load_row(codes, y, zero, ring, y % 7)
    for y in range(height):
        load_row(codes, y + 3, zero, ring, (y + 3) % 7)
        coefficients(ring, y, weights, np.float32(0), moments, lines, y % BLOCK)
        if y % BLOCK == BLOCK - 1:
            _least_variance(lines, edges, least)
            _column_sums(lines, sums)
            for b in range(least.size):
                variance[y // BLOCK, b], noisy[y // BLOCK, b] = _whole_block(sums, b)
                calm[y // BLOCK, b] = least[b] < np.float32(CALM * CALM)


@jit(**SUMMING)
def _least_variance(lines: Line, edges: Line, least: Line) -> None:
    """Least variance of a run of pixels along one of the four edges of each block of a row of blocks."""
    for i in range(BLOCK):
        for b in range(least.size):
            edges[0, i, b] = lines[0, BLOCK * b + i]
            edges[1, i, b] = lines[BLOCK - 1, BLOCK * b + i]
            edges[2, i, b] = lines[i, BLOCK * b]
            edges[3, i, b] = lines[i, BLOCK * b + BLOCK - 1]
    for b in range(least.size):
        least[b] = np.float32(np.inf)
    for edge in range(4):
        for i in range(BLOCK - RUN + 1):
            for b in range(least.size):
                total = squares = np.float32(0)
                for k in range(1, RUN):  # from the first one, so that no large sums are subtracted
                    step = edges[edge, i + k, b] - edges[edge, i, b]
                    total += step
                    squares += step * step
                spread = (squares - total * total / np.float32(RUN)) / np.float32(RUN - 1)
                least[b] = min(least[b], spread)


@jit(**SUMMING)
def _column_sums(lines: Line, sums: Line) -> None:
    """Sum and sum of squares of each column of a row of blocks."""
    for x in range(sums.shape[1]):
        sums[0, x] = sums[1, x] = np.float32(0)
    for y in range(BLOCK):
        for x in range(sums.shape[1]):
            sums[0, x] += lines[y, x]
            sums[1, x] += lines[y, x] * lines[y, x]


@jit(error_model="numpy")
def _whole_block(sums: Line, block: int) -> tuple[float, bool]:
    """Variance of a block, and whether its centre and surround vary alike, relative to its deviation."""
    total = squares = 0.0
    for x in range(BLOCK * block, BLOCK * block + BLOCK):
        total += sums[0, x]
        squares += sums[1, x]
    first, last, out = BLOCK * block + CENTRE[0], BLOCK * block + CENTRE[1], BLOCK * block + LEFT_OUT[1]
    inner, inner_squares = np.float64(sums[0, first]), np.float64(sums[1, first])
    centre = _variance(inner + sums[0, last], inner_squares + sums[1, last], 2.0 * BLOCK)
    surround = _variance(
        total - inner - sums[0, out], squares - inner_squares - sums[1, out], BLOCK * (BLOCK - 2.0)
    )
    variance = _variance(total, squares, 1.0 * BLOCK * BLOCK)
    deviation = np.sqrt(variance)
    ratio = np.sqrt(centre / surround) if surround > 0 else 0.0
    larger = max(deviation, ratio)
    beta = abs(deviation - ratio) / larger if larger > 0 else 0.0
    return variance, deviation > 2 * beta


@jit(error_model="numpy")
def _variance(total: float, squares: float, count: float) -> float:
    """Unbiased variance of so many samples, from their sum and their sum of squares."""
    return max(squares - total * total / count, 0.0) / (count - 1)
