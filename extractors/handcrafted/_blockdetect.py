"""Arithmetic of FFmpeg's filter ``blockdetect``, in its order and its single precision.

The step from a pixel to the next is divided by the sum of the six steps around it in the same direction.
These quotients are summed over each column, and over each line. A grid of a period takes every such column
or line, with the larger sum of its neighbours; its mean is divided by the mean of all others.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from vqa_features.extractor import Session, Values
from vqa_features.frame import Views
from vqa_features.kernels.jit import jit
from vqa_features.kernels.planes import as_eight_bits

Codes = NDArray[np.uint8]
Single = NDArray[np.float32]


class BlockDetectSession(Session):
    """Blockiness of each frame.

    Parameters
    ----------
    shortest, longest : int
        Periods that are tried.
    summed : bool
        Whether the sums of all frames are kept, which needs their order.
    """

    concurrent = True

    def __init__(self, shortest: int, longest: int, *, summed: bool) -> None:
        self._periods = shortest, longest
        self._summed = summed
        self._sums: tuple[Single, Single] | None = None

    def prepare(self, frame: Views) -> Codes:
        return as_eight_bits(frame.luma)

    def measure(self, window: Sequence[Codes]) -> Codes | float:
        """Return the value of a frame alone, or the frame where the order matters."""
        (plane,) = window
        if self._summed:
            return plane
        sums = no_sums(plane)
        add_steps(plane, *sums)
        return blockiness(sums, *self._periods)

    def push(self, window: Codes | float) -> Values:
        """Return the value of a frame."""
        if not self._summed:
            return np.array([window], np.float64)
        plane = np.asarray(window)
        if self._sums is None:
            self._sums = no_sums(plane)
        add_steps(plane, *self._sums)
        return np.array([blockiness(self._sums, *self._periods)])


def no_sums(plane: Codes) -> tuple[Single, Single]:
    """Return zeros for the sums of columns, (w,), and of lines, (h,)."""
    return np.zeros(plane.shape[1], np.float32), np.zeros(plane.shape[0], np.float32)


def blockiness(sums: tuple[Single, Single], shortest: int, longest: int) -> float:
    """Return the largest quotient of the sums on a grid and off it, nan where none is finite.

    Parameters
    ----------
    sums : ((w,) float32, (h,) float32)
        What `add_steps` added.
    shortest, longest : int
        Periods that are tried.
    """
    found, compared = _largest_quotient(sums, shortest, longest)
    return found if compared and np.isfinite(found) else float("nan")


@jit()
def add_steps(plane: Codes, columns: Single, lines: Single) -> None:
    """Add the quotients of steps to the sums of columns, (w,), and of lines, (h,).

    The first and last three columns or lines in the direction of a step have none, nor have the first line
    and the first column in the other.
    """
    height, width = plane.shape
    steps = np.empty((7, width), np.int32)
    for y in range(1, height):
        row, here = plane[y], steps[0]
        for x in range(width - 1):
            here[x] = abs(np.int32(row[x]) - np.int32(row[x + 1]))
        for x in range(3, width - 4):
            around = here[x - 3] + here[x - 2] + here[x - 1] + here[x + 1] + here[x + 2] + here[x + 3]
            columns[x] += np.float32(here[x]) / np.float32(max(np.int32(around), np.int32(1)))
    quotients = np.empty(width, np.float32)
    for y in range(height - 1):
        row, following, newest = plane[y], plane[y + 1], steps[y % 7]
        for x in range(width):
            newest[x] = abs(np.int32(row[x]) - np.int32(following[x]))
        line = y - 3  # the step whose three later ones are known now
        if line < 3:
            continue
        middle = steps[line % 7]
        for x in range(1, width):
            around = steps[0, x] + steps[1, x] + steps[2, x] + steps[3, x] + steps[4, x] + steps[5, x]
            around += steps[6, x] - middle[x]
            quotients[x] = np.float32(middle[x]) / np.float32(max(np.int32(around), np.int32(1)))
        total = lines[line]
        for x in range(1, width):
            total += quotients[x]
        lines[line] = total


@jit()
def _largest_quotient(sums: tuple[Single, Single], shortest: int, longest: int) -> tuple[float, bool]:
    """Return the largest quotient, and whether there is any; after a nan the next quotient counts alone."""
    largest, compared = np.float32(0), False
    for direction in sums:
        for period in range(shortest, longest + 1):
            on = off = np.float32(0)
            n_on = n_off = 0
            for i in range(3, direction.size - 4):
                if i % period == period - 1:
                    on += max(max(direction[i], direction[i + 1]), direction[i - 1])
                    n_on += 1
                else:
                    off += direction[i]
                    n_off += 1
            if n_on > 0 and n_off > 0:
                quotient = (on / np.float32(n_on)) / (off / np.float32(n_off))
                largest = largest if largest > quotient else quotient
                compared = True
    return float(largest), compared
