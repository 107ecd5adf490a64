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
    _products(current, moved, inside, sums)
    window = (STEP_WINDOW, STEP_WINDOW) if correct else (WINDOW, WINDOW)
    means = np.stack(
        [cv2.boxFilter(plane, cv2.CV_32F, window, borderType=cv2.BORDER_CONSTANT) for plane in sums]
    )
    certainty = np.empty(field.shape[:2], np.float32)
    texture = np.empty_like(certainty)
    _solve(means, field, certainty, texture, correct)
    return certainty, texture


@jit(**SUMMING)
def _products(current: Plane, moved: Plane, inside: Mask, sums: Plane) -> None:
    """Sum over each 2 x 2 pixels 1, gradient, difference and their products, as a share of the four."""
    height, width = current.shape
    sums[:] = 0
    for y in range(1, height - 1):
        for x in range(1, width - 1):
            if not inside[y, x]:
                continue
            g_x = (current[y, x + 1] - current[y, x - 1] + moved[y, x + 1] - moved[y, x - 1]) * QUARTER
            g_y = (current[y + 1, x] - current[y - 1, x] + moved[y + 1, x] - moved[y - 1, x]) * QUARTER
            difference = current[y, x] - moved[y, x]
            i, j = y // 2, x // 2
            sums[0, i, j] += QUARTER
            sums[1, i, j] += QUARTER * g_x
            sums[2, i, j] += QUARTER * g_y
            sums[3, i, j] += QUARTER * difference
            sums[4, i, j] += QUARTER * g_x * g_x
            sums[5, i, j] += QUARTER * g_x * g_y
            sums[6, i, j] += QUARTER * g_y * g_y
            sums[7, i, j] += QUARTER * g_x * difference
            sums[8, i, j] += QUARTER * g_y * difference
            sums[9, i, j] += QUARTER * difference * difference


@jit(**SUMMING)
def _solve(means: Plane, field: Plane, certainty: Plane, texture: Plane, correct: bool) -> None:
    """Correct each vector by the least-squares shift of its window, and write how certain it is."""
    for y in range(field.shape[0]):
        for x in range(field.shape[1]):
            n = means[0, y, x]
            if n < LEAST_INSIDE:
                certainty[y, x] = texture[y, x] = 0
                continue
            g_x, g_y, mean = means[1, y, x] / n, means[2, y, x] / n, means[3, y, x] / n
            xx, yy = means[4, y, x] / n - g_x * g_x, means[6, y, x] / n - g_y * g_y
            xy = means[5, y, x] / n - g_x * g_y
            left = max(means[9, y, x] / n - mean * mean, np.float32(0)) + ROUNDING
            b_x, b_y = means[7, y, x] / n - g_x * mean, means[8, y, x] / n - g_y * mean
            a_xx, a_yy = xx + DAMPING * left, yy + DAMPING * left
            determinant = a_xx * a_yy - xy * xy
            d_x = (a_yy * b_x - xy * b_y) / determinant
            d_y = (a_xx * b_y - xy * b_x) / determinant
            step = np.sqrt(d_x * d_x + d_y * d_y)
            if correct:
                field[y, x, 0] += d_x * LONGEST / max(step, LONGEST)
                field[y, x, 1] += d_y * LONGEST / max(step, LONGEST)
            middle, half = (xx + yy) / 2, np.sqrt((xx - yy) * (xx - yy) / 4 + xy * xy)
            certainty[y, x] = max(middle - half, np.float32(0)) / left if step <= SETTLED else np.float32(0)
            texture[y, x] = (middle + half) / left
