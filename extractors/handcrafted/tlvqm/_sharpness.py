"""Sharpness from the autocorrelation of edges in blocks, of TLVQM's high-complexity level.

J. Korhonen, IEEE TIP 28(12), 2019, section III-B; the numbers are those of the author's release.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from vqa_features.kernels.jit import jit
from vqa_features.kernels.resize import imresize

Image = NDArray[np.float64]

#: Side of a block, longest shift of the autocorrelation, and energy of a block with strong edges.
BLOCK, LONGEST_SHIFT, STRONG = 16, 6, 0.0001
#: Frames wider than this are halved first.
WIDEST = 1280


def sharpness(edges: Image) -> dict[str, float]:
    """Width of the autocorrelation of edge strength (h, w), its peaks, and shares of sharp blocks.

    The shares are nan where the frame is too small for one block.
    """
    if edges.shape[1] > WIDEST:
        edges = imresize(edges, 0.5)
    vertical, horizontal = (
        np.asarray(cv2.Sobel(edges, -1, x, 1 - x, None, 3, 1 / 8, 0, cv2.BORDER_CONSTANT), np.float64)
        for x in (0, 1)
    )
    magnitude = np.sqrt(np.square(horizontal) + np.square(vertical))
    lags, deviations, n_blocks = _blocks(horizontal, vertical, magnitude)
    rings = lags[:, 0, 1:] + lags[:, 1:, 0] + np.diagonal(lags[:, 1:, 1:], axis1=1, axis2=2)
    positive = rings[:, 0] > 0
    rings[positive] /= rings[positive, :1]
    ring = rings.mean(axis=0) if len(rings) else np.zeros(LONGEST_SHIFT)
    sharp = deviations > deviations.mean() if len(deviations) else np.zeros(0, bool)
    total = lags.sum(axis=0)
    if len(lags):
        # the release adds its last strong block once per sharp block
        total += lags[-1] * sharp.sum()
    if total[0, 0] > 0:
        total = total / total[0, 0]
    peak, valley = _extremes(total)
    return {
        "edge_width": float(ring[1:6].mean()),
        "edge_width_near": float(ring[1:4].mean()),
        "edge_width_nearest": float(ring[1]),
        "ringing_peak": peak / 5,
        "ringing_valley": valley / 5,
        "sharp_share": float(sharp.sum()) / n_blocks if n_blocks else np.nan,
        "blurred_share": float((~sharp).sum()) / n_blocks if n_blocks else np.nan,
        "sharp_contrast": float(deviations[sharp].mean()) if sharp.any() else 0.0,
        "blurred_contrast": float(deviations[~sharp].mean()) if (~sharp).any() else 0.0,
    }


def _blocks(horizontal: Image, vertical: Image, magnitude: Image) -> tuple[Image, Image, int]:
    """Autocorrelations (n, 7, 7) and deviations (n,) of the n strong blocks, and the number of all.

    Shifts lie along the two axes and the diagonal; the others stay zero. A vertical shift compares
    horizontal derivatives, a horizontal one vertical derivatives, a diagonal one both by halves.
    """
    h, w = magnitude.shape
    start, stop = BLOCK // 2 - 1, 3 * BLOCK // 2
    rows, columns = max(0, h - stop - start), max(0, w - stop - start)
    n_blocks = ((rows + BLOCK - 1) // BLOCK) * ((columns + BLOCK - 1) // BLOCK)
    lags = np.zeros((n_blocks, LONGEST_SHIFT + 1, LONGEST_SHIFT + 1))
    deviations = np.zeros(n_blocks)
    n = _fill_blocks(horizontal, vertical, magnitude, lags, deviations)
    return lags[:n], deviations[:n], n_blocks


@jit(error_model="numpy")
def _fill_blocks(horizontal: Image, vertical: Image, magnitude: Image, lags: Image, deviations: Image) -> int:
    """Fill the first rows of `lags` and `deviations`, which are zero, and return how many."""
    h, w = magnitude.shape
    start, stop = BLOCK // 2 - 1, 3 * BLOCK // 2
    n = 0
    for y in range(start, h - stop, BLOCK):
        for x in range(start, w - stop, BLOCK):
            none = n * 0  # no constant: it would compile again
            energy = _autocorrelation(horizontal, vertical, y, x, none, none)
            if energy > STRONG:
                lags[n, 0, 0] = 1.0
                for shift in range(1, LONGEST_SHIFT + 1):
                    lags[n, 0, shift] = _autocorrelation(horizontal, vertical, y, x, none, shift) / energy
                    lags[n, shift, 0] = _autocorrelation(horizontal, vertical, y, x, shift, none) / energy
                    both = _autocorrelation(horizontal, vertical, y, x, shift, shift) / energy
                    lags[n, shift, shift] = both
                deviations[n] = _block_deviation(magnitude, y, x)
                n += 1
    return n


@jit(error_model="numpy")
def _block_deviation(magnitude: Image, y: int, x: int) -> float:
    """Standard deviation (n - 1) of the block at (y, x)."""
    side = BLOCK + 1
    total = squares = 0.0
    for a in range(side):
        for b in range(side):
            total += magnitude[y + a, x + b]
    mean = total / (side * side)
    for a in range(side):
        for b in range(side):
            squares += (magnitude[y + a, x + b] - mean) * (magnitude[y + a, x + b] - mean)
    return np.sqrt(squares / (side * side - 1))


@jit(error_model="numpy")
def _autocorrelation(horizontal: Image, vertical: Image, y: int, x: int, i: int, j: int) -> float:
    """Mean product of the block at (y, x) and the one moved by (i, j), of both derivatives, weighted."""
    side = BLOCK + 1
    weight_h = weight_v = 1.0
    if i + j > 0:
        weight_h, weight_v = i / (i + j), j / (i + j)
    sum_h = sum_v = 0.0
    for a in range(side):
        for b in range(side):
            sum_h += horizontal[y + i + a, x + j + b] * horizontal[y + a, x + b]
            sum_v += vertical[y + i + a, x + j + b] * vertical[y + a, x + b]
    return (weight_h * sum_h + weight_v * sum_v) / (side * side)


def _extremes(lags: Image) -> tuple[float, float]:
    """Distances in pixels of the highest local peak and of the deepest negative valley; 0 for none.

    Shifts of up to 5 along the axes and the diagonal are compared with two neighbours. Along the
    axes the release looks across the axis, where only one lag is not zero by definition.
    """
    padded = np.zeros((LONGEST_SHIFT + 3, LONGEST_SHIFT + 3))
    padded[1:-1, 1:-1] = lags
    peak = valley = peak_distance = valley_distance = 0.0
    for i in range(LONGEST_SHIFT):
        for j in range(LONGEST_SHIFT):
            if (i == 0 and j == 0) or not (i == 0 or j == 0 or i == j):
                continue
            step = (1, 0) if i == 0 else (0, 1) if j == 0 else (1, 1)
            here = padded[i + 1, j + 1]
            sides = padded[i + 1 - step[0], j + 1 - step[1]], padded[i + 1 + step[0], j + 1 + step[1]]
            if here > max(sides) and here > peak:
                peak, peak_distance = here, float(np.hypot(i, j))
            elif here < min(sides) and here < valley:
                valley, valley_distance = here, float(np.hypot(i, j))
    return peak_distance, valley_distance
