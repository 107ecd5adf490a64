"""Block motion and difference spectrum of Video BLIINDS in plain NumPy: what its kernels compute."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import fft

Plane = NDArray[np.float64]
Costs = dict[tuple[int, int], float]
OFFSETS = [(i, j) for i in (-1, 0, 1) for j in (-1, 0, 1)]


def block_motion(current: Plane, reference: Plane, side: int, largest_step: int) -> NDArray[np.int64]:
    """Displacements (rows, columns, 2) by the new three-step search, mean absolute differences."""
    down, across = current.shape[0] // side, current.shape[1] // side
    motion = np.zeros((down, across, 2), np.int64)
    for row, column in np.ndindex(down, across):
        motion[row, column] = _search(current, reference, (row * side, column * side), side, largest_step)
    return motion


def _search(
    current: Plane, reference: Plane, block: tuple[int, int], side: int, largest_step: int
) -> tuple[int, int]:
    y, x = block
    here = current[y : y + side, x : x + side]

    def look(costs: Costs, at: tuple[int, int], step: int, skip_inner: bool = False) -> tuple[int, int]:
        """Refresh the costs around `at` that lie inside the frame; return the first smallest offset."""
        for i, j in OFFSETS:
            v, h = at[0] + i * step, at[1] + j * step
            there = reference[max(v, 0) : v + side, max(h, 0) : h + side]
            near = abs(v - y) <= 1 and abs(h - x) <= 1
            if (
                (i, j) != (0, 0)
                and there.shape == here.shape
                and min(v, h) >= 0
                and not (skip_inner and near)
            ):
                costs[i, j] = float(np.abs(here - there).mean())
        return min(OFFSETS, key=lambda offset: costs.get(offset, np.inf))

    costs = {(0, 0): float(np.abs(here - reference[y : y + side, x : x + side]).mean())}
    far = look(costs, block, largest_step)
    far_cost = costs[far]
    near = look(costs, block, 1)
    if costs[near] > far_cost:
        at = y + far[0] * largest_step, x + far[1] * largest_step
        costs, step = {(0, 0): far_cost}, largest_step // 2
        while step >= 1:
            best = look(costs, at, step)
            at = at[0] + best[0] * step, at[1] + best[1] * step
            costs[0, 0] = costs[best]
            step //= 2
    elif far != (0, 0) or near != (0, 0):
        at = y + near[0], x + near[1]
        best = look({(0, 0): costs[near]}, at, 1, skip_inner=True)
        at = at[0] + best[0], at[1] + best[1]
    else:
        at = block
    return at[0] - y, at[1] - x


def coefficient_moments(current: Plane, previous: Plane) -> tuple[Plane, Plane, Plane]:
    """Mean, sum of squares and sum of absolute values about it of each 5 x 5 DCT coefficient."""
    down, across = current.shape[0] // 5, current.shape[1] // 5
    difference = (current - previous)[: down * 5, : across * 5]
    coefficients = fft.dctn(difference.reshape(down, 5, across, 5), axes=(1, 3), norm="ortho")
    mean = coefficients.mean(axis=(0, 2))
    centred = coefficients - mean[:, None, :]
    return mean, np.square(centred).sum(axis=(0, 2)), np.abs(centred).sum(axis=(0, 2))
