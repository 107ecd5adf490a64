"""Motion compensation, a least-squares step of a motion field, and how well the field is determined."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from vqa_features.kernels.jit import SUMMING, jit

Plane = NDArray[np.float32]
Mask = NDArray[np.bool_]

#: Sides of the windows in vectors of 2 working pixels, for a step and for its certainty.
STEP_WINDOW, WINDOW = 5, 3
#: Share of a window that must be inside the previous picture.
LEAST_INSIDE = np.float32(1 / 3)
#: Variance in squared codes of the difference of two pictures that are rounded to 8 bits.
ROUNDING = np.float32(1 / 6)
#: Longest correction of one step, in working pixels.
LONGEST = np.float32(1)
#: Share of the difference's variance added to the squared gradients, so that a step stays short where both
#: are small.
DAMPING = np.float32(0.02)
#: Step in working pixels above which a vector has not settled.
SETTLED = np.float32(0.5)
SUMS, QUARTER = 10, np.float32(0.25)


@jit(**SUMMING)
def compensated(previous: Plane, flow: Plane, where: Mask, moved: Plane, inside: Mask) -> None:
    """Write `previous` at the places a field points to into `moved`, and whether they are in the picture.

    Parameters
    ----------
    previous : (h, w) float32
        The picture.
    flow : (h, w, 2) float32
        Displacement from each pixel to its place in `previous`, x then y, in pixels.
    where : (h, w) bool
        Pixels that are written.
    moved : (h, w) float32
        Keys' cubic between the pixels; outside the picture its border.
    inside : (h, w) bool
        Whether the place is in the picture.
    """
    height, width = previous.shape
    wx, wy = np.empty(4, np.float32), np.empty(4, np.float32)
    for y in range(height):
        for x in range(width):
            if not where[y, x]:
                continue
            at_x, at_y = x + flow[y, x, 0], y + flow[y, x, 1]
            inside[y, x] = 0 <= at_x <= width - 1 and 0 <= at_y <= height - 1
            at_x = min(max(at_x, np.float32(0)), np.float32(width - 1))
            at_y = min(max(at_y, np.float32(0)), np.float32(height - 1))
            x0, y0 = int(at_x), int(at_y)
            _cubic(at_x - x0, wx)
            _cubic(at_y - y0, wy)
            total = np.float32(0)
            if 1 <= x0 < width - 2 and 1 <= y0 < height - 2:
                for i in range(4):
                    line = previous[y0 - 1 + i]
                    total += wy[i] * (
                        wx[0] * line[x0 - 1] + wx[1] * line[x0] + wx[2] * line[x0 + 1] + wx[3] * line[x0 + 2]
                    )
            else:
                for i in range(4):
                    line = previous[min(max(y0 - 1 + i, 0), height - 1)]
                    for j in range(4):
                        total += wy[i] * wx[j] * line[min(max(x0 - 1 + j, 0), width - 1)]
            moved[y, x] = total


@jit(inline="always", **SUMMING)
def _cubic(t: float, weights: Plane) -> None:
    """Weights of four neighbours at the fraction t between the middle two (Keys, a = -1/2)."""
    half = np.float32(0.5)
    u = np.float32(1) - t
    weights[0] = -half * t * u * u
    weights[3] = -half * u * t * t
    weights[1] = u * (np.float32(1) + t - np.float32(1.5) * t * t)
    weights[2] = t * (np.float32(1) + u - np.float32(1.5) * u * u)


def certainty_of(
    current: Plane, moved: Plane, inside: Mask, field: Plane, *, correct: bool
) -> tuple[Plane, Plane]:
    """Return how certain each vector of a field is, after correcting it by the least-squares shift.

    Parameters
    ----------
    current, moved : (h, w) float32
        The picture, and the previous one compensated by the field. Both sides are even.
    inside : (h, w) bool
        Pixels that are used.
    field : (h / 2, w / 2, 2) float32
        Displacement to the match in the previous picture at the middle of each 2 x 2 pixels, in pixels.
        Corrected in place where `correct` is set.
    correct : bool
        Whether to correct it.

    Returns
    -------
    certainty : (h / 2, w / 2) float32
        The smaller eigenvalue of the mean structure tensor of a window over the variance of the difference
        in it, in 1 / pixel^2: the inverse variance of a least-squares shift, per independent sample. 0 where
        less than a third of the window is inside, or a further step is longer than half a pixel.
    texture : (h / 2, w / 2) float32
        The same of the larger eigenvalue: small where there is nothing but noise.

    Notes
    -----
    A constant difference in a window, such as a change of light, is left out of both.
    """
    sums = np.empty((SUMS, *field.shape[:2]), np.float32)
    _products(current, moved, inside, np.empty((SUMS, current.shape[1]), np.float32), sums)
    window = (STEP_WINDOW, STEP_WINDOW) if correct else (WINDOW, WINDOW)
    means = np.empty_like(sums)
    for plane, mean in zip(sums, means, strict=True):
        cv2.boxFilter(plane, cv2.CV_32F, window, mean, borderType=cv2.BORDER_CONSTANT)
    certainty = np.empty(field.shape[:2], np.float32)
    texture = np.empty_like(certainty)
    _solve(means, field, certainty, texture, correct)
    return certainty, texture


@jit(**SUMMING)
def _products(current: Plane, moved: Plane, inside: Mask, rows: Plane, sums: Plane) -> None:
    """Sum over each 2 x 2 pixels 1, gradient, difference and their products, as a share of the four.

    `rows` is work space for the sums over two rows; pixels at the border have no gradient.
    """
    height, width = current.shape
    for i in range(height // 2):
        for k in range(SUMS):
            for x in range(width):
                rows[k, x] = 0
        for below in range(2):
            y = 2 * i + below
            if 0 < y < height - 1:
                _add_products(current, moved, inside, y, rows)
        for k in range(SUMS):
            for j in range(width // 2):
                sums[k, i, j] = rows[k, 2 * j] + rows[k, 2 * j + 1]


@jit(**SUMMING)
def _add_products(current: Plane, moved: Plane, inside: Mask, y: int, rows: Plane) -> None:
    for before in range(current.shape[1] - 2):
        x = before + 1
        n = QUARTER * np.float32(inside[y, x])
        g_x = (current[y, x + 1] - current[y, x - 1] + moved[y, x + 1] - moved[y, x - 1]) * QUARTER
        g_y = (current[y + 1, x] - current[y - 1, x] + moved[y + 1, x] - moved[y - 1, x]) * QUARTER
        difference = current[y, x] - moved[y, x]
        rows[0, x] += n
        rows[1, x] += n * g_x
        rows[2, x] += n * g_y
        rows[3, x] += n * difference
        rows[4, x] += n * g_x * g_x
        rows[5, x] += n * g_x * g_y
        rows[6, x] += n * g_y * g_y
        rows[7, x] += n * g_x * difference
        rows[8, x] += n * g_y * difference
        rows[9, x] += n * difference * difference


@jit(**SUMMING)
def _solve(means: Plane, field: Plane, certainty: Plane, texture: Plane, correct: bool) -> None:
    """Correct each vector by the least-squares shift of its window, and write how certain it is."""
    one, zero = np.float32(1), np.float32(0)
    for y in range(certainty.shape[0]):
        for x in range(certainty.shape[1]):
            enough = means[0, y, x] >= LEAST_INSIDE
            share = one / max(means[0, y, x], LEAST_INSIDE)
            g_x, g_y, mean = means[1, y, x] * share, means[2, y, x] * share, means[3, y, x] * share
            xx, yy = means[4, y, x] * share - g_x * g_x, means[6, y, x] * share - g_y * g_y
            xy = means[5, y, x] * share - g_x * g_y
            left = max(means[9, y, x] * share - mean * mean, zero) + ROUNDING
            b_x, b_y = means[7, y, x] * share - g_x * mean, means[8, y, x] * share - g_y * mean
            a_xx, a_yy = xx + DAMPING * left, yy + DAMPING * left
            determinant = a_xx * a_yy - xy * xy
            d_x = (a_yy * b_x - xy * b_y) / determinant
            d_y = (a_xx * b_y - xy * b_x) / determinant
            step = np.sqrt(d_x * d_x + d_y * d_y)
            taken = LONGEST / max(step, LONGEST) if correct and enough else zero
            field[y, x, 0] += d_x * taken
            field[y, x, 1] += d_y * taken
            middle = (xx + yy) * np.float32(0.5)
            half = np.sqrt((xx - yy) * (xx - yy) * QUARTER + xy * xy)
            settled = enough and step <= SETTLED
            certainty[y, x] = max(middle - half, zero) / left if settled else zero
            texture[y, x] = (middle + half) / left if enough else zero
