"""A seeded part of many rows that keeps groups whole."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Positions = NDArray[np.intp]

#: A group larger than this share of the subsample is thinned, so that inner folds have several groups.
_LARGEST_GROUP = 1 / 4


def subsample(rows: int, groups: NDArray[np.generic] | None, most: int, seed: int) -> Positions:
    """Return sorted positions of at most `most` of `rows` rows, drawn at random.

    Parameters
    ----------
    rows : int
        Number of rows to draw from.
    groups : (rows,), optional
        Groups are drawn whole, in random order, as long as they fit. Of a group larger than a quarter of
        `most` only that many rows are drawn.
    most : int
        Largest number of rows to return; all rows are returned if there are no more.
    seed : int
        Seed of the draw.
    """
    if rows <= most:
        return np.arange(rows)
    random = np.random.default_rng(seed)
    order = random.permutation(rows)
    if groups is None:
        return np.sort(order[:most])
    # A stable sort by group of shuffled rows: each group is one shuffled run.
    _, labels = np.unique(groups, return_inverse=True)
    runs = np.split(order[np.argsort(labels[order], kind="stable")], np.cumsum(np.bincount(labels))[:-1])
    kept: list[Positions] = []
    left = most
    for number in random.permutation(len(runs)):
        run = runs[number][: max(1, int(most * _LARGEST_GROUP))]
        if len(run) <= left:
            kept.append(run)
            left -= len(run)
    return np.sort(np.concatenate(kept))
