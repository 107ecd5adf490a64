"""Statistics that HIGRADE adds to the view `lab_statistics`: of the gradient, and its coherence."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vqa_features.extractor import Session
from vqa_features.frame import Views
from vqa_features.kernels.field_statistics import moments
from vqa_features.kernels.gradients import sobel_magnitude_float32
from vqa_features.kernels.jit import SUMMING, jit
from vqa_features.kernels.log_statistics import statistics_of_maps
from vqa_features.kernels.nss import gaussian

Values = NDArray[np.float64]

#: Coherences, in 0 .. 1, that differ by less are equal: equal blocks differ by what a matrix product rounds.
COHERENCE_ROUNDING = 1e-12
#: Side in pixels of the blocks of the gradient coherence.
BLOCK = 9


class _HigradeSession(Session):
    """The statistics of L*, a* and b*, each followed by a row of `second` of the three codes' planes."""

    concurrent = True

    def __init__(self, second: Callable[[NDArray[np.uint8]], Values]) -> None:
        self._second = second

    def prepare(self, frame: Views) -> Values:
        second = self._second(np.moveaxis(frame.lab, 2, 0))
        return np.concatenate([frame.lab_statistics, second], axis=1).ravel()

    def push(self, window: Sequence[Values]) -> Values:
        return window[0]


def gradient_features(planes: NDArray[np.uint8]) -> Values:
    """`statistics_of_maps` of the Sobel gradient magnitude of each plane of (k, h, w), (k, 36)."""
    return statistics_of_maps(sobel_magnitude_float32(plane) for plane in planes)


def coherences_features(planes: NDArray[np.uint8]) -> Values:
    """`coherence_features` of each plane of (k, h, w), (k, 4)."""
    return np.stack([coherence_features(plane) for plane in planes])


def coherence_features(image: NDArray[Any]) -> Values:
    """Mean, standard deviation (n - 1), skewness and kurtosis of the gradient coherence, (4,)."""
    field = gradient_coherence(image)
    if field.size < 2:
        return np.full(4, np.nan)
    if np.ptp(field) <= COHERENCE_ROUNDING:
        field = np.full_like(field, field.flat[0])
    of = moments(field)
    return np.array([of.mean, of.std * (field.size / (field.size - 1)) ** 0.5, of.skewness, of.kurtosis])


def gradient_coherence(image: NDArray[np.uint8]) -> Values:
    """((l1 - l2) / (l1 + l2))^2 of the structure tensor of each whole 9 x 9 block, (rows, columns).

    The gradient is of the image smoothed by a Gaussian (deviation 0.5): differences to the left and the
    upper neighbour. nan where a block has no gradient at all. Blocks stand alone: zeros lie outside them.
    """
    out = np.empty((image.shape[0] // BLOCK, image.shape[1] // BLOCK))
    if out.size:
        _add_coherence(np.ascontiguousarray(image), gaussian(BLOCK, 0.5)[: BLOCK // 2 + 1], out)
    return out


# A row of blocks lies in the working arrays as (row in the block, column in the block, block), so that
# loops over blocks run in lanes. Around each block are five zeros above and to the left, four below and to
# the right: what the window of nine reaches from the pixels 0 .. 8 and from the one before them.
_BEFORE, _PADDED = BLOCK // 2 + 1, 2 * BLOCK


@jit(**SUMMING)
def _add_coherence(image: NDArray[np.uint8], weights: Values, out: Values) -> None:
    rows, columns = out.shape
    pixels = np.zeros((_PADDED, BLOCK, columns))
    down = np.zeros((BLOCK + 1, _PADDED, columns))  # smoothed down, rows -1 .. 8
    smooth = np.empty((BLOCK + 1, BLOCK + 1, columns))  # and across, columns -1 .. 8
    for row in range(rows):
        for y in range(BLOCK):
            for block in range(columns):
                for x in range(BLOCK):
                    pixels[y + _BEFORE, x, block] = image[row * BLOCK + y, block * BLOCK + x]
        for y in range(BLOCK + 1):
            for x in range(BLOCK):
                for block in range(columns):
                    total = weights[4] * pixels[y + 4, x, block]
                    for k in range(4):
                        total += weights[k] * (pixels[y + k, x, block] + pixels[y + 8 - k, x, block])
                    down[y, x + _BEFORE, block] = total
        for y in range(BLOCK + 1):
            for x in range(BLOCK + 1):
                for block in range(columns):
                    total = weights[4] * down[y, x + 4, block]
                    for k in range(4):
                        total += weights[k] * (down[y, x + k, block] + down[y, x + 8 - k, block])
                    smooth[y, x, block] = total
        _coherence_of_blocks(smooth, out, row)


@jit(**SUMMING)
def _coherence_of_blocks(smooth: Values, out: Values, row: int) -> None:
    sums = np.zeros((3, out.shape[1]))  # of products of the differences: xx, yy, xy
    for y in range(BLOCK):
        for x in range(BLOCK):
            for block in range(out.shape[1]):
                across = smooth[y + 1, x + 1, block] - smooth[y + 1, x, block]
                down = smooth[y + 1, x + 1, block] - smooth[y, x + 1, block]
                sums[0, block] += across * across
                sums[1, block] += down * down
                sums[2, block] += across * down
    for block in range(out.shape[1]):
        xx, yy, xy = sums[0, block], sums[1, block], sums[2, block]
        # eigenvalues of [[xx, xy], [xy, yy]] differ by sqrt((xx - yy)^2 + 4 xy^2)
        out[row, block] = ((xx - yy) * (xx - yy) + 4 * xy * xy) / ((xx + yy) * (xx + yy))
