"""Sums that the search for a grid is made of: steps by column, and a profile folded at many spacings."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vqa_features.kernels.jit import jit

Array = NDArray[np.float64]


def column_sums(plane: NDArray[np.float32]) -> Array:
    """Sums over the rows of |step|, its square, and log(1 + |step|), (3, w - 1)."""
    width = plane.shape[1] - 1
    sums = np.zeros((3, width))
    _add_rows(plane, sums, np.ones(width))
    return sums


@jit(error_model="numpy")
def _add_rows(plane: NDArray[np.float32], sums: Array, product: Array) -> None:
    """Add the rows to the sums; one logarithm serves the product of up to 64 factors, given as 1."""
    for y in range(plane.shape[0]):
        for x in range(sums.shape[1]):
            step = np.float64(abs(plane[y, x + 1] - plane[y, x]))
            sums[0, x] += step
            sums[1, x] += step * step
            product[x] *= 1 + step
        if y % 64 == 63 or y == plane.shape[0] - 1:
            for x in range(sums.shape[1]):
                sums[2, x] += np.log(product[x])
                product[x] = 1


def scan(values: Array, sizes: Array) -> tuple[Array, Array, Array]:
    """For each spacing: how far its best place stands out, how distinct it is, and where it is.

    Values are averaged by their place within a period, in half pixels; a place is two of these.
    """
    found = np.zeros((3, sizes.size))
    if sizes.size:
        folded = np.empty((3, 2 * int(np.rint(sizes.max()))))
        _fold(values, sizes, _deviation(values), np.empty(values.size, np.int32), folded, found)
    return found[0], found[1], found[2]


@jit(error_model="numpy")
def _deviation(values: Array) -> float:
    """Standard deviation, summed in order: spacings that stand out equally are told by the last digits."""
    mean = square = 0.0
    for x in range(values.size):
        mean += values[x]
    mean /= values.size
    for x in range(values.size):
        square += (values[x] - mean) * (values[x] - mean)
    return np.sqrt(square / values.size)


@jit(error_model="numpy")
def _fold(
    values: Array, sizes: Array, deviation: float, places: NDArray[np.int32], folded: Array, found: Array
) -> None:
    """Write what `scan` returns; `places` (one per value) and `folded` (three per place) are work space."""
    for k in range(sizes.size if deviation > 0 else 0):
        size = sizes[k]
        n = 2 * int(np.rint(size))
        for x in range(values.size):
            periods = x / size
            places[x] = int((periods - int(periods)) * n)
        for half in range(n):
            folded[0, half] = folded[1, half] = 0.0
        for x in range(values.size):
            folded[0, places[x]] += values[x]
            folded[1, places[x]] += 1
        best = 0
        least = np.inf
        for half in range(n):
            after = half + 1 if half + 1 < n else 0
            count = folded[1, half] + folded[1, after]
            folded[2, half] = (folded[0, half] + folded[0, after]) / max(count, 1.0)
            least = min(least, folded[2, half])
            if folded[2, half] > folded[2, best]:
                best = half
        highest = folded[2, best]
        if highest == least:
            continue
        width = max(2, int(np.rint(size / 4))) + 1
        other = -np.inf
        for half in range(width + 1, n - width):
            other = max(other, folded[2, (best + half) % n])
        lines = folded[1, best] + folded[1, (best + 1) % n]
        found[0, k] = (highest - other) / deviation * np.sqrt(lines / 2)
        found[1, k] = (highest - other) / (highest - least)
        found[2, k] = (best + 1) * size / n
