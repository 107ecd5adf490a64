"""Arithmetic of CAMBI: which pixels lie in smooth areas, and how visible the steps of few codes there are.

Codes are those of 10 bits, 64 to 940. A scale is one of five sizes of the picture, each half of the last.
"""

from __future__ import annotations

from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from vqa_features.kernels.jit import jit

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


def cambi(codes: Codes, dithered: bool) -> float:
    """Return the contrast-aware multiscale banding index of one picture.

    Parameters
    ----------
    codes : ndarray, (h, w) uint16
        Luma as 10-bit codes of limited range.
    dithered : bool
        Whether dither of the encoder is smoothed before: it is for pictures of less than 10 bits.

    Returns
    -------
    float
        0 for no banding, to 31.
    """
    height, width = codes.shape
    image = without_dither(codes) if dithered else codes.copy()
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


def without_dither(codes: Codes) -> Codes:
    """Return the mean of each pixel with its right, lower and lower right neighbours, rounded down."""
    wide = np.pad(codes, ((0, 0), (0, 1)), mode="edge")
    across = wide[:, :-1] + wide[:, 1:]
    smooth = np.empty_like(codes)
    smooth[:-1] = across[:-1] + across[1:] >> 2
    smooth[-1] = across[-1] >> 1
    return smooth


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
    """Return the mean of the largest values, a share of `TOP` of them."""
    count = max(int(TOP * values.size), 1)
    rank = values.size - count
    return float(np.partition(values, rank, axis=None)[rank:].sum(dtype=np.float64) / count)


@jit()
def filter_mode(codes):  # type: ignore[no-untyped-def]
    """Return the most frequent code of three, else the least: across, then down; borders stay.

    Parameters
    ----------
    codes : ndarray, (h, w) uint16
        A picture.
    """
    height, width = codes.shape
    across = codes.copy()
    for row in range(height):
        for column in range(1, width - 1):
            left, here, right = codes[row, column - 1], codes[row, column], codes[row, column + 1]
            across[row, column] = (
                here if here in (left, right) else left if left == right else min(left, here, right)
            )
    down = codes.copy()
    for row in range(1, height - 1):
        for column in range(width):
            above, here, below = across[row - 1, column], across[row, column], across[row + 1, column]
            down[row, column] = (
                here if here in (above, below) else above if above == below else min(above, here, below)
            )
    return down


@jit()
def _count(counts, codes, mask, reach, sign):  # type: ignore[no-untyped-def]
    """Add the pixels of one row, `sign` times, to the windows of the columns; runs of one code at once."""
    band, width = counts.shape
    column = 0
    while column < width:
        begin, code = column, codes[column]
        inside = mask[column] and code < band
        column += 1
        if not inside:
            continue
        while column < width and mask[column] and codes[column] == code:
            column += 1
        line = counts[code]
        for k in range(max(begin - reach, 0), min(column + reach, width)):
            line[k] += sign * (min(k + reach + 1, column) - max(k - reach, begin))


@jit()
def contrasts(codes, mask, reach, visible, weights):  # type: ignore[no-untyped-def]
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
    steps = len(weights)
    band = visible.max() + steps + 1
    # counts[code, column]: pixels of the window around this column, for the current row
    counts = np.zeros((band, width), np.int32)
    found = np.zeros((height, width), np.float32)
    for row in range(-reach, height):
        new, old = row + reach, row - reach - 1
        if new < height:
            _count(counts, codes[new], mask[new], reach, 1)
        if old >= 0:
            _count(counts, codes[old], mask[old], reach, -1)
        if row < 0:
            continue
        for column in range(width):
            code = np.int64(codes[row, column])
            if not mask[row, column] or code >= band:
                continue
            here = np.int64(counts[code, column])
            for step in range(1, steps + 1):
                if code <= visible[step - 1]:
                    other = np.int64(counts[code + step, column])
                    if code >= step:
                        other = max(other, np.int64(counts[code - step, column]))
                    share = np.float32(1) / np.float32(here + other)
                    value = np.float32(weights[step - 1] * here * other) * share
                    found[row, column] = max(found[row, column], value)
    return found
