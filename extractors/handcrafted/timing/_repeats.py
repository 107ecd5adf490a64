"""Which frames repeat the picture before, by how much each frame changes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]

#: Nearly identical: mean absolute difference, and the largest of a block, in codes.
SAME, SAME_BLOCK = 0.1, 1.5
#: A repeat that an encoder changed: its change is at most this share of that of new pictures ...
DIP = 0.25
#: ... of which the second largest of so many frames on both sides counts, so that a cut is none.
AROUND = 12


def repeats_of(mean: Values, largest: Values) -> NDArray[np.bool_]:
    """Return which of n frames repeat the one before.

    Parameters
    ----------
    mean, largest : ndarray, (n,)
        Mean absolute difference of each frame from the one before, and that of the block with the largest.

    Returns
    -------
    ndarray, (n,) bool
    """
    found = (mean <= SAME) & (largest <= SAME_BLOCK)
    change = np.sqrt(mean * largest)  # repeats change least in the mean, small objects most in their block
    at = 1
    while at < change.size:
        end = _dip(change, at)
        found[at:end] = True
        at = max(end, at + 1)
    return found


def _dip(change: Values, start: int) -> int:
    """Return the end of the repeats that begin at `start`, which is `start` where none does."""
    before = _second(change[max(start - AROUND, 0) : start])
    if change[start] > DIP * before or change[start] > DIP * change[start - 1]:
        return start
    high = np.flatnonzero(change[start:] > DIP * before)
    if high.size == 0:
        return start
    end = start + int(high[0])
    after = _second(change[end : end + AROUND])
    peak = change[start:end].max()
    return end if peak <= DIP * min(after, change[end]) else start


def _second(values: Values) -> float:
    """Return the second largest value, 0 where there are fewer than two."""
    return float(np.partition(values, -2)[-2]) if values.size > 1 else 0.0
