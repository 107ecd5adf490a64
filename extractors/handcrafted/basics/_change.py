"""Change from frame to frame: how much, none, a cut, flicker, jerk."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from vqa_features.kernels.cuts import Signature

#: Below this mean absolute difference a frame counts as frozen (FFmpeg's freezedetect: -60 dB, 0.26).
FROZEN = 0.1
#: Features of what changes between frames.
N_CHANGES = 6


@dataclass
class Seen:
    """What windows need of a frame."""

    plane: NDArray[Any] | None
    """Luma; None once no later window needs it."""
    brightness: float
    picture: NDArray[np.float64] | None
    """None for a frame that is only a neighbour of sampled ones."""
    signature: Signature
    change: float = np.nan
    """Mean absolute difference from the frame before, once it is known."""


def changes(window: Sequence[Seen | None], across: Sequence[float]) -> NDArray[np.float64]:
    """Return the measures of change of the last of some frames; nan where frames are missing.

    Parameters
    ----------
    window : sequence of Seen or None
        Four frames, the last of which is there.
    across : sequence of float
        Which of their three pairs lie across a cut. `change`, `flicker` and `jerk` are nan where a pair that
        they are made from does.

    Returns
    -------
    ndarray, (6,)
    """
    for older, newer in pairwise(window):
        if older is not None and newer is not None and np.isnan(newer.change):
            newer.change = _difference(older.plane, newer.plane)
    current = window[-1]
    assert current is not None
    values = np.full(N_CHANGES, np.nan)
    change = [
        np.nan if seen is None or cut == 1 else seen.change
        for seen, cut in zip(window[1:], across, strict=True)
    ]
    if window[-2] is not None:
        values[:4] = change[-1], current.change == 0, current.change < FROZEN, across[-1]
    if 1 not in across[-2:]:
        values[4] = _bend([np.nan if seen is None else seen.brightness for seen in window[-3:]])
    values[5] = _bend(change)
    return values


def _difference(older: NDArray[Any] | None, newer: NDArray[Any] | None) -> float:
    assert older is not None
    assert newer is not None
    return float(cv2.norm(newer, older, cv2.NORM_L1)) / newer.size


def _bend(last: Sequence[float]) -> float:
    """Distance of the middle of three values from the mean of the outer two."""
    return abs(last[1] - (last[0] + last[2]) / 2)
