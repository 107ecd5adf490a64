"""Noise in the blocks of two frames: each where it fits best, less what motion and brightness explain."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vqa_features.kernels.jit import SUMMING, jit

Plane = NDArray[np.float32]

#: Side of a block in pixels, and the number of terms that are fitted to its change.
BLOCK, FITTED = 16, 4
#: A block fits better at another displacement if its squared difference is at most this share.
BETTER = 0.7
#: Codes from which a block without any variation counts as clipped.
BLACK, WHITE = 20.0, 235.0


def block_noise(before: Plane, after: Plane, shifts: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the noise deviation of one frame in each block of 16 x 16, in codes; -1 where both are clipped.

    Of the difference at the best displacement the part is taken out that changes of brightness and contrast
    and a motion of less than a pixel explain, a combination of 1, the picture and its two gradients; the
    rest has the variance of two frames.
    """
    down, across = after.shape[0] // BLOCK, after.shape[1] // BLOCK
    found = np.empty((down, across))
    sums = np.empty((2, across * BLOCK), np.float32)
    best, chosen = np.empty(across), np.empty(across, np.int64)
    patch = np.empty((BLOCK + 2, BLOCK + 2), np.float32)
    terms = np.empty((FITTED, BLOCK * BLOCK), np.float32)
    moments = np.empty((FITTED + 1, FITTED + 1))
    for row in range(down):
        _choose(before, after, row * BLOCK, shifts, sums, best, chosen)
        _residuals(before, after, row * BLOCK, shifts, chosen, patch, terms, moments, found[row])
    return found.ravel()


@jit(**SUMMING)
def _choose(
    before: Plane,
    after: Plane,
    top: int,
    shifts: NDArray[np.int64],
    sums: Plane,
    best: NDArray[np.float64],
    chosen: NDArray[np.int64],
) -> None:
    """Write the number of the displacement at which each block of a row of blocks is taken.

    The least variance of the difference decides, but the first displacement is left only for a much better
    one. Where it is 0, no further one is tried. Blocks that would leave the picture are not tried.
    """
    height, width = after.shape
    for block in range(chosen.size):
        best[block], chosen[block] = np.inf, 0
    for k in range(shifts.shape[0]):
        dy, dx = shifts[k, 0], shifts[k, 1]
        if top < dy or top + BLOCK - dy > height:
            continue
        first = (max(dx, 0) + BLOCK - 1) // BLOCK
        end = min(chosen.size, (width + min(dx, 0)) // BLOCK)
        if first < end:
            _sum_differences(before, after, top, dy, dx, first * BLOCK, end * BLOCK, sums)
        for block in range(first, end):
            total = squares = np.float32(0)  # whole numbers below 2 ** 24 for 8 bits
            for x in range(block * BLOCK, block * BLOCK + BLOCK):
                total += sums[0, x]
                squares += sums[1, x]
            cost = float(squares) - float(total) * float(total) / (BLOCK * BLOCK)
            if cost < best[block]:
                best[block] = cost * BETTER if k == 0 else cost
                chosen[block] = k
                if cost == 0:
                    best[block] = -1.0


@jit(**SUMMING)
def _sum_differences(
    before: Plane, after: Plane, top: int, dy: int, dx: int, begin: int, end: int, sums: Plane
) -> None:
    """Write the sums over 16 rows of the difference and of its square in each column."""
    here, there = max(begin, 0), max(begin - dx, 0)  # known not to count from the end: else no lanes are used
    for x in range(end - begin):
        sums[0, here + x] = sums[1, here + x] = np.float32(0)
    for y in range(top, top + BLOCK):
        for x in range(end - begin):
            d = after[y, here + x] - before[y - dy, there + x]
            sums[0, here + x] += d
            sums[1, here + x] += d * d


@jit(**SUMMING)
def _residuals(
    before: Plane,
    after: Plane,
    top: int,
    shifts: NDArray[np.int64],
    chosen: NDArray[np.int64],
    patch: Plane,
    terms: Plane,
    moments: NDArray[np.float64],
    found: NDArray[np.float64],
) -> None:
    """Write the deviation of one frame's noise in each block of a row."""
    for block in range(chosen.size):
        dy, dx = shifts[chosen[block], 0], shifts[chosen[block], 1]
        _write_terms(before, after, top, block * BLOCK, dy, dx, patch, terms)
        _write_moments(terms, moments)
        if moments[FITTED, FITTED] == 0 and _is_clipped(after, top, block * BLOCK):
            found[block] = -1.0
        else:
            found[block] = np.sqrt(_left_over(moments) / (2 * (BLOCK * BLOCK - FITTED)))


@jit(**SUMMING)
def _write_terms(
    before: Plane, after: Plane, top: int, left: int, dy: int, dx: int, patch: Plane, terms: Plane
) -> None:
    """Write what is fitted to each pixel of a block: picture, its gradients across and down, the difference.

    The picture is the sum of both frames less that of the first pixel; it is repeated at the border.
    """
    height, width = after.shape
    y0, y1 = max(dy, 0), height - 1 + min(dy, 0)
    x0, x1 = max(dx, 0), width - 1 + min(dx, 0)
    level = 2 * after[top, left]
    here, there = max(left, 0), max(left - dx, 0)
    for i in range(BLOCK + 2):
        y = min(max(top + i - 1, y0), y1)
        for j in range(BLOCK):
            patch[i, j + 1] = after[y, here + j] + before[y - dy, there + j]
        for j in (0, BLOCK + 1):
            x = min(max(left + j - 1, x0), x1)
            patch[i, j] = after[y, x] + before[y - dy, x - dx]
    for i in range(BLOCK):
        for j in range(BLOCK):
            k = i * BLOCK + j
            terms[0, k] = patch[i + 1, j + 1] - level
            terms[1, k] = patch[i + 1, j + 2] - patch[i + 1, j]
            terms[2, k] = patch[i + 2, j + 1] - patch[i, j + 1]
            terms[3, k] = after[top + i, here + j] - before[top + i - dy, there + j]


@jit(**SUMMING)
def _write_moments(terms: Plane, moments: NDArray[np.float64]) -> None:
    """Write the upper half of the moments of 1 and of four terms."""
    a1 = b1 = c1 = d1 = aa = ab = ac = ad = bb = bc = bd = cc = cd = dd = 0.0
    for k in range(BLOCK * BLOCK):
        a, b, c, d = float(terms[0, k]), float(terms[1, k]), float(terms[2, k]), float(terms[3, k])
        a1 += a
        b1 += b
        c1 += c
        d1 += d
        aa += a * a
        ab += a * b
        ac += a * c
        ad += a * d
        bb += b * b
        bc += b * c
        bd += b * d
        cc += c * c
        cd += c * d
        dd += d * d
    moments[0, 0] = BLOCK * BLOCK
    moments[0, 1], moments[0, 2], moments[0, 3], moments[0, 4] = a1, b1, c1, d1
    moments[1, 1], moments[1, 2], moments[1, 3], moments[1, 4] = aa, ab, ac, ad
    moments[2, 2], moments[2, 3], moments[2, 4] = bb, bc, bd
    moments[3, 3], moments[3, 4] = cc, cd
    moments[4, 4] = dd


@jit(**SUMMING)
def _is_clipped(after: Plane, top: int, left: int) -> bool:
    """Return whether a block is of one code at black or white."""
    level = after[top, left]
    for y in range(top, top + BLOCK):
        for x in range(left, left + BLOCK):
            if after[y, x] != level:
                return False
    return level <= BLACK or level >= WHITE


@jit(**SUMMING)
def _left_over(s: NDArray[np.float64]) -> float:
    """Return what is left of the last square of moments by elimination of the others."""
    for i in range(FITTED):
        if s[i, i] <= 1e-6:
            continue
        for j in range(i + 1, FITTED + 1):
            share = s[i, j] / s[i, i]
            for k in range(j, FITTED + 1):
                s[j, k] -= share * s[i, k]
    return max(s[FITTED, FITTED], 0.0)
