"""Edges of objects in a motion field: a vector gives way to one from nearby that matches better."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

Plane = NDArray[np.float32]

#: Distance of the vectors that are tried, in vectors: patches of the search are 8 wide, 6 apart.
DISTANCE = 6
#: Side of the windows that are compared, in vectors.
WINDOW = 3
#: Share of the squared difference that another vector may leave.
BETTER = 0.6


def sharpened(before: Plane, after: Plane, field: Plane) -> Plane:
    """Return a field in which each vector is its own or one of four around it, by the match.

    Parameters
    ----------
    before, after : (h, w) float32
        Working pictures, halved.
    field : (h, w, 2) float32
        Displacement from `after` to `before` at each pixel, x then y, in working pixels.

    Returns
    -------
    (h, w, 2) float32
        Vectors left and right of, above and below a place at `DISTANCE` are tried there.
    """
    rows, columns = field.shape[:2]
    x, y = np.arange(columns, dtype=np.float32), np.arange(rows, dtype=np.float32)
    places = np.stack(np.meshgrid(x, y), axis=2)

    def left_by(vectors: Plane) -> Plane:
        at = cv2.scaleAdd(vectors, 0.5, places)
        edge = cv2.BORDER_REPLICATE
        moved = cv2.remap(before, at, None, cv2.INTER_LINEAR, borderMode=edge)  # type: ignore[call-overload]
        return np.asarray(cv2.boxFilter(np.square(after - moved), -1, (WINDOW, WINDOW)), np.float32)

    found, least = field.copy(), BETTER * left_by(field)
    padded = cv2.copyMakeBorder(field, *(DISTANCE,) * 4, cv2.BORDER_REPLICATE)
    for down, right in ((1, 2), (1, 0), (2, 1), (0, 1)):
        other = padded[down * DISTANCE :, right * DISTANCE :][:rows, :columns]
        left = left_by(np.asarray(other, np.float32))
        better = cv2.compare(left, least, cv2.CMP_LT)
        cv2.copyTo(other, better, found)
        cv2.copyTo(left, better, least)
    return found
