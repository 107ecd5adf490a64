"""Divisive normalisation of complex wavelet coefficients by the energy of their neighbourhoods.

The neighbours of a coefficient are the nine magnitudes about it, those of the other orientations there
and that of its parent, one scale up. The energy is x' C^-1 x, x the neighbours and C their second
moments. Neighbours are laid out for a few hundred coefficients at a time and not for a whole band.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vqa_features.kernels.jit import SUMMING, jit

Real = NDArray[np.float64]
Complex = NDArray[np.complex128]
Values = NDArray[np.float64]

#: Most neighbours (with the centre), and coefficients that are laid out at a time.
NEIGHBOURS, CHUNK = 15, 184


def magnitude(band: Complex) -> Real:
    """Absolute values of a band (h, w)."""
    out = np.empty(band.shape)
    _magnitude(band.view(np.float64), 0.0, 0.0, out)
    return out


def normalised_magnitude(band: Complex, k: int, magnitudes: Real, parent: Real | None) -> Real:
    """Magnitudes of a band over the energy of its neighbourhoods, (h - 2, w - 2).

    Parameters
    ----------
    band : (h, w)
        The k-th orientation of a scale.
    k : int
        Its number.
    magnitudes : (6, h, w)
        Of all orientations of the scale.
    parent : (at least h, at least w), optional
        Magnitudes of the band of the next scale, enlarged.

    Returns
    -------
    (h - 2, w - 2) float64
        nan where the second moments are singular. The outermost coefficients are left out.
    """
    height, width = band.shape
    coefficients = band.view(np.float64)
    sums = np.zeros((NEIGHBOURS, NEIGHBOURS))
    centre = np.zeros(2)
    above = np.empty((0, 0)) if parent is None else parent
    _add_moments(coefficients, magnitudes, k, above, sums, centre)
    # the neighbours in orientation do not count in the release's divisor
    count, divisor = (NEIGHBOURS - 1, 9) if parent is None else (NEIGHBOURS, 10)
    size = (height - 2) * (width - 2)
    whitening = np.zeros_like(sums)
    try:
        root = np.linalg.cholesky(sums[:count, :count] / size * divisor)
        whitening[:count, :count] = np.linalg.inv(root)
    except np.linalg.LinAlgError:
        return np.full((height - 2, width - 2), np.nan)
    ratio = np.empty((height - 2, 2 * (width - 2)))
    along, across = _ratios(coefficients, magnitudes, k, above, whitening, centre / size, ratio)
    out = np.empty((height - 2, width - 2))
    _magnitude(ratio, along / size, across / size, out)
    return out


@jit(**SUMMING)
def mixed_sums(field: Real) -> tuple[float, float]:
    """Sums of absolute values and of squares of the mixed differences; the field wraps round."""
    height, width = field.shape
    absolute = square = 0.0
    for y in range(height):
        row, up = field[y], field[y - 1 if y else height - 1]
        d = row[0] - up[0] - (row[width - 1] - up[width - 1])
        a, s = abs(d), d * d
        for x in range(1, width):
            d = (row[x] - row[x - 1]) - (up[x] - up[x - 1])
            a += abs(d)
            s += d * d
        absolute += a
        square += s
    return absolute, square


@jit(**SUMMING)
def _magnitude(parts: Real, along: float, across: float, out: Real) -> None:
    """Absolute values of numbers, (h, 2 w) parts in turn, less a mean."""
    for y in range(out.shape[0]):
        for x in range(out.shape[1]):
            re, im = parts[y, 2 * x] - along, parts[y, 2 * x + 1] - across
            out[y, x] = np.sqrt(re * re + im * im)


@jit(**SUMMING)
def _lay_out(magnitudes: Real, k: int, parent: Real, y: int, start: int, n: int, out: Real) -> None:
    """Neighbours of the coefficients start + 1 .. start + n of row y + 1: nine, five, parent."""
    end = start + n
    for d in range(9):
        _copy(magnitudes[k, y + d // 3, start + d % 3 : end + d % 3], out[d])
    at = 9
    for j in range(magnitudes.shape[0]):
        if j != k:
            _copy(magnitudes[j, y + 1, start + 1 : end + 1], out[at])
            at += 1
    if parent.size:
        _copy(parent[y + 1, start + 1 : end + 1], out[at])
    else:
        out[at] = 0.0


@jit(**SUMMING)
def _copy(source: Values, to: Values) -> None:
    for x in range(source.size):
        to[x] = source[x]


@jit(**SUMMING)
def _add_moments(parts: Real, magnitudes: Real, k: int, parent: Real, sums: Real, centre: Real) -> None:
    """Add second moments to the lower triangle (at least) of `sums`, coefficients to `centre`."""
    height, width = magnitudes.shape[1] - 2, magnitudes.shape[2] - 2
    block = np.empty((NEIGHBOURS, CHUNK))
    for y in range(height):
        along = across = 0.0
        for x in range(1, width + 1):
            along += parts[y + 1, 2 * x]
            across += parts[y + 1, 2 * x + 1]
        centre[0] += along
        centre[1] += across
        for start in range(0, width, CHUNK):
            n = min(CHUNK, width - start)
            _lay_out(magnitudes, k, parent, y, start, n, block)
            for i in range(0, NEIGHBOURS, 3):
                for j in range(0, i + 1, 3):
                    _add_products(block, i, j, n, sums)


@jit(**SUMMING)
def _add_products(block: Real, i: int, j: int, n: int, sums: Real) -> None:
    """Add the nine sums of products of three rows with three rows."""
    a0, a1, a2 = block[i], block[i + 1], block[i + 2]
    b0, b1, b2 = block[j], block[j + 1], block[j + 2]
    s00 = s01 = s02 = s10 = s11 = s12 = s20 = s21 = s22 = 0.0
    for x in range(n):
        s00 += a0[x] * b0[x]
        s01 += a0[x] * b1[x]
        s02 += a0[x] * b2[x]
        s10 += a1[x] * b0[x]
        s11 += a1[x] * b1[x]
        s12 += a1[x] * b2[x]
        s20 += a2[x] * b0[x]
        s21 += a2[x] * b1[x]
        s22 += a2[x] * b2[x]
    sums[i, j] += s00
    sums[i, j + 1] += s01
    sums[i, j + 2] += s02
    sums[i + 1, j] += s10
    sums[i + 1, j + 1] += s11
    sums[i + 1, j + 2] += s12
    sums[i + 2, j] += s20
    sums[i + 2, j + 1] += s21
    sums[i + 2, j + 2] += s22


@jit(**SUMMING)
def _ratios(
    parts: Real, magnitudes: Real, k: int, parent: Real, whitening: Real, mean: Real, out: Real
) -> tuple[float, float]:
    """Coefficients less their mean over the root of the energy, (h - 2, 2 (w - 2)); return their sums."""
    height, width = magnitudes.shape[1] - 2, magnitudes.shape[2] - 2
    block = np.empty((NEIGHBOURS, CHUNK))
    white, energy = np.empty((3, CHUNK)), np.empty(CHUNK)
    total_along = total_across = 0.0
    for y in range(height):
        along = across = 0.0
        for start in range(0, width, CHUNK):
            n = min(CHUNK, width - start)
            _lay_out(magnitudes, k, parent, y, start, n, block)
            _energies(block, whitening, n, white, energy)
            for x in range(n):
                scale = np.sqrt(1.0 / energy[x])
                re = (parts[y + 1, 2 * (start + x + 1)] - mean[0]) * scale
                im = (parts[y + 1, 2 * (start + x + 1) + 1] - mean[1]) * scale
                out[y, 2 * (start + x)] = re
                out[y, 2 * (start + x) + 1] = im
                along += re
                across += im
        total_along += along
        total_across += across
    return total_along, total_across


@jit(**SUMMING)
def _energies(block: Real, whitening: Real, n: int, white: Real, energy: Values) -> None:
    """Sums of squares of whitened neighbours; `white` holds three of them at a time."""
    energy[:] = 0.0
    for i in range(0, NEIGHBOURS, 3):
        white[:] = 0.0
        for j in range(0, i + 3, 5):  # the weights beyond the diagonal are zero
            _add_weighted(block, whitening, i, j, n, white)
        for x in range(n):
            energy[x] += white[0, x] * white[0, x] + white[1, x] * white[1, x] + white[2, x] * white[2, x]


@jit(**SUMMING)
def _add_weighted(block: Real, weights: Real, i: int, j: int, n: int, out: Real) -> None:
    """Add to three rows the sums of five rows of the block, j to j + 4, by rows i to i + 2 of the weights."""
    a0, a1, a2, a3, a4 = (
        weights[i, j],
        weights[i, j + 1],
        weights[i, j + 2],
        weights[i, j + 3],
        weights[i, j + 4],
    )
    i += 1
    b0, b1, b2, b3, b4 = (
        weights[i, j],
        weights[i, j + 1],
        weights[i, j + 2],
        weights[i, j + 3],
        weights[i, j + 4],
    )
    i += 1
    c0, c1, c2, c3, c4 = (
        weights[i, j],
        weights[i, j + 1],
        weights[i, j + 2],
        weights[i, j + 3],
        weights[i, j + 4],
    )
    r0, r1, r2, r3, r4 = block[j], block[j + 1], block[j + 2], block[j + 3], block[j + 4]
    for x in range(n):
        v0, v1, v2, v3, v4 = r0[x], r1[x], r2[x], r3[x], r4[x]
        out[0, x] += a0 * v0 + a1 * v1 + a2 * v2 + a3 * v3 + a4 * v4
        out[1, x] += b0 * v0 + b1 * v1 + b2 * v2 + b3 * v3 + b4 * v4
        out[2, x] += c0 * v0 + c1 * v1 + c2 * v2 + c3 * v3 + c4 * v4
