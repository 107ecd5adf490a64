"""Sums that BRISQUE's and NIQE's fits need, in one pass over the image that stores no field.

MSCN coefficients live for two rows only. Of each field (the coefficient itself and its products
with four neighbours) five numbers are kept, from which `fits` has both sides of an AGGD:
the squares of the negative side sum to (sum p^2 - sum p|p|) / 2, of the positive to the other half.

Flat areas. By the rule of `nss` the coefficient is zero where the window is constant. The published
programs have rounding noise there, of one sign all over an area of one level, so that products of
two flat neighbours count as positive samples: on compressed video that moves the fits. Here a zero
coefficient counts by the level of its pixel: modulo 3, level 0 is on no side, 1 on the positive and 2
on the negative one (as a number of 1e-15, which changes no sum). The answer then does not depend on
any rounding, and agrees with tables computed by the published programs as well as they do with each
other.
"""

from __future__ import annotations

from typing import Any, Literal

import numba
import numpy as np
from numpy.typing import NDArray

from .nss import gaussian
from .planes import as_plane

#: Fields, in order: the coefficient, then its product with the neighbour to the left, above, above
#: left, and of the left with the above one. Neighbours wrap round inside a block, as `circshift`.
FIELDS = ("mscn", "H", "V", "D1", "D2")
#: Numbers kept per field, in order.
SUMS = ("sum |p|", "sum p^2", "sum p|p|", "number p < 0", "number p > 0")

#: Square of the offset of a window's mean from its centre pixel, relative to the window's second
#: moment, that is rounding in float32 (see `nss` for the rule and float64's).
ROUNDING = np.float32(1e-13)
#: What stands for a zero coefficient that counts on a side; its square is still a normal float32.
SIDE = np.float32(1e-15)

_JIT: dict[str, Any] = {
    "error_model": "numpy",  # a check for zero division would stop vectorisation
    "fastmath": {"reassoc", "contract", "nsz"},  # sums in lanes; nan and infinity keep their meaning
    "nogil": True,
    "cache": True,
}


def neighbour_sums(
    plane: NDArray[Any], block: tuple[int, int] | None = None, border: Literal["zero", "replicate"] = "zero"
) -> NDArray[np.float64]:
    """Sums over each block of the MSCN coefficients and of their neighbour products.

    Parameters
    ----------
    plane : (h, w) uint8 or float32
        In 8-bit code units.
    block : (int, int), optional
        Height and width of the blocks; the plane is cropped to whole blocks first. One block, the
        whole plane, unless given.
    border : {"zero", "replicate"}
        What lies outside the (cropped) plane.

    Returns
    -------
    (blocks down, blocks across, 5 fields, 5 sums) float64
        See `FIELDS` and `SUMS`. Rows are computed in float32 and totalled in float64: within 1e-6
        of the sums over `nss.mscn`.
    """
    height, width = block or plane.shape
    down, across = plane.shape[0] // height, plane.shape[1] // width
    sums = np.zeros((down, across, len(FIELDS), len(SUMS)))
    if sums.size:
        weights = gaussian().astype(np.float32)
        whole = as_plane(plane[: down * height, : across * width])
        _stream(whole, height, width, border == "zero", weights, sums)
    return sums


@numba.njit(**_JIT)
def _stream(
    plane: NDArray[Any],
    block_height: int,
    block_width: int,
    zero: bool,
    weights: NDArray[np.float32],
    sums: NDArray[np.float64],
) -> None:
    height, width = plane.shape
    ring = np.zeros((7, width + 6), np.float32)  # padded input rows y - 3 .. y + 3, at row number mod 7
    moments = np.empty((2, width + 6), np.float32)
    one = np.ones(width, np.float32)
    rows = np.empty((2, width), np.float32)  # coefficients of this and of the last row
    lefts = np.empty((2, width), np.float32)  # the same, moved one pixel to the right inside each block
    first = np.empty(width, np.float32)
    first_left = np.empty(width, np.float32)
    for y in range(-3, 3):
        _load(plane, y, zero, ring[y % 7])
    for y in range(height):
        _load(plane, y + 3, zero, ring[(y + 3) % 7])
        row, left, up, up_left = rows[y % 2], lefts[y % 2], rows[(y + 1) % 2], lefts[(y + 1) % 2]
        _coefficients(ring, y, weights, moments, row)
        left[1:] = row[:-1]
        for x in range(0, width, block_width):
            left[x] = row[x + block_width - 1]
        block_y = y // block_height
        for b in range(sums.shape[1]):
            here = slice(b * block_width, (b + 1) * block_width)
            totals = sums[block_y, b]
            _tally(row[here], one[here], totals[0])
            _tally(row[here], left[here], totals[1])
            if y % block_height == 0:
                first[here] = row[here]
                first_left[here] = left[here]
            else:
                _tally(row[here], up[here], totals[2])
                _tally(row[here], up_left[here], totals[3])
                _tally(left[here], up[here], totals[4])
            if y % block_height == block_height - 1:
                _tally(first[here], row[here], totals[2])
                _tally(first[here], left[here], totals[3])
                _tally(first_left[here], row[here], totals[4])


@numba.njit(**_JIT)
def _load(plane: NDArray[Any], y: int, zero: bool, row: NDArray[np.float32]) -> None:
    """Copy input row `y`, which may lie outside, into a padded row."""
    height, width = plane.shape
    if zero and (y < 0 or y >= height):
        row[:] = np.float32(0)
        return
    source = plane[min(max(y, 0), height - 1)]
    for x in range(width):
        row[x + 3] = np.float32(source[x])
    for x in range(3):
        row[x] = np.float32(0) if zero else row[3]
        row[width + 3 + x] = np.float32(0) if zero else row[width + 2]


@numba.njit(**_JIT)
def _coefficients(
    ring: NDArray[np.float32],
    y: int,
    weights: NDArray[np.float32],
    moments: NDArray[np.float32],
    out: NDArray[np.float32],
) -> None:
    """MSCN of row `y`, by the two passes about the centre pixel that `nss` describes."""
    centre = ring[y % 7]
    a1, a2 = moments[0], moments[1]
    a1[:] = np.float32(0)
    a2[:] = np.float32(0)
    for i in range(3):
        w = weights[i]
        above, below = ring[(y - 3 + i) % 7], ring[(y + 3 - i) % 7]
        for x in range(centre.size):
            d = above[x] - centre[x]
            e = below[x] - centre[x]
            a1[x] += w * (d + e)
            a2[x] += w * (d * d + e * e)
    for x in range(out.size):
        c = centre[x + 3]
        first = weights[3] * a1[x + 3]
        second = weights[3] * a2[x + 3]
        for j in range(3):
            e = centre[x + j] - c
            f = centre[x + 6 - j] - c
            b = a1[x + j] + e
            d = a1[x + 6 - j] + f
            first += weights[j] * (b + d)
            second += weights[j] * (a2[x + j] + a2[x + 6 - j] + e * (a1[x + j] + b) + f * (a1[x + 6 - j] + d))
        deviation = np.sqrt(abs(second - first * first))
        level = np.floor(c)
        third = level - np.float32(3) * np.floor(level * np.float32(1 / 3))
        side = SIDE * third * (np.float32(2.5) - np.float32(1.5) * third)  # 0, 1, -1 for 0, 1, 2
        out[x] = -first / (deviation + np.float32(1)) if first * first > ROUNDING * second else side


@numba.njit(**_JIT)
def _tally(a: NDArray[np.float32], b: NDArray[np.float32], totals: NDArray[np.float64]) -> None:
    """Add the five sums of p = a * b to `totals`."""
    absolute = square = signed = negative = positive = np.float32(0)
    for x in range(a.size):
        p = a[x] * b[x]
        q = abs(p)
        absolute += q
        square += p * p
        signed += p * q
        negative += np.float32(p < 0)
        positive += np.float32(p > 0)
    totals[0] += absolute
    totals[1] += square
    totals[2] += signed
    totals[3] += negative
    totals[4] += positive
