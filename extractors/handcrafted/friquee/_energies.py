"""Energies of the neighbourhoods of complex wavelet coefficients, all orientations of a scale at once.

The neighbours of a coefficient are the magnitudes of the six orientations there, the eight about it and
that of its parent, one scale up. The energy is x' C^-1 x, x the neighbours and C their second moments.

No neighbourhood is laid out: the magnitudes of a scale are one array, in which each neighbour has a fixed
distance, and rows are read at these distances. A row of all orientations is done before the next one, so
that each magnitude comes from main memory once. The neighbours that all orientations share come first:
their moments, and what they add to the energy by the Cholesky root of C, are computed once.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vqa_features.kernels.jit import SUMMING, jit

Real = NDArray[np.float64]
Values = NDArray[np.float64]
Distances = NDArray[np.int64]

#: Most neighbours (with the centre), and coefficients of a row that are taken at a time.
NEIGHBOURS, CHUNK = 15, 480
ORIENTATIONS = 6
#: The first neighbours are the same for all orientations.
SHARED = ORIENTATIONS


def energy_scales(magnitudes: Real) -> tuple[Real, list[bool]]:
    """1 over the root of the energy about each coefficient but the outermost.

    Parameters
    ----------
    magnitudes : (6 or 12, h, w)
        Of the orientations of a scale; then of the bands of the next scale, enlarged, if there are any.

    Returns
    -------
    scales : (6, h - 2, w - 2) float64
    regular : list of bool
        Of each orientation; where the second moments are singular the scales mean nothing.
    """
    flat, (_, height, width) = magnitudes.reshape(-1), magnitudes.shape
    size = (height - 2) * (width - 2)
    distances = np.array([_distances(k, magnitudes.shape) for k in range(ORIENTATIONS)])
    sums = np.zeros((ORIENTATIONS, NEIGHBOURS, NEIGHBOURS))
    _add_moments(flat, distances, height, width, sums)
    sums[1:, :SHARED, :SHARED] = sums[0, :SHARED, :SHARED]
    weights, regular = np.zeros_like(sums), []
    for k in range(ORIENTATIONS):
        whitening = _whitening(sums[k] / size, len(magnitudes) > ORIENTATIONS)
        regular.append(whitening is not None)
        if whitening is not None:
            weights[k] = whitening
            weights[0, :SHARED] = whitening[:SHARED]
    scales = np.empty((ORIENTATIONS, height - 2, width - 2))
    _write_scales(flat, distances, weights, scales)
    return scales, regular


def _whitening(moments: Real, parents: bool) -> Real | None:
    """Inverse of the Cholesky root of second moments over the release's divisor; None where singular."""
    # the neighbours in orientation do not count in the divisor
    count, divisor = (NEIGHBOURS, 10) if parents else (NEIGHBOURS - 1, 9)
    weights = np.zeros_like(moments)
    try:
        weights[:count, :count] = np.linalg.inv(np.linalg.cholesky(moments[:count, :count] * divisor))
    except np.linalg.LinAlgError:
        return None
    return weights


def _distances(k: int, shape: tuple[int, ...]) -> Distances:
    """Distance of each neighbour from the coefficient of the first band: six, eight, parent; (15,)."""
    planes, height, width = shape
    about = [width * dy + dx for dy in (-1, 0, 1) for dx in (-1, 0, 1) if (dy, dx) != (0, 0)]
    # without a parent the centre stands for it, with a weight of zero
    parent = k + ORIENTATIONS if planes > ORIENTATIONS else k
    at = [
        *((j, 0) for j in range(ORIENTATIONS)),
        *((k, step) for step in about),
        (parent, 0),
    ]
    return np.array([height * width * plane + step for plane, step in at])


@jit(**SUMMING)
def _add_moments(flat: Values, distances: Distances, height: int, width: int, sums: Real) -> None:
    """Add second moments to the lower triangles (at least) of `sums`, the shared ones to the first only."""
    for y in range(1, height - 1):
        for start in range(1, width - 1, CHUNK):
            n = min(CHUNK, width - 1 - start)
            for k in range(ORIENTATIONS):
                for i in range(SHARED if k else 0, NEIGHBOURS, 3):
                    for j in range(0, i + 1, 3):
                        _add_products(flat, distances, k, i, j, y * width + start, n, sums)


@jit(**SUMMING)
def _add_products(
    flat: Values, distances: Distances, k: int, i: int, j: int, at: int, n: int, sums: Real
) -> None:
    """Add the nine sums of products of three neighbours with three, of `n` coefficients from `at` on."""
    a0, a1, a2 = (
        np.uintp(at + distances[k, i]),
        np.uintp(at + distances[k, i + 1]),
        np.uintp(at + distances[k, i + 2]),
    )
    b0, b1, b2 = (
        np.uintp(at + distances[k, j]),
        np.uintp(at + distances[k, j + 1]),
        np.uintp(at + distances[k, j + 2]),
    )
    s00 = s01 = s02 = s10 = s11 = s12 = s20 = s21 = s22 = 0.0
    for step in range(n):
        x = np.uintp(step)
        u0, u1, u2 = flat[a0 + x], flat[a1 + x], flat[a2 + x]
        v0, v1, v2 = flat[b0 + x], flat[b1 + x], flat[b2 + x]
        s00 += u0 * v0
        s01 += u0 * v1
        s02 += u0 * v2
        s10 += u1 * v0
        s11 += u1 * v1
        s12 += u1 * v2
        s20 += u2 * v0
        s21 += u2 * v1
        s22 += u2 * v2
    sums[k, i, j] += s00
    sums[k, i, j + 1] += s01
    sums[k, i, j + 2] += s02
    sums[k, i + 1, j] += s10
    sums[k, i + 1, j + 1] += s11
    sums[k, i + 1, j + 2] += s12
    sums[k, i + 2, j] += s20
    sums[k, i + 2, j + 1] += s21
    sums[k, i + 2, j + 2] += s22


@jit(**SUMMING)
def _write_scales(flat: Values, distances: Distances, weights: Real, scales: Real) -> None:
    """Write 1 over the root of each energy, (6, h - 2, w - 2)."""
    white, shared, energy = np.zeros((3, CHUNK)), np.empty(CHUNK), np.empty(CHUNK)
    width = scales.shape[2]
    for y in range(scales.shape[1]):
        for start in range(0, width, CHUNK):
            n = min(CHUNK, width - start)
            at = (y + 1) * (width + 2) + start + 1
            for x in range(n):
                shared[x] = 0.0
            _add_energies(flat, distances, weights, 0, 0, SHARED, at, n, white, shared)
            for k in range(ORIENTATIONS):
                for x in range(n):
                    energy[x] = shared[x]
                _add_energies(flat, distances, weights, k, SHARED, NEIGHBOURS, at, n, white, energy)
                _invert_roots(energy, n, k, y, start, scales)


@jit(**SUMMING)
def _add_energies(
    flat: Values,
    distances: Distances,
    weights: Real,
    k: int,
    first: int,
    end: int,
    at: int,
    n: int,
    white: Real,
    energy: Values,
) -> None:
    """Add squares of the neighbours of `n` coefficients weighted by rows first to end - 1."""
    for i in range(first, end, 3):
        for j in range(0, i + 3, 5):  # the weights beyond the diagonal are zero
            _add_weighted(flat, distances, weights, k, i, j, at, n, white)
        for x in range(n):
            energy[x] += white[0, x] * white[0, x] + white[1, x] * white[1, x] + white[2, x] * white[2, x]
            white[0, x] = 0.0
            white[1, x] = 0.0
            white[2, x] = 0.0


@jit(**SUMMING)
def _invert_roots(energy: Values, n: int, k: int, y: int, start: int, scales: Real) -> None:
    for x in range(n):
        scales[k, y, start + x] = 1.0 / np.sqrt(energy[x])


@jit(**SUMMING)
def _add_weighted(
    flat: Values, distances: Distances, weights: Real, k: int, i: int, j: int, at: int, n: int, out: Real
) -> None:
    """Add to three rows the sums of the neighbours j to j + 4 by rows i to i + 2 of the weights."""
    t0, t1, t2 = (
        np.uintp(at + distances[k, j]),
        np.uintp(at + distances[k, j + 1]),
        np.uintp(at + distances[k, j + 2]),
    )
    t3, t4 = np.uintp(at + distances[k, j + 3]), np.uintp(at + distances[k, j + 4])
    a0, a1, a2, a3, a4 = _five(weights, k, i, j)
    b0, b1, b2, b3, b4 = _five(weights, k, i + 1, j)
    c0, c1, c2, c3, c4 = _five(weights, k, i + 2, j)
    for step in range(n):
        x = np.uintp(step)
        v0, v1, v2, v3, v4 = flat[t0 + x], flat[t1 + x], flat[t2 + x], flat[t3 + x], flat[t4 + x]
        out[0, x] += a0 * v0 + a1 * v1 + a2 * v2 + a3 * v3 + a4 * v4
        out[1, x] += b0 * v0 + b1 * v1 + b2 * v2 + b3 * v3 + b4 * v4
        out[2, x] += c0 * v0 + c1 * v1 + c2 * v2 + c3 * v3 + c4 * v4


@jit(**SUMMING)
def _five(weights: Real, k: int, i: int, j: int) -> tuple[float, float, float, float, float]:
    return (
        weights[k, i, j],
        weights[k, i, j + 1],
        weights[k, i, j + 2],
        weights[k, i, j + 3],
        weights[k, i, j + 4],
    )
