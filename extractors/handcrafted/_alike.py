"""Whether two thumbnails are plainly alike: then no cut lies between them, and `cuts` need not search."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vqa_features.kernels.cuts import BLOCK, FLAT_BLOCK, FLAT_PICTURE, LEAST
from vqa_features.kernels.jit import SUMMING, jit

Plane = NDArray[np.float32]

#: A bound counts below this share of the limit only: the search rounds squares of up to 2 ** 16 to float32.
SURE = 0.98
#: Displacement up to which blocks are searched, in pixels of the thumbnail.
REACH = 3


def plainly_alike(a: Plane, b: Plane) -> bool:
    """Return whether a short search finds the `cuts.dissimilarity` of two thumbnails below `cuts.LEAST`.

    Parameters
    ----------
    a, b : ndarray, (48, 64) float32
        In 8-bit codes.

    Returns
    -------
    bool
        True only if `cuts.cut_between` finds no cut between frames of these thumbnails.
    """
    return bool(bound(a, b, SURE * LEAST) <= SURE * LEAST)


def bound(a: Plane, b: Plane, limit: float) -> float:
    """Return an upper bound of `cuts.dissimilarity`: that of blocks as they lie, some of them searched.

    A search can but lower it. Blocks are searched one after the other while the bound is above `limit`.
    """
    return float(_bound(a, b, np.empty((2, a.shape[0] // BLOCK, a.shape[1] // BLOCK, 3)), limit))


@jit(**SUMMING)
def _bound(a: Plane, b: Plane, blocks: NDArray[np.float64], limit: float) -> float:
    """Return `bound`; `blocks` is for mean, variance and unexplained variance of the blocks of a and b."""
    lost = variances = 0.0
    for row in range(blocks.shape[1]):
        for column in range(blocks.shape[2]):
            _as_it_lies(a, b, row, column, blocks)
            for k in range(2):
                variances += blocks[k, row, column, 1]
                lost += blocks[k, row, column, 2]
    whole = variances + 2 * FLAT_PICTURE
    for k in range(2):
        for row in range(blocks.shape[1]):
            for column in range(blocks.shape[2]):
                if lost <= limit * whole:
                    return lost / whole
                variance, left = blocks[k, row, column, 1], blocks[k, row, column, 2]
                if left > 0.5 * limit * variance:
                    mean = np.float32(blocks[k, row, column, 0])
                    if k == 0:
                        best = _explained(b, a, row * BLOCK, column * BLOCK, mean)
                    else:
                        best = _explained(a, b, row * BLOCK, column * BLOCK, mean)
                    lost += min(variance * (1 - best / (variance + FLAT_BLOCK)) - left, 0.0)
    return lost / whole


@jit(**SUMMING)
def _as_it_lies(a: Plane, b: Plane, row: int, column: int, blocks: NDArray[np.float64]) -> None:
    """Write what `_bound` needs of a block of both thumbnails, each explained by the other."""
    p = q = pp = qq = pq = 0.0
    for y in range(row * BLOCK, row * BLOCK + BLOCK):
        for x in range(column * BLOCK, column * BLOCK + BLOCK):
            v, w = float(a[y, x]), float(b[y, x])
            p += v
            q += w
            pp += v * v
            qq += w * w
            pq += v * w
    p, q = p / BLOCK**2, q / BLOCK**2
    pp, qq = max(pp / BLOCK**2 - p * p, 0.0), max(qq / BLOCK**2 - q * q, 0.0)
    common = max(pq / BLOCK**2 - p * q, 0.0)
    rest = 1 - common * common / ((pp + FLAT_BLOCK) * (qq + FLAT_BLOCK))
    blocks[0, row, column, 0], blocks[0, row, column, 1], blocks[0, row, column, 2] = p, pp, pp * rest
    blocks[1, row, column, 0], blocks[1, row, column, 1], blocks[1, row, column, 2] = q, qq, qq * rest


@jit(**SUMMING)
def _explained(searched: Plane, picture: Plane, top: int, left: int, mean: np.float32) -> float:
    """Return the most variance of a block that a place up to `REACH` away explains in the other thumbnail."""
    best = np.float32(0)
    for v in range(max(top - REACH, 0), min(top + REACH, searched.shape[0] - BLOCK) + 1):
        for u in range(max(left - REACH, 0), min(left + REACH, searched.shape[1] - BLOCK) + 1):
            total = squares = products = np.float32(0)
            for y in range(BLOCK):
                for x in range(BLOCK):
                    there = searched[v + y, u + x] - mean
                    total += there
                    squares += there * there
                    products += there * (picture[top + y, left + x] - mean)
            total, common = total / np.float32(BLOCK**2), products / np.float32(BLOCK**2)
            variance = max(squares / np.float32(BLOCK**2) - total * total, np.float32(0))
            if common > 0:
                best = max(best, common * common / (variance + np.float32(FLAT_BLOCK)))
    return float(best)
