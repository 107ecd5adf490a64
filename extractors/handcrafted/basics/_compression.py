"""Small steps between flat runs, as coarse quantisation leaves them."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

#: A band's edge: a step of at most BAND_STEP codes between two runs of BAND_RUN equal steps of zero.
BAND_STEP, BAND_RUN = 2.0, 4


def step_density(plane: NDArray[Any]) -> float:
    """Share of pixels at a small step between two flat runs along the row or the column, 0 to 1.

    It counts steps, not their visibility: wide bands have fewer of them, and noise of one code hides all.

    Parameters
    ----------
    plane : (h, w) uint8 or float32
        Luma codes in 8-bit units.
    """
    return (_band_edges(np.asarray(cv2.transpose(plane))) + _band_edges(plane)) / plane.size


def _band_edges(plane: NDArray[Any]) -> int:
    """Number of steps, down the columns, that are small and lie between two runs of equal pixels."""
    if plane.shape[0] < 2 * BAND_RUN + 2:
        return 0
    older, newer = plane[:-1], plane[1:]
    same = older == newer
    middle = slice(BAND_RUN, -BAND_RUN)
    small = (cv2.absdiff(older, newer)[middle] <= BAND_STEP) & ~same[middle]
    two = same[:-1] & same[1:]
    run = two[:-2] & two[2:]  # of BAND_RUN steps
    return int(np.count_nonzero(small & run[: -BAND_RUN - 1] & run[BAND_RUN + 1 :]))
