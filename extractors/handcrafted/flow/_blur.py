"""Blur along the motion, held against the blur across it."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from vqa_features.kernels.jit import SUMMING, jit

from ._field import LEAST_DETERMINED, Motion, Working

Values = NDArray[np.float64]

#: Binomial filter of the picture; without it the second differences of noise and rounding prevail.
SMOOTH = np.array([1, 2, 1], np.float32) / 4
#: Motion in pixels of a 540p frame from which a blur along it can be seen in a working picture.
MOVING = 4.0
#: Side of the tiles in vectors; 32 working pixels.
TILE = 16
#: Share of a tile's vectors that must move and be determined.
LEAST_MOVING = 0.25
#: Ratio of squared bandwidths along and across below which a tile counts as blurred by its motion.
BLURRED = 0.44


def motion_blur(current: Working, found: Motion, unit: float) -> tuple[float, float]:
    """Return the loss of bandwidth along the motion and the share of the determined area that it blurs.

    Parameters
    ----------
    current : Working
        The second frame.
    found : Motion
        The motion to it.
    unit : float
        A pixel of a 540p frame in pixels of the frame.

    Returns
    -------
    loss : float
        1 less the ratio of the bandwidths along and across the motion: 0 as sharp along as across, towards 1
        blurred along, negative where it is sharper along. The median over the tiles that move; nan where
        none does.
    share : float
        Share of the determined area in tiles whose bandwidth along the motion is less than two thirds of that
        across; nan where too little is determined.

    Notes
    -----
    The squared bandwidth in a direction is the energy of second differences over that of first differences
    in it. Contrast and number of edges in a direction cancel.
    """
    u, v = cv2.split(found.motion)
    moving = found.determined & (u * u + v * v >= np.float32(MOVING * unit) ** 2)
    determined = int(found.determined.sum())
    if determined < LEAST_DETERMINED * moving.size:
        return np.nan, np.nan
    smooth = cv2.sepFilter2D(current.picture, cv2.CV_32F, SMOOTH, SMOOTH)
    energies = _energies(np.asarray(smooth, np.float32), found.motion, moving)
    tiles = energies[:, energies[4] >= LEAST_MOVING * TILE * TILE]
    if not tiles.shape[1]:
        return np.nan, 0.0
    first_along, second_along, first_across, second_across, count = tiles
    ratio = second_along * first_across / np.maximum(first_along * second_across, np.finfo(float).tiny)
    share = count[ratio < BLURRED].sum() / determined
    return float(1 - np.sqrt(np.median(ratio))), float(share)


@jit(**SUMMING)
def _energies(picture: NDArray[np.float32], motion: NDArray[np.float32], moving: NDArray[np.bool_]) -> Values:
    """Energies of first and second differences along, then across, and vectors of each tile, (5, tiles)."""
    rows, columns = moving.shape
    across = (columns + TILE - 1) // TILE
    energies = np.zeros((5, (rows + TILE - 1) // TILE * across))
    for i in range(rows):
        for j in range(columns):
            if not moving[i, j]:
                continue
            tile = i // TILE * across + j // TILE
            energies[4, tile] += 1
            length = np.hypot(motion[i, j, 0], motion[i, j, 1])
            c, s = motion[i, j, 0] / length, motion[i, j, 1] / length
            for y in range(max(2 * i, 1), min(2 * i + 2, picture.shape[0] - 1)):
                for x in range(max(2 * j, 1), min(2 * j + 2, picture.shape[1] - 1)):
                    left, right = picture[y, x - 1], picture[y, x + 1]
                    above, below = picture[y - 1, x], picture[y + 1, x]
                    twice = 2 * picture[y, x]
                    g_x, g_y = (right - left) / 2, (below - above) / 2
                    xx, yy = left + right - twice, above + below - twice
                    xy = (
                        picture[y - 1, x - 1]
                        + picture[y + 1, x + 1]
                        - picture[y - 1, x + 1]
                        - picture[y + 1, x - 1]
                    ) / 4
                    energies[0, tile] += (c * g_x + s * g_y) ** 2
                    energies[1, tile] += (c * c * xx + 2 * c * s * xy + s * s * yy) ** 2
                    energies[2, tile] += (c * g_y - s * g_x) ** 2
                    energies[3, tile] += (s * s * xx - 2 * c * s * xy + c * c * yy) ** 2
    return energies
