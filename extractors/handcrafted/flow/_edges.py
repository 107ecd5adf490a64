"""Edges of objects in a motion field: a vector gives way to one from nearby that matches better."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

Plane = NDArray[np.float32]

#: Distances of the vectors that are tried, in vectors: patches of the search are 8 wide.
DISTANCES = (4, 8)
#: Side of the windows that are compared, in vectors.
WINDOW = 3
#: Share of the squared difference that another vector may leave.
BETTER = 0.6


def sharpened(before: Plane, after: Plane, field: Plane) -> Plane:
    """Return a field in which each vector is its own or one of eight around it, by the match.

    Parameters
    ----------
    before, after : (h, w) float32
        Working pictures.
    field : (h / 2, w / 2, 2) float32
        Displacement from `after` to `before` at the middle of each 2 x 2 pixels, x then y, in pixels.

    Returns
    -------
    (h / 2, w / 2, 2) float32
        Vectors left and right of, above and below a place at each of `DISTANCES` are tried there.
    """
    rows, columns = field.shape[:2]
    before, after = (
        np.asarray(cv2.resize(each, (columns, rows), interpolation=cv2.INTER_AREA), np.float32)
        for each in (before, after)
    )
    x, y = np.meshgrid(np.arange(columns, dtype=np.float32), np.arange(rows, dtype=np.float32))

    def left_by(vectors: Plane) -> Plane:
        moved = cv2.remap(
            before,
            x + vectors[..., 0] / 2,
            y + vectors[..., 1] / 2,
            cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_REPLICATE,
        )
        return np.asarray(cv2.boxFilter(np.square(after - moved), -1, (WINDOW, WINDOW)), np.float32)

    found, least = field.copy(), BETTER * left_by(field)
    pad = max(DISTANCES)
    padded = cv2.copyMakeBorder(field, pad, pad, pad, pad, cv2.BORDER_REPLICATE)
    for distance in DISTANCES:
        for down, right in ((0, distance), (0, -distance), (distance, 0), (-distance, 0)):
            other = padded[pad + down : pad + down + rows, pad + right : pad + right + columns]
            left = left_by(np.asarray(other, np.float32))
            better = cv2.compare(left, least, cv2.CMP_LT)
            cv2.copyTo(other, better, found)
            cv2.copyTo(left, better, least)
    return found
