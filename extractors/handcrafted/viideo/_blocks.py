"""Fits of products of neighbours in overlapping blocks, from sums over the cells between their borders."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vqa_features.kernels.fits import aggd_from_sums, grid
from vqa_features.kernels.jit import jit

Plane = NDArray[np.float64]
#: Rows and columns by which a neighbour is shifted, around the edges, in the release's order.
SHIFTS = np.array([[1, 0], [0, 1], [1, 1], [1, -1]])
#: Sums of a product: |x|, x^2, x |x|, and the numbers of negative and positive samples.
N_SUMS = 5


def block_fits(field: Plane, block: int, overlap: int) -> Plane:
    """Return shape and both scales of the four products of every block.

    Parameters
    ----------
    field : (h, w)
        Normalised coefficients.
    block, overlap : int
        Side of a block, and the pixels by which it is extended on each side; beyond the field are zeros.

    Returns
    -------
    ndarray, (blocks, 12)
        Shape, left and right scale of each product; nan where a side has no samples.
    """
    rows, columns = _borders(field.shape[0], block, overlap), _borders(field.shape[1], block, overlap)
    cells = np.zeros((len(rows) - 1, len(columns) - 1, len(SHIFTS), N_SUMS))
    _add_cells(np.pad(field, 1, mode="wrap"), SHIFTS, rows, columns, cells)
    sums = _windows(np.moveaxis(_windows(cells), 1, 0)).reshape(-1, len(SHIFTS), N_SUMS)
    fit = aggd_from_sums((block + 2 * overlap) ** 2, sums, grid(0.2, 0.01, 5.0))
    return np.stack([fit.shape, fit.beta_left, fit.beta_right], axis=2).reshape(len(sums), -1)


def _borders(length: int, block: int, overlap: int) -> NDArray[np.intp]:
    """Return where blocks extended by the overlap begin and end, in order, within 0 and `length`.

    Between two borders lie in turn what two blocks share, and what one has alone.
    """
    centres = block * np.arange(-(-length // block) + 1)
    return np.clip(np.stack([centres - overlap, centres + overlap], axis=1).ravel(), 0, length)


def _windows(cells: Plane) -> Plane:
    """Return the sums over each extended block along the first axis, of three cells each."""
    return cells[0:-2:2] + cells[1:-1:2] + cells[2::2]


@jit(error_model="numpy")
def _add_cells(
    wrapped: Plane, shifts: NDArray[np.intp], rows: NDArray[np.intp], columns: NDArray[np.intp], cells: Plane
) -> None:
    """Add the sums of the four products to the cells between borders; `wrapped` has one pixel more around."""
    for down in range(len(rows) - 1):
        for across in range(len(columns) - 1):
            for k in range(len(shifts)):
                dy, dx = shifts[k, 0], shifts[k, 1]
                absolute = square = signed = 0.0
                negative = positive = 0
                for y in range(rows[down] + 1, rows[down + 1] + 1):
                    for x in range(columns[across] + 1, columns[across + 1] + 1):
                        product = wrapped[y, x] * wrapped[y - dy, x - dx]
                        size = abs(product)
                        absolute += size
                        square += product * product
                        signed += product * size
                        negative += product < 0
                        positive += product > 0
                cells[down, across, k, 0] = absolute
                cells[down, across, k, 1] = square
                cells[down, across, k, 2] = signed
                cells[down, across, k, 3] = negative
                cells[down, across, k, 4] = positive
