"""Black bars at the edges of a picture."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Plane = NDArray[np.float32]

#: Codes up to this count as black.
BLACK = 20.0


def bars(plane: Plane) -> tuple[float, float]:
    """Share of rows, and of columns, that are black bars at the edges; (1, 1) for a black frame."""
    shares = []
    for axis in (1, 0):
        bright = np.flatnonzero(plane.max(axis=axis) > BLACK)
        length = plane.shape[1 - axis]
        shares.append(1.0 if bright.size == 0 else 1 - (bright[-1] - bright[0] + 1) / length)
    return shares[0], shares[1]
