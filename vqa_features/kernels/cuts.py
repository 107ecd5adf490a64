"""Cuts: pairs of frames whose structure has nothing in common, unlike the pairs around them.

A frame is reduced to its thumbnail. Blocks of one thumbnail are searched in the other, at all small
displacements, by normalised correlation, which does not depend on brightness and contrast. What is found
nowhere is the dissimilarity of the pair. A cut is a pair of which two things hold. Its dissimilarity and its
plain difference stand out from those of the pairs around it: motion and noise are no cuts. Its two sides do
not return to each other within a few frames: a flash is no cut.
"""

from __future__ import annotations

import weakref
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from .jit import SUMMING, jit
from .planes import as_plane

Plane = NDArray[np.float32]

#: Height and width of the thumbnail of a picture of any shape, the side of its blocks, and how far they are
#: searched, in its pixels: a fifth of the width, a quarter of the height.
HEIGHT, WIDTH, BLOCK, REACH = 48, 64, 8, 12
#: Shorter searches that are tried first.
SHORT = (0, 3)
#: Frames that return to what was before within so many frames are a flash.
FLASH = 6
#: Frames before and after the first frame of a new shot that `cut_between` makes use of.
BEFORE, AFTER = FLASH + 1, FLASH
#: Pairs on each side that a cut has to stand out from; frames shown three times have a change among them.
AROUND = 3
#: The dissimilarity of a cut is above LEAST + OUTLIER times the second largest of the pairs around it. Its
#: plain difference is above STEP times the second largest; steps of fades and dissolves are not.
LEAST, OUTLIER, STEP = 0.1, 1.25, 1.2
#: Of two frames alone: reach, least dissimilarity, and the share of the variance that a mean of 3 x 3 keeps
#: of a picture with structure (of white noise it keeps 1/9).
FAR, UNRELATED, STRUCTURE = 24, 0.3, 0.3
#: The two sides of a flash: at most this share of its own dissimilarity.
ALIKE = 0.5
#: Variances, in squared codes, below which a block, and all blocks of a picture, count as flat.
FLAT_BLOCK, FLAT_PICTURE = 0.05, 1.0


def thumbnail(plane: NDArray[Any]) -> Plane:
    """Return the mean of the plane in each cell of a grid of 48 x 64.

    Parameters
    ----------
    plane : ndarray, (h, w)
        Luma, any real dtype; interpolated where it is smaller than the grid.

    Returns
    -------
    ndarray, (48, 64) float32
        In the plane's unit.
    """
    if plane.shape[0] >= HEIGHT and plane.shape[1] >= WIDTH:
        means = np.empty((HEIGHT, WIDTH), np.float32)
        _means_of_cells(as_plane(plane), means)
        return means
    values = np.ascontiguousarray(plane, np.float32)
    return np.asarray(cv2.resize(values, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA), np.float32)


@jit(**SUMMING)
def _means_of_cells(plane: NDArray[Any], means: Plane) -> None:
    """Mean of the plane in each cell of a grid that is not finer; pixels on a boundary count in parts."""
    height, width = plane.shape
    down, across = height / means.shape[0], width / means.shape[1]
    line = np.empty(width, np.float32)
    for row in range(means.shape[0]):
        top, bottom = row * down, (row + 1) * down
        for x in range(width):
            line[x] = np.float32(0)
        for y in range(int(top), min(int(np.ceil(bottom)), height)):
            part = np.float32((min(y + 1.0, bottom) - max(float(y), top)) / (down * across))
            for x in range(width):
                line[x] += part * np.float32(plane[y, x])
        for column in range(means.shape[1]):
            left, right = column * across, (column + 1) * across
            total = np.float32(0)
            for x in range(int(left), min(int(np.ceil(right)), width)):
                total += np.float32(min(x + 1.0, right) - max(float(x), left)) * line[x]
            means[row, column] = total


class Signature:
    """What of a frame decides on cuts: its thumbnail; dissimilarities that were computed are kept.

    Parameters
    ----------
    picture : ndarray, (48, 64) float32
        The frame's `thumbnail`, of luma in 8-bit codes.

    Attributes
    ----------
    begins_shot : float or None
        What `cut_between` found for the frame and the one before it; None before it is asked.
    """

    def __init__(self, picture: Plane) -> None:
        self.picture = picture
        self.begins_shot: float | None = None
        self._known: weakref.WeakKeyDictionary[Signature, float] = weakref.WeakKeyDictionary()

    def difference(self, other: Signature) -> float:
        """Return the mean absolute difference of the two thumbnails, in codes."""
        return float(np.abs(self.picture - other.picture).mean())

    def dissimilarity(self, other: Signature) -> float:
        """Return the `dissimilarity` of the two thumbnails, computed once."""
        if other not in self._known:
            self._known[other] = dissimilarity(self.picture, other.picture)
        return self._known[other]

    def resembles(self, other: Signature, limit: float) -> bool:
        """Return whether the dissimilarity is at most `limit`; fast where little has moved."""
        if other not in self._known:
            for reach in SHORT:  # a shorter search never finds more
                if dissimilarity(self.picture, other.picture, reach) <= limit:
                    return True
        return self.dissimilarity(other) <= limit


def cut_between(before: Sequence[Signature | None], after: Sequence[Signature | None]) -> float:
    """Return whether a cut lies between two successive frames.

    Parameters
    ----------
    before, after : sequence of Signature or None
        The frames up to the first of the two, and from the second on, in order; None where there is none. No
        more than `BEFORE` and 1 + `AFTER` are used.

    Returns
    -------
    float
        1 for a cut, 0 for none, nan where one of the two frames is missing.

    Notes
    -----
    Two pictures without structure have no cut between them. A picture that lasts up to 6 frames between two
    others that resemble each other is a flash, not two cuts. Where the video begins or ends within 6 frames
    of the change, this cannot be seen, and the change is a cut. Of successive shots of less than 4 frames,
    not every cut is found. Two frames alone are a cut only if they differ much, also after a displacement by
    a third, and have structure: motion and noise may be of any size there.
    """
    last, first = before[-1], after[0]
    if last is None or first is None:
        return np.nan
    if last.resembles(first, LEAST):
        return 0.0
    around = [*_pairs(before[::-1]), *_pairs(after)]
    if not around:
        return float(_unrelated(last.picture, first.picture))
    limit = LEAST + OUTLIER * _usual([a.dissimilarity(b) for a, b in around])
    if last.resembles(first, limit):
        return 0.0
    if last.difference(first) <= STEP * _usual([a.difference(b) for a, b in around]):
        return 0.0
    later = [(last, one) for one in after[1 : AFTER + 1] if one is not None]
    earlier = [(one, first) for one in before[-2 : -BEFORE - 1 : -1] if one is not None]
    alike = max(limit, ALIKE * last.dissimilarity(first))
    return float(not any(a.resembles(b, alike) for a, b in (*later, *earlier)))


def begins_shot(window: Sequence[Signature | None], place: int) -> float:
    """Return `cut_between` for the pair that ends at a place of a window; it is computed once for a frame.

    Parameters
    ----------
    window : sequence of Signature or None
        Successive frames; `BEFORE` before the place and `AFTER` after it give what the whole video would.
    place : int
        From 1 on.
    """
    first = window[place]
    if first is None:
        return np.nan
    if first.begins_shot is None:
        first.begins_shot = cut_between(window[:place], window[place:])
    return first.begins_shot


def _pairs(frames: Sequence[Signature | None]) -> list[tuple[Signature, Signature]]:
    """Return the first few pairs of successive frames."""
    return [(a, b) for a, b in pairwise(frames[: AROUND + 1]) if a is not None and b is not None]


def _unrelated(a: Plane, b: Plane) -> bool:
    """Return whether two frames, of which nothing tells the motion and the noise, have nothing in common."""
    structure = any(cv2.blur(one, (3, 3)).var() > STRUCTURE * one.var() for one in (a, b))
    return structure and dissimilarity(a, b, FAR) > UNRELATED


def _usual(values: Sequence[float]) -> float:
    """Return the second largest value around a pair, or the largest at the ends of the video."""
    return sorted(values, reverse=True)[len(values) == 2 * AROUND] if values else 0.0


def dissimilarity(a: Plane, b: Plane, reach: int = REACH) -> float:
    """Return the share of the variance in the blocks of two thumbnails that the other does not explain.

    Parameters
    ----------
    a, b : ndarray, (48, 64) float32
        In 8-bit codes.
    reach : int
        Largest displacement of a block along rows and columns, in pixels of the thumbnail.

    Returns
    -------
    float
        From 0, which a change of brightness and contrast gives too, to 1. Two flat pictures give 0.
    """
    a, b = a - a.mean(), b - b.mean()
    places_a, places_b = _variances(a), _variances(b)
    lost = _lost(a, places_a, b, places_b, reach) + _lost(b, places_b, a, places_a, reach)
    blocks = sum(float(places[::BLOCK, ::BLOCK].sum()) for places in (places_a, places_b))
    return lost / (blocks + 2 * FLAT_PICTURE)


def _variances(picture: Plane) -> Plane:
    """Variance of the block at each place, (h - 7, w - 7)."""
    mean, square = (
        cv2.boxFilter(values, cv2.CV_32F, (BLOCK, BLOCK), anchor=(0, 0))[: 1 - BLOCK, : 1 - BLOCK]
        for values in (picture, picture * picture)
    )
    return np.maximum(square - mean * mean, 0)


def _lost(searched: Plane, places: Plane, picture: Plane, blocks: Plane, reach: int) -> float:
    """Sum over the blocks of `picture` of the variance that no place in `searched` explains."""
    means = cv2.resize(picture, (WIDTH // BLOCK, HEIGHT // BLOCK), interpolation=cv2.INTER_AREA)
    return float(_unexplained(searched, places, picture, blocks, np.asarray(means, np.float32), reach))


@jit(**SUMMING)
def _unexplained(
    searched: Plane, places: Plane, picture: Plane, blocks: Plane, means: Plane, reach: int
) -> float:
    """Return what `_lost` does; `means` are those of the blocks."""
    height, width = picture.shape
    products = np.empty(2 * reach + 1, np.float32)
    lost = 0.0
    for y in range(0, height, BLOCK):
        for x in range(0, width, BLOCK):
            mean = means[y // BLOCK, x // BLOCK]
            left, right = max(x - reach, 0), min(x + reach, width - BLOCK) + 1
            best = 0.0
            for v in range(max(y - reach, 0), min(y + reach, height - BLOCK) + 1):
                for u in range(right - left):
                    products[u] = 0
                for i in range(BLOCK):
                    for j in range(BLOCK):
                        value = picture[y + i, x + j] - mean
                        for u in range(right - left):
                            products[u] += searched[v + i, left + j + u] * value
                for u in range(right - left):
                    if products[u] > 0:
                        covariance = products[u] / (BLOCK * BLOCK)
                        best = max(best, covariance * covariance / (places[v, left + u] + FLAT_BLOCK))
            variance = blocks[y, x]
            lost += variance * (1 - best / (variance + FLAT_BLOCK))
    return lost
