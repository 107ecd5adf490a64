"""Saturated segments and impulse-like noise of one frame, of TLVQM's high-complexity level.

J. Korhonen, IEEE TIP 28(12), 2019, section III-B; the numbers are those of the author's release.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vqa_features.kernels.jit import jit

Image = NDArray[np.float64]
Mask = NDArray[np.bool_]
Labels = NDArray[np.int64]

#: Least number of pixels of a segment.
SMALLEST_SEGMENT = 50
#: Largest distance of saturated pixels from the extreme luma, and the limits that it must exceed.
NEAR = 0.05
BRIGHT_LIMIT, DARK_LIMIT = 0.9, 0.1
#: Deviation of each column of a 9x9 window below which an extreme pixel is noise.
CALM = 0.05


def saturation(luma: Image, bright: bool) -> tuple[float, float, Mask]:
    """Share of the frame in saturated segments, mean share of a segment, and their mask (h, w).

    `luma` is (h, w) in 0..1. Segments are grown from 3x3 squares near the extreme value.
    """
    h, w = luma.shape
    none = 0.0, 0.0, np.zeros((h, w), np.bool_)
    extreme = luma.max() if bright else luma.min()
    if min(h, w) < 3 or (extreme <= BRIGHT_LIMIT if bright else extreme >= DARK_LIMIT):
        return none
    near = luma > extreme - NEAR if bright else luma < extreme + NEAR
    labels = _segments(near)
    sizes = np.bincount(labels.ravel())
    kept = sizes >= SMALLEST_SEGMENT
    kept[0] = False
    count = int(kept.sum())
    share = float(sizes[kept].sum()) / (h * w)
    return share, share / count if count else 0.0, kept[labels]


# State of `_segments`, as flat arrays: a pixel points to a node (0 is background), a node to its parent
# (a root to itself), a root has a label, and a label an owner (its root) and a size in pixels.


@jit()
def _root(parents: Labels, node: int) -> int:
    """Root of `node`; the path to it is halved on the way."""
    while parents[node] != node:
        parents[node] = parents[parents[node]]
        node = parents[node]
    return node


@jit()
def _touched(nodes: Labels, parents: Labels, label: Labels, y: int, x: int) -> tuple[int, int]:
    """Smallest and largest label in the 3x3 square at (y, x); the largest is 0 where there is none."""
    low, high = nodes.size + 1, 0
    for i in range(y, y + 3):
        for j in range(x, x + 3):
            if nodes[i, j]:
                here = label[_root(parents, nodes[i, j])]
                low, high = min(low, here), max(high, here)
    return low, high


@jit()
def _paint(
    nodes: Labels, parents: Labels, label: Labels, sizes: Labels, y: int, x: int, root: int, to: int
) -> None:
    """Put the 3x3 square at (y, x) under the label `to` of `root`, whatever label its pixels had."""
    for i in range(y, y + 3):
        for j in range(x, x + 3):
            if nodes[i, j]:
                sizes[label[_root(parents, nodes[i, j])]] -= 1
            nodes[i, j] = root
            sizes[to] += 1


@jit()
def _all_near(near: Mask, y: int, x: int) -> bool:
    """Whether the whole 3x3 square at (y, x) is near."""
    for i in range(y, y + 3):
        for j in range(x, x + 3):
            if not near[i, j]:
                return False
    return True


@jit()
def _segments(near: Mask) -> Labels:
    """Label (h, w) the unions of 3x3 squares that are all `near`; 0 is background.

    One pass, as in the release: a square takes the smallest label it touches, the largest one is
    renamed to it everywhere, and any label between is overwritten inside the square only. A new
    label is one more than the largest in use.
    """
    h, w = near.shape
    nodes = np.zeros((h, w), dtype=np.int64)
    parents = np.zeros(h * w + 1, dtype=np.int64)
    label = np.zeros(h * w + 1, dtype=np.int64)
    owner = np.zeros(h * w + 1, dtype=np.int64)
    sizes = np.zeros(h * w + 1, dtype=np.int64)
    n_nodes = largest = 0
    for y in range(h - 2):
        for x in range(w - 2):
            if not _all_near(near, y, x):
                continue
            low, high = _touched(nodes, parents, label, y, x)
            if high == 0:
                while largest and sizes[largest] == 0:
                    largest -= 1
                largest += 1
                low = largest
                n_nodes += 1
                parents[n_nodes], label[n_nodes], owner[low] = n_nodes, low, n_nodes
            _paint(nodes, parents, label, sizes, y, x, owner[low], low)
            if high > low:  # rename the largest label
                parents[owner[high]] = owner[low]
                sizes[low] += sizes[high]
                sizes[high] = 0
    for y in range(h):
        for x in range(w):
            if nodes[y, x]:
                nodes[y, x] = label[_root(parents, nodes[y, x])]
    return nodes


def noise(luma: Image, lab: Image, saturated: Mask) -> dict[str, float]:
    """Density, mean and deviation of strength of noise pixels outside `saturated` areas.

    A noise pixel is the strict extreme of its 5x5 neighbourhood in `luma` (h, w), in 0..1, where
    the 9x9 neighbourhood is calm; its strength is its CIELAB distance over 100 from the mean of
    each column of its 7x7 neighbourhood (the release averages columns, not the square).
    """
    count, n_usable, total, squares = _noise(luma, lab, saturated)
    if count == 0:
        return dict.fromkeys(("noise_density", "noise_mean", "noise_std"), 0.0)
    n = 7 * count
    mean = total / n
    return {
        "noise_density": count / n_usable,
        "noise_mean": mean,
        "noise_std": float(np.sqrt(max(squares - n * mean * mean, 0.0) / (n - 1))),
    }


@jit(error_model="numpy")
def _noise(luma: Image, lab: Image, saturated: Mask) -> tuple[int, int, float, float]:
    h, w = luma.shape
    count = n_usable = 0
    total = squares = 0.0
    for y in range(4, h - 4):
        for x in range(4, w - 4):
            if saturated[y, x]:
                continue
            n_usable += 1
            if not (_is_extreme(luma, y, x) and _is_calm(luma, y, x)):
                continue
            count += 1
            for column in range(x - 3, x + 4):
                distance = 0.0
                for k in range(3):
                    mean = 0.0
                    for row in range(y - 3, y + 4):
                        mean += lab[k, row, column]
                    distance += (mean / 7.0 - lab[k, y, x]) ** 2
                strength = np.sqrt(distance) / 100.0
                total += strength
                squares += strength * strength
    return count, n_usable, total, squares


@jit()
def _is_extreme(luma: Image, y: int, x: int) -> bool:
    here = luma[y, x]
    largest = smallest = True
    for i in range(y - 2, y + 3):
        for j in range(x - 2, x + 3):
            if i != y or j != x:
                largest = largest and here > luma[i, j]
                smallest = smallest and here < luma[i, j]
        if not (largest or smallest):
            return False
    return True


@jit(error_model="numpy")
def _is_calm(luma: Image, y: int, x: int) -> bool:
    for column in range(x - 4, x + 5):
        mean = 0.0
        for row in range(y - 4, y + 5):
            mean += luma[row, column]
        mean /= 9.0
        squares = 0.0
        for row in range(y - 4, y + 5):
            squares += (luma[row, column] - mean) ** 2
        if not np.sqrt(squares / 8.0) < CALM:
            return False
    return True
