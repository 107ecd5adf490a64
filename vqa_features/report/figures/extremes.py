"""Axes of figures that a few extreme points do not stretch."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ...plots.display import SOFT
from ..limits import count_outside, robust_limits

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import ArrayLike

PAD = 0.04
"""Distance between the last point and the end of an axis, as a share of the axis."""


def leave_out_extremes(
    ax: Axes, x: ArrayLike, y: ArrayLike | None = None, *, all_y: ArrayLike | None = None
) -> None:
    """End the axes where most points end, if few lie far beyond, and write how many these are.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        Axes on which the points are drawn.
    x, y : array_like
        Coordinates of the points, equally many; without `y` only the horizontal axis has ends.
    all_y : array_like, optional
        Values of all axes that share the vertical one.
    """
    outside = np.zeros(np.shape(x), dtype=bool)
    vertical = y if all_y is None else all_y
    for values, everything, set_ends in ((x, x, ax.set_xlim), (y, vertical, ax.set_ylim)):
        if values is None or everything is None:
            continue
        low, high = ends = robust_limits(everything)
        if count_outside(everything, ends):
            pad = PAD * (high - low)
            set_ends(low - pad, high + pad)
            outside |= (np.asarray(values) < low) | (np.asarray(values) > high)
    if outside.any():
        told = f"{outside.sum()} beyond the axes"
        place = ((1, 1), (0, 3), "axes fraction", "offset points")
        ax.annotate(told, *place, ha="right", color=SOFT, fontsize=8)
