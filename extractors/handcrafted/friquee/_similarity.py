"""Complex-wavelet similarity of bands of different scales, of which the coarser one is enlarged.

M. P. Sampat, Z. Wang, S. Gupta, A. C. Bovik and M. K. Markey, "Complex wavelet structural similarity",
IEEE TIP 18(11), 2009, with K = 0.

All pairs of an orientation are compared in one pass over rows, in which enlarged rows are made as they
are needed, some hundred columns at a time so that the rows under the window stay in the cache.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vqa_features.kernels.jit import SUMMING, jit

from ._enlarging import HELD, enlarge_row, taps

Real = NDArray[np.float64]
Complex = NDArray[np.complex128]
Values = NDArray[np.float64]

#: Side of the window, and columns that are done at a time.
WINDOW, STRIP = 7, 960
#: Rows of the working array: real and imaginary parts of what is compared.
FINE, MIDDLE, COARSE, HIGH = 0, 2, 4, 6
#: The middle and the fine band, the middle and the high-pass one, the fine and the high-pass one, the
#: coarse and the fine one.
PAIRS = np.array([[MIDDLE, FINE], [MIDDLE, HIGH], [FINE, HIGH], [COARSE, FINE]])


def similarities(fine: Complex, middle: Complex, coarse: Complex, high: Real) -> Values:
    """Similarities 0..1 of `PAIRS`, (4,); nan below 7 pixels.

    Parameters
    ----------
    fine : (h, w)
        Band of a scale.
    middle, coarse : (at most h, at most w)
        Bands of the next scales.
    high : (h, w)
        High-pass residual.
    """
    return _compared(fine, middle, coarse, high, PAIRS)


def similarity(coarse: Complex, fine: Complex) -> float:
    """Similarity 0..1 of two bands, the first one enlarged to the shape (h, w) of the second."""
    return float(_compared(fine, coarse, coarse, np.empty((0, 0)), PAIRS[:1])[0])


def _compared(
    fine: Complex, middle: Complex, coarse: Complex, high: Real, pairs: NDArray[np.int64]
) -> Values:
    shape = fine.shape
    if min(shape) < WINDOW:
        return np.full(len(pairs), np.nan)
    # weighted about the centre
    down, across = (_bell(n - WINDOW + 1, shape[0] / 4) for n in shape)
    parts = (fine.view(np.float64), middle.view(np.float64), coarse.view(np.float64))
    found = np.zeros(len(pairs))
    of_middle, of_coarse = taps(middle.shape, shape), taps(coarse.shape, shape)
    _add_similarities(*parts, high, *of_middle, *of_coarse, pairs, down, across, found)
    return found


def _bell(size: int, sigma: float) -> Values:
    x = np.arange(size) - (size - 1) / 2
    weights = np.exp(-x * x / (2 * sigma * sigma))
    return np.asarray(weights / weights.sum(), np.float64)


@jit(**SUMMING)
def _add_similarities(
    fine: Real,
    middle: Real,
    coarse: Real,
    high: Real,
    middle_down: Real,
    middle_across: Real,
    coarse_down: Real,
    coarse_across: Real,
    pairs: NDArray[np.int64],
    down: Values,
    across: Values,
    found: Values,
) -> None:
    """Add weighted means over windows of 2 |sum of a b*| / sum of (|a|^2 + |b|^2).

    Products of seven rows are in a ring; sums down its columns follow by adding the row that enters and
    subtracting the one that leaves.
    """
    size = STRIP + WINDOW - 1
    rows = np.zeros((8, size))
    for start in range(0, across.size, STRIP):
        n = min(STRIP, across.size - start)
        end = n + WINDOW - 1
        ring, sums = np.zeros((WINDOW, 3 * pairs.shape[0], size)), np.zeros((3 * pairs.shape[0], size))
        middles, coarses = np.zeros((2 * HELD, size)), np.zeros((2 * HELD, size))
        held, held_coarse = np.zeros(HELD, np.int64), np.zeros(HELD, np.int64)
        for y in range(fine.shape[0]):
            _copy(fine, y, start, end, rows)
            enlarge_row(middle, middle_down, middle_across, y, start, end, middles, held, MIDDLE, rows)
            if pairs.shape[0] > 1:
                for x in range(end):
                    rows[HIGH, x] = high[y, start + x]
                enlarge_row(
                    coarse, coarse_down, coarse_across, y, start, end, coarses, held_coarse, COARSE, rows
                )
            for k in range(pairs.shape[0]):
                _enter(rows, pairs[k, 0], pairs[k, 1], end, ring, y % WINDOW, 3 * k, sums)
                if y >= WINDOW - 1:
                    found[k] += down[y - WINDOW + 1] * _across(sums, 3 * k, across, start, n)


@jit(**SUMMING)
def _copy(fine: Real, y: int, start: int, n: int, rows: Real) -> None:
    """Copy real and imaginary parts of a row to the first two rows."""
    first = 2 * np.uintp(start)
    for x in range(n):
        at = first + np.uintp(2 * x)
        rows[0, x] = fine[y, at]
        rows[1, x] = fine[y, at + np.uintp(1)]


@jit(**SUMMING)
def _enter(rows: Real, a: int, b: int, n: int, ring: Real, line: int, k: int, sums: Real) -> None:
    """Replace a line of products of two rows in the ring, and follow the sums down the columns."""
    for x in range(n):
        a_re, a_im, b_re, b_im = rows[a, x], rows[a + 1, x], rows[b, x], rows[b + 1, x]
        re = a_re * b_re + a_im * b_im
        im = a_im * b_re - a_re * b_im
        energy = a_re * a_re + a_im * a_im + b_re * b_re + b_im * b_im
        sums[k, x] += re - ring[line, k, x]
        sums[k + 1, x] += im - ring[line, k + 1, x]
        sums[k + 2, x] += energy - ring[line, k + 2, x]
        ring[line, k, x] = re
        ring[line, k + 1, x] = im
        ring[line, k + 2, x] = energy


@jit(**SUMMING)
def _across(sums: Real, k: int, weights: Values, start: int, n: int) -> float:
    total = 0.0
    for x in range(n):
        re = _seven(sums, k, x)
        im = _seven(sums, k + 1, x)
        energy = _seven(sums, k + 2, x)
        total += weights[start + x] * (2.0 * np.sqrt(re * re + im * im) / energy)
    return float(total)


@jit(**SUMMING)
def _seven(sums: Real, k: int, x: int) -> float:
    first = (sums[k, x] + sums[k, x + 1]) + (sums[k, x + 2] + sums[k, x + 3])
    return float(first + ((sums[k, x + 4] + sums[k, x + 5]) + sums[k, x + 6]))
