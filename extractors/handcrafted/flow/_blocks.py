"""First estimate of a motion field: the shift of most of the picture, and of blocks that differ from it."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from vqa_features.kernels.jit import SUMMING, jit

Plane = NDArray[np.float32]

#: Reduction of the working picture for the shift of most of it, and for the shifts of blocks.
GLOBAL, LOCAL = 8, 4
#: Sides of the blocks in pixels of the reduced pictures; they overlap by half.
GLOBAL_BLOCK, LOCAL_BLOCK = 12, 8
#: Reach of the search as a share of the width and of the height: of most of the picture, and of a block
#: from there.
GLOBAL_REACH, LOCAL_REACH = 0.36, 0.2
#: Variance in squared codes up to which a block is flat.
FLAT = 2.0
#: Shares of a block's variance that a shift may leave: so little that no other is tried, so much that it is
#: not believed; and how much less than a near shift a far one must leave.
GOOD, BAD, BETTER = 0.2, 0.5, 0.5


def block_shifts(previous: Plane, current: Plane) -> NDArray[np.float32]:
    """Shift of each block of `current` to its match in `previous`, per 2 x 2 pixels, x then y.

    Parameters
    ----------
    previous, current : (h, w) float32
        Working pictures, at least 32 pixels in each direction.

    Returns
    -------
    (h / 2, w / 2, 2) float32
        In pixels of the halved pictures, multiples of 2. The shift of most of the picture is found up to a
        third of the width and of the height; that of a block up to 20 % of the longer side from there. Blocks
        that are flat or match nowhere have the shift of most of the picture.
    """
    first = _most(_reduced(previous, GLOBAL), _reduced(current, GLOBAL)) * (GLOBAL // LOCAL)
    before, after = _reduced(previous, LOCAL), _reduced(current, LOCAL)
    block = _block_shape(after.shape, LOCAL_BLOCK)
    reach = max(2, round(LOCAL_REACH * max(after.shape)))
    pad = reach + int(np.abs(first).max()) + 1
    shifts = _of_blocks(*_padded(before, pad, pad, block), after, block, first, reach)
    rows, columns = (
        np.clip((np.arange(size // 2) // (LOCAL // 2) - side // 4) // (side // 2), 0, count - 1)
        for size, side, count in zip(current.shape, block, shifts.shape[:2], strict=True)
    )
    return np.take(np.take(shifts.astype(np.float32) * (LOCAL // 2), columns, axis=1), rows, axis=0)


def _reduced(picture: Plane, factor: int) -> Plane:
    height, width = (max(n // factor, 4) for n in picture.shape)
    return np.asarray(cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA), dtype=np.float32)


def _padded(picture: Plane, pad_y: int, pad_x: int, block: tuple[int, int]) -> tuple[Plane, Plane]:
    """Return a picture within copies of its border, and the variance of the block from each pixel on."""
    padded = cv2.copyMakeBorder(picture, pad_y, pad_y, pad_x, pad_x, cv2.BORDER_REPLICATE)
    size, corner = block[::-1], (0, 0)
    squares = cv2.sqrBoxFilter(padded, cv2.CV_32F, size, anchor=corner)
    means = cv2.boxFilter(padded, cv2.CV_32F, size, anchor=corner)
    return np.asarray(padded, np.float32), np.asarray(squares - np.square(means), np.float32)


def _block_shape(shape: tuple[int, ...], side: int) -> tuple[int, int]:
    return min(side, shape[0]), min(side, shape[1] // 4 * 4)


def _most(previous: Plane, current: Plane) -> NDArray[np.int64]:
    """Shift (x, y) that suits most blocks with texture, in pixels of the pictures given."""
    reach_y, reach_x = (int(np.ceil(GLOBAL_REACH * n)) for n in current.shape)
    block = _block_shape(current.shape, GLOBAL_BLOCK)
    costs = _sum_of_costs(*_padded(previous, reach_y, reach_x, block), current, block)
    y, x = np.mgrid[-reach_y : reach_y + 1, -reach_x : reach_x + 1]
    best = int(np.argmin(costs + 1e-3 * np.hypot(x, y)))
    return np.array([x.flat[best], y.flat[best]])


@jit(**SUMMING)
def _sum_of_costs(padded: Plane, variances: Plane, current: Plane, shape: tuple[int, int]) -> Plane:
    """Cost of each shift: over the blocks, the share of variance it leaves, at most 1, and 1 outside."""
    height, width = current.shape
    block = np.empty(shape, np.float32)
    reach_y, reach_x = (padded.shape[0] - height) // 2, (padded.shape[1] - width) // 2
    total = np.zeros((2 * reach_y + 1, 2 * reach_x + 1), np.float32)
    left = np.empty_like(total)
    for y in range(0, height - shape[0] + 1, max(shape[0] // 2, 1)):
        for x in range(0, width - shape[1] + 1, max(shape[1] // 2, 1)):
            variance = _block(current, y, x, block)
            if variance < FLAT:
                continue
            _left(padded, variances, block, variance, y, x, left)
            least, most = reach_x - x, reach_x - x + width - shape[1]  # shifts to blocks inside
            whole = np.float32(1) / np.float32(variance + FLAT)
            for k in range(total.shape[0]):
                if 0 <= y + k - reach_y <= height - shape[0]:
                    for m in range(total.shape[1]):
                        share = min(left[k, m] * whole, np.float32(1))
                        total[k, m] += share if least <= m <= most else np.float32(1)
                else:
                    for m in range(total.shape[1]):
                        total[k, m] += np.float32(1)
    return total


@jit(**SUMMING)
def _of_blocks(
    padded: Plane,
    variances: Plane,
    current: Plane,
    shape: tuple[int, int],
    first: NDArray[np.int64],
    reach: int,
) -> NDArray[np.int64]:
    """Shift (x, y) of each block, (rows, columns, 2) in pixels of `current`."""
    height, width = current.shape
    pad = (padded.shape[0] - height) // 2
    step_y, step_x = shape[0] // 2, shape[1] // 2
    rows, columns = (height - shape[0]) // step_y + 1, (width - shape[1]) // step_x + 1
    shifts = np.empty((rows, columns, 2), np.int64)
    block = np.empty(shape, np.float32)
    near, far = np.empty((5, 5), np.float32), np.empty((2 * reach + 1, 2 * reach + 1), np.float32)
    least = np.empty(2 * reach + 1, np.float32)
    for row in range(rows):
        for column in range(columns):
            y, x = row * step_y, column * step_x
            shifts[row, column, 0], shifts[row, column, 1] = first[0], first[1]
            variance = _block(current, y, x, block)
            if variance < FLAT:
                continue
            best = BAD * (variance + FLAT)
            for still in range(2):  # the shift of most of the picture, and none: what is laid over it
                if still and first[0] == 0 and first[1] == 0:
                    break
                at_x, at_y = (0, 0) if still else (first[0], first[1])
                _left(padded, variances, block, variance, y + pad + at_y - 2, x + pad + at_x - 2, near)
                k = np.argmin(near)
                if near.flat[k] < best:
                    best = near.flat[k]
                    shifts[row, column, 0], shifts[row, column, 1] = at_x + k % 5 - 2, at_y + k // 5 - 2
            if best > GOOD * (variance + FLAT):
                from_y, from_x = y + pad + first[1] - reach, x + pad + first[0] - reach
                _left(padded, variances, block, variance, from_y, from_x, far)
                k, m = _place_of_least(far, least)
                if far[k, m] < BETTER * best:
                    shifts[row, column, 0] = first[0] + m - reach
                    shifts[row, column, 1] = first[1] + k - reach
    return shifts


@jit(**SUMMING)
def _place_of_least(values: Plane, least: NDArray[np.float32]) -> tuple[int, int]:
    """Row and column of the least value; `least` is work space for the least of each column."""
    for m in range(values.shape[1]):
        least[m] = values[0, m]
    for k in range(1, values.shape[0]):
        for m in range(values.shape[1]):
            least[m] = min(least[m], values[k, m])
    column = int(np.argmin(least))
    for k in range(values.shape[0]):
        if values[k, column] == least[column]:
            return k, column
    return 0, column


@jit(**SUMMING)
def _left(
    padded: Plane, variances: Plane, block: Plane, variance: float, from_y: int, from_x: int, left: Plane
) -> None:
    """Variance of the difference between a block and each of `padded` from a place on, into `left`.

    `block` has no mean, and a multiple of four columns.
    """
    shifts, scale = left.shape[1], np.float32(2 / block.size)
    for k in range(left.shape[0]):
        products = left[k]
        products[:] = 0
        for i in range(block.shape[0]):
            line = padded[from_y + k + i]
            for j in range(0, block.shape[1], 4):
                b0, b1, b2, b3 = block[i, j], block[i, j + 1], block[i, j + 2], block[i, j + 3]
                part = line[from_x + j : from_x + j + shifts + 3]
                for m in range(shifts):
                    products[m] += b0 * part[m] + b1 * part[m + 1] + b2 * part[m + 2] + b3 * part[m + 3]
        other = variances[from_y + k, from_x : from_x + shifts]
        for m in range(shifts):
            products[m] = variance + other[m] - scale * products[m]


@jit(**SUMMING)
def _block(picture: Plane, y: int, x: int, block: Plane) -> float:
    """Copy a block without its mean, and return its variance."""
    mean, squares = np.float32(0), np.float32(0)
    for i in range(block.shape[0]):
        for j in range(block.shape[1]):
            block[i, j] = picture[y + i, x + j]
            mean += block[i, j]
    mean /= np.float32(block.size)
    for i in range(block.shape[0]):
        for j in range(block.shape[1]):
            block[i, j] -= mean
            squares += block[i, j] * block[i, j]
    return float(squares / block.size)
