"""Kernel matrices of many rows, tile by tile, by matrix products in the precision of the rows.

Rows in float32 take half the time and memory of float64. Their squared distances are then off by about 1e-7
of the squared lengths, which `Rows.of` keeps short by centring; the kernel is off by at most 1e-5, mostly by
1e-7, the rounding of a matrix kept in float32 (tests/evaluation/test_gram.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]
Floats = NDArray[np.floating]

#: Rows and columns of one tile: few enough for the cache, many enough for fast products.
_TILE = 384


class Rows(NamedTuple):
    """One side of a kernel matrix."""

    values: Floats
    """(n, d), in the precision of the matrix products."""
    squares: Values
    """(n,): squared lengths."""

    @classmethod
    def of(cls, values: Values, kind: type[np.floating], centre: Values | None = None) -> Rows:
        """Return rows (n, d) minus the centre (d,), in one precision."""
        kept = np.empty(values.shape, dtype=kind)
        squares = np.empty(len(values))
        for part in blocks(len(values)):
            piece = values[part] if centre is None else values[part] - centre
            kept[part] = piece
            piece = kept[part].astype(np.float64, copy=False)
            squares[part] = np.einsum("ij,ij->i", piece, piece)
        return cls(kept, squares)

    def part(self, chosen: slice | NDArray[Any]) -> Rows:
        """Return some of the rows."""
        return Rows(self.values[chosen], self.squares[chosen])


class Kernel(NamedTuple):
    """The kernel exp(-gamma |a - b|^2), or the inner product of a and b where `gamma` is None."""

    gamma: float | None

    def cells(self, a: Rows, b: Rows) -> Values:
        """Return the kernel of two sets of rows, (n, m); all at once, so for few rows."""
        cells = (a.values @ b.values.T).astype(np.float64, copy=False)
        if self.gamma is None:
            return cells
        cells *= 2 * self.gamma
        cells -= (self.gamma * a.squares)[:, None]
        cells -= self.gamma * b.squares
        return np.exp(np.minimum(cells, 0.0, out=cells), out=cells)

    def gram(self, rows: Rows, kind: type[np.floating]) -> Floats:
        """Return the symmetric (n, n) matrix of all pairs of rows, kept as `kind`."""
        found = np.empty((len(rows.values),) * 2, dtype=kind)
        for across in blocks(len(found)):
            for down in blocks(across.stop):
                cells = self.cells(rows.part(down), rows.part(across))
                if down == across:
                    cells = (cells + cells.T) / 2
                found[down, across] = cells
                found[across, down] = cells.T
        if self.gamma is not None:
            np.fill_diagonal(found, 1)
        return found

    def weighted(self, rows: Rows, others: Rows, weights: Values) -> Values:
        """Return the kernel of `rows` (n) and `others` (m) times weights (m,), shape (n,)."""
        if self.gamma is None:
            return np.asarray(rows.values @ (others.values.T @ weights))
        found = np.zeros(len(rows.values))
        for across in blocks(len(weights)):
            columns = others.part(across)
            for down in blocks(len(found)):
                found[down] += self.cells(rows.part(down), columns) @ weights[across]
        return found


def blocks(rows: int) -> Iterator[slice]:
    """Yield slices of consecutive rows, the size of a tile."""
    return (slice(start, min(start + _TILE, rows)) for start in range(0, rows, _TILE))
