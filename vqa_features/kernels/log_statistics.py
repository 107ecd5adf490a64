"""Statistics of a map's MSCN coefficients and of the derivatives of their logarithm, in a fused pass.

They are HIGRADE's: two passes over the map keep the coefficients and no other field. Rows are computed
in float32, totals in float64: within 1e-6 of the statistics of float64 fields (`nss.local_moments`,
`field_statistics.log_derivatives`).
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .field_statistics import DERIVATIVES
from .fits import ggd_from_sums
from .jit import SUMMING, jit
from .log_sums import add_log_derivatives
from .mscn_sums import ROUNDING, column_moments, load_row
from .nss import gaussian
from .resize import halve

Plane = NDArray[np.float32]
Values = NDArray[np.float64]

#: Statistics of one map at one scale.
PER_SCALE = 18


def statistics_of_maps(planes: Iterable[NDArray[Any]], scales: int = 2) -> Values:
    """Statistics of each map at each scale, (maps, 18 * scales) float64.

    Parameters
    ----------
    planes : iterable of (h, w)
        Any real dtype, in 8-bit code units, computed in float32. Zeros lie outside.
    scales : int
        Number of scales, at least 1. Each further scale is the last one halved.

    Returns
    -------
    ndarray
        Per scale: mean of the local deviation and its (mean / standard deviation)^2; standard deviation and
        GGD shape of the MSCN coefficients; then both of each of the `field_statistics.DERIVATIVES` of
        log(|coefficient| + 0.1). nan where a field is constant.

    References
    ----------
    D. Kundu, D. Ghadiyaram, A. C. Bovik and B. L. Evans, "No-reference quality assessment of tone-mapped
    HDR pictures", IEEE TIP 26(6), 2017.
    """
    maps = [_sums_at_scales(plane, scales) for plane in planes]
    sizes, local, sums = (np.array(of) for of in zip(*maps, strict=True))
    fit = ggd_from_sums(sizes[..., None], sums[..., 0], sums[..., 1])
    fits = np.stack([np.sqrt(fit.variance), fit.shape], axis=-1).reshape(len(maps), scales, -1)
    return np.concatenate([local, fits], axis=2).reshape(len(maps), -1)


def _sums_at_scales(plane: NDArray[Any], scales: int) -> tuple[list[int], list[tuple[float, float]], Values]:
    """Sizes and `map_sums` of a map and of each next scale: (scales,), (scales, 2), (scales, 8, 2)."""
    scaled = np.ascontiguousarray(plane, np.float32)
    sizes, local, sums = [], [], np.empty((scales, 1 + len(DERIVATIVES), 2))
    for scale in range(scales):
        scaled = halve(scaled) if scale else scaled
        found, sums[scale] = map_sums(scaled)
        sizes.append(scaled.size)
        local.append(found)
    return sizes, local, sums


def map_sums(plane: Plane) -> tuple[tuple[float, float], Values]:
    """What the fits of one map need.

    Parameters
    ----------
    plane : (h, w) float32
        In 8-bit code units. Zeros lie outside.

    Returns
    -------
    (mean, snr)
        Mean of the local deviation and its (mean / standard deviation)^2, as `mean_and_snr` gives them.
    sums : (8, 2) float64
        Sums of absolute values and of squares of the MSCN coefficients and of each of `DERIVATIVES` of
        log(|coefficient| + 0.1), each field less its mean.
    """
    sums = np.zeros((1 + len(DERIVATIVES), 2))
    if not plane.size:
        return (math.nan, math.nan), sums
    field, first, plain, square = _normalise(plane, gaussian().astype(np.float32), sums)
    add_log_derivatives(field, sums)
    n = plane.size
    mean = first + plain / n
    variance = (square - plain * plain / n) / max(n - 1, 1)
    return (mean, mean * mean / variance if square > 0 else math.nan), sums


@jit(**SUMMING)
def _normalise(plane: Plane, weights: NDArray[np.float32], sums: Values) -> tuple[Plane, float, float, float]:
    """MSCN coefficients, and of the deviation the first one and the sums of differences from it.

    The sums of the coefficients less their mean go to `sums[0]`.
    """
    height, width = plane.shape
    ring = np.zeros((7, width + 6), np.float32)  # padded rows y - 3 .. y + 3, at row number mod 7
    moments = np.empty((2, width + 6), np.float32)
    field = np.empty((height, width), np.float32)
    deviation = np.empty(width, np.float32)
    for y in range(3):
        load_row(plane, y, True, ring, y)
    plain = square = total = 0.0
    reference = np.float32(0)
    for y in range(height):
        load_row(plane, y + 3, True, ring, (y + 3) % 7)
        row_total = _coefficients(ring, y, weights, moments, field, deviation)
        if y == 0:
            reference = deviation[0]
        row_plain = row_square = np.float32(0)
        for x in range(width):
            d = deviation[x] - reference
            row_plain += d
            row_square += d * d
        plain += float(row_plain)
        square += float(row_square)
        total += row_total
    mean = np.float32(total / (height * width))
    for y in range(height):
        absolute = squares = np.float32(0)
        for x in range(width):
            d = field[y, x] - mean
            absolute += abs(d)
            squares += d * d
        sums[0, 0] += absolute
        sums[0, 1] += squares
    return field, float(reference), plain, square


@jit(**SUMMING)
def _coefficients(
    ring: Plane,
    y: int,
    weights: NDArray[np.float32],
    moments: Plane,
    field: Plane,
    deviation: NDArray[np.float32],
) -> np.float32:
    """Coefficients and deviations of row `y`; the sum of the coefficients. As `mscn_sums`."""
    here = y % 7
    column_moments(ring, y, weights, moments)
    total = np.float32(0)
    for x in range(field.shape[1]):
        centre = ring[here, x + 3]
        mean = moments[0, x + 3]
        first = weights[3] * mean
        second = weights[3] * (moments[1, x + 3] + mean * mean)
        for j in range(3):
            left = (ring[here, x + j] - centre) + moments[0, x + j]
            right = (ring[here, x + 6 - j] - centre) + moments[0, x + 6 - j]
            first += weights[j] * (left + right)
            second += weights[j] * (moments[1, x + j] + moments[1, x + 6 - j] + left * left + right * right)
        spread = np.sqrt(abs(second - first * first))
        coefficient = -first / (spread + np.float32(1))
        coefficient = coefficient if first * first > ROUNDING * second else np.float32(0)
        deviation[x] = spread
        field[y, x] = coefficient
        total += coefficient
    return total
