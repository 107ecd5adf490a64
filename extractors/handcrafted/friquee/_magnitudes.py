"""Divisive normalisation of complex wavelet coefficients by the energy of their neighbourhoods.

Of the normalised magnitudes only the sums that the fits take are kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from vqa_features.kernels.jit import SUMMING, jit

from ._condensed import add_magnitudes, no_magnitudes
from ._energies import energy_scales

Real = NDArray[np.float64]
Complex = NDArray[np.complex128]
Values = NDArray[np.float64]


class Normalised(NamedTuple):
    """Sums over the normalised magnitudes of a band.

    Of the mixed differences the sums of absolute values and of squares; the number of magnitudes, and of
    those that are not above 0; the magnitudes in bins.
    """

    absolute: float
    squares: float
    samples: int
    invalid: int
    bins: Values


def magnitude(band: Complex, out: Real) -> None:
    """Write absolute values of a band (at least h, at least w) to `out` (h, w)."""
    _magnitude(band.view(np.float64), out)


def normalised_magnitudes(bands: Sequence[Complex], magnitudes: Real) -> list[Normalised]:
    """Sums over the magnitudes of the bands of a scale, each over the energy of its neighbourhood.

    Parameters
    ----------
    bands : (h, w) each
        The six orientations of the scale.
    magnitudes : (6 or 12, h, w)
        Of these bands; then of the bands of the next scale, enlarged, if there are any.

    Returns
    -------
    list of Normalised
        The outermost coefficients are left out. All are invalid where the second moments are singular.
    """
    scales, regular = energy_scales(magnitudes)
    found = []
    for band, scale, valid in zip(bands, scales, regular, strict=True):
        parts, means, bins = band.view(np.float64), np.zeros(4), no_magnitudes()
        if not valid:
            found.append(Normalised(np.nan, np.nan, scale.size, scale.size, bins))
            continue
        _add_centre(parts, means)
        means /= scale.size
        _add_scaled(parts, scale, means)
        means[2:] /= scale.size
        absolute, squares, invalid = _statistics(parts, scale, means, bins)
        found.append(Normalised(absolute, squares, scale.size, int(invalid), bins))
    return found


@jit(**SUMMING)
def _magnitude(parts: Real, out: Real) -> None:
    """Absolute values of numbers (h, 2 w), parts in turn."""
    for y in range(out.shape[0]):
        for x in range(out.shape[1]):
            re, im = parts[y, 2 * x], parts[y, 2 * x + 1]
            out[y, x] = np.sqrt(re * re + im * im)


@jit(**SUMMING)
def _add_centre(parts: Real, centre: Values) -> None:
    """Add real and imaginary parts of all coefficients but the outermost to the first two numbers."""
    for y in range(1, parts.shape[0] - 1):
        along = across = 0.0
        for x in range(1, parts.shape[1] // 2 - 1):
            along += parts[y, 2 * x]
            across += parts[y, 2 * x + 1]
        centre[0] += along
        centre[1] += across


@jit(**SUMMING)
def _add_scaled(parts: Real, scales: Real, means: Values) -> None:
    """Add coefficients less their mean, the first two numbers, times scales to the last two."""
    for y in range(scales.shape[0]):
        along = across = 0.0
        for x in range(scales.shape[1]):
            along += (parts[y + 1, 2 * x + 2] - means[0]) * scales[y, x]
            across += (parts[y + 1, 2 * x + 3] - means[1]) * scales[y, x]
        means[2] += along
        means[3] += across


@jit(**SUMMING)
def _statistics(parts: Real, scales: Real, means: Values, bins: Values) -> tuple[float, float, float]:
    """Sums of the mixed differences, absolute and squared, and number of magnitudes not above 0.

    The magnitudes, of coefficients less their mean, scaled, less the mean of that, are added to the bins.
    The differences wrap round: above the first row is the last.
    """
    height, width = scales.shape
    rows = np.empty((3, width))  # the first row, and this one and the last by the parity of y
    absolute = squares = invalid = 0.0
    for y in range(height):
        row = 1 + y % 2
        bad = 0.0
        for x in range(width):
            re = (parts[y + 1, 2 * x + 2] - means[0]) * scales[y, x] - means[2]
            im = (parts[y + 1, 2 * x + 3] - means[1]) * scales[y, x] - means[3]
            m = np.sqrt(re * re + im * im)
            rows[row, x] = m
            bad += 0.0 if m > 0.0 else 1.0
        invalid += bad
        add_magnitudes(rows, row, bins)
        if y > 0:
            a, s = _mixed(rows, row, 3 - row)
            absolute += a
            squares += s
        else:
            for x in range(width):
                rows[0, x] = rows[row, x]
    a, s = _mixed(rows, 0, 1 + (height - 1) % 2)
    return absolute + a, squares + s, invalid


@jit(**SUMMING)
def _mixed(rows: Real, row: int, up: int) -> tuple[float, float]:
    """Sums of absolute values and of squares of the mixed differences of two rows."""
    last = rows.shape[1] - 1
    d = rows[row, 0] - rows[up, 0] - (rows[row, last] - rows[up, last])
    absolute, square = abs(d), d * d
    for x in range(1, rows.shape[1]):
        d = (rows[row, x] - rows[row, x - 1]) - (rows[up, x] - rows[up, x - 1])
        absolute += abs(d)
        square += d * d
    return absolute, square
