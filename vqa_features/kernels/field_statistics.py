"""Sums over a field that its statistics are made of: neighbour products, log-derivatives, moments.

In double precision, for fields that exist anyway; `mscn_sums` streams BRISQUE's and NIQE's sums
without storing a field.
"""

from __future__ import annotations

import math
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .jit import SUMMING, jit
from .mscn_sums import side_of_level
from .nss import pad

Image = NDArray[np.float64]
Values = NDArray[np.float64]

#: Neighbour of each product: left, above, above left, below left. All wrap round, as `circshift`.
DIRECTIONS = ("H", "V", "D1", "D2")
#: Derivatives of the log field: differences to the four neighbours, the mixed second difference,
#: and two second differences (above + below - left - right; main less other diagonal).
DERIVATIVES = (*DIRECTIONS, "mix", "lap", "diag")
#: What stands for a zero coefficient that counts on a side.
SIDE = 1e-15
#: Added to |x| before the logarithm.
LOG_OFFSET = 0.1


class Moments(NamedTuple):
    """Mean, standard deviation (of the population), skewness and kurtosis (3 for a normal sample)."""

    mean: float
    std: float
    skewness: float
    kurtosis: float


def moments(x: NDArray[np.float64]) -> Moments:
    """Moments of all samples of `x`; skewness and kurtosis are nan where all are equal."""
    if x.size == 0:
        return Moments(math.nan, math.nan, math.nan, math.nan)
    flat = np.ascontiguousarray(x).ravel()
    if flat.min() == flat.max():  # the mean of equal samples is not exactly their value
        return Moments(float(flat[0]), 0.0, math.nan, math.nan)
    mean = float(flat.mean())
    second, third, fourth = (total / flat.size for total in _central_sums(flat, mean))
    return Moments(mean, math.sqrt(second), third / second**1.5, fourth / (second * second))


def mean_and_snr(field: Image) -> tuple[float, float]:
    """Mean of a field, and (mean / standard deviation)^2 with n - 1; nan for a constant field."""
    n = field.size
    of = moments(field)
    if n < 2 or not of.std > 0:
        return of.mean, math.nan
    return of.mean, of.mean**2 / (of.std**2 * n / (n - 1))


class Products(NamedTuple):
    """Of the products with the four neighbours: what `fits.aggd_from_sums` takes, and two moments."""

    sums: Values
    skewness: Values
    kurtosis: Values


def neighbour_products(field: Image, level: Image | None = None) -> Products:
    """Statistics of ``field * neighbour`` over the picture, for each of `DIRECTIONS`.

    Parameters
    ----------
    field : (h, w)
        MSCN coefficients.
    level : (h, w), optional
        The map they were taken of. Coefficients of flat areas then count on a side by level, as
        `mscn_sums` explains.

    Returns
    -------
    Products
        `sums` (4, 5): sum of |p|, p^2, p|p|, number of p < 0 and of p > 0; skewness and kurtosis
        (4,), nan where all products are equal.
    """
    sided = field if level is None else _with_sides(field, level)
    totals = _product_sums(np.pad(sided, 1, mode="wrap"))
    first, second, third, fourth = (totals[:, k] / field.size for k in (5, 1, 6, 7))
    variance = second - first * first
    with np.errstate(divide="ignore", invalid="ignore"):
        # rounding leaves a little variance where all products are equal
        variance = np.where(variance > 1e-14 * second, variance, np.nan)
        skewness = (third - 3 * first * second + 2 * first**3) / variance**1.5
        kurtosis = (fourth - 4 * first * third + 6 * first**2 * second - 3 * first**4) / variance**2
    return Products(totals[:, :5], skewness, kurtosis)


def log_derivatives(field: Image, border: Literal["zero", "replicate"], centred: bool) -> Values:
    """Sums of absolute values and of squares of the derivatives of log(|field| + 0.1), (7, 2).

    Parameters
    ----------
    field : (h, w)
        MSCN coefficients.
    border
        What lies outside for "lap" and "diag"; the other `DERIVATIVES` wrap round.
    centred : bool
        Whether the mean is subtracted from "lap" and "diag" first; of the others it is zero.

    References
    ----------
    Y. Zhang and D. M. Chandler, "No-reference image quality assessment based on log-derivative
    statistics of natural scenes", Journal of Electronic Imaging 22(4), 2013.
    """
    log = np.log(np.abs(field) + LOG_OFFSET)
    sums = np.empty((len(DERIVATIVES), 2))
    _difference_sums(np.pad(log, 1, mode="wrap"), sums)
    padded = pad(log, 1, border)
    for k, second in enumerate(_second_differences(padded), start=5):
        if centred:
            second -= second.mean()
        sums[k] = np.abs(second).sum(), np.square(second).sum()
    return sums


@jit(**SUMMING)
def _central_sums(x: Values, mean: float) -> tuple[float, float, float]:
    second = third = fourth = 0.0
    for i in range(x.size):
        d = x[i] - mean
        q = d * d
        second += q
        third += q * d
        fourth += q * q
    return second, third, fourth


@jit(**SUMMING)
def _with_sides(field: Image, level: Image) -> Image:
    """Replace each zero by a number that changes no sum but counts on the side `side_of_level` gives."""
    out = np.empty_like(field)
    for y in range(field.shape[0]):
        for x in range(field.shape[1]):
            side = SIDE * side_of_level(np.float32(np.floor(level[y, x])))
            out[y, x] = side if field[y, x] == 0.0 else field[y, x]
    return out


@jit(**SUMMING)
def _product_sums(wrapped: Image) -> Values:
    """Sums of |p|, p^2, p|p|, p < 0, p > 0, p, p^3, p^4 per direction, (4, 8)."""
    height, width = wrapped.shape[0] - 2, wrapped.shape[1] - 2
    out = np.zeros((4, 8))
    for y in range(height):
        centre = wrapped[y + 1, 1 : 1 + width]
        for k in range(4):
            if k == 0:
                other = wrapped[y + 1, :width]
            elif k == 1:
                other = wrapped[y, 1 : 1 + width]
            elif k == 2:
                other = wrapped[y, :width]
            else:
                other = wrapped[y + 2, :width]
            absolute = square = signed = plain = cube = fourth = 0.0
            negative = positive = 0.0
            for x in range(width):
                p = centre[x] * other[x]
                q = p * p
                absolute += abs(p)
                square += q
                signed += p * abs(p)
                negative += 1.0 if p < 0.0 else 0.0
                positive += 1.0 if p > 0.0 else 0.0
                plain += p
                cube += q * p
                fourth += q * q
            out[k, 0] += absolute
            out[k, 1] += square
            out[k, 2] += signed
            out[k, 3] += negative
            out[k, 4] += positive
            out[k, 5] += plain
            out[k, 6] += cube
            out[k, 7] += fourth
    return out


@jit(**SUMMING)
def _difference_sums(wrapped: Image, sums: Values) -> None:
    height, width = wrapped.shape[0] - 2, wrapped.shape[1] - 2
    sums[:5] = 0.0
    for y in range(height):
        above, row, below = wrapped[y], wrapped[y + 1], wrapped[y + 2]
        a0 = a1 = a2 = a3 = a4 = 0.0
        s0 = s1 = s2 = s3 = s4 = 0.0
        for x in range(width):
            c = row[x + 1]
            h = c - row[x]
            v = c - above[x + 1]
            d = c - above[x]
            e = c - below[x]
            m = h - (above[x + 1] - above[x])
            a0 += abs(h)
            s0 += h * h
            a1 += abs(v)
            s1 += v * v
            a2 += abs(d)
            s2 += d * d
            a3 += abs(e)
            s3 += e * e
            a4 += abs(m)
            s4 += m * m
        sums[0, 0] += a0
        sums[0, 1] += s0
        sums[1, 0] += a1
        sums[1, 1] += s1
        sums[2, 0] += a2
        sums[2, 1] += s2
        sums[3, 0] += a3
        sums[3, 1] += s3
        sums[4, 0] += a4
        sums[4, 1] += s4


@jit(**SUMMING)
def _second_differences(padded: Image) -> tuple[Image, Image]:
    height, width = padded.shape[0] - 2, padded.shape[1] - 2
    lap = np.empty((height, width))
    diag = np.empty((height, width))
    for y in range(height):
        above, row, below = padded[y], padded[y + 1], padded[y + 2]
        for x in range(width):
            lap[y, x] = (above[x + 1] - row[x]) + (below[x + 1] - row[x + 2])
            diag[y, x] = (above[x] - above[x + 2]) + (below[x + 2] - below[x])
    return lap, diag
