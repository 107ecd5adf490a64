"""Light of a frame in the cells of a grid, and which share of the area a set of cells has."""

from __future__ import annotations

import functools

import cv2
import numpy as np
from numpy.typing import NDArray

#: Height and width of the grid.
GRID = (48, 64)
#: Width and height around a cell: an eighth of the picture.
AROUND = (9, 7)
#: Weights of linear R, G, B in the relative luminance of sRGB.
LUMINANCE = np.array([0.2126, 0.7152, 0.0722])
#: A state with this share of red is saturated.
SATURATED_RED = 0.8
#: Side of ten degrees of the visual field in shares of the picture (341 x 256 of 1024 x 768 pixels).
TEN_DEGREES = 1 / 3


def linear_cells(rgb: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Return the mean linear light of each cell, (3072, 3), from 0 to 1.

    Parameters
    ----------
    rgb : ndarray, (h, w, 3) uint8
        Full-range sRGB.
    """
    light = cv2.LUT(np.ascontiguousarray(rgb), _linear_light())
    cells = cv2.resize(light, GRID[::-1], interpolation=cv2.INTER_AREA)
    return np.asarray(cells, np.float64).reshape(-1, 3)


@functools.cache
def _linear_light() -> NDArray[np.float32]:
    code = np.arange(256) / 255
    return np.where(code <= 0.04045, code / 12.92, ((code + 0.055) / 1.055) ** 2.4).astype(np.float32)


def saturated_red(cells: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Return how far red exceeds green and blue in each cell, 0 or more, and which cells are saturated."""
    red, green, blue = cells.T
    total = red + green + blue
    return np.maximum(red - green - blue, 0), (red >= SATURATED_RED * total) & (total > 0)


def around(cells: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the mean of a quantity, (3072,), in the eighth by an eighth of the picture around each cell."""
    means = cv2.blur(cells.reshape(GRID), AROUND, borderType=cv2.BORDER_REFLECT)
    return np.asarray(means, np.float64).ravel()


def share_of_picture(cells: NDArray[np.bool_]) -> float:
    """Return the share of the picture that a set of cells has."""
    return float(cells.mean())


def share_of_ten_degrees(cells: NDArray[np.bool_]) -> float:
    """Return the largest share that a set of cells has of any third by a third of the picture."""
    height, width = (round(side * TEN_DEGREES) for side in GRID)
    area = cv2.integral(cells.reshape(GRID).astype(np.uint8))
    sums = area[height:, width:] - area[height:, :-width] - area[:-height, width:] + area[:-height, :-width]
    return float(sums.max()) / (height * width)
