"""Sums that the statistics of one map need, in one pass over the map that stores no field.

In double precision. Only a few rows are stored: of the MSCN coefficients and of the logarithm of each.
"""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from vqa_features.kernels.jit import SUMMING, jit
from vqa_features.kernels.mscn_sums import side_of_level
from vqa_features.kernels.nss import ROUNDING, gaussian

Image = NDArray[np.float64]
Values = NDArray[np.float64]

#: Pixels that the window reaches to each side.
REACH = 3
#: What stands for a zero coefficient that counts on a side.
SIDE = 1e-15
#: Added to |c| before the logarithm.
LOG_OFFSET = 0.1
#: Rows of the sums: the field, local deviation; products (H, V, D1, D2); log-derivatives.
OWN, DEVIATION, PRODUCTS, DERIVATIVES, N_ROWS = 0, 1, 2, 6, 13
#: Slot of the first row, which is also the row below the last one; row y > 0 has slot y % 3.
_FIRST = 3
#: float64 bits of sqrt(1 / 2), from which mantissas start, and the place of the exponent.
_ROOT_HALF, _EXPONENT = np.int64(0x3FE6A09E667F3BCD), np.int64(52)
_LN2 = math.log(2)


def map_sums(image: Image) -> Values:
    """Sums over a map for its GGD and AGGD fits and its moments of deviation, (13, 5) float64.

    Parameters
    ----------
    image : (h, w) float64
        Any unit. The edge pixel is replicated for the windows of the MSCN coefficients c.

    Returns
    -------
    ndarray
        Row `OWN`: sum of |c| and of c^2. Row `DEVIATION`: the deviation of the first pixel, the sum of
        the others' differences d from it, and the sum of d^2. From row `PRODUCTS` for each product p
        with a neighbour: sum of |p|, p^2, p |p|, number of p < 0 and p > 0, flat areas counted by level
        as `mscn_sums` explains. From row `DERIVATIVES` for each of `field_statistics.DERIVATIVES` of
        log(|c| + 0.1): sum of absolute values and of squares; the edge is replicated for the last two.
    """
    padded = cv2.copyMakeBorder(image, REACH, REACH, REACH, REACH, cv2.BORDER_REPLICATE)
    sums = np.zeros((N_ROWS, 5))
    _stream(padded, gaussian().copy(), sums)
    return sums


@jit(**SUMMING)
def _stream(padded: Image, weights: Values, sums: Values) -> None:
    height, width = padded.shape[0] - 2 * REACH, padded.shape[1] - 2 * REACH
    moments = np.empty((2, padded.shape[1]))
    fields = np.empty((4, width + 1))  # MSCN coefficients by slot, zeros on their sides; the last first
    logs = np.empty((4, width + 1))
    row = np.empty((2, width))  # MSCN coefficients and local deviations
    for y in range(height + 1):
        slot = _slot(y) if y < height else _FIRST
        if y < height:
            _coefficients(padded, y, weights, moments, row)
            _add_row(padded, y, row, fields, logs, slot, sums)
        if y > 0:
            up = _slot(y - 1)
            _add_products(fields, slot, up, sums)
            _add_differences(logs, slot, up, sums)
            _add_second_differences(logs, _slot(max(y - 2, 0)), up, _slot(min(y, height - 1)), sums)


@jit(**SUMMING)
def _slot(y: int) -> int:
    return y % 3 if y > 0 else _FIRST


@jit(**SUMMING)
def _coefficients(padded: Image, y: int, weights: Values, moments: Image, row: Image) -> None:
    """MSCN coefficients and deviations of map row `y`, by the two passes about the centre that `nss` gives.

    The second moment of a column is kept about the column's own mean.
    """
    w0, w1, w2, w3 = weights[0], weights[1], weights[2], weights[3]
    for x in range(padded.shape[1]):
        centre = padded[y + 3, x]
        a, g = padded[y, x] - centre, padded[y + 6, x] - centre
        b, f = padded[y + 1, x] - centre, padded[y + 5, x] - centre
        c, e = padded[y + 2, x] - centre, padded[y + 4, x] - centre
        first = w0 * (a + g) + w1 * (b + f) + w2 * (c + e)
        second = w0 * (a * a + g * g) + w1 * (b * b + f * f) + w2 * (c * c + e * e)
        moments[0, x] = first
        moments[1, x] = second - first * first
    for x in range(row.shape[1]):
        centre = padded[y + 3, x + 3]
        mean = moments[0, x + 3]
        first = w3 * mean
        second = w3 * (moments[1, x + 3] + mean * mean)
        for j in range(3):
            left = (padded[y + 3, x + j] - centre) + moments[0, x + j]
            right = (padded[y + 3, x + 6 - j] - centre) + moments[0, x + 6 - j]
            first += weights[j] * (left + right)
            second += weights[j] * (moments[1, x + j] + moments[1, x + 6 - j] + left * left + right * right)
        first = first if first * first > ROUNDING * second else 0.0
        deviation = np.sqrt(max(second - first * first, 0.0))
        row[0, x] = -first / (deviation + 1.0)
        row[1, x] = deviation


@jit(**SUMMING)
def _add_row(padded: Image, y: int, row: Image, fields: Image, logs: Image, slot: int, sums: Values) -> None:
    """Store row `y` in its slot, and add the sums of its own samples."""
    if y == 0:
        sums[DEVIATION, 0] = row[1, 0]
    shift = sums[DEVIATION, 0]
    absolute = square = local = squares = 0.0
    for x in range(row.shape[1]):
        c, d = row[0, x], row[1, x] - shift
        absolute += abs(c)
        square += c * c
        local += d
        squares += d * d
        side = SIDE * side_of_level(np.float32(np.floor(padded[y + 3, x + 3])))
        fields[slot, x + 1] = side if c == 0.0 else c
        logs[slot, x + 1] = _log(abs(c) + LOG_OFFSET)
    fields[slot, 0], logs[slot, 0] = fields[slot, row.shape[1]], logs[slot, row.shape[1]]
    sums[OWN, 0] += absolute
    sums[OWN, 1] += square
    sums[DEVIATION, 1] += local
    sums[DEVIATION, 2] += squares


@jit(**SUMMING)
def _log(value: float) -> float:
    """Natural logarithm of a normal positive number, within 2e-16 of its size or of 1.

    With f the mantissa in sqrt(1 / 2) .. sqrt(2) less one and s = f / (2 + f), log(1 + f) is
    f - s (f - s^2 R), R the series of 2 artanh(s) by Remez's algorithm of the FreeBSD library (e_log.c).
    """
    bits = np.float64(value).view(np.int64)
    exponent = (bits - _ROOT_HALF) >> _EXPONENT
    f = np.int64(bits - (exponent << _EXPONENT)).view(np.float64) - 1.0
    s = f / (2.0 + f)
    z = s * s
    w = z * z
    even = w * (0.3999999999940941908 + w * (0.2222219843214978396 + w * 0.1531383769920937332))
    odd = z * (
        0.6666666666666735130
        + w * (0.2857142874366239149 + w * (0.1818357216161805012 + w * 0.1479819860511658591))
    )
    half = 0.5 * f * f
    return np.float64(np.int32(exponent)) * _LN2 + (f - (half - s * (half + even + odd)))


@jit(**SUMMING)
def _add_products(fields: Image, here: int, up: int, sums: Values) -> None:
    """Add the products of a row with its left neighbours and with the row above."""
    h = v = d1 = d2 = (0.0, 0.0, 0.0, 0.0, 0.0)
    for x in range(fields.shape[1] - 1):
        own, left = fields[here, x + 1], fields[here, x]
        above, above_left = fields[up, x + 1], fields[up, x]
        h = _add(h, own * left)
        v = _add(v, own * above)
        d1 = _add(d1, own * above_left)
        d2 = _add(d2, above * left)
    for k in range(5):
        sums[PRODUCTS, k] += h[k]
        sums[PRODUCTS + 1, k] += v[k]
        sums[PRODUCTS + 2, k] += d1[k]
        sums[PRODUCTS + 3, k] += d2[k]


@jit(**SUMMING)
def _add(
    sums: tuple[float, float, float, float, float], p: float
) -> tuple[float, float, float, float, float]:
    q = abs(p)
    return (
        sums[0] + q,
        sums[1] + p * p,
        sums[2] + p * q,
        sums[3] + (1.0 if p < 0.0 else 0.0),
        sums[4] + (1.0 if p > 0.0 else 0.0),
    )


@jit(**SUMMING)
def _add_differences(logs: Image, here: int, up: int, sums: Values) -> None:
    """Add the differences to four neighbours and the mixed one."""
    h = v = d1 = d2 = mixed = (0.0, 0.0)
    for x in range(logs.shape[1] - 1):
        own, left = logs[here, x + 1], logs[here, x]
        above, above_left = logs[up, x + 1], logs[up, x]
        h = _add_size(h, own - left)
        v = _add_size(v, own - above)
        d1 = _add_size(d1, own - above_left)
        d2 = _add_size(d2, above - left)
        mixed = _add_size(mixed, (own - left) - (above - above_left))
    for k in range(2):
        sums[DERIVATIVES, k] += h[k]
        sums[DERIVATIVES + 1, k] += v[k]
        sums[DERIVATIVES + 2, k] += d1[k]
        sums[DERIVATIVES + 3, k] += d2[k]
        sums[DERIVATIVES + 4, k] += mixed[k]


@jit(**SUMMING)
def _add_second_differences(logs: Image, above: int, here: int, below: int, sums: Values) -> None:
    """Add the differences about row `here`, whose edge pixels are replicated; index 0 wraps and is passed."""
    last = logs.shape[1] - 1
    lap = diag = (0.0, 0.0)
    for x in range(last - 2):
        left, right = logs[here, x + 1], logs[here, x + 3]
        lap = _add_size(lap, (logs[above, x + 2] - left) + (logs[below, x + 2] - right))
        falling = logs[below, x + 3] - logs[below, x + 1]
        diag = _add_size(diag, (logs[above, x + 1] - logs[above, x + 3]) + falling)
    for end in range(2 if last > 1 else 1):
        x = last if end else 1
        a, b = max(x - 1, 1), min(x + 1, last)
        lap = _add_size(lap, (logs[above, x] - logs[here, a]) + (logs[below, x] - logs[here, b]))
        diag = _add_size(diag, (logs[above, a] - logs[above, b]) + (logs[below, b] - logs[below, a]))
    for k in range(2):
        sums[DERIVATIVES + 5, k] += lap[k]
        sums[DERIVATIVES + 6, k] += diag[k]


@jit(**SUMMING)
def _add_size(sums: tuple[float, float], p: float) -> tuple[float, float]:
    return sums[0] + abs(p), sums[1] + p * p
