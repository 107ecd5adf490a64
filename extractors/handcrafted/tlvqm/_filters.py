"""Sobel and corner responses of TLVQM, each tap summed in one fixed order: the last bit decides.

Where responses are compared with each other (key points), compressed video is full of exact ties. The taps
are therefore summed one after the other, column by column of the kernel, from the first to the last or from
the last to the first; OpenCV and SciPy sum in other orders. Weights are whole numbers over a power of two,
so that the division may come last. The opposite order is that of the picture turned by half a turn, since
the kernels are turned into themselves, each other, or their negative.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from vqa_features.kernels.jit import jit

Image = NDArray[np.float64]


class Corners(NamedTuple):
    """Responses to four 5x5 corners, (h, w) each: the largest absolute one, and how far it lies above
    the smallest."""

    strongest: Image
    contrast: Image


def sobel(image: Image, last_first: bool) -> tuple[Image, Image]:
    """Vertical and horizontal Sobel responses over 8 of (h, w), zeros outside.

    `last_first` sums the taps in the opposite order: the last bits differ.
    """
    vertical, horizontal = np.empty(image.shape), np.empty(image.shape)
    _sobel(np.pad(image, 1), last_first, vertical, horizontal)
    return vertical, horizontal


def corners(image: Image, last_first: bool) -> Corners:
    """Responses of (h, w) to the four corners over 32, zeros outside; `last_first` as in `sobel`."""
    found = _corners(_padded(image, 2, last_first))
    return Corners(*(_turned(field) for field in found)) if last_first else Corners(*found)


def _padded(image: Image, margin: int, turned: bool) -> Image:
    padded = np.pad(image, margin)
    return _turned(padded) if turned else padded


def _turned(image: Image) -> Image:
    return np.ascontiguousarray(image[::-1, ::-1])


@jit(error_model="numpy")
def _sobel(padded: Image, last_first: bool, vertical: Image, horizontal: Image) -> None:
    for y in range(vertical.shape[0]):
        for x in range(vertical.shape[1]):
            a, b, c = padded[y, x], padded[y, x + 1], padded[y, x + 2]
            d, f = padded[y + 1, x], padded[y + 1, x + 2]
            g, i, j = padded[y + 2, x], padded[y + 2, x + 1], padded[y + 2, x + 2]
            if last_first:
                vertical[y, x] = (j - c + 2.0 * i - 2.0 * b + g - a) / 8.0
                horizontal[y, x] = (j + 2.0 * f + c - g - 2.0 * d - a) / 8.0
            else:
                vertical[y, x] = (g - a - 2.0 * b + 2.0 * i - c + j) / 8.0
                horizontal[y, x] = (-a - 2.0 * d - g + c + 2.0 * f + j) / 8.0


@jit(error_model="numpy")
def _corners(padded: Image) -> tuple[Image, Image]:
    """Column by column of the window: those to the left are weighed by 1 1 -2 -2 -2 or by -2 -2 -2 1 1,
    or all by 1 where the corner is on the right; the middle one leaves out the centre."""
    h, w = padded.shape[0] - 4, padded.shape[1] - 4
    strongest, contrast = np.empty((h, w)), np.empty((h, w))
    for y in range(h):
        for x in range(w):
            lower_left = upper_left = right = 0.0
            for j in range(2):
                a, b, c = padded[y, x + j], padded[y + 1, x + j], 2.0 * padded[y + 2, x + j]
                d, e = padded[y + 3, x + j], padded[y + 4, x + j]
                lower_left = lower_left + a + b - c - 2.0 * d - 2.0 * e
                upper_left = upper_left - 2.0 * a - 2.0 * b - c + d + e
                right = right + a + b + padded[y + 2, x + j] + d + e
            a, b, d, e = padded[y, x + 2], padded[y + 1, x + 2], padded[y + 3, x + 2], padded[y + 4, x + 2]
            lower_left = lower_left + a + b - 2.0 * d - 2.0 * e
            upper_left = upper_left - 2.0 * a - 2.0 * b + d + e
            upper_right = right - 2.0 * a - 2.0 * b + d + e
            lower_right = right + a + b - 2.0 * d - 2.0 * e
            for j in range(3, 5):
                a, b, c = padded[y, x + j], padded[y + 1, x + j], padded[y + 2, x + j]
                d, e = padded[y + 3, x + j], padded[y + 4, x + j]
                lower_left = lower_left + a + b + c + d + e
                upper_left = upper_left + a + b + c + d + e
                upper_right = upper_right - 2.0 * a - 2.0 * b - 2.0 * c + d + e
                lower_right = lower_right + a + b - 2.0 * c - 2.0 * d - 2.0 * e
            left = max(abs(lower_left), abs(upper_left)), min(abs(lower_left), abs(upper_left))
            largest = max(left[0], max(abs(upper_right), abs(lower_right)))
            smallest = min(left[1], min(abs(upper_right), abs(lower_right)))
            strongest[y, x] = largest / 32.0
            contrast[y, x] = largest / 32.0 - smallest / 32.0
    return strongest, contrast
