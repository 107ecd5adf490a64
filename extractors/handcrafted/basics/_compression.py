"""Artefacts of compression: borders of blocks, steps between flat runs.

Each takes a float32 luma plane (h, w) in 8-bit code units and returns a number; nan where the plane
is too small for the measure to exist.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vqa_features.kernels.jit import jit

Plane = NDArray[np.float32]

#: Side of the blocks of most codecs, in pixels.
BLOCK = 8
#: A band's edge: a step of at most BAND_STEP codes between two runs of BAND_RUN equal pixels.
BAND_STEP, BAND_RUN = 2.0, 4


def blockiness(plane: Plane) -> float:
    """Mean step across 8 x 8 block borders over the mean step elsewhere, 1 where there is no grid.

    One code is added to both means, so that flat pictures give 1.
    """
    across = np.abs(np.diff(plane, axis=1)).mean(axis=0, dtype=np.float64)
    down = np.abs(np.diff(plane, axis=0)).mean(axis=1, dtype=np.float64)
    if across.size < 2 * BLOCK or down.size < 2 * BLOCK:
        return float("nan")
    ratios = []
    for steps in (across, down):
        border = np.arange(steps.size) % BLOCK == BLOCK - 1
        ratios.append((steps[border].mean() + 1) / (steps[~border].mean() + 1))
    return float(np.mean(ratios))


def step_density(plane: Plane) -> float:
    """Share of pixels at a small step between two flat runs along the row or the column, 0 to 1.

    It counts steps, not their visibility: wide bands have fewer of them, and noise of one code hides all.
    """
    across = _band_edges(np.ascontiguousarray(plane))
    return (across + _band_edges(np.ascontiguousarray(plane.T))) / plane.size


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
