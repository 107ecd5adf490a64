"""Moments of the 5 x 5 DCT coefficients of a frame difference, without storing a coefficient.

M. A. Saad, A. C. Bovik and C. Charrier, "Blind prediction of natural video quality", IEEE TIP 23(3),
2014; the numbers are those of the LIVE release.
"""

from __future__ import annotations

import functools

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy import fft

from vqa_features.kernels.jit import SUMMING, jit

from ._ntss import MARGIN, Plane

Values = NDArray[np.float64]

#: Side of the blocks.
SIDE = 5


def coefficient_moments(current: Plane, previous: Plane) -> tuple[Values, Values, Values]:
    """Mean, sum of squares and sum of absolute values about it, of each DCT coefficient, each (5, 5).

    Parameters
    ----------
    current, previous : (h, w + MARGIN) float32
        Luma of one size in 8-bit code units, from `_ntss.padded`.

    Returns
    -------
    mean, squares, absolute : (5, 5) float64
        Over the whole blocks of ``current - previous``; rows are vertical frequencies. The DCT is
        orthonormal.
    """
    down, across = current.shape[0] // SIDE, (current.shape[1] - MARGIN) // SIDE
    differences = cv2.subtract(current[: down * SIDE], previous[: down * SIDE])
    totals = differences.reshape(down, SIDE, -1).sum(axis=0, dtype=np.float64)[:, : across * SIDE]
    mean = fft.dctn(totals.reshape(SIDE, across, SIDE).sum(axis=1), norm="ortho") / (down * across)
    sums = np.zeros((2, SIDE, SIDE))
    _add_deviations(differences, across, _basis(), mean, sums)
    return mean, sums[0], sums[1]


@functools.cache
def _basis() -> Values:
    """The orthonormal DCT of five samples, (frequency, place)."""
    return np.asarray(fft.dct(np.eye(SIDE), axis=0, norm="ortho"))


@jit(**SUMMING)
def _add_deviations(differences: Plane, across: int, basis: Values, mean: Values, sums: Values) -> None:
    """Add the squares and the absolute values of coefficients less their mean, (2, 5, 5)."""
    columns = np.empty(across * SIDE)  # one vertical frequency of every column
    parted = np.empty((SIDE, across))  # the same by the column's place in its block
    for y in range(0, differences.shape[0], SIDE):
        for k in range(SIDE):
            _weighted(differences, y, basis, k, columns)
            for i in range(SIDE):
                for block in range(across):
                    parted[i, block] = columns[block * SIDE + i]
            for j in range(SIDE):
                square, absolute = _about(parted, basis, j, mean[k, j])
                sums[0, k, j] += square
                sums[1, k, j] += absolute


@jit(**SUMMING)
def _weighted(rows: Plane, y: int, basis: Values, k: int, out: Values) -> None:
    """Vertical frequency `k` of the rows y .. y + 4."""
    a, b, c, d, e = basis[k, 0], basis[k, 1], basis[k, 2], basis[k, 3], basis[k, 4]
    for x in range(out.size):
        out[x] = (
            a * rows[y, x] + b * rows[y + 1, x] + c * rows[y + 2, x] + d * rows[y + 3, x] + e * rows[y + 4, x]
        )


@jit(**SUMMING)
def _about(parted: Values, basis: Values, j: int, mean: float) -> tuple[float, float]:
    """Sums of squares and of absolute values of horizontal frequency `j` less its mean."""
    a, b, c, d, e = basis[j, 0], basis[j, 1], basis[j, 2], basis[j, 3], basis[j, 4]
    square = absolute = 0.0
    for x in range(parted.shape[1]):
        p = (
            a * parted[0, x]
            + b * parted[1, x]
            + c * parted[2, x]
            + d * parted[3, x]
            + e * parted[4, x]
            - mean
        )
        square += p * p
        absolute += abs(p)
    return square, absolute
