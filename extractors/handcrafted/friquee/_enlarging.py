"""Enlargement of a band to the size of a finer one, row by row: `imresize`, to rounding."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from vqa_features.kernels.jit import SUMMING, jit
from vqa_features.kernels.resize import enlarging_taps

Real = NDArray[np.float64]
Complex = NDArray[np.complex128]

#: Widened rows that are held; four neighbouring ones are needed for a row.
HELD = 8


class Taps(NamedTuple):
    """Of each row, and of each column, the positions of the four samples it is made of, then their weights.

    Both are (n, 8) float64. A sample without weight has any position.
    """

    down: Real
    across: Real


def taps(small: tuple[int, ...], large: tuple[int, ...]) -> Taps:
    """Taps of the enlargement from one shape to another, which is no smaller."""
    down, across = (
        np.hstack(enlarging_taps(n, to)).astype(np.float64) for n, to in zip(small, large, strict=True)
    )
    return Taps(down, across)


def enlarged_magnitude(band: Complex, out: Real) -> None:
    """Write absolute values of a band (h, w), enlarged to (2 h, 2 w), to `out`, which may be smaller."""
    of = taps(band.shape, (2 * band.shape[0], 2 * band.shape[1]))
    _enlarged_magnitude(band.view(np.float64), of.down, of.across, out)


@jit(**SUMMING)
def _enlarged_magnitude(parts: Real, down: Real, across: Real, out: Real) -> None:
    height, width = out.shape
    ring, held = np.zeros((2 * HELD, width)), np.zeros(HELD, np.int64)
    row = np.empty((2, width))
    for y in range(height):
        enlarge_row(parts, down, across, y, 0, width, ring, held, 0, row)
        for x in range(width):
            out[y, x] = np.sqrt(row[0, x] * row[0, x] + row[1, x] * row[1, x])


@jit(**SUMMING)
def enlarge_row(
    parts: Real,
    down: Real,
    across: Real,
    y: int,
    start: int,
    n: int,
    ring: Real,
    held: NDArray[np.int64],
    k: int,
    out: Real,
) -> None:
    """Write `n` samples of row `y` from column `start` on of an enlarged band.

    Parameters
    ----------
    parts : (h, 2 w)
        The band, real and imaginary parts in turn.
    down, across : (n, 8)
        `Taps` of the enlargement.
    y, start, n : int
        The samples.
    ring : (2 HELD, at least n)
        Widened rows of the band, real and imaginary parts; finite at first. Working memory of calls with
        one `start`.
    held : (HELD,)
        Numbers of these rows, counted from 1; 0 at first.
    k : int
        Rows of `out` for the real parts; the imaginary ones are in the next row.
    out : (rows, at least n)
        Where the samples go.
    """
    for t in range(4):
        source = np.int64(down[y, t])
        if down[y, 4 + t] != 0.0 and held[source % HELD] != source + 1:
            held[source % HELD] = source + 1
            _widen(parts, source, across, start, n, ring, 2 * (source % HELD))
    a, b = 2 * (np.int64(down[y, 0]) % HELD), 2 * (np.int64(down[y, 1]) % HELD)
    c, d = 2 * (np.int64(down[y, 2]) % HELD), 2 * (np.int64(down[y, 3]) % HELD)
    w0, w1, w2, w3 = down[y, 4], down[y, 5], down[y, 6], down[y, 7]
    for part in range(2):
        for x in range(n):
            total = w0 * ring[a + part, x] + w1 * ring[b + part, x]
            out[k + part, x] = total + (w2 * ring[c + part, x] + w3 * ring[d + part, x])


@jit(**SUMMING)
def _widen(parts: Real, source: int, across: Real, start: int, n: int, ring: Real, row: int) -> None:
    """Four taps along row `source` of a band."""
    for x in range(n):
        at = np.uintp(start + x)
        a, b = 2 * np.uint32(across[at, 0]), 2 * np.uint32(across[at, 1])
        c, d = 2 * np.uint32(across[at, 2]), 2 * np.uint32(across[at, 3])
        w0, w1, w2, w3 = across[at, 4], across[at, 5], across[at, 6], across[at, 7]
        re = w0 * parts[source, a] + w1 * parts[source, b]
        im = w0 * parts[source, a + 1] + w1 * parts[source, b + 1]
        ring[row, x] = re + (w2 * parts[source, c] + w3 * parts[source, d])
        ring[row + 1, x] = im + (w2 * parts[source, c + 1] + w3 * parts[source, d + 1])
