"""Noise between two frames, by blocks from which motion is taken out or left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from vqa_features.extractor import Session, Values
from vqa_features.frame import Views
from vqa_features.kernels.cuts import Signature, cut_between
from vqa_features.kernels.jit import SUMMING, jit

from ._alike import plainly_alike
from ._noise_blocks import BLOCK, block_noise

Plane = NDArray[np.float32]

#: Half the width, in logarithms of deviations, in which values count as equal; spread of still blocks.
WIDTH, SPREAD = 0.1, 1.25
#: How far pictures are reduced for the phase correlation, and pixels around its pan that are searched.
REDUCED, NEAR = 4, 5


@dataclass
class _Seen:
    """What windows need of a frame; pictures are let go once both windows that use them are measured.

    Of a frame that is not sampled, which has at most one such window, they are made there.
    """

    luma: NDArray[Any] | None
    pictures: tuple[Plane, Plane] | None
    signature: Signature

    def both(self) -> tuple[Plane, Plane]:
        """Return luma as it is and reduced by 4."""
        if self.pictures is not None:
            return self.pictures
        assert self.luma is not None
        return _pictures(self.luma)


class TemporalNoiseSession(Session):
    """Compares the last two frames of a window, unless there is a cut between; keeps nothing itself."""

    concurrent = True

    def prepare(self, frame: Views) -> _Seen:
        pictures = _pictures(frame.luma) if frame.sampled else None
        return _Seen(frame.luma, pictures, Signature(frame.thumbnail))

    def measure(self, window: Sequence[_Seen | None]) -> tuple[Values, _Seen | None]:
        before, after = window[-2:]
        if before is None or after is None:
            return np.full(3, np.nan), before
        assert after.luma is not None
        if min(after.luma.shape) < 2 * BLOCK or _is_cut(window):
            return np.full(3, np.nan), before
        earlier, later = before.both(), after.both()
        shifts = displacements(earlier, later)
        return summary(block_noise(earlier[0], later[0], shifts)), before

    def push(self, window: tuple[Values, _Seen | None]) -> Values:
        values, before = window
        if before is not None:  # the windows that used its pictures are measured: this one and the last
            before.pictures = before.luma = None
        return values


def _is_cut(window: Sequence[_Seen | None]) -> bool:
    """Return whether a cut lies before the last frame of a window."""
    seen = [None if one is None else one.signature for one in window]
    last, first = seen[-2:]
    if last is not None and first is not None and plainly_alike(last.picture, first.picture):
        return False
    return cut_between(seen[:-1], seen[-1:]) == 1


def _pictures(luma: NDArray[Any]) -> tuple[Plane, Plane]:
    plane = np.ascontiguousarray(luma, dtype=np.float32)
    height, width = (max(side // REDUCED, 1) for side in plane.shape)
    reduced: Any = cv2.resize(plane, (width, height), interpolation=cv2.INTER_AREA)
    return plane, reduced


def displacements(before: tuple[Plane, Plane], after: tuple[Plane, Plane]) -> NDArray[np.int64]:
    """Return the displacements (down, right) to try in blocks, (n, 2): none, the pan, and a pixel from both.

    The first is that of the whole picture: the pan if it fits better than none.

    Parameters
    ----------
    before, after : (ndarray, ndarray)
        Luma of two frames, as it is and reduced by 4.
    """
    places = [(y, x) for y in (-1, 0, 1) for x in (-1, 0, 1)]
    first = (0, 0)
    reduced = before[1], after[1]
    if min(reduced[1].shape) > 8 and all(picture.any() for picture in reduced):
        window = cv2.createHanningWindow(reduced[1].shape[::-1], cv2.CV_32F)
        # copies, because it writes there
        (x, y), _ = cv2.phaseCorrelate(reduced[0].copy(), reduced[1].copy(), window)
        shape = after[0].shape
        both = _every_fourth(before[0]), _every_fourth(after[0])
        pan = best_near(*both, *shape, round(y * REDUCED), round(x * REDUCED))
        places += [(pan[0] + y, pan[1] + x) for y, x in places]
        first = min((0, 0), pan, key=lambda one: difference(*both, *shape, *one))
    return np.array([first, *sorted(set(places) - {first})], np.int64)


def _every_fourth(plane: Plane) -> Plane:
    """Return the columns of a plane by their number modulo 4, (4, h, w / 4 rounded up)."""
    height, width = plane.shape
    wide = cv2.copyMakeBorder(plane, 0, 0, 0, -width % REDUCED, cv2.BORDER_REPLICATE)
    columns = np.empty((REDUCED, height, wide.shape[1] // REDUCED), np.float32)
    cv2.split(wide.reshape(height, -1, REDUCED), list(columns))
    return columns


@jit(**SUMMING)
def best_near(before: Plane, after: Plane, height: int, width: int, dy: int, dx: int) -> tuple[int, int]:
    """Return the displacement up to 5 pixels from a given one that leaves the least `difference`."""
    best, found = np.inf, (dy, dx)
    for v in range(dy - NEAR, dy + NEAR + 1):
        for u in range(dx - NEAR, dx + NEAR + 1):
            cost = difference(before, after, height, width, v, u)
            if cost < best:
                best, found = cost, (v, u)
    return found


@jit(**SUMMING)
def difference(before: Plane, after: Plane, height: int, width: int, dy: int, dx: int) -> float:
    """Mean squared difference at a displacement (down, right), of every fourth pixel of every fourth row.

    Parameters
    ----------
    before, after : ndarray, (4, h, n)
        Columns of two planes by their number modulo 4.
    height, width : int
        Size of the planes.
    dy, dx : int
        Displacement.
    """
    first, other = max(dx, 0), max(-dx, 0)  # columns of the two
    columns = (width - first - other + REDUCED - 1) // REDUCED
    here, there = first // REDUCED, other // REDUCED
    total, rows = 0.0, 0
    for y in range(max(dy, 0), min(height + dy, height), REDUCED):
        row = np.float32(0)
        for x in range(columns):
            d = after[first % REDUCED, y, here + x] - before[other % REDUCED, y - dy, there + x]
            row += d * d
        total += float(row)
        rows += 1
    return total / (rows * columns) if rows > 0 and columns > 0 else np.inf


def summary(noise: Values) -> Values:
    """Return the typical noise of blocks without motion, their share, and the share without any change."""
    noise = noise[noise >= 0]
    if noise.size == 0:
        return np.array([0.0, 1.0, 1.0])
    still = noise <= SPREAD * lower_mode(noise[noise > 0])
    return np.array([np.median(noise[still]), still.mean(), (noise == 0).mean()])


def lower_mode(values: Values) -> float:
    """Return the lowest value around which at least half as many lie as around any other, 0 for no values."""
    if values.size == 0:
        return 0.0
    logarithms = np.sort(np.log(values))
    near = [np.searchsorted(logarithms, logarithms + side * WIDTH, side="right") for side in (-1, 1)]
    density = near[1] - near[0]
    first = int(np.flatnonzero(density >= density.max() / 2)[0])
    last = first + int(np.flatnonzero(logarithms[first:] <= logarithms[first] + 2 * WIDTH)[-1])
    return float(np.exp(logarithms[first + int(density[first : last + 1].argmax())]))
