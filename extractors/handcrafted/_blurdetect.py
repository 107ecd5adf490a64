"""Arithmetic of FFmpeg's filter ``blurdetect``, in its order and its precision.

Edges are found as by Canny: a Gaussian of 5 x 5, the gradient of Sobel with one of four directions, maxima
along it, and two thresholds. The width of an edge is that of the slope on which it lies.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from vqa_features.extractor import Session, Values
from vqa_features.frame import Views
from vqa_features.kernels.jit import jit
from vqa_features.kernels.planes import as_eight_bits

if TYPE_CHECKING:
    from .blurdetect import BlurDetect

Codes = NDArray[np.uint8]

#: Directions of a gradient: column and line of the next pixel.
_ACROSS, _RISING, _FALLING, _DOWN = range(4)
#: Tangents of 22.5 and 67.5 degrees in 1 / 2 ** 16.
_TAN_22, _TAN_67 = 27146, 158218
#: Width of a step along a diagonal, as the filter rounds 2 ** .5 / 2.
_DIAGONAL = 0.7
#: Sum of widths from which a block is not smooth.
_LEAST = 2.0


class BlurDetectSession(Session):
    """Width of the edges of each frame; keeps nothing between frames."""

    concurrent = True

    def __init__(self, chosen: BlurDetect) -> None:
        self._chosen = chosen

    def prepare(self, frame: Views) -> float:
        return blur(as_eight_bits(frame.luma), self._chosen)

    def push(self, window: Sequence[float]) -> Values:
        """Return what `prepare` made."""
        return np.array([window[0]])


def blur(plane: Codes, chosen: BlurDetect) -> float:
    """Return the mean width of edges in pixels, nan without a block that has some.

    Parameters
    ----------
    plane : (h, w) uint8
        Luma, contiguous.
    chosen : BlurDetect
        Thresholds, radius and blocks.
    """
    height, width = plane.shape
    block = (chosen.block_height, chosen.block_width)
    if min(block) < 1:
        block = (height, width)
    smooth, edges, directions = edges_of(plane)
    low, high = (int(float(np.float32(one)) * 255 + 0.5) for one in (chosen.low, chosen.high))
    widths = _block_widths(smooth, edges, directions, low, high, chosen.radius, *block)
    kept = math.ceil(np.float32(len(widths)) * np.float32(chosen.block_pct / 100))
    if kept == 0:
        return float("nan")
    total = np.float32(0)
    for one in np.sort(widths)[:kept]:
        total += one
    return float(total / np.float32(kept))


def edges_of(plane: Codes) -> tuple[Codes, Codes, Codes]:
    """Return the smoothed plane, the gradient where it is a maximum (else 0, at most 255), and its direction.

    Each is (h, w) uint8. The outermost pixels have no gradient.
    """
    smooth = np.empty_like(plane, shape=plane.shape)
    _smooth(plane, smooth)
    gradients, directions = np.zeros(plane.shape, np.uint16), np.zeros(plane.shape, np.uint8)
    _sobel(smooth, gradients, directions)
    maxima = np.zeros(plane.shape, np.uint8)
    _maxima(gradients, directions, maxima)
    return smooth, maxima, directions


@jit()
def _smooth(plane: Codes, smooth: Codes) -> None:
    """Write the Gaussian of a standard deviation of 1.4, in 1 / 159; two pixels at each border stay."""
    height, width = plane.shape
    outer, inner, middle = np.empty((3, width), np.uint32)
    for y in range(height):
        row, out = plane[y], smooth[y]
        for x in range(width):
            out[x] = row[x]
        if y < 2 or y >= height - 2 or width < 5:
            continue
        above2, above, below, below2 = plane[y - 2], plane[y - 1], plane[y + 1], plane[y + 2]
        for x in range(width):
            outer[x] = np.uint32(above2[x]) + np.uint32(below2[x])
            inner[x] = np.uint32(above[x]) + np.uint32(below[x])
            middle[x] = np.uint32(row[x])
        for x in range(2, width - 2):
            far = 2 * outer[x - 2] + 4 * inner[x - 2] + 5 * middle[x - 2]
            far += 2 * outer[x + 2] + 4 * inner[x + 2] + 5 * middle[x + 2]
            near = 4 * outer[x - 1] + 9 * inner[x - 1] + 12 * middle[x - 1]
            near += 4 * outer[x + 1] + 9 * inner[x + 1] + 12 * middle[x + 1]
            here = 5 * outer[x] + 12 * inner[x] + 15 * middle[x]
            out[x] = np.uint8(np.uint32(far + near + here) // np.uint32(159))


@jit()
def _sobel(plane: Codes, gradients: NDArray[np.uint16], directions: Codes) -> None:
    """Write |across| + |down| of Sobel's gradient, and its direction."""
    height, width = plane.shape
    for y in range(1, height - 1):
        above, here, below = plane[y - 1], plane[y], plane[y + 1]
        sums, ways = gradients[y], directions[y]
        for x in range(1, width - 1):
            corner = np.int32(below[x + 1]) - np.int32(above[x - 1])
            other = np.int32(above[x + 1]) - np.int32(below[x - 1])
            across = np.int32(corner + other + 2 * (np.int32(here[x + 1]) - np.int32(here[x - 1])))
            down = np.int32(corner - other + 2 * (np.int32(below[x]) - np.int32(above[x])))
            sums[x] = np.uint16(abs(across) + abs(down))
            run = abs(across)
            rise = np.int32(65536) * (down if across > 0 else -down)
            steep, flat = np.int32(_TAN_67 * run), np.int32(_TAN_22 * run)
            way = _DOWN
            if -steep < rise < -flat:
                way = _RISING
            elif -flat < rise < flat:
                way = _ACROSS
            elif flat < rise < steep:
                way = _FALLING
            ways[x] = way


@jit()
def _maxima(gradients: NDArray[np.uint16], directions: Codes, maxima: Codes) -> None:
    """Write gradients that are above both neighbours in their direction, at most 255."""
    height, width = gradients.shape
    for y in range(1, height - 1):
        above, here, below = gradients[y - 1], gradients[y], gradients[y + 1]
        ways, out = directions[y], maxima[y]
        for x in range(1, width - 1):  # all four are compared, because a choice of one stops vectorisation
            across = max(here[x - 1], here[x + 1]) if ways[x] == _ACROSS else np.uint16(0)
            rising = max(above[x + 1], below[x - 1]) if ways[x] == _RISING else np.uint16(0)
            falling = max(above[x - 1], below[x + 1]) if ways[x] == _FALLING else np.uint16(0)
            down = max(above[x], below[x]) if ways[x] == _DOWN else np.uint16(0)
            highest = max(max(across, rising), max(falling, down))
            out[x] = min(here[x], np.uint16(255)) if here[x] > highest else np.uint16(0)


@jit()
def _block_widths(
    plane: Codes,
    edges: Codes,
    directions: Codes,
    low: int,
    high: int,
    radius: int,
    block_height: int,
    block_width: int,
) -> NDArray[np.float32]:
    """Return the mean width of the edges of each block that is not smooth, (n,)."""
    height, width = plane.shape
    rows, columns = height // block_height, width // block_width
    widths = np.empty(rows * columns, np.float32)
    n = 0
    for row in range(rows):
        for column in range(columns):
            total, count = 0.0, 0
            for y in range(row * block_height, (row + 1) * block_height):
                for x in range(column * block_width, (column + 1) * block_width):
                    if edges[y, x] > low and _is_edge(edges, y, x, high):
                        way = directions[y, x]
                        steps = _steps(plane, y, x, way, radius)
                        if steps > 0:
                            total += (
                                steps if way in (_ACROSS, _DOWN) else float(np.float32(steps * _DIAGONAL))
                            )
                            count += 1
            if total >= _LEAST:
                widths[n] = np.float32(total / count)
                n += 1
    return widths[:n]


@jit()
def _is_edge(edges: Codes, y: int, x: int, high: int) -> bool:
    """Tell whether a maximum, which is not at the border, or one of its eight neighbours is above `high`."""
    for j in range(y - 1, y + 2):
        for i in range(x - 1, x + 2):
            if edges[j, i] > high:
                return True
    return False


@jit()
def _steps(plane: Codes, y: int, x: int, way: int, radius: int) -> int:
    """Return the steps of the slope through an edge in its direction, 0 where it meets the border."""
    height, width = plane.shape
    dx = 0 if way == _DOWN else 1
    dy = 0 if way == _ACROSS else (-1 if way == _RISING else 1)
    sign = 1 if plane[y, x] > plane[y - dy, x - dx] else -1
    total = 0
    for towards in (-1, 1):
        here_x, here_y = x, y
        for _ in range(radius):
            next_x, next_y = here_x + towards * dx, here_y + towards * dy
            if not (0 <= next_x < width and 0 <= next_y < height):
                return 0
            rise = np.int64(plane[next_y, next_x]) - np.int64(plane[here_y, here_x])
            if rise * sign * towards <= 0:
                break
            here_x, here_y = next_x, next_y
            total += 1
    return total
