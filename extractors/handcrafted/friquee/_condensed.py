"""Samples condensed to few weighted ones, for fits by iteration.

A likelihood is a sum of a smooth function over all samples, taken again at each step. The samples fall
into narrow bins, and of each bin four sums are kept: of 1, d, d^2 and d^3, d from -1 to 1 across the
bin. Four weighted points of the bin have the same four sums; a sum over those points is the sum over
the samples, but for the fourth derivative of the function across a bin. For the fits of C-DIIVINE the
difference is below 1e-11.

Magnitudes have 128 bins per octave, read off the bits of the number. Angles have 4096 bins of the
pseudo-angle, which turns with the angle and needs no trigonometry: 1 + y / (|x| + |y|) on the right
side, from 0 to 2, and 3 - y / (|x| + |y|) on the left.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from vqa_features.kernels.jit import SUMMING, jit

Values = NDArray[np.float64]

#: Bins per octave of a magnitude, and the octaves: from 2^-64 to 2^64. What is beyond counts in the last.
PER_OCTAVE, LOWEST, OCTAVES = 128, -64, 128
#: Bits of a float64 below the number of the bin, and the number of the lowest one.
LOW_BITS = 52 - 7
FIRST_BIN = (1023 + LOWEST) * PER_OCTAVE
#: Bins of the pseudo-angle; a quarter of a turn is a whole number of them.
TURN = 4096
_POINTS = np.cos(np.pi * (np.arange(4) + 0.5) / 4)
_TO_WEIGHTS = np.linalg.inv(np.vander(_POINTS, increasing=True))


class Magnitudes(NamedTuple):
    """Weighted magnitudes: their logarithms and weights, (n,)."""

    log: Values
    weight: Values


class Directions(NamedTuple):
    """Weighted directions: cosine, sine and weight, (n,)."""

    cosine: Values
    sine: Values
    weight: Values


def no_magnitudes() -> Values:
    """Return empty bins of magnitudes, (bins, 4)."""
    return np.zeros((PER_OCTAVE * OCTAVES, 4))


def no_directions() -> Values:
    """Return empty bins of directions, (bins, 4)."""
    return np.zeros((TURN, 4))


def magnitudes(bins: Values) -> Magnitudes:
    """Weighted magnitudes of the samples that were added."""
    at = np.flatnonzero(bins[:, 0])
    octave, part = np.divmod(at, PER_OCTAVE)
    mantissa = 1 + (part[:, None] + (_POINTS + 1) / 2) / PER_OCTAVE
    log = np.log(mantissa) + (octave[:, None] + LOWEST) * np.log(2.0)
    return Magnitudes(log.ravel(), (bins[at] @ _TO_WEIGHTS).ravel())


def directions(bins: Values) -> Directions | None:
    """Weighted directions of the samples that were added; None where all have the same one."""
    at = np.flatnonzero(bins[:, 0])
    if at.size == 1 and bins[at[0], 1] ** 2 >= bins[at[0], 0] * bins[at[0], 2]:
        return None
    turn = ((at[:, None] + (_POINTS + 1) / 2) * (4 / TURN)).ravel()
    y = np.where(turn < 2, turn - 1, 3 - turn)
    x = np.where(turn < 2, 1.0, -1.0) * (1 - np.abs(y))
    length = np.hypot(x, y)
    return Directions(x / length, y / length, (bins[at] @ _TO_WEIGHTS).ravel())


@jit(**SUMMING)
def add_magnitudes(rows: Values, row: int, bins: Values) -> None:
    """Add a row of positive samples (n, w) to the bins; others fall into some bin too."""
    bits = rows.view(np.int64)
    at, within = np.empty(rows.shape[1], np.int32), np.empty(rows.shape[1])
    for x in range(rows.shape[1]):
        number = (bits[row, x] >> LOW_BITS) - FIRST_BIN
        at[x] = min(max(number, 0), PER_OCTAVE * OCTAVES - 1)
        rest = bits[row, x] & ((1 << LOW_BITS) - 1)
        within[x] = rest * 2.0 ** (1 - LOW_BITS) - 1.0
    _scatter(at, within, bins)


@jit(**SUMMING)
def add_relative_phases(band: Values, beside: Values, above: Values) -> None:
    """Add the phases of the left and of the upper neighbour less the own one to bins of directions.

    Parameters
    ----------
    band : (h, 2 w)
        Real and imaginary parts in turn. Above the first row is the last; the first column has no
        phase of its own. A zero counts as 1, whose phase is zero too.
    beside, above : (bins, 4)
        Where they are added.
    """
    height, width = band.shape[0], band.shape[1] // 2
    at = np.empty(width - 1, np.int32)
    within = np.empty(width - 1)
    for y in range(height):
        row, up = band[y], band[y - 1 if y else height - 1]
        _relative(row[2:], row, at, within)
        _scatter(at, within, beside)
        _relative(row[2:], up[2:], at, within)
        _scatter(at, within, above)


@jit(**SUMMING)
def _relative(own: Values, other: Values, at: NDArray[np.int32], within: Values) -> None:
    """Bin, and place across the bin, of the phase of `other` less that of `own`."""
    for x in range(at.size):
        a, b = own[2 * x], own[2 * x + 1]
        c, d = other[2 * x], other[2 * x + 1]
        a = a if abs(a) + abs(b) > 0.0 else 1.0
        c = c if abs(c) + abs(d) > 0.0 else 1.0
        along = c * a + d * b
        across = d * a - c * b
        p = across / (abs(along) + abs(across))
        turn = (1.0 + p if along >= 0.0 else 3.0 - p) * (TURN / 4)
        k = min(np.int32(turn), np.int32(TURN - 1))
        at[x] = k
        within[x] = 2.0 * (turn - k) - 1.0


@jit(**SUMMING)
def _scatter(at: NDArray[np.int32], within: Values, bins: Values) -> None:
    for i in range(at.size):
        k, d = np.uint32(at[i]), within[i]
        bins[k, 0] += 1.0
        bins[k, 1] += d
        bins[k, 2] += d * d
        bins[k, 3] += d * d * d
