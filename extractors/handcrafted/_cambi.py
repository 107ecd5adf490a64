"""Arithmetic of CAMBI: which pixels lie in smooth areas, and how visible the steps of few codes there are.

Codes are those of 10 bits, 64 to 940. A scale is one of five sizes of the picture, each half of the last.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from vqa_features.kernels.jit import jit
from vqa_features.kernels.planes import as_plane

Codes = NDArray[np.uint16]

#: Weights of the five scales, the largest picture first.
SCALES = (16, 8, 4, 2, 1)
#: Weight of a step by its height in 10-bit codes: 1 to 4.
STEPS = (1, 2, 3, 4)
#: Share of the pixels, those of most contrast, over which the mean is taken.
TOP = 0.6
#: Side of the window in a picture of 3840x2160, about one degree of the visual field.
WINDOW = 65
#: Side of the square in which equal neighbours are counted for the mask.
SQUARE = 7
#: A step is visible if it is more than this share of its luminance.
VISIBLE = 0.019
#: Luminance of white and black in cd/m2, and the exponent of BT.1886.
WHITE, BLACK, GAMMA = 300.0, 0.01, 2.4
#: Codes of black and white, limited range.
FOOT, HEAD = 64, 940


def cambi(luma: NDArray[Any], dithered: bool) -> float:
    """Return the contrast-aware multiscale banding index of one picture.

    Parameters
    ----------
    luma : ndarray, (h, w) uint8 or float32
        In 8-bit code units; it is rounded to 10-bit codes of limited range.
    dithered : bool
        Whether dither of the encoder is smoothed before: it is for pictures of less than 10 bits.

    Returns
    -------
    float
        0 for no banding, to 31.
    """
    height, width = luma.shape
    image = ten_bits(as_plane(luma), dithered)
    mask = smooth_areas(image)
    side = (WINDOW * (width + height) // 375 >> 4) | 1
    total = 0.0
    for scale, weight in enumerate(SCALES):
        if scale:
            image, mask = image[::2, ::2].copy(), mask[::2, ::2].copy()
        image = filter_mode(image)
        contrast = contrasts(image, mask, side >> 1, visible_up_to(), np.array(STEPS))
        total += weight * mean_of_top(contrast)
    return total / side**2


def ten_bits(luma: NDArray[Any], dithered: bool) -> Codes:
    """Return luma as 10-bit codes; without dither as the mean of each pixel and three neighbours.

    The neighbours are the right, the lower and the lower right one; the mean is rounded down, and the border
    is repeated outside.
    """
    codes = np.empty(luma.shape, np.uint16)
    _ten_bits(luma, dithered, np.empty((2, luma.shape[1]), np.uint16), codes)
    return codes


@jit(error_model="numpy")
def _ten_bits(luma: NDArray[Any], dithered: bool, sums: Codes, codes: Codes) -> None:
    """Write `ten_bits`; `sums` is for those of pairs in a row and in the next one, by parity of the row."""
    height, width = codes.shape
    for y in range(height):
        for x in range(width):
            codes[y, x] = np.uint16(np.float32(4) * np.float32(luma[y, x]) + np.float32(0.5))
        if dithered:
            here, last = y % 2, (y + 1) % 2
            for x in range(width - 1):
                sums[here, x] = codes[y, x] + codes[y, x + 1]
            sums[here, width - 1] = 2 * codes[y, width - 1]
            if y > 0:
                for x in range(width):
                    codes[y - 1, x] = (sums[here, x] + sums[last, x]) >> 2
    if dithered:
        last = (height - 1) % 2
        for x in range(width):
            codes[height - 1, x] = sums[last, x] >> 1


def smooth_areas(codes: Codes) -> NDArray[np.uint8]:
    """Return 1 where enough pixels of the square around equal their right and lower neighbours, else 0.

    Parameters
    ----------
    codes : ndarray, (h, w) uint16
        A picture; its border equals what is outside.
    """
    height, width = codes.shape
    equal = np.ones(codes.shape, np.uint8)
    equal[:, :-1] &= codes[:, :-1] == codes[:, 1:]
    equal[:-1] &= codes[:-1] == codes[1:]
    count = cv2.boxFilter(equal, -1, (SQUARE, SQUARE), normalize=False, borderType=cv2.BORDER_CONSTANT)
    blocks = (width >> 6) * (height >> 6)
    least = SQUARE**2 + 3 * (max(blocks - 1, 0).bit_length() - 11) - 1 >> 1
    return (count > least).astype(np.uint8)


@cache
def visible_up_to() -> NDArray[np.int64]:
    """Return for each step of `STEPS` the highest code at which a display of BT.1886 shows it."""
    black, white = BLACK ** (1 / GAMMA), WHITE ** (1 / GAMMA)
    level = (np.arange(FOOT, HEAD + 1) - FOOT) / (HEAD - FOOT)
    luminance = (white - black) ** GAMMA * (level + black / (white - black)) ** GAMMA
    found = []
    for step in STEPS:
        lower = luminance[: -step or None]
        visible = luminance[step:] - lower > VISIBLE * lower
        found.append(FOOT + int(np.argmin(visible)) - 1)
    return np.array(found)


def mean_of_top(values: NDArray[np.float32]) -> float:
    """Return the mean of the largest values, none of them negative, a share of `TOP` of them."""
    count = max(int(TOP * values.size), 1)
    top = values[values > 0]  # the others are 0; their order costs more than everything else here
    if top.size > count:
        rank = top.size - count
        top = np.partition(top, rank)[rank:]
    return float(top.sum(dtype=np.float64) / count)


def filter_mode(codes: Codes) -> Codes:
    """Return the most frequent code of three, else the least: across, then down; borders stay.

    Parameters
    ----------
    codes : ndarray, (h, w) uint16
        A picture.
    """
    across, down = codes.copy(), codes.copy()
    _mode_across(codes, across)
    _mode_down(across, down)
    return down


@jit(error_model="numpy")
def _mode_across(codes: Codes, across: Codes) -> None:
    height, width = codes.shape
    for row in range(height):
        for column in range(1, width - 1):
            left, here, right = codes[row, column - 1], codes[row, column], codes[row, column + 1]
            least = min(left, min(here, right))
            other = left if left == right else least
            across[row, column] = here if (here == left) | (here == right) else other


@jit(error_model="numpy")
def _mode_down(codes: Codes, down: Codes) -> None:
    height, width = codes.shape
    for row in range(1, height - 1):
        for column in range(width):
            above, here, below = codes[row - 1, column], codes[row, column], codes[row + 1, column]
            least = min(above, min(here, below))
            other = above if above == below else least
            down[row, column] = here if (here == above) | (here == below) else other


def contrasts(
    codes: Codes, mask: NDArray[np.uint8], reach: int, visible: NDArray[np.int64], weights: NDArray[np.int64]
) -> NDArray[np.float32]:
    """Return how visible the most visible step to another code is at each pixel of the mask, else 0.

    With p(k) the number of pixels of the mask in the window whose code is k higher, it is the largest of
    w(k) p(0) p / (p(0) + p), p the larger of p(k) and p(-k).

    Parameters
    ----------
    codes : ndarray, (h, w) uint16
        A picture.
    mask : ndarray, (h, w) uint8
        1 where pixels count.
    reach : int
        Pixels of the window on each side; it ends at the border.
    visible : ndarray, (k,) int64
        Highest code for the steps 1 to k, as `visible_up_to` gives it.
    weights : ndarray, (k,) int64
        Their weights.

    Returns
    -------
    ndarray, (h, w) float32
    """
    height, width = codes.shape
    band = int(visible.max()) + len(weights) + 1
    # counts[code, column]: pixels of the window around this column, for the current row
    counts = np.zeros((band, width), np.int32)
    runs, starts = np.empty((codes.size, 2), np.int32), np.empty(height + 1, np.int64)
    found = np.zeros((height, width), np.float32)
    _find_runs(codes, mask, band, runs, starts)
    _stream(codes, runs, starts, reach, visible, weights, counts, found)
    return found


@jit(error_model="numpy")
def _find_runs(
    codes: Codes, mask: NDArray[np.uint8], band: int, runs: NDArray[np.int32], starts: NDArray[np.int64]
) -> None:
    """Write first column and last + 1 of each run of one code in the mask, and where each row's begin."""
    height, width = codes.shape
    number = 0
    for row in range(height):
        starts[row] = number
        column = 0
        while column < width:
            code = codes[row, column]
            begin = column
            column += 1
            if mask[row, begin] and code < band:
                while column < width and mask[row, column] and codes[row, column] == code:
                    column += 1
                runs[number, 0], runs[number, 1] = begin, column
                number += 1
    starts[height] = number


@jit(error_model="numpy")
def _stream(
    codes: Codes,
    runs: NDArray[np.int32],
    starts: NDArray[np.int64],
    reach: int,
    visible: NDArray[np.int64],
    weights: NDArray[np.int64],
    counts: NDArray[np.int32],
    found: NDArray[np.float32],
) -> None:
    """Write the contrasts of each run, with the window moved down from row to row."""
    height = codes.shape[0]
    for row in range(-reach, height):
        for new in range(2):
            changed = row + reach if new else row - reach - 1
            if 0 <= changed < height:
                _count(counts, codes, runs, starts, changed, reach, 2 * new - 1)
        if row >= 0:
            for run in range(starts[row], starts[row + 1]):
                begin, end = runs[run, 0], runs[run, 1]
                code = codes[row, begin]
                for k in range(visible.size):
                    if code <= visible[k]:
                        _step(counts, code, k + 1, weights[k], row, begin, end, found)


@jit(error_model="numpy")
def _count(
    counts: NDArray[np.int32],
    codes: Codes,
    runs: NDArray[np.int32],
    starts: NDArray[np.int64],
    row: int,
    reach: int,
    sign: int,
) -> None:
    """Add the pixels of the runs of a row, `sign` times, to the windows of the columns."""
    for run in range(starts[row], starts[row + 1]):
        begin, end = int(runs[run, 0]), int(runs[run, 1])
        code = codes[row, begin]
        for k in range(max(begin - reach, 0), min(end + reach, counts.shape[1])):
            counts[code, k] += sign * (min(k + reach + 1, end) - max(k - reach, begin))


@jit(error_model="numpy")
def _step(
    counts: NDArray[np.int32],
    code: int,
    step: int,
    weight: int,
    row: int,
    begin: int,
    end: int,
    found: NDArray[np.float32],
) -> None:
    """Raise `found` to the visibility of one step in the columns of a run of one code."""
    higher = code + step
    lower = code - step if code >= step else higher
    for column in range(begin, end):
        here, other = counts[code, column], max(counts[higher, column], counts[lower, column])
        share = np.float32(1) / np.float32(here + other)
        value = np.float32(np.int32(weight) * here * other) * share
        found[row, column] = max(found[row, column], value)
