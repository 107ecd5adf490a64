"""Low-complexity features of TLVQM that one frame has at full size: blur, interlacing, colourfulness.

J. Korhonen, IEEE TIP 28(12), 2019, section III-A; the numbers are those of the author's release.
"""

from __future__ import annotations

import functools
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from vqa_features.kernels.colour import BT601, YCBCR_OFFSET
from vqa_features.kernels.jit import jit
from vqa_features.kernels.resize import resizing_matrix

Image = NDArray[np.float64]
Single = NDArray[np.float32]
Plane = NDArray[Any]

#: Border pixels left out of the energies of first and second derivatives.
FIRST_MARGIN, SECOND_MARGIN = 3, 2
#: Share of the differences of neighbouring rows, or columns, that interlacing looks at.
STRONGEST = 0.001


def mean_of_largest(values: NDArray[Any], fraction: float) -> float:
    """Mean of the largest `fraction` of all values; 0 where that is less than one value."""
    count = int(fraction * values.size)
    if count == 0:
        return 0.0
    return float(np.partition(values, values.size - count, axis=None)[-count:].mean(dtype=np.float64))


def blur(luma: Plane) -> float:
    """Energy of the strongest second derivatives over that of the strongest first; 0 if flat.

    `luma` is (h, w) in any unit. The strongest are the tenth of all pixels.
    """
    if min(luma.shape) <= 2 * FIRST_MARGIN:
        return 0.0
    first, second = _derivative_energies(np.ascontiguousarray(luma, np.float32))
    strong = mean_of_largest(first[1:-1, 1:-1], 0.1)
    # the Sobel filter divides by 8, the second derivative once more than the first
    return mean_of_largest(second, 0.1) / strong / 64 if strong > 0 else 0.0


@jit(error_model="numpy")
def _derivative_energies(image: Single) -> tuple[Single, Single]:
    """Energy of first and second backward derivatives over both axes, (h - 4, w - 4) each.

    A derivative is the difference of two neighbouring rows (columns), smoothed by 1 2 1 along them.
    Code values give whole numbers, so that single precision is enough.
    """
    h, w = image.shape
    m = SECOND_MARGIN
    first, second = np.empty((h - 2 * m, w - 2 * m), np.float32), np.empty((h - 2 * m, w - 2 * m), np.float32)
    rows = np.empty((4, w), np.float32)
    two, four, six = np.float32(2), np.float32(4), np.float32(6)
    for y in range(h - 2 * m):
        for x in range(w):  # the centre is row y + 2
            a, b, c, d, e = image[y, x], image[y + 1, x], image[y + 2, x], image[y + 3, x], image[y + 4, x]
            rows[0, x] = c - b
            rows[1, x] = (c - b) - (b - a)
            rows[2, x] = b + two * c + d
            rows[3, x] = a + four * b + six * c + four * d + e
        for x in range(w - 2 * m):  # the centre is column x + 2
            down = rows[0, x + 1] + two * rows[0, x + 2] + rows[0, x + 3]
            right = rows[2, x + 2] - rows[2, x + 1]
            first[y, x] = down * down + right * right
            outer, inner = rows[1, x] + rows[1, x + 4], rows[1, x + 1] + rows[1, x + 3]
            down = outer + four * inner + six * rows[1, x + 2]
            right = (rows[3, x + 2] - rows[3, x + 1]) - (rows[3, x + 1] - rows[3, x])
            second[y, x] = down * down + right * right
    return first, second


def interlacing(luma: Plane) -> float:
    """Likeness, 0..1, of the strongest differences of odd and even rows and of odd and even columns.

    `luma` is (h, w) in any unit. The strongest are a thousandth of all; 0 if there are none.
    """
    height, width = (side // 2 * 2 for side in luma.shape)
    rows = _strongest_squares(luma[0:height:2], luma[1:height:2])
    columns = _strongest_squares(luma[:, 0:width:2], luma[:, 1:width:2])
    largest = max(rows, columns)
    return min(rows, columns) / largest if largest > 0 else 0.0


def _strongest_squares(a: Plane, b: Plane) -> float:
    """Mean of the largest thousandth of the squared differences of two planes; of bytes by counting them."""
    if a.dtype != np.uint8:
        return mean_of_largest(np.square(np.asarray(a, np.float32) - b), STRONGEST)
    n = int(STRONGEST * a.size)
    if n == 0:
        return 0.0
    falling = cv2.calcHist([cv2.absdiff(a, b)], [0], None, [256], [0, 256]).ravel()[::-1]
    taken = np.diff(np.minimum(np.cumsum(falling, dtype=np.float64), n), prepend=0.0)
    return float(taken @ np.square(np.arange(255.0, -1.0, -1.0))) / n


def colorfulness(half: Image, chroma: Plane, shape: tuple[int, int]) -> float:
    """Mean over the most colourful tenth of the pixels of largest minus smallest of R, G and B.

    Parameters
    ----------
    half : (h, w)
        Luma in 0..1 at half size.
    chroma : (2, ch, cw)
        At its stored size, in 8-bit code units.
    shape : (int, int)
        Shape of the luma plane at full size.
    """
    u, v = _halved_chroma(chroma, shape, half.shape)
    return mean_of_largest(_spread(half, u, v, np.linalg.inv(BT601), YCBCR_OFFSET), 0.1)


def _halved_chroma(chroma: Plane, shape: tuple[int, int], half: tuple[int, ...]) -> list[Image]:
    """U and V brought to luma size and halved, in one step."""
    down, across = (_through_full_size(chroma.shape[k + 1], shape[k], half[k]) for k in (0, 1))
    planes = (down @ np.asarray(plane, np.float64) for plane in chroma)
    return [np.ascontiguousarray((across @ np.ascontiguousarray(plane.T)).T) for plane in planes]


@functools.lru_cache(maxsize=16)
def _through_full_size(stored: int, full: int, half: int) -> sparse.csr_array:
    """`colour.chroma_at_luma_size` along one axis, then halving, (half, stored)."""
    halving = resizing_matrix(full, half, half / full)
    if full <= stored:
        return halving @ sparse.eye_array(full, stored, format="csr")
    return halving @ resizing_matrix(stored, 2 * stored, 2.0)[:full]


@jit(error_model="numpy")
def _spread(half: Image, u: Image, v: Image, inverse: Image, offset: Image) -> Single:
    """Largest less smallest of R, G and B, each clipped to 0..1."""
    out = np.empty(half.shape, np.float32)
    for i in range(half.shape[0]):
        for j in range(half.shape[1]):
            a, b, c = half[i, j] * 255.0 - offset[0], u[i, j] - offset[1], v[i, j] - offset[2]
            red = min(max(inverse[0, 0] * a + inverse[0, 1] * b + inverse[0, 2] * c, 0.0), 1.0)
            green = min(max(inverse[1, 0] * a + inverse[1, 1] * b + inverse[1, 2] * c, 0.0), 1.0)
            blue = min(max(inverse[2, 0] * a + inverse[2, 1] * b + inverse[2, 2] * c, 0.0), 1.0)
            out[i, j] = max(max(red, green), blue) - min(min(red, green), blue)
    return out
