"""Two bands of a field that VIDEVAL takes from FRIQUEE, streamed row by row."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from vqa_features.kernels.fits import Ggd, ggd_from_sums
from vqa_features.kernels.jit import SUMMING, jit
from vqa_features.kernels.nss import SIGMA, SIZE, gaussian

from ._fields import VARIANCE_ROUNDING

Single = NDArray[np.float32]
Values = NDArray[np.float64]

_REACH = SIZE // 2


class Laplacian(NamedTuple):
    """Of the finest Laplacian band of a map: its generalised Gaussian, and its skewness.

    The skewness is nan where all samples are equal.
    """

    fit: Ggd
    skewness: float


def difference_of_gaussians(field: Single) -> Single:
    """7 x 7 Gaussian of 7/6 pixels less one of 7/4 pixels, zeros outside, (h, w) float32.

    As `friquee._maps.difference_of_gaussians`; the difference is taken in double precision.
    """
    padded = np.zeros((field.shape[0] + 2 * _REACH, field.shape[1] + 2 * _REACH), np.float32)
    padded[_REACH:-_REACH, _REACH:-_REACH] = field
    out = np.empty(field.shape, np.float32)
    _difference(padded, gaussian().copy(), gaussian(SIZE, 1.5 * SIGMA).copy(), out)
    return out


def laplacian(plane: Single) -> Laplacian:
    """Statistics of a map (h, w) less its Burt-Adelson reduction and expansion, its border mirrored.

    The band is that of `friquee._maps.laplacian_band`. Rows are in double precision: a constant, whatever
    its value, has a band of exact zeros.

    References
    ----------
    P. J. Burt and E. H. Adelson, "The Laplacian pyramid as a compact image code", IEEE Transactions
    on Communications 31(4), 1983.
    """
    sums = np.zeros(4)
    _laplacian(plane, sums)
    absolute, *powers = sums
    fit = ggd_from_sums(plane.size, absolute, powers[1])
    first, second, third = (power / plane.size for power in powers)
    variance = second - first * first
    if not variance > VARIANCE_ROUNDING * second:
        return Laplacian(fit, np.nan)
    return Laplacian(fit, float((third - 3 * first * second + 2 * first**3) / variance**1.5))


@jit(**SUMMING)
def _difference(padded: Single, narrow: Values, wide: Values, out: Single) -> None:
    height, width = out.shape
    down = np.empty((2, width + 6))
    for y in range(height):
        for x in range(width + 6):
            centre = np.float64(padded[y + 3, x])
            near = np.float64(padded[y + 2, x]) + np.float64(padded[y + 4, x])
            far = np.float64(padded[y + 1, x]) + np.float64(padded[y + 5, x])
            last = np.float64(padded[y, x]) + np.float64(padded[y + 6, x])
            down[0, x] = narrow[3] * centre + narrow[2] * near + narrow[1] * far + narrow[0] * last
            down[1, x] = wide[3] * centre + wide[2] * near + wide[1] * far + wide[0] * last
        for x in range(width):
            first, second = narrow[3] * down[0, x + 3], wide[3] * down[1, x + 3]
            for j in range(3):
                first += narrow[j] * (down[0, x + j] + down[0, x + 6 - j])
                second += wide[j] * (down[1, x + j] + down[1, x + 6 - j])
            out[y, x] = np.float32(first - second)


# The reduced map has the pixels of even rows and columns, smoothed by 1 4 6 4 1. `_laplacian` keeps its rows
# above and below the pair of rows it works on, padded by one pixel: reduced row r has slot r % 3.


@jit(**SUMMING)
def _laplacian(plane: Single, sums: Values) -> None:
    height, width = plane.shape
    halves = (width + 1) // 2
    reduced = np.empty((3, halves + 2))
    column = np.empty(width)
    blend = np.empty(halves + 2)
    smooth = np.empty((2, halves))
    for r in range(3):  # the last slot for the row above the first
        _reduce(plane, _reflected(2 * r if r < 2 else -2, height), column, reduced, r)
    for y in range(height):
        here, after = (y // 2) % 3, (y // 2 + 1) % 3
        if y % 2 == 0:
            if y > 0:
                _reduce(plane, _reflected(y + 2, height), column, reduced, after)
            before = (y // 2 + 2) % 3
            for x in range(halves + 2):
                blend[x] = (reduced[before, x] + 6.0 * reduced[here, x] + reduced[after, x]) * 0.125
        else:
            for x in range(halves + 2):
                blend[x] = (reduced[here, x] + reduced[after, x]) * 0.5
        for x in range(halves):
            smooth[0, x] = (blend[x] + 6.0 * blend[x + 1] + blend[x + 2]) * 0.125
            smooth[1, x] = (blend[x + 1] + blend[x + 2]) * 0.5
        _add_row(plane[y], smooth, sums)


@jit(**SUMMING)
def _reflected(at: int, size: int) -> int:
    """Place inside of one outside by at most two, mirrored without repeating the edge."""
    at = abs(at)
    at = at if at < size else 2 * size - 2 - at
    return max(at, 0)


@jit(**SUMMING)
def _reduce(plane: Single, y: int, column: Values, reduced: Values, slot: int) -> None:
    """Reduced row about row `y`, padded by one mirrored pixel, to `reduced[slot]`."""
    height, width = plane.shape
    a, b = _reflected(y - 2, height), _reflected(y - 1, height)
    d, e = _reflected(y + 1, height), _reflected(y + 2, height)
    for x in range(width):
        near = np.float64(plane[b, x]) + np.float64(plane[d, x])
        far = np.float64(plane[a, x]) + np.float64(plane[e, x])
        column[x] = (far + 4.0 * near + 6.0 * np.float64(plane[y, x])) * 0.0625
    halves = (width + 1) // 2
    for k in range(1, halves - 1):
        near, far = column[2 * k - 1] + column[2 * k + 1], column[2 * k - 2] + column[2 * k + 2]
        reduced[slot, k + 1] = (far + 4.0 * near + 6.0 * column[2 * k]) * 0.0625
    for end in range(4):
        at = (-1, 0, halves - 1, halves)[end]
        x = _reflected(2 * at, width)
        near = column[_reflected(x - 1, width)] + column[_reflected(x + 1, width)]
        far = column[_reflected(x - 2, width)] + column[_reflected(x + 2, width)]
        reduced[slot, at + 1] = (far + 4.0 * near + 6.0 * column[x]) * 0.0625


@jit(**SUMMING)
def _add_row(row: Single, smooth: Values, sums: Values) -> None:
    """Add the powers of a row less its smoothed even and odd pixels."""
    absolute = first = second = third = 0.0
    for k in range(2):
        for x in range((row.size - k + 1) // 2):
            value = row[2 * x + k] - smooth[k, x]
            absolute += abs(value)
            first += value
            square = value * value
            second += square
            third += square * value
    sums[0] += absolute
    sums[1] += first
    sums[2] += second
    sums[3] += third
