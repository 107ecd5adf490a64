"""Complex-wavelet similarity of bands, and the enlargement of a band to the size of a finer one.

M. P. Sampat, Z. Wang, S. Gupta, A. C. Bovik and M. K. Markey, "Complex wavelet structural similarity",
IEEE TIP 18(11), 2009, with K = 0.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vqa_features.kernels.jit import SUMMING, jit
from vqa_features.kernels.resize import enlarging_taps

Real = NDArray[np.float64]
Complex = NDArray[np.complex128]
Values = NDArray[np.float64]

#: Side of the window.
WINDOW = 7


def similarity(a: Complex, b: Complex) -> float:
    """Similarity 0..1 of two bands (h, w), Gaussian-weighted about the centre; nan below 7 pixels."""
    if min(b.shape) < WINDOW:
        return np.nan
    down, across = (_bell(n - WINDOW + 1, b.shape[0] / 4) for n in b.shape)
    return float(_similarity(a.view(np.float64), b.view(np.float64), down, across))


def enlarged(band: Complex, shape: tuple[int, ...]) -> Complex:
    """`imresize` of a band (h, w) to a shape that is no smaller, to rounding."""
    if band.shape == shape:
        return band
    at_y, weights_y = enlarging_taps(band.shape[0], shape[0])
    at_x, weights_x = enlarging_taps(band.shape[1], shape[1])
    wide = _widened(band.view(np.float64), at_x, weights_x)
    return _heightened(wide, at_y, weights_y).view(np.complex128)


def _bell(size: int, sigma: float) -> Values:
    x = np.arange(size) - (size - 1) / 2
    weights = np.exp(-x * x / (2 * sigma * sigma))
    return weights / weights.sum()


@jit(**SUMMING)
def _widened(parts: Real, at: NDArray[np.int32], weights: Real) -> Real:
    """Four taps along each row of (h, 2 w), real and imaginary parts in turn."""
    out = np.empty((parts.shape[0], 2 * at.shape[0]))
    for y in range(out.shape[0]):
        for x in range(at.shape[0]):
            re = im = 0.0
            for t in range(4):
                k = 2 * np.uint32(at[x, t])
                re += weights[x, t] * parts[y, k]
                im += weights[x, t] * parts[y, k + 1]
            out[y, 2 * x] = re
            out[y, 2 * x + 1] = im
    return out


@jit(**SUMMING)
def _heightened(field: Real, at: NDArray[np.int32], weights: Real) -> Real:
    """Four taps down each column."""
    out = np.empty((at.shape[0], field.shape[1]))
    for y in range(out.shape[0]):
        a, b, c, d = field[at[y, 0]], field[at[y, 1]], field[at[y, 2]], field[at[y, 3]]
        w0, w1, w2, w3 = weights[y, 0], weights[y, 1], weights[y, 2], weights[y, 3]
        for x in range(out.shape[1]):
            out[y, x] = w0 * a[x] + w1 * b[x] + w2 * c[x] + w3 * d[x]
    return out


@jit(**SUMMING)
def _similarity(a: Real, b: Real, down: Values, across: Values) -> float:
    """Weighted mean over windows of 2 |sum of a b*| / sum of (|a|^2 + |b|^2).

    Products of seven rows are in a ring; sums down its columns follow by adding the row that enters and
    subtracting the one that leaves.
    """
    height, width = a.shape[0], a.shape[1] // 2
    ring = np.zeros((WINDOW, 3, width))
    sums = np.zeros((3, width))
    total = 0.0
    for y in range(height):
        _enter(a[y], b[y], ring[y % WINDOW], sums)
        if y >= WINDOW - 1:
            total += down[y - WINDOW + 1] * _across(sums, across)
    return total


@jit(**SUMMING)
def _enter(a: Values, b: Values, line: Real, sums: Real) -> None:
    """Replace a row of products in the ring, and follow the sums down the columns."""
    for x in range(line.shape[1]):
        a_re, a_im, b_re, b_im = a[2 * x], a[2 * x + 1], b[2 * x], b[2 * x + 1]
        re = a_re * b_re + a_im * b_im
        im = a_im * b_re - a_re * b_im
        energy = a_re * a_re + a_im * a_im + b_re * b_re + b_im * b_im
        sums[0, x] += re - line[0, x]
        sums[1, x] += im - line[1, x]
        sums[2, x] += energy - line[2, x]
        line[0, x] = re
        line[1, x] = im
        line[2, x] = energy


@jit(**SUMMING)
def _across(sums: Real, weights: Values) -> float:
    total = 0.0
    for x in range(weights.size):
        re = sums[0, x] + sums[0, x + 1] + sums[0, x + 2] + sums[0, x + 3]
        re += sums[0, x + 4] + sums[0, x + 5] + sums[0, x + 6]
        im = sums[1, x] + sums[1, x + 1] + sums[1, x + 2] + sums[1, x + 3]
        im += sums[1, x + 4] + sums[1, x + 5] + sums[1, x + 6]
        energy = sums[2, x] + sums[2, x + 1] + sums[2, x + 2] + sums[2, x + 3]
        energy += sums[2, x + 4] + sums[2, x + 5] + sums[2, x + 6]
        total += weights[x] * (2.0 * np.sqrt(re * re + im * im) / energy)
    return total
