"""Sums that BRISQUE's and NIQE's fits need, in one pass over the image that stores no field.

Only two rows of MSCN coefficients are stored. Of each field (the coefficient itself and its products
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

import numpy as np
from numpy.typing import NDArray

from .jit import SUMMING, jit
from .nss import gaussian
from .planes import as_plane

#: Fields, in order: the coefficient, then its product with the neighbour to the left, above, above
#: left, and of the left with the above one. Neighbours wrap round inside a block, as `circshift`.
FIELDS = ("mscn", "H", "V", "D1", "D2")
#: Numbers kept per field, in order.
SUMS = ("sum |p|", "sum p^2", "sum p|p|", "number p < 0", "number p > 0")

#: Pixels that compiled code works on at once at most: the rows in working memory are multiples of it long.
LANES = 16

#: Square of the offset of a window's mean from its centre pixel, relative to the window's second
#: moment, that is rounding in float32 (see `nss` for the rule and float64's).
ROUNDING = np.float32(1e-13)
#: What stands for a zero coefficient that counts on a side; its square is still a normal float32.
SIDE = np.float32(1e-15)

#: Stand for the plane of the other type; as `as_plane` returns them.
_NO_CODES = as_plane(np.empty((0, 0), np.uint8))
_NO_LEVELS = as_plane(np.empty((0, 0), np.float32))

Sums = tuple[np.float32, np.float32, np.float32, np.float32, np.float32]


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
        whole = as_plane(plane[: down * height, : across * width])
        codes, levels = (whole, _NO_LEVELS) if whole.dtype == np.uint8 else (_NO_CODES, whole)
        weights = gaussian().astype(np.float32)
        _stream(codes, levels, border == "zero", weights, height, width, sums)
    return sums


# The ring of `_stream` holds the seven input rows under the window; image row y is ring row y % 7.
#
#     image row   y - 3   y - 2   y - 1     y     y + 1   y + 2   y + 3
#     weight        w0      w1      w2     w3       w2      w1      w0
#     name       above_3 above_2 above_1  here   below_1 below_2 below_3
#                   |                                                |
#                   +-- overwritten by y + 4 when y goes to y + 1 <--+
#
# Rows of the working array of `_stream`, (row, block, x in the block): coefficients, and the same
# moved one pixel to the right ("left" neighbours). Two rows of each are enough, by parity of y, and
# the first row of a block is kept because its neighbour above is the block's last row. Compiled code
# indexes this one array by counters it knows to be positive; a slice would cost an atomic count of
# references and a free index a test for its sign, either of which takes longer than the arithmetic.
_BLOCK_TOP, _BLOCK_TOP_LEFT, _ROW, _LEFT = 0, 1, 2, 4  # _ROW and _LEFT + 0 or 1 by parity of y


@jit(**SUMMING)
def _stream(
    codes: NDArray[np.uint8],
    levels: NDArray[np.float32],
    zero: bool,
    weights: NDArray[np.float32],
    block_height: int,
    block_width: int,
    sums: NDArray[np.float64],
) -> None:
    """Add to `sums`, (blocks down, blocks across, fields, 5).

    The plane is `codes` or `levels`, and the other one is empty: compiled code for both takes half as long to
    make as two versions of it.
    """
    height, width = max(codes.shape[0], levels.shape[0]), max(codes.shape[1], levels.shape[1])
    padded = (width + 6 + LANES - 1) // LANES * LANES  # a multiple, so that loops have no remainder
    ring = np.zeros((7, padded), np.float32)  # padded input rows y - 3 .. y + 3, at row number mod 7
    moments = np.empty((2, padded), np.float32)
    work = np.empty((6, width // block_width, block_width), np.float32)
    lines = work.reshape(6, width)
    for y in range(-6, height):
        if codes.size:
            load_row(codes, y + 3, zero, ring, (y + 3) % 7)
        else:
            load_row(levels, y + 3, zero, ring, (y + 3) % 7)
        if y < 0:  # the first row needs those up to 3
            continue
        top, top_left = y * 0 + _BLOCK_TOP, y * 0 + _BLOCK_TOP_LEFT  # no constants: they would compile again
        row, left = _ROW + y % 2, _LEFT + y % 2
        up, up_left = _ROW + (y + 1) % 2, _LEFT + (y + 1) % 2
        coefficients(ring, y, weights, SIDE, moments, lines, row)
        _wrap_left(work, row, left)
        block_y, in_block = y // block_height, y % block_height
        if in_block > 0:
            _add_row(work, row, left, up, up_left, sums[block_y])
        else:  # what is above the first row comes last
            for x in range(lines.shape[1]):
                lines[top, x] = lines[row, x]
                lines[top_left, x] = lines[left, x]
        if in_block == block_height - 1:
            _add_row(work, top, top_left, row, left, sums[block_y])


@jit(**SUMMING)
def load_row(plane: NDArray[Any], y: int, zero: bool, ring: NDArray[np.float32], to: int) -> None:
    """Copy image row `y`, which may lie outside, to row `to` of `ring`, padded by three pixels."""
    height, width = plane.shape
    if zero and (y < 0 or y >= height):
        ring[to] = np.float32(0)
        return
    source = min(max(y, 0), height - 1)
    for x in range(width):
        ring[to, x + 3] = np.float32(plane[source, x])
    for x in range(3):
        ring[to, x] = np.float32(0) if zero else ring[to, 3]
        ring[to, width + 3 + x] = np.float32(0) if zero else ring[to, width + 2]


@jit(**SUMMING)
def coefficients(
    ring: NDArray[np.float32],
    y: int,
    weights: NDArray[np.float32],
    side: np.float32,
    moments: NDArray[np.float32],
    work: NDArray[np.float32],
    row: int,
) -> None:
    """MSCN of image row `y`, by the two passes about the centre pixel that `nss` describes.

    The second moment of a column is kept about the column's own mean, a2 - a1 * a1, to which the
    passage to another centre adds the square of the new mean.

    Parameters
    ----------
    ring : (7, w + 6)
        Rows y - 3 to y + 3 of the image, at row number mod 7, of `load_row`.
    y : int
        Number of the row in the image.
    weights : (7,)
        Of the window, `nss.gaussian`.
    side : float32
        What stands for a zero coefficient that counts on a side (see "Flat areas" above); 0 where none does.
    moments : (2, w + 6)
        Working memory.
    work : (n, w)
        Where the coefficients go.
    row : int
        Row of `work`.
    """
    here = y % 7
    column_moments(ring, y, weights, moments)
    for x in range(work.shape[1]):
        centre = ring[here, x + 3]
        mean = moments[0, x + 3]
        first = weights[3] * mean
        second = weights[3] * (moments[1, x + 3] + mean * mean)
        for j in range(3):
            left = (ring[here, x + j] - centre) + moments[0, x + j]
            right = (ring[here, x + 6 - j] - centre) + moments[0, x + 6 - j]
            first += weights[j] * (left + right)
            second += weights[j] * (moments[1, x + j] + moments[1, x + 6 - j] + left * left + right * right)
        deviation = np.sqrt(abs(second - first * first))
        coefficient = -first / (deviation + np.float32(1))
        flat = side * side_of_level(centre)
        work[row, x] = coefficient if first * first > ROUNDING * second else flat


@jit(**SUMMING)
def column_moments(
    ring: NDArray[np.float32], y: int, weights: NDArray[np.float32], moments: NDArray[np.float32]
) -> None:
    """Write the moments of each column under the window of row `y`: the first pass of `coefficients`.

    Row 0 of `moments` gets the mean of the differences from the centre pixel, row 1 the second moment about
    that mean; the weight of the centre pixel itself is left out.
    """
    here = y % 7
    above_3, above_2, above_1 = (y + 4) % 7, (y + 5) % 7, (y + 6) % 7  # y - 3 .. y - 1, kept positive
    below_1, below_2, below_3 = (y + 1) % 7, (y + 2) % 7, (y + 3) % 7
    for x in range(ring.shape[1]):
        centre = ring[here, x]
        up_3 = ring[above_3, x] - centre
        down_3 = ring[below_3, x] - centre
        up_2 = ring[above_2, x] - centre
        down_2 = ring[below_2, x] - centre
        up_1 = ring[above_1, x] - centre
        down_1 = ring[below_1, x] - centre
        first = weights[0] * (up_3 + down_3) + weights[1] * (up_2 + down_2) + weights[2] * (up_1 + down_1)
        second = (
            weights[0] * (up_3 * up_3 + down_3 * down_3)
            + weights[1] * (up_2 * up_2 + down_2 * down_2)
            + weights[2] * (up_1 * up_1 + down_1 * down_1)
        )
        moments[0, x] = first
        moments[1, x] = second - first * first


@jit(**SUMMING)
def side_of_level(level: np.float32) -> np.float32:
    """Side on which a zero coefficient of a pixel of this level counts: 0, 1 or -1.

    By the whole part of the level modulo 3 (see "Flat areas" above). Exact for levels, negative ones
    too, of less than 2^24: the float32 nearest to 1/3, times a multiple of 3, rounds to a third of it.
    """
    whole = np.floor(level)
    remainder = whole - np.float32(3) * np.floor(whole * np.float32(1 / 3))
    return remainder * (np.float32(2.5) - np.float32(1.5) * remainder)


@jit(**SUMMING)
def _wrap_left(work: NDArray[np.float32], row: int, left: int) -> None:
    """Move `row` one pixel to the right inside each block, the last pixel to the front."""
    size = work.shape[2]
    for b in range(work.shape[1]):
        work[left, b, 0] = work[row, b, size - 1]
        for x in range(1, size):
            work[left, b, x] = work[row, b, x - 1]


@jit(**SUMMING)
def _add_row(
    work: NDArray[np.float32], row: int, left: int, up: int, up_left: int, sums: NDArray[np.float64]
) -> None:
    """Add one row's coefficients and products to the sums of the blocks, (blocks, fields, 5)."""
    nothing = np.float32(0), np.float32(0), np.float32(0), np.float32(0), np.float32(0)
    for b in range(work.shape[1]):
        own = h = v = d1 = d2 = nothing
        for x in range(work.shape[2]):
            here, beside, above = work[row, b, x], work[left, b, x], work[up, b, x]
            own = _add(own, here)
            h = _add(h, here * beside)
            v = _add(v, here * above)
            d1 = _add(d1, here * work[up_left, b, x])
            d2 = _add(d2, beside * above)
        for k in range(5):
            sums[b, 0, k] += own[k]
            sums[b, 1, k] += h[k]
            sums[b, 2, k] += v[k]
            sums[b, 3, k] += d1[k]
            sums[b, 4, k] += d2[k]


@jit(**SUMMING)
def _add(sums: Sums, p: np.float32) -> Sums:
    """Add the sample `p` to a field's five sums."""
    q, zero, one = abs(p), np.float32(0), np.float32(1)
    return (
        sums[0] + q,
        sums[1] + p * p,
        sums[2] + p * q,
        sums[3] + (one if p < zero else zero),  # a conversion of the comparison takes two steps more
        sums[4] + (one if p > zero else zero),
    )
