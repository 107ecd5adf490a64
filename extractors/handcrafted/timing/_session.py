"""One pass over all frames: the time of each, and its change from the frame before."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from vqa_features.extractor import Session, Values
from vqa_features.frame import Views
from vqa_features.kernels.jit import SUMMING, jit
from vqa_features.kernels.planes import as_plane

from ._cadence import cadence_of
from ._repeats import repeats_of

#: Side of the blocks in which a change is looked for, in pixels.
BLOCK = 16
#: A freeze is held so many median display times, and this much longer than one, in seconds.
FREEZE_TIMES, FREEZE_S = 3.0, 0.15
#: Seconds by which times differ in their last bits.
ROUNDING_S = 1e-6


class _Seen(NamedTuple):
    time_s: float
    plane: NDArray[np.generic]


class TimingSession(Session):
    """Keeps, of every frame, its time and two measures of its change."""

    concurrent = True
    looks_back = 1

    def __init__(self) -> None:
        self._times: list[float] = []
        self._changes: list[tuple[float, float]] = []

    def prepare(self, frame: Views) -> _Seen:
        return _Seen(frame.time_s, as_plane(frame.luma))

    def measure(self, window: Sequence[_Seen | None]) -> tuple[float, tuple[float, float] | None]:
        """Return the time of a frame, and its change from the frame before."""
        before, seen = window
        assert seen is not None
        return seen.time_s, None if before is None else change(before.plane, seen.plane)

    def push(self, window: tuple[float, tuple[float, float] | None]) -> None:
        time_s, changed = window
        self._times.append(time_s)
        if changed is not None:
            self._changes.append(changed)

    def finish(self) -> Values:
        if len(self._times) < 2:
            return np.full(15, np.nan)
        mean, largest = np.array(self._changes).T
        return timing(np.array(self._times), repeats_of(mean, largest))


@jit(**SUMMING)
def change(before: NDArray[np.generic], after: NDArray[np.generic]) -> tuple[float, float]:
    """Return the mean absolute difference of two planes and that of the block with the largest, in codes."""
    height, width = after.shape
    total, largest = 0.0, 0.0
    columns = np.empty(width, np.float32)  # sums of a row of blocks: the loop over x runs in lanes
    for top in range(0, height, BLOCK):
        bottom = min(top + BLOCK, height)
        columns[:] = 0
        for y in range(top, bottom):
            for x in range(width):
                columns[x] += abs(np.float32(after[y, x]) - np.float32(before[y, x]))
        for left in range(0, width, BLOCK):
            right = min(left + BLOCK, width)
            block = np.float32(0)
            for x in range(left, right):
                block += columns[x]
            total += float(block)
            largest = max(largest, float(block) / ((bottom - top) * (right - left)))
    return total / (height * width), largest


class Held(NamedTuple):
    """How long the n frames and the k pictures of a video are shown.

    Attributes
    ----------
    usual : float
        Median display time of a frame in seconds, nan without times.
    shown : ndarray, (n,)
        Display times of the frames; the last one is shown for the median.
    begins : ndarray, (k,)
        First frame of each picture.
    pictures : ndarray, (k,)
        Display times of the pictures.
    least : float
        Display time from which on a frame is a stall and a picture a freeze.
    freezes : ndarray, (k,) bool
        Which pictures are freezes.
    """

    usual: float
    shown: Values
    begins: NDArray[np.intp]
    pictures: Values
    least: float
    freezes: NDArray[np.bool_]


def held(times: Values, repeats: NDArray[np.bool_]) -> Held:
    """Return how long frames and pictures are shown: times of n frames, which of 1 to n - 1 are repeats."""
    shown = np.diff(times)
    usual = float(np.median(shown)) if shown.size else np.nan
    shown = np.append(shown, usual)
    least = max(FREEZE_TIMES * usual, usual + FREEZE_S) - ROUNDING_S
    begins = np.flatnonzero(np.concatenate([[True], ~repeats]))
    pictures = np.add.reduceat(shown, begins)
    return Held(usual, shown, begins, pictures, least, pictures >= least)


def timing(times: Values, repeats: NDArray[np.bool_]) -> Values:
    """Return the columns of `Timing` from the times of n frames, and which of 1 to n - 1 are repeats."""
    usual, shown, begins, pictures, least, freezes = held(times, repeats)
    stalls = shown >= least
    inside = np.repeat(freezes, np.diff(np.append(begins, times.size)))
    whole = np.ones(begins.size, bool)
    whole[[0, -1]] = begins.size < 3
    duration = shown.sum()
    values = np.array(
        [
            times.size / duration,
            1000 * np.std(shown[:-1][~stalls[:-1]]) if not stalls[:-1].all() else 0.0,
            shown.max(),
            stalls.sum(),
            shown[stalls].sum(),
            freezes.sum(),
            pictures[freezes].max(initial=0.0),
            pictures[freezes].sum() / duration,
            begins.size / duration,
            repeats.sum() / times.size,
            1000 * np.std(pictures[whole & ~freezes]) if (whole & ~freezes).any() else 0.0,
        ]
    )
    if not np.isfinite(usual):
        values[np.arange(11) != 9] = np.nan
        inside[:] = False
    return np.concatenate([values, cadence_of(repeats, ~inside[1:])])
