"""Block motion by the new three-step search.

R. Li, B. Zeng and M. L. Liou, "A new three-step search algorithm for block motion estimation", IEEE
TCSVT 4(4), 1994, as Video BLIINDS uses it: sum of absolute differences, ties to the first in raster
order. Costs of places outside the frame are not refreshed from step to step, as there.

Planes are single precision and wider than the frame by `MARGIN` columns of any value, so that a row of a
block is always read as `LANES` numbers: a loop of fixed length runs in lanes. Sums of 256 differences of
8-bit codes, or of codes of up to 16 bits in 8-bit units, are exact in single precision.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from vqa_features.kernels.jit import SUMMING, jit

Plane = NDArray[np.float32]
Costs = NDArray[np.float32]

#: Numbers read of each row of a block: the largest side.
LANES = 16
#: Columns to the right of the frame: of the smallest block, what `LANES` reads too much.
MARGIN = 6
#: Cost of a place that was not looked at.
FAR = np.float32(1e30)
#: Stages of the search of one block.
_FAR_PLACES, _NEAR_PLACES, _REFINEMENT = 0, 1, 2


def padded(plane: NDArray[Any]) -> Plane:
    """Return the plane (h, w) as float32 with `MARGIN` columns more."""
    wide = np.zeros((plane.shape[0], plane.shape[1] + MARGIN), np.float32)
    wide[:, : plane.shape[1]] = plane
    return wide


def block_motion(current: Plane, reference: Plane, side: int, largest_step: int) -> NDArray[np.int64]:
    """Displacements (rows, columns, 2) as (dy, dx) of the blocks of `current` into `reference`.

    Parameters
    ----------
    current, reference : (h, w + MARGIN) float32
        Luma of one size in 8-bit code units, from `padded`.
    side : int
        Side of a block: 10, 11, 15 or 16; what is left at the right and at the bottom has no block.
    largest_step : int
        First step of the search, a power of two.
    """
    height, width = current.shape[0], current.shape[1] - MARGIN
    motion = np.zeros((height // side, width // side, 2), np.int64)
    lanes = (np.arange(LANES) < side).astype(np.float32)
    _search(current, reference, lanes, side, largest_step, motion)
    return motion


@jit(**SUMMING)
def _search(
    current: Plane,
    reference: Plane,
    lanes: Plane,
    side: int,
    largest_step: int,
    motion: NDArray[np.int64],
) -> None:
    """Fill `motion`. All stages share one loop, which is compiled once."""
    costs = np.empty((3, 3), np.float32)
    for row in range(motion.shape[0]):
        for column in range(motion.shape[1]):
            y, x = row * side, column * side
            v, h, step, stage, skip_inner = y, x, largest_step, _FAR_PLACES, False
            far_y = far_x = 0
            far_cost = FAR
            _forget(costs)
            while step >= 1:
                skip_centre = stage != _FAR_PLACES
                _look(costs, current, reference, lanes, y, x, v, h, step, side, skip_centre, skip_inner)
                dy, dx = _best(costs)
                cost = costs[1 + dy, 1 + dx]
                if stage == _FAR_PLACES:
                    far_y, far_x, far_cost = dy, dx, cost
                    step, stage = 1, _NEAR_PLACES
                    continue
                if stage == _REFINEMENT:
                    v, h = v + dy * step, h + dx * step
                    step //= 2
                elif cost > far_cost:
                    v, h, cost = y + far_y * largest_step, x + far_x * largest_step, far_cost
                    step = largest_step // 2
                    _forget(costs)
                else:
                    v, h, skip_inner = y + dy, x + dx, True
                    step = 1 if far_y != 0 or far_x != 0 or dy != 0 or dx != 0 else 0
                    _forget(costs)
                stage = _REFINEMENT
                costs[1, 1] = cost
            motion[row, column, 0], motion[row, column, 1] = v - y, h - x


@jit(**SUMMING)
def _forget(costs: Costs) -> None:
    for i in range(3):
        for j in range(3):
            costs[i, j] = FAR


@jit(**SUMMING)
def _best(costs: Costs) -> tuple[int, int]:
    """Offsets -1, 0, 1 of the smallest cost; the first in raster order."""
    least, row, column = FAR, 0, 0
    for i in range(3):
        for j in range(3):
            if costs[i, j] < least:
                least, row, column = costs[i, j], i - 1, j - 1
    return row, column


@jit(**SUMMING)
def _look(
    costs: Costs,
    current: Plane,
    reference: Plane,
    lanes: Plane,
    y: int,
    x: int,
    at_y: int,
    at_x: int,
    step: int,
    side: int,
    skip_centre: bool,
    skip_inner: bool,
) -> None:
    """Fill the costs of nine places in the reference; of places outside the frame they stay as they are."""
    rows, columns = current.shape[0], current.shape[1] - MARGIN
    for i in range(3):
        for j in range(3):
            v, h = at_y + (i - 1) * step, at_x + (j - 1) * step
            if (skip_centre and i == 1 and j == 1) or v < 0 or h < 0 or v + side > rows or h + side > columns:
                continue
            if skip_inner and abs(v - y) <= 1 and abs(h - x) <= 1:
                continue
            costs[i, j] = _cost(
                current, reference, lanes, np.uintp(y), np.uintp(x), np.uintp(v), np.uintp(h), side
            )


@jit(**SUMMING)
def _cost(
    current: Plane,
    reference: Plane,
    lanes: Plane,
    y: np.uintp,
    x: np.uintp,
    v: np.uintp,
    h: np.uintp,
    side: int,
) -> np.float32:
    """Sum of absolute differences of two blocks, five rows at a time.

    Where one row is left, four rows before it are read again and not counted. Places are unsigned: a
    signed index would be tested for its sign in every lane.
    """
    total = np.float32(0)
    one, two, three, four = np.uintp(1), np.uintp(2), np.uintp(3), np.uintp(4)
    for k in range((side + 4) // 5):
        counted = np.float32(1) if 5 * k + 5 <= side else np.float32(0)
        a = np.uintp(min(5 * k, side - 5))
        p, q = y + a, v + a
        for b in range(np.uintp(LANES)):
            rest = (
                abs(current[p, x + b] - reference[q, h + b])
                + abs(current[p + one, x + b] - reference[q + one, h + b])
                + abs(current[p + two, x + b] - reference[q + two, h + b])
                + abs(current[p + three, x + b] - reference[q + three, h + b])
            )
            last = abs(current[p + four, x + b] - reference[q + four, h + b])
            total += lanes[b] * (counted * rest + last)
    return total
