"""Change from frame to frame: how much, none, a cut, flicker, jerk."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

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
    picture: NDArray[np.float64]
    change: float = np.nan
    """Mean absolute difference from the frame before, once it is known."""


def changes(window: Sequence[Seen | None]) -> NDArray[np.float64]:
    """Return the measures of change of the last of four frames, (6,); nan where frames are missing."""
    previous, current = window[-2:]
    assert current is not None
    values = np.full(N_CHANGES, np.nan)
    if previous is not None:
        difference = np.abs(current.plane - previous.plane)
        current.change = float(difference.mean(dtype=np.float64))
        moved = np.abs(current.histogram - previous.histogram).sum() / 2
        values[:4] = (
            current.change,
            not difference.any(),
            current.change < FROZEN,
            current.change > CUT_CHANGE and moved > CUT_HISTOGRAM,
        )
    values[4] = _bend([np.nan if seen is None else seen.picture[0] for seen in window[-3:]])
    values[5] = _bend([np.nan if seen is None else seen.change for seen in window[-3:]])
    return values


def _bend(last: Sequence[float]) -> float:
    """Distance of the middle of three values from the mean of the outer two."""
    return abs(last[1] - (last[0] + last[2]) / 2)
