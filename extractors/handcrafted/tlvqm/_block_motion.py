"""Sparse block motion: corner-like key points and their best matches in two other frames.

The scheme of TLVQM (Korhonen, "Two-Level Approach for No-Reference Consumer Video Quality
Assessment", IEEE TIP 2019, section III-A): key points are greedily picked maxima of a corner
measure; each is matched by comparing Sobel responses in a 3x3 neighbourhood over a square search
window, backwards and forwards. Ties are broken in column-major order, as the release does.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from vqa_features.kernels.jit import jit

Floats = NDArray[np.float64]
#: Vertical and horizontal Sobel responses of a frame, each (h, w).
Pair = tuple[Floats, Floats]

#: Zero-motion cost below which a point is taken to be still, and the least relative gain of a match.
STILL_COST = 0.005
LEAST_GAIN = 1.01


class Matches(NamedTuple):
    """What matching `n` key points gave.

    `backward` and `forward` are displacements (n, 2) as (dy, dx) in pixels, both pointing along
    time; the four costs are (n,) sums of squared Sobel differences at zero displacement and at the
    match; `uncertain` counts searches whose best match was not distinctly better than others.
    """

    backward: Floats
    forward: Floats
    still_backward: Floats
    cost_backward: Floats
    still_forward: Floats
    cost_forward: Floats
    uncertain: int


def key_points(corners: Floats, radius: int, threshold: float) -> NDArray[np.int64]:
    """Return the points (n, 2) as (row, column) of greedily picked maxima above `threshold`.

    After each pick, the square of `radius` around it is struck out. Of equal maxima the one first
    in column-major order is taken. `corners` (h, w) is left as it is.
    """
    points = np.empty((corners.size, 2), dtype=np.int64)
    # a column of the picture as a contiguous row
    n = _pick(corners.T.copy(), radius, threshold, points, np.empty(corners.shape[1], np.int64))
    return points[:n].copy()


@jit()
def _pick(
    left: Floats, radius: int, threshold: float, points: NDArray[np.int64], best: NDArray[np.int64]
) -> int:
    """Fill `points` and return their number; `best` is the place of the largest in each row of `left`."""
    w, h = left.shape
    for x in range(w):
        best[x] = _place_of_largest(left, x)
    n = 0
    while True:
        x = 0
        for column in range(1, w):
            if left[column, best[column]] > left[x, best[x]]:
                x = column
        y = best[x]
        if not left[x, y] > threshold:
            return n
        points[n, 0], points[n, 1] = y, x
        n += 1
        for column in range(max(0, x - radius), min(w, x + radius + 1)):
            for row in range(max(0, y - radius), min(h, y + radius + 1)):
                left[column, row] = -np.inf
            best[column] = _place_of_largest(left, column)


@jit()
def _place_of_largest(left: Floats, x: int) -> int:
    """First place of the largest value in row `x`."""
    place = 0
    for y in range(1, left.shape[1]):
        if left[x, y] > left[x, place]:
            place = y
    return place


@jit()
def _square(x: float) -> float:
    return x * x


@jit(error_model="numpy")
def _still_cost(this: Pair, other: Pair, row: int, column: int) -> float:
    """Cost at zero displacement, summed in the order of `_match_costs`."""
    v, h = this
    other_v, other_h = other
    dv, dh = v[row, column] - other_v[row, column], h[row, column] - other_h[row, column]
    cost = dv * dv + dh * dh
    for i in range(-1, 2):
        for j in range(-1, 2):
            if i != 0 or j != 0:
                y, x = row + i, column + j
                dv, dh = v[y, x] - other_v[y, x], h[y, x] - other_h[y, x]
                cost = cost + dv * dv + dh * dh
    return cost


@jit(error_model="numpy")
def _match_costs(this: Pair, other: Pair, row: int, column: int, window: Floats, costs: Floats) -> None:
    """Fill `costs` (2r+1, 2r+1) with 3x3 sums of squared differences, the centre pixel first.

    `window` (2, 2r+3, 2r+3) is for the responses of the other frame.
    """
    v, h = this
    size = costs.shape[0]
    y0, x0 = row - size // 2 - 1, column - size // 2 - 1
    other_v, other_h = other
    for y in range(size + 2):
        row_v, row_h = other_v[y0 + y], other_h[y0 + y]
        for x in range(size + 2):
            window[0, y, x] = row_v[x0 + x]
            window[1, y, x] = row_h[x0 + x]
    v11, h11 = v[row, column], h[row, column]
    v00, v01, v02 = v[row - 1, column - 1], v[row - 1, column], v[row - 1, column + 1]
    h00, h01, h02 = h[row - 1, column - 1], h[row - 1, column], h[row - 1, column + 1]
    v10, v12, h10, h12 = v[row, column - 1], v[row, column + 1], h[row, column - 1], h[row, column + 1]
    v20, v21, v22 = v[row + 1, column - 1], v[row + 1, column], v[row + 1, column + 1]
    h20, h21, h22 = h[row + 1, column - 1], h[row + 1, column], h[row + 1, column + 1]
    for y in range(size):
        for x in range(size):
            cost = _square(v11 - window[0, y + 1, x + 1]) + _square(h11 - window[1, y + 1, x + 1])
            cost = cost + _square(v00 - window[0, y, x]) + _square(h00 - window[1, y, x])
            cost = cost + _square(v01 - window[0, y, x + 1]) + _square(h01 - window[1, y, x + 1])
            cost = cost + _square(v02 - window[0, y, x + 2]) + _square(h02 - window[1, y, x + 2])
            cost = cost + _square(v10 - window[0, y + 1, x]) + _square(h10 - window[1, y + 1, x])
            cost = cost + _square(v12 - window[0, y + 1, x + 2]) + _square(h12 - window[1, y + 1, x + 2])
            cost = cost + _square(v20 - window[0, y + 2, x]) + _square(h20 - window[1, y + 2, x])
            cost = cost + _square(v21 - window[0, y + 2, x + 1]) + _square(h21 - window[1, y + 2, x + 1])
            costs[y, x] = (
                cost + _square(v22 - window[0, y + 2, x + 2]) + _square(h22 - window[1, y + 2, x + 2])
            )


@jit()
def _choose(costs: Floats, forward_costs: Floats, radius: int, inclusive: bool) -> tuple[int, int, bool]:
    """Row and column in `costs` of the match, and whether the search was uncertain.

    A best cost that is distinct (at most 0.8 of the second, less than that unless `inclusive`), or
    nearer to the centre than the second, wins; otherwise the nearest of the near-best is taken if its
    *forward* cost is good (the release compares the forward window in both directions), else the best
    if it gains a tenth.
    """
    (fy, fx), (sy, sx) = _two_smallest(costs)
    first, second = costs[fy, fx], costs[sy, sx]
    distinct = first <= 0.8 * second if inclusive else first < 0.8 * second
    if distinct or _distance(fy, fx, radius) < _distance(sy, sx, radius):
        return fy, fx, False
    ny, nx = _nearest_of_near_best(costs, first, radius)
    if forward_costs[ny, nx] < 1.1 * first:
        y, x = _position_of(costs, costs[ny, nx])
        return y, x, True
    if first < 0.9 * costs[radius, radius]:
        return fy, fx, True
    return radius, radius, True


@jit()
def _distance(y: int, x: int, radius: int) -> int:
    """Squared distance of a place in the search window from the centre."""
    return (y - radius) * (y - radius) + (x - radius) * (x - radius)


@jit()
def _two_smallest(costs: Floats) -> tuple[tuple[int, int], tuple[int, int]]:
    """Places of the smallest and the second smallest cost, the first in column-major order."""
    first = second = np.inf
    at_first = at_second = (0, 0)
    for x in range(costs.shape[1]):
        for y in range(costs.shape[0]):
            cost = costs[y, x]
            if cost < first:
                second, at_second = first, at_first
                first, at_first = cost, (y, x)
            elif cost < second:
                second, at_second = cost, (y, x)
    return at_first, at_second


@jit()
def _nearest_of_near_best(costs: Floats, best: float, radius: int) -> tuple[int, int]:
    """Place nearest to the centre of those whose cost times 0.8 is at most `best`."""
    nearest, place = 2 * radius * radius + 1, (0, 0)
    for x in range(costs.shape[1]):
        for y in range(costs.shape[0]):
            if 0.8 * costs[y, x] <= best and _distance(y, x, radius) < nearest:
                nearest, place = _distance(y, x, radius), (y, x)
    return place


@jit()
def _position_of(costs: Floats, cost: float) -> tuple[int, int]:
    """First place of `cost` in column-major order."""
    for x in range(costs.shape[1]):
        for y in range(costs.shape[0]):
            if costs[y, x] == cost:
                return y, x
    return 0, 0


@jit(error_model="numpy")
def _match(
    points: NDArray[np.int64], this: Pair, previous: Pair, following: Pair, radius: int
) -> tuple[Floats, int]:
    """Rows (n, 8) of `Matches`. A window is not searched where nothing depends on it."""
    n = points.shape[0]
    size = 2 * radius + 1
    rows = np.zeros((n, 8))
    window = np.empty((2, size + 2, size + 2))
    backward, forward = np.empty((size, size)), np.empty((size, size))
    uncertain = 0
    for p in range(n):
        row, column = points[p, 0], points[p, 1]
        before, after = (
            _still_cost(this, previous, row, column),
            _still_cost(this, following, row, column),
        )
        if before > STILL_COST:
            _match_costs(this, previous, row, column, window, backward)
        if before > STILL_COST or after > STILL_COST:
            _match_costs(this, following, row, column, window, forward)
        for direction in range(2):
            costs, still = (backward, before) if direction == 0 else (forward, after)
            cost, dy, dx = still, 0, 0
            if still > STILL_COST:
                y, x, doubtful = _choose(costs, forward, radius, direction == 0)
                uncertain += doubtful
                if costs[y, x] * LEAST_GAIN < still:
                    cost, dy, dx = costs[y, x], y - radius, x - radius
            sign = -1 if direction == 0 else 1
            rows[p, 2 * direction] = sign * dy
            rows[p, 2 * direction + 1] = sign * dx
            rows[p, 4 + 2 * direction] = still
            rows[p, 5 + 2 * direction] = cost
    return rows, uncertain


def match(
    points: NDArray[np.int64],
    this: Pair,
    previous: Pair,
    following: Pair,
    radius: int,
) -> Matches:
    """Match key points of a frame to the frames before and after it.

    Parameters
    ----------
    points : (n, 2) int
        Row and column; each at least ``radius + 2`` pixels away from every border.
    this, previous, following : pairs of (h, w) float64
        Vertical and horizontal Sobel responses.
    radius : int
        Half width of the search window in pixels.
    """
    rows, uncertain = _match(points, this, previous, following, radius)
    return Matches(rows[:, 0:2], rows[:, 2:4], rows[:, 4], rows[:, 5], rows[:, 6], rows[:, 7], int(uncertain))


@jit()
def clear_squares(area: NDArray[np.bool_], points: NDArray[np.int64], radius: int) -> None:
    """Set the squares of `radius` around `points` to False, in place."""
    h, w = area.shape
    for k in range(points.shape[0]):
        y, x = points[k, 0], points[k, 1]
        for row in range(max(0, y - radius), min(h, y + radius + 1)):
            for column in range(max(0, x - radius), min(w, x + radius + 1)):
                area[row, column] = False
