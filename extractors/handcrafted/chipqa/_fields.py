"""MSCN fields of ChipQA in one pass over the plane, with the sums that its distributions need.

The release smooths with SciPy in single precision: every pass adds in double precision and is rounded to
single. The variance is a difference of two large numbers, so that this rounding shows where the constant
is 1e-3; `nss.mscn` would give other numbers.
"""

from __future__ import annotations

import functools
from typing import Any, Literal, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from vqa_features.kernels.jit import SUMMING, jit

Image = NDArray[np.float32]
Field = NDArray[np.float64]
Values = NDArray[np.float64]
Border = Literal["zero", "replicate"]

#: Options of kernels whose single-precision products are rounded as written: a fused multiply-add skips that
#: rounding. Fast math is turned off by name, because numba hands a caller's options on to what it calls.
ROUNDED: dict[str, Any] = {"error_model": "numpy", "fastmath": False}
#: Pixels that the window reaches to each side.
REACH = 3
_BORDERS = {"zero": cv2.BORDER_CONSTANT, "replicate": cv2.BORDER_REPLICATE}
_NO_FIELD, _NO_DEVIATION = np.empty((0, 0)), np.empty((0, 0), np.float32)


class Normalised(NamedTuple):
    """MSCN of a plane. What was not asked for is empty.

    `coefficients` (h, w) float64 holds single-precision numbers, `deviation` (h, w) float32 is the local
    deviation; `sums` (5,) are those of c, c^2, c^3, c^4 and |c| over all coefficients c.
    """

    coefficients: Field
    deviation: Image
    sums: Values


def normalise(
    plane: Image,
    *,
    field: bool = False,
    deviation: bool = False,
    constant: float = 1.0,
    border: Border = "zero",
) -> Normalised:
    """MSCN coefficients of a plane (h, w), their local deviation, and sums of their powers.

    Parameters
    ----------
    plane : (h, w) float32
        In any unit.
    field, deviation : bool
        Whether these are returned.
    constant : float
        Added to the deviation under the quotient.
    border : {"zero", "replicate"}
        What lies outside the plane.
    """
    padded = cv2.copyMakeBorder(plane, REACH, REACH, REACH, REACH, _BORDERS[border])
    coefficients = np.empty(plane.shape) if field else _NO_FIELD
    deviations = np.empty(plane.shape, np.float32) if deviation else _NO_DEVIATION
    sums = np.zeros(5)
    _stream(padded, window().astype(np.float64), np.float32(constant), coefficients, deviations, sums)
    return Normalised(coefficients, deviations, sums)


@functools.cache
def window() -> Image:
    """Seven Gaussian weights of deviation 7/6, computed in single precision throughout.

    This is how NumPy 2 evaluates the release; NumPy 1 rounds differently. The sum of the weights is
    not exactly 1, so that flat areas are not exactly zero.
    """
    sigma = np.float32(7 / 6)
    sides = [np.exp(np.float32(-0.5) * np.float32(x * x) / (sigma * sigma)) for x in (1, 2, 3)]
    total = np.float32(1)
    for side in sides:
        total += np.float32(2) * side
    return np.array([*sides[::-1], np.float32(1), *sides], np.float32) / total


def block_sums(field: Field, height: int, width: int) -> Values:
    """Sums over whole blocks of a field and of its products with four neighbours.

    Parameters
    ----------
    field : (h, w) float64
        MSCN coefficients.
    height, width : int
        Of the blocks; what is left at the right and the bottom is not used.

    Returns
    -------
    (blocks down, blocks across, 5, 4) float64
        For the field itself and the products with the neighbour to the left, above, above left and
        below left, which wrap round inside the block: sums of |p|, p^2 and p |p|, number of p < 0.
    """
    sums = np.zeros((field.shape[0] // height, field.shape[1] // width, 5, 4))
    _add_blocks(field, height, width, sums)
    return sums


@jit(**ROUNDED)
def _stream(
    padded: Image,
    weights: Values,
    constant: np.float32,
    coefficients: Field,
    deviations: Image,
    sums: Values,
) -> None:
    """Fill what is not empty of the fields, and add to the five sums."""
    height, width = padded.shape[0] - 2 * REACH, padded.shape[1] - 2 * REACH
    moments = np.empty((2, padded.shape[1]), np.float32)
    rows = np.empty((2, width), np.float32)  # coefficients and deviations
    for y in range(height):
        _down(padded, y, weights, moments)
        _across(padded, y, weights, moments, constant, rows)
        _add_powers(rows, sums)
        if coefficients.size:
            for x in range(width):
                coefficients[y, x] = rows[0, x]
        if deviations.size:
            for x in range(width):
                deviations[y, x] = rows[1, x]


@jit(**ROUNDED)
def _down(padded: Image, y: int, weights: Values, moments: Image) -> None:
    """Smooth the values and their squares over the rows y .. y + 6."""
    for x in range(padded.shape[1]):
        a, b, c, d = padded[y, x], padded[y + 1, x], padded[y + 2, x], padded[y + 3, x]
        e, f, g = padded[y + 4, x], padded[y + 5, x], padded[y + 6, x]
        moments[0, x] = np.float32(_smooth(weights, a, b, c, d, e, f, g))
        moments[1, x] = np.float32(_smooth(weights, a * a, b * b, c * c, d * d, e * e, f * f, g * g))


@jit(**ROUNDED)
def _across(
    padded: Image, y: int, weights: Values, moments: Image, constant: np.float32, rows: Image
) -> None:
    """Smooth along the row; coefficients and deviations of plane row `y`."""
    for x in range(rows.shape[1]):
        mean = np.float32(_smooth_along(weights, moments, 0, x))
        second = np.float32(_smooth_along(weights, moments, 1, x))
        deviation = np.sqrt(abs(second - mean * mean))
        rows[0, x] = (padded[y + REACH, x + REACH] - mean) / (deviation + constant)
        rows[1, x] = deviation


@jit(**ROUNDED)
def _smooth_along(weights: Values, moments: Image, k: int, x: int) -> float:
    m = moments
    return _smooth(
        weights, m[k, x], m[k, x + 1], m[k, x + 2], m[k, x + 3], m[k, x + 4], m[k, x + 5], m[k, x + 6]
    )


@jit(**ROUNDED)
def _smooth(weights: Values, a: Any, b: Any, c: Any, d: Any, e: Any, f: Any, g: Any) -> float:
    """Sum of seven single-precision numbers by symmetric weights, in double precision."""
    total = np.float64(d) * weights[3]
    total += (np.float64(a) + np.float64(g)) * weights[0]
    total += (np.float64(b) + np.float64(f)) * weights[1]
    total += (np.float64(c) + np.float64(e)) * weights[2]
    return total


@jit(**SUMMING)
def _add_powers(rows: Image, sums: Values) -> None:
    first = second = third = fourth = absolute = 0.0
    for x in range(rows.shape[1]):
        c = np.float64(rows[0, x])
        q = c * c
        first += c
        second += q
        third += q * c
        fourth += q * q
        absolute += abs(c)
    sums[0] += first
    sums[1] += second
    sums[2] += third
    sums[3] += fourth
    sums[4] += absolute


@jit(**SUMMING)
def _add_blocks(field: Field, height: int, width: int, sums: Values) -> None:
    for row in range(sums.shape[0]):
        for column in range(sums.shape[1]):
            block = field[row * height : (row + 1) * height, column * width : (column + 1) * width]
            for y in range(height):
                _add_row(block, y, y - 1 if y else height - 1, sums[row, column])


@jit(**SUMMING)
def _add_row(block: Field, y: int, up: int, sums: Values) -> None:
    """Add the products of row `y` with its left neighbours and with row `up`."""
    last = block.shape[1] - 1
    nothing = 0.0, 0.0, 0.0, 0.0
    own = _add(nothing, block[y, 0])
    h = _add(nothing, block[y, 0] * block[y, last])
    v = _add(nothing, block[y, 0] * block[up, 0])
    d1 = _add(nothing, block[y, 0] * block[up, last])
    d2 = _add(nothing, block[up, 0] * block[y, last])
    for x in range(last):
        here, left = block[y, x + 1], block[y, x]
        above, above_left = block[up, x + 1], block[up, x]
        own = _add(own, here)
        h = _add(h, here * left)
        v = _add(v, here * above)
        d1 = _add(d1, here * above_left)
        d2 = _add(d2, above * left)
    for k in range(4):
        sums[0, k] += own[k]
        sums[1, k] += h[k]
        sums[2, k] += v[k]
        sums[3, k] += d1[k]
        sums[4, k] += d2[k]


@jit(**SUMMING)
def _add(sums: tuple[float, float, float, float], p: float) -> tuple[float, float, float, float]:
    q = abs(p)
    return sums[0] + q, sums[1] + p * p, sums[2] + p * q, sums[3] + (1.0 if p < 0.0 else 0.0)
