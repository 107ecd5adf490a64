"""Sums of the derivatives of the logarithm of a field of MSCN coefficients, streamed in float32 rows."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from .field_statistics import LOG_OFFSET
from .jit import SUMMING, jit

Plane = NDArray[np.float32]
Values = NDArray[np.float64]

_OFFSET = np.float32(LOG_OFFSET)
_LN2 = np.float32(math.log(2))
#: float32 bits of sqrt(1 / 2), from which mantissas of `_log` start, and of an exponent of one.
_ROOT_HALF, _EXPONENT = np.int32(0x3F3504F3), np.int32(23)
#: log(1 + x) = x - x^2 / 2 + x^3 p(x) for 1 + x in sqrt(1 / 2) .. sqrt(2): p of the Cephes library's logf.
_P = tuple(
    np.float32(value)
    for value in (
        7.0376836292e-2,
        -1.1514610310e-1,
        1.1676998740e-1,
        -1.2420140846e-1,
        1.4249322787e-1,
        -1.6668057665e-1,
        2.0000714765e-1,
        -2.4999993993e-1,
        3.3333331174e-1,
    )
)

# Rows of the working array of `add_log_derivatives`: a ring of three rows of logarithms by row number modulo
# 3, the first and the last row of the field, and zeros. Each row has its last pixel again before its first
# one and a zero after its last one.
_FIRST, _LAST, _OUTSIDE = 3, 4, 5


@jit(**SUMMING)
def add_log_derivatives(field: Plane, sums: Values) -> None:
    """Add sums of absolute values and of squares of each of `field_statistics.DERIVATIVES` to `sums[1:]`.

    Parameters
    ----------
    field : (h, w) float32
        MSCN coefficients. The neighbours of first differences wrap round; zeros lie outside for "lap"
        and "diag", from which their mean is subtracted.
    sums : (8, 2) float64
        Added to.
    """
    height, width = field.shape
    logs = np.zeros((6, width + 2), np.float32)
    for k in range(2):  # of one type of arguments: each other one would be compiled again
        _log_row(field, (height - 1) * k, logs, _FIRST + k)
    lap, diagonal = _means(field, logs)
    for y in range(-1, height):
        if y + 1 < height:
            _log_row(field, y + 1, logs, (y + 1) % 3)
        if y < 0:
            continue
        above = (y + 2) % 3 if y > 0 else _LAST
        below = (y + 1) % 3 if y + 1 < height else _FIRST
        _first_differences(logs, y % 3, above, below, sums)
        above = above if y > 0 else _OUTSIDE
        below = below if y + 1 < height else _OUTSIDE
        _second_differences(logs, y % 3, above, below, lap, diagonal, sums)


@jit(**SUMMING)
def _means(field: Plane, logs: Plane) -> tuple[np.float32, np.float32]:
    """Means of "lap" and "diag": all but what lies at the edges cancels."""
    height, width = field.shape
    lap = 0.0
    for x in range(1, width + 1):
        lap -= logs[_FIRST, x] + logs[_LAST, x]
    for y in range(height):
        lap += _log(abs(field[y, 0]) + _OFFSET) + _log(abs(field[y, width - 1]) + _OFFSET)
    diagonal = (logs[_FIRST, 1] - logs[_FIRST, width]) + (logs[_LAST, width] - logs[_LAST, 1])
    return np.float32(lap / (height * width)), np.float32(diagonal / (height * width))


@jit(**SUMMING)
def _log_row(field: Plane, y: int, logs: Plane, to: int) -> None:
    for x in range(field.shape[1]):
        logs[to, x + 1] = _log(abs(field[y, x]) + _OFFSET)
    logs[to, 0] = logs[to, field.shape[1]]


@jit(**SUMMING)
def _log(x: np.float32) -> np.float32:
    """Natural logarithm within 3e-7 for positive normal numbers of moderate size; runs in lanes."""
    bits = np.float32(x).view(np.int32)
    exponent = (bits - _ROOT_HALF) >> _EXPONENT
    m = np.int32(bits - (exponent << _EXPONENT)).view(np.float32) - np.float32(1)
    p = _P[0]
    for k in range(1, 9):
        p = p * m + _P[k]
    return m + (m * m * m * p - np.float32(0.5) * m * m) + np.float32(exponent) * _LN2


@jit(**SUMMING)
def _first_differences(logs: Plane, here: int, above: int, below: int, sums: Values) -> None:
    """Add the row's differences to the neighbours H, V, D1 and D2, and the mixed one."""
    ha = hs = va = vs = d1a = d1s = d2a = d2s = ma = ms = np.float32(0)
    for x in range(logs.shape[1] - 2):
        centre, over, corner = logs[here, x + 1], logs[above, x + 1], logs[above, x]
        h = centre - logs[here, x]
        v = centre - over
        d1 = centre - corner
        d2 = centre - logs[below, x]
        mixed = h - (over - corner)
        ha += abs(h)
        hs += h * h
        va += abs(v)
        vs += v * v
        d1a += abs(d1)
        d1s += d1 * d1
        d2a += abs(d2)
        d2s += d2 * d2
        ma += abs(mixed)
        ms += mixed * mixed
    sums[1, 0] += ha
    sums[1, 1] += hs
    sums[2, 0] += va
    sums[2, 1] += vs
    sums[3, 0] += d1a
    sums[3, 1] += d1s
    sums[4, 0] += d2a
    sums[4, 1] += d2s
    sums[5, 0] += ma
    sums[5, 1] += ms


@jit(**SUMMING)
def _second_differences(
    logs: Plane, here: int, above: int, below: int, lap: np.float32, diagonal: np.float32, sums: Values
) -> None:
    """Add the row's two second differences, each less its mean over the field."""
    value = logs[above, 1] + logs[below, 1] - logs[here, 2] - lap  # nothing lies to the left
    la, ls = abs(value), value * value
    value = logs[below, 2] - logs[above, 2] - diagonal
    da, ds = abs(value), value * value
    for x in range(logs.shape[1] - 3):
        value = (logs[above, x + 2] - logs[here, x + 1]) + (logs[below, x + 2] - logs[here, x + 3]) - lap
        la += abs(value)
        ls += value * value
        value = (logs[above, x + 1] - logs[above, x + 3]) + (logs[below, x + 3] - logs[below, x + 1])
        value -= diagonal
        da += abs(value)
        ds += value * value
    sums[6, 0] += la
    sums[6, 1] += ls
    sums[7, 0] += da
    sums[7, 1] += ds
