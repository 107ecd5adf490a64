"""Correlation with a small kernel and zeros outside, in one fixed order of summation.

Where the responses of a filter are compared with each other (the key points of TLVQM), the last bit
decides: compressed video is full of exact ties. The taps are therefore summed one after the other,
column by column of the kernel, from the first tap to the last or from the last to the first; OpenCV
and SciPy sum in other orders.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vqa_features.kernels.jit import jit

Image = NDArray[np.float64]


def imfilter(image: NDArray[np.generic], kernel: NDArray[np.generic], last_first: bool = False) -> Image:
    """Correlate `image` (h, w) with `kernel` (odd, odd); (h, w) float64, zeros outside the image.

    `last_first` sums the taps in the opposite order: the last bits differ.

    Examples
    --------
    >>> imfilter(np.arange(3.0)[None], np.array([[-1, 0, 1]])).tolist()
    [[1.0, 2.0, -1.0]]
    """
    return _imfilter(
        np.ascontiguousarray(image, np.float64), np.ascontiguousarray(kernel, np.float64), last_first
    )


@jit(error_model="numpy")
def _imfilter(image: Image, kernel: Image, last_first: bool) -> Image:
    h, w = image.shape
    up, left = kernel.shape[0] // 2, kernel.shape[1] // 2
    result = np.zeros((h, w))
    for y in range(h):
        row = result[y]
        for k in range(kernel.shape[1]):
            j = kernel.shape[1] - 1 - k if last_first else k
            dx = j - left
            first, last = max(0, -dx), min(w, w - dx)
            for m in range(kernel.shape[0]):
                i = kernel.shape[0] - 1 - m if last_first else m
                dy = y + i - up
                tap = kernel[i, j]
                if tap == 0.0 or dy < 0 or dy >= h:
                    continue
                source = image[dy]
                for x in range(first, last):
                    row[x] += tap * source[x + dx]
    return result
