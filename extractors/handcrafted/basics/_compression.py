"""Small steps between flat runs, as coarse quantisation leaves them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vqa_features.kernels.jit import jit

Plane = NDArray[np.float32]

#: A band's edge: a step of at most BAND_STEP codes between two runs of BAND_RUN equal pixels.
BAND_STEP, BAND_RUN = 2.0, 4


def step_density(plane: Plane, turned: Plane) -> float:
    """Share of pixels at a small step between two flat runs along the row or the column, 0 to 1.

    It counts steps, not their visibility: wide bands have fewer of them, and noise of one code hides all.

    Parameters
    ----------
    plane : (h, w) float32
        Luma codes in 8-bit units, contiguous.
    turned : (w, h) float32
        The same transposed, contiguous.
    """
    return (_band_edges(plane) + _band_edges(turned)) / plane.size


@jit()
def _band_edges(plane: Plane) -> int:
    """Number of steps, along the rows, that are small and lie between two runs of equal pixels."""
    edges = 0
    for y in range(plane.shape[0]):
        run = 0  # equal steps up to here
        before = 0  # the run that ended at the last small step, 0 where none is open
        for x in range(1, plane.shape[1]):
            step = abs(plane[y, x] - plane[y, x - 1])
            if step == 0:
                run += 1
                if run == BAND_RUN and before >= BAND_RUN:
                    edges += 1
            else:
                before = run if step <= BAND_STEP else 0
                run = 0
    return edges
