"""Block motion by the new three-step search.

R. Li, B. Zeng and M. L. Liou, "A new three-step search algorithm for block motion estimation", IEEE
TCSVT 4(4), 1994, as Video BLIINDS uses it: mean absolute difference, ties to the first in raster
order. Costs of places outside the frame are not refreshed from step to step, as there.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vqa_features.kernels.jit import jit

Image = NDArray[np.float64]

#: Cost of a place that was not looked at.
FAR = 65537.0


@jit(error_model="numpy")
def _cost(current: Image, reference: Image, y: int, x: int, v: int, h: int, side: int) -> float:
    total = 0.0
    for a in range(side):
        for b in range(side):
            total += abs(current[y + a, x + b] - reference[v + a, h + b])
    return total / (side * side)


@jit()
def _best(costs: Image) -> tuple[int, int]:
    """Offsets -1, 0, 1 of the smallest cost; the first in raster order."""
    least, row, column = FAR, 0, 0
    for i in range(3):
        for j in range(3):
            if costs[i, j] < least:
                least, row, column = costs[i, j], i - 1, j - 1
    return row, column


@jit(error_model="numpy")
def _look(
    costs: Image,
    current: Image,
    reference: Image,
    block: tuple[int, int],
    at: tuple[int, int],
    step: int,
    side: int,
    skip_inner: bool,
) -> None:
    """Fill the eight costs around `at` in the reference; places outside the frame stay as they are."""
    y, x = block
    rows, columns = current.shape
    for i in range(3):
        for j in range(3):
            v, h = at[0] + (i - 1) * step, at[1] + (j - 1) * step
            if (i == 1 and j == 1) or v < 0 or h < 0 or v + side > rows or h + side > columns:
                continue
            if skip_inner and abs(v - y) <= 1 and abs(h - x) <= 1:
                continue
            costs[i, j] = _cost(current, reference, y, x, v, h, side)


@jit(error_model="numpy")
def block_motion(current: Image, reference: Image, side: int, largest_step: int) -> NDArray[np.int64]:
    """Displacements (rows, columns, 2) as (dy, dx) of the blocks of `current` into `reference`.

    Parameters
    ----------
    current, reference : (h, w) float64
        Luma of one size, in any unit.
    side : int
        Side of a block; what is left at the right and at the bottom has no block.
    largest_step : int
        First step of the search, a power of two.
    """
    down, across = current.shape[0] // side, current.shape[1] // side
    motion = np.zeros((down, across, 2), dtype=np.int64)
    for row in range(down):
        for column in range(across):
            y, x = row * side, column * side
            costs = np.full((3, 3), FAR)
            costs[1, 1] = _cost(current, reference, y, x, y, x, side)
            _look(costs, current, reference, (y, x), (y, x), largest_step, side, False)
            far = _best(costs)
            far_cost = costs[1 + far[0], 1 + far[1]]
            _look(costs, current, reference, (y, x), (y, x), 1, side, False)
            near = _best(costs)
            near_cost = costs[1 + near[0], 1 + near[1]]
            v, h = y, x
            if near_cost <= far_cost and (far != (0, 0) or near != (0, 0)):
                v, h = y + near[0], x + near[1]
                costs[:] = FAR
                costs[1, 1] = near_cost
                _look(costs, current, reference, (y, x), (v, h), 1, side, True)
                best = _best(costs)
                v, h = v + best[0], h + best[1]
            elif near_cost > far_cost:
                v, h = y + far[0] * largest_step, x + far[1] * largest_step
                costs[:] = FAR
                costs[1, 1] = far_cost
                step = largest_step // 2
                while step >= 1:
                    _look(costs, current, reference, (y, x), (v, h), step, side, False)
                    best = _best(costs)
                    v, h = v + best[0] * step, h + best[1] * step
                    costs[1, 1] = costs[1 + best[0], 1 + best[1]]
                    step //= 2
            motion[row, column, 0], motion[row, column, 1] = v - y, h - x
    return motion
