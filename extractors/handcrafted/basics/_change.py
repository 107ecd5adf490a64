"""Change from frame to frame: how much, none, a cut, flicker, jerk."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

#: Below this mean absolute difference a frame counts as frozen (FFmpeg's freezedetect: -60 dB, 0.26).
FROZEN = 0.1
#: A cut changes the mean pixel by more than 15 codes and moves more than a quarter of the histogram.
CUT_CHANGE, CUT_HISTOGRAM = 15.0, 0.25
#: Features of what changes between frames.
N_CHANGES = 6


@dataclass
class Seen:
    """Luma, histogram and measures of a frame, kept until the last window that has it."""

    plane: NDArray[np.float32]
    histogram: NDArray[np.float64]
    picture: NDArray[np.float64] | None
    """None for a frame that is only a neighbour of sampled ones."""
    change: float = np.nan
    """Mean absolute difference from the frame before, once it is known."""

    @functools.cached_property
    def brightness(self) -> float:
        """Mean of the plane."""
        return float(self.plane.mean(dtype=np.float64))


def changes(window: Sequence[Seen | None]) -> NDArray[np.float64]:
    """Return the measures of change of the last of four frames, (6,); nan where frames are missing."""
    for older, newer in pairwise(window):
        if older is not None and newer is not None and np.isnan(newer.change):
            newer.change = float(np.abs(newer.plane - older.plane).mean(dtype=np.float64))
    previous, current = window[-2:]
    assert current is not None
    values = np.full(N_CHANGES, np.nan)
    if previous is not None:
        moved = np.abs(current.histogram - previous.histogram).sum() / 2
        values[:4] = (
            current.change,
            current.change == 0,
            current.change < FROZEN,
            current.change > CUT_CHANGE and moved > CUT_HISTOGRAM,
        )
    values[4] = _bend([np.nan if seen is None else seen.brightness for seen in window[-3:]])
    values[5] = _bend([np.nan if seen is None else seen.change for seen in window[-3:]])
    return values


def _bend(last: Sequence[float]) -> float:
    """Distance of the middle of three values from the mean of the outer two."""
    return abs(last[1] - (last[0] + last[2]) / 2)
