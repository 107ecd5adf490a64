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

Plane = NDArray[np.float32]

#: Side of a block in pixels, and the number of terms that are fitted to its change.
BLOCK, FITTED = 16, 4
#: A block fits better at another displacement if its squared difference is at most this share.
BETTER = 0.7
#: Codes from which a block without any variation counts as clipped.
BLACK, WHITE = 20.0, 235.0
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
        seen = [None if one is None else one.signature for one in window]
        assert after.luma is not None
        if min(after.luma.shape) < 2 * BLOCK or cut_between(seen[:-1], seen[-1:]):
            return np.full(3, np.nan), before
        earlier, later = before.both(), after.both()
        shifts = displacements(earlier, later)
        return summary(block_noise(earlier[0], later[0], shifts)), before

    def push(self, window: tuple[Values, _Seen | None]) -> Values:
        values, before = window
        if before is not None:  # the windows that used its pictures are measured: this one and the last
            before.pictures = before.luma = None
        return values


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
        pan = best_near(before[0], after[0], round(y * REDUCED), round(x * REDUCED))
        places += [(pan[0] + y, pan[1] + x) for y, x in places]
        first = min((0, 0), pan, key=lambda one: difference(before[0], after[0], *one))
    return np.array([first, *sorted(set(places) - {first})], np.int64)


@jit(**SUMMING)
def best_near(before: Plane, after: Plane, dy: int, dx: int) -> tuple[int, int]:
    """Return the displacement up to 5 pixels from a given one that leaves the least `difference`."""
    best, found = np.inf, (dy, dx)
    for v in range(dy - NEAR, dy + NEAR + 1):
        for u in range(dx - NEAR, dx + NEAR + 1):
            cost = difference(before, after, v, u)
            if cost < best:
                best, found = cost, (v, u)
    return found


@jit(**SUMMING)
def difference(before: Plane, after: Plane, dy: int, dx: int) -> float:
    """Mean squared difference at a displacement (down, right), of every fourth pixel of every fourth row."""
    height, width = after.shape
    total, count = 0.0, 0
    for y in range(max(dy, 0), min(height + dy, height), REDUCED):
        row = np.float32(0)
        for x in range(max(dx, 0), min(width + dx, width), REDUCED):
            d = after[y, x] - before[y - dy, x - dx]
            row += d * d
            count += 1
        total += float(row)
    return total / count if count > 0 else np.inf


@jit(**SUMMING)
def block_noise(before: Plane, after: Plane, shifts: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the noise deviation of one frame in each block of 16 x 16, in codes; -1 where both are clipped.

    Of the difference at the best displacement the part is taken out that changes of brightness and contrast
    and a motion of less than a pixel explain, a combination of 1, the picture and its two gradients; the
    rest has the variance of two frames.
    """
    down, across = after.shape[0] // BLOCK, after.shape[1] // BLOCK
    found = np.empty(down * across)
    for block in range(down * across):
        top, left = block // across * BLOCK, block % across * BLOCK
        best = np.inf
        chosen = 0
        for k in range(shifts.shape[0]):
            cost = _cost(before, after, top, left, shifts[k, 0], shifts[k, 1])
            if cost == 0:
                chosen = k
                break
            if k == 0:
                best = cost * BETTER
            elif cost < best:
                best, chosen = cost, k
        found[block] = _residual(before, after, top, left, shifts[chosen, 0], shifts[chosen, 1])
    return found


@jit(**SUMMING)
def _cost(before: Plane, after: Plane, top: int, left: int, dy: int, dx: int) -> float:
    """Variance of the difference of a block, infinite where it would leave the picture."""
    if top < dy or left < dx or top + BLOCK - dy > after.shape[0] or left + BLOCK - dx > after.shape[1]:
        return np.inf
    total = squares = 0.0
    for y in range(top, top + BLOCK):
        row = squared = np.float32(0)
        for x in range(left, left + BLOCK):
            d = after[y, x] - before[y - dy, x - dx]
            row += d
            squared += d * d
        total += float(row)
        squares += float(squared)
    return squares - total * total / (BLOCK * BLOCK)


@jit(**SUMMING)
def _residual(before: Plane, after: Plane, top: int, left: int, dy: int, dx: int) -> float:
    """Deviation of one frame's noise in a block: what a constant, the picture and its gradients leave."""
    height, width = after.shape
    s = np.zeros((FITTED + 1, FITTED + 1))  # moments of 1, picture, gradients across and down, difference
    row = np.empty(FITTED + 1)
    level = after[top, left]
    low, high = np.inf, -np.inf
    for y in range(top, top + BLOCK):
        for x in range(left, left + BLOCK):
            x0, x1 = max(x - 1, max(dx, 0)), min(x + 1, width - 1 + min(dx, 0))
            y0, y1 = max(y - 1, max(dy, 0)), min(y + 1, height - 1 + min(dy, 0))
            row[0] = 1.0
            row[1] = after[y, x] + before[y - dy, x - dx] - 2 * level
            row[2] = after[y, x1] + before[y - dy, x1 - dx] - after[y, x0] - before[y - dy, x0 - dx]
            row[3] = after[y1, x] + before[y1 - dy, x - dx] - after[y0, x] - before[y0 - dy, x - dx]
            row[FITTED] = after[y, x] - before[y - dy, x - dx]
            low, high = min(low, after[y, x]), max(high, after[y, x])
            for i in range(FITTED + 1):
                for j in range(i, FITTED + 1):
                    s[i, j] += row[i] * row[j]
    if low == high and s[FITTED, FITTED] == 0 and (low <= BLACK or low >= WHITE):
        return -1.0
    for i in range(FITTED):  # elimination: what is left of the last square is the residual
        if s[i, i] <= 1e-6:
            continue
        for j in range(i + 1, FITTED + 1):
            share = s[i, j] / s[i, i]
            for k in range(j, FITTED + 1):
                s[j, k] -= share * s[i, k]
    return np.sqrt(max(s[FITTED, FITTED], 0.0) / (2 * (BLOCK * BLOCK - FITTED)))


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
