"""Halving in double precision with the bits of the general resize, streamed row by row."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .jit import jit

Image = NDArray[np.float64]
#: Rows of a sparse matrix: starts, columns and weights.
Rows = tuple[NDArray[np.int32], NDArray[np.int32], Image]

#: Taps of an output pixel away from the edge; the first lies three pixels before the pair it replaces.
TAPS = 8


def halve_in_double(plane: Image, down: Rows, across: Rows) -> Image:
    """Half of a plane (h, w) float64, by the matrices of `resize.resizing_matrix` of its two axes.

    Products are added in their order, so that the result has the bits of a product with the one, then with
    the other.
    """
    plane = np.ascontiguousarray(plane).view()
    plane.flags.writeable = False
    out = np.empty((len(down[0]) - 1, len(across[0]) - 1))
    _halve(plane, down, across, out)
    return out


# No fast math: the bits depend on the order of the sums and on products that are rounded by themselves.
@jit(error_model="numpy")
def _halve(plane: Image, down: Rows, across: Rows, out: Image) -> None:
    width = plane.shape[1]
    starts, indices, weights = down
    column = np.empty(width)
    halves = np.empty((2, (width + 1) // 2))  # even and odd samples of `column`
    for y in range(out.shape[0]):
        first, last = starts[y], starts[y + 1]
        if last - first == TAPS:
            w0, w1, w2, w3 = weights[first], weights[first + 1], weights[first + 2], weights[first + 3]
            w4, w5, w6, w7 = weights[first + 4], weights[first + 5], weights[first + 6], weights[first + 7]
            r = np.uintp(indices[first])
            for x in range(width):
                total = w0 * plane[r, x] + w1 * plane[r + np.uintp(1), x]
                total = (total + w2 * plane[r + np.uintp(2), x]) + w3 * plane[r + np.uintp(3), x]
                total = (total + w4 * plane[r + np.uintp(4), x]) + w5 * plane[r + np.uintp(5), x]
                column[x] = (total + w6 * plane[r + np.uintp(6), x]) + w7 * plane[r + np.uintp(7), x]
        else:
            column[:] = 0.0
            for entry in range(first, last):
                row = np.uintp(indices[entry])
                for x in range(width):
                    column[x] += weights[entry] * plane[row, x]
        for x in range(width // 2):
            halves[0, x] = column[2 * x]
            halves[1, x] = column[2 * x + 1]
        if width % 2:
            halves[0, width // 2] = column[width - 1]
        _sum_columns(column, halves, across, out, y)


@jit(error_model="numpy")
def _sum_columns(column: Image, halves: Image, rows: Rows, out: Image, y: int) -> None:
    """All the pixels by the taps of one in the middle, then those at the edges by their own."""
    starts, indices, weights = rows
    n = out.shape[1]
    edge = min(TAPS // 4, n)
    if n > 2 * edge:
        first = starts[edge]
        w0, w1, w2, w3 = weights[first], weights[first + 1], weights[first + 2], weights[first + 3]
        w4, w5, w6, w7 = weights[first + 4], weights[first + 5], weights[first + 6], weights[first + 7]
        for k in range(n - 2 * edge):
            total = w0 * halves[1, k] + w1 * halves[0, k + 1]
            total = (total + w2 * halves[1, k + 1]) + w3 * halves[0, k + 2]
            total = (total + w4 * halves[1, k + 2]) + w5 * halves[0, k + 3]
            out[y, k + edge] = (total + w6 * halves[1, k + 3]) + w7 * halves[0, k + 4]
    for k in range(min(2 * edge, n)):
        x = k if k < edge else n - 1 - (k - edge)
        total = 0.0
        for entry in range(starts[x], starts[x + 1]):
            total += weights[entry] * column[indices[entry]]
        out[y, x] = total
