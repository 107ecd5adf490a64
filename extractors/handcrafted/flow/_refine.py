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
#: Copies of the border around a picture that is compensated.
BORDER = 5
#: Sums over four pixels: products of two of the values 1, gradient along x and y, and difference.
FIRST = np.array([0, 0, 0, 0, 1, 1, 2, 1, 2, 3])
SECOND = np.array([0, 1, 2, 3, 1, 2, 2, 3, 3, 3])
SUMS = len(FIRST)
_ZERO, _ONE, _HALF, _QUARTER = np.float32(0), np.float32(1), np.float32(0.5), np.float32(0.25)


def bordered(picture: Plane) -> Plane:
    """Return a picture within copies of its border, as `compensated` takes it."""
    border = (BORDER,) * 4
    return np.asarray(cv2.copyMakeBorder(picture, *border, cv2.BORDER_REPLICATE), np.float32)


@jit(**SUMMING)
def compensated(previous: Plane, field: Plane, where: Mask, moved: Plane, inside: Mask) -> None:
    """Write `previous` at the places a field points to into `moved`, and whether they are in the picture.

    Parameters
    ----------
    previous : (h + 10, w + 10) float32
        The picture, `bordered`. Both sides are even.
    field : (h / 2, w / 2, 2) float32
        Displacement of each 2 x 2 pixels to their place in the picture, x then y, in pixels.
    where : (h / 2, w / 2) bool
        Vectors whose pixels are written.
    moved : (h, w) float32
        Keys' cubic between the pixels; outside the picture its border.
    inside : (h / 2, w / 2) bool
        Whether the places of all four pixels are in the picture.

    Notes
    -----
    The four pixels of a vector lie at one fraction of a pixel, and share its weights and 25 samples.
    """
    height, width = moved.shape
    stride, samples = np.uint64(previous.shape[1]), previous.ravel()
    near, far = np.float32(2 - BORDER), np.float32(BORDER - 4)  # a sample before, two and a pixel after
    for i in range(field.shape[0]):
        for j in range(field.shape[1]):
            if not where[i, j]:
                continue
            x, y = np.float32(2 * j) + field[i, j, 0], np.float32(2 * i) + field[i, j, 1]
            inside[i, j] = 0 <= x <= width - 2 and 0 <= y <= height - 2
            x, y = _between(x, near, width + far), _between(y, near, height + far)
            x0, y0 = np.floor(x), np.floor(y)
            along, down = _cubic(x - x0), _cubic(y - y0)
            first = np.uint64(int(y0) + BORDER - 1) * stride + np.uint64(int(x0) + BORDER - 1)
            a0, b0 = _column(samples, first, stride, down)
            a1, b1 = _column(samples, first + np.uint64(1), stride, down)
            a2, b2 = _column(samples, first + np.uint64(2), stride, down)
            a3, b3 = _column(samples, first + np.uint64(3), stride, down)
            a4, b4 = _column(samples, first + np.uint64(4), stride, down)
            moved[2 * i, 2 * j] = _sum(along, a0, a1, a2, a3)
            moved[2 * i, 2 * j + 1] = _sum(along, a1, a2, a3, a4)
            moved[2 * i + 1, 2 * j] = _sum(along, b0, b1, b2, b3)
            moved[2 * i + 1, 2 * j + 1] = _sum(along, b1, b2, b3, b4)


@jit(**SUMMING)
def _between(place: np.float32, low: np.float32, high: np.float32) -> np.float32:
    """Place within bounds; nan becomes the lower one."""
    return (place if place < high else high) if place > low else low


@jit(**SUMMING)
def _cubic(t: np.float32) -> tuple[np.float32, np.float32, np.float32, np.float32]:
    """Weights of four neighbours at the fraction t between the middle two (Keys, a = -1/2)."""
    u = _ONE - t
    near, far = u * (_ONE + t - np.float32(1.5) * t * t), t * (_ONE + u - np.float32(1.5) * u * u)
    return -_HALF * t * u * u, near, far, -_HALF * u * t * t


@jit(**SUMMING)
def _column(
    samples: Plane, at: np.uint64, stride: np.uint64, weights: tuple[np.float32, ...]
) -> tuple[np.float32, np.float32]:
    """Sums of four samples below each other from a place on, and from the one below it."""
    s0, s1, s2 = samples[at], samples[at + stride], samples[at + stride + stride]
    at += stride + stride + stride
    s3, s4 = samples[at], samples[at + stride]
    return _sum(weights, s0, s1, s2, s3), _sum(weights, s1, s2, s3, s4)


@jit(**SUMMING)
def _sum(
    weights: tuple[np.float32, ...], s0: np.float32, s1: np.float32, s2: np.float32, s3: np.float32
) -> np.float32:
    return weights[0] * s0 + weights[1] * s1 + weights[2] * s2 + weights[3] * s3


def certainty_of(
    current: Plane, moved: Plane, inside: Mask, field: Plane, *, correct: bool
) -> tuple[Plane, Plane]:
    """Return how certain each vector of a field is, after correcting it by the least-squares shift.

    Parameters
    ----------
    current, moved : (h, w) float32
        The picture, and the previous one compensated by the field. Both sides are even.
    inside : (h / 2, w / 2) bool
        Vectors whose pixels are used.
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
    sums = np.empty((SUMS, *inside.shape), np.float32)
    _products(current, moved, inside, sums)
    window = (STEP_WINDOW, STEP_WINDOW) if correct else (WINDOW, WINDOW)
    means = np.empty_like(sums)
    for plane, mean in zip(sums, means, strict=True):
        cv2.boxFilter(plane, cv2.CV_32F, window, mean, borderType=cv2.BORDER_CONSTANT)
    certainty = np.empty(inside.shape, np.float32)
    texture = np.empty_like(certainty)
    _solve(means, field, certainty, texture, correct)
    return certainty, texture


@jit(**SUMMING)
def _products(current: Plane, moved: Plane, inside: Mask, sums: Plane) -> None:
    """Sum over each 2 x 2 pixels 1, gradient, difference and their products, as a share of the four.

    Pixels at the border have no gradient, and no part in the sums.
    """
    height, width = current.shape
    rows = np.zeros((8, width), np.float32)  # 1, gradients and difference: two rows of pixels of each
    for i in range(height // 2):
        for below in range(2):
            y = 2 * i + below
            if 0 < y < height - 1:
                _values(current, moved, y, rows, below)
            else:
                for k in range(4):
                    rows[2 * k + below] = _ZERO
        for k in range(SUMS):
            a, b = 2 * FIRST[k], 2 * SECOND[k]
            for j in range(width // 2):
                above = rows[a, 2 * j] * rows[b, 2 * j] + rows[a, 2 * j + 1] * rows[b, 2 * j + 1]
                under = (
                    rows[a + 1, 2 * j] * rows[b + 1, 2 * j] + rows[a + 1, 2 * j + 1] * rows[b + 1, 2 * j + 1]
                )
                sums[k, i, j] = _QUARTER * np.float32(inside[i, j]) * (above + under)


# Loops with one row of output each: compiled code tests at run time that rows do not overlap, and does not
# run in lanes where there are many to test.


@jit(**SUMMING)
def _values(current: Plane, moved: Plane, y: int, rows: Plane, below: int) -> None:
    """Write 1, the mean gradient of two pictures and their difference in row y, but not at its ends."""
    inner = current.shape[1] - 2
    one, across, down, difference = below, 2 + below, 4 + below, 6 + below
    for x in range(inner):
        rows[one, x + 1] = _ONE
    for x in range(inner):
        rows[across, x + 1] = (current[y, x + 2] - current[y, x] + moved[y, x + 2] - moved[y, x]) * _QUARTER
    for x in range(inner):
        rows[down, x + 1] = (
            current[y + 1, x + 1] - current[y - 1, x + 1] + moved[y + 1, x + 1] - moved[y - 1, x + 1]
        ) * _QUARTER
    for x in range(inner):
        rows[difference, x + 1] = current[y, x + 1] - moved[y, x + 1]


@jit(**SUMMING)
def _solve(means: Plane, field: Plane, certainty: Plane, texture: Plane, correct: bool) -> None:
    """Correct each vector by the least-squares shift of its window, and write how certain it is."""
    rows, columns = certainty.shape
    m = np.empty((SUMS + 3, columns), np.float32)
    for y in range(rows):
        for x in range(columns):
            m[0, x] = _ONE / max(means[0, y, x], LEAST_INSIDE)
        for k in range(1, SUMS):
            for x in range(columns):
                m[k, x] = means[k, y, x] * m[0, x]
        for k in range(4, SUMS):
            a, b = FIRST[k], SECOND[k]
            for x in range(columns):
                m[k, x] -= m[a, x] * m[b, x]
        _steps(m)
        for x in range(columns):
            settled = means[0, y, x] >= LEAST_INSIDE and m[SUMS + 2, x] <= SETTLED
            smaller = max(_middle(m[4, x], m[6, x]) - _half_width(m[4, x], m[5, x], m[6, x]), _ZERO)
            certainty[y, x] = smaller / m[9, x] if settled else _ZERO
        for x in range(columns):
            larger = _middle(m[4, x], m[6, x]) + _half_width(m[4, x], m[5, x], m[6, x])
            texture[y, x] = larger / m[9, x] if means[0, y, x] >= LEAST_INSIDE else _ZERO
        if correct:
            for x in range(columns):
                taken = LONGEST / max(m[SUMS + 2, x], LONGEST)
                taken = taken if means[0, y, x] >= LEAST_INSIDE else _ZERO
                field[y, x, 0] += m[SUMS, x] * taken
                field[y, x, 1] += m[SUMS + 1, x] * taken


@jit(**SUMMING)
def _steps(m: Plane) -> None:
    """Write the variance of the difference, the shift and its length, from the central products."""
    columns = m.shape[1]
    for x in range(columns):
        m[9, x] = max(m[9, x], _ZERO) + ROUNDING
    for x in range(columns):
        xx, yy = m[4, x] + DAMPING * m[9, x], m[6, x] + DAMPING * m[9, x]
        m[SUMS, x] = (yy * m[7, x] - m[5, x] * m[8, x]) / (xx * yy - m[5, x] * m[5, x])
    for x in range(columns):
        xx, yy = m[4, x] + DAMPING * m[9, x], m[6, x] + DAMPING * m[9, x]
        m[SUMS + 1, x] = (xx * m[8, x] - m[5, x] * m[7, x]) / (xx * yy - m[5, x] * m[5, x])
    for x in range(columns):
        m[SUMS + 2, x] = np.sqrt(m[SUMS, x] * m[SUMS, x] + m[SUMS + 1, x] * m[SUMS + 1, x])


@jit(**SUMMING)
def _middle(xx: np.float32, yy: np.float32) -> np.float32:
    """Mean of the eigenvalues."""
    return (xx + yy) * _HALF


@jit(**SUMMING)
def _half_width(xx: np.float32, xy: np.float32, yy: np.float32) -> np.float32:
    """Half the difference of the eigenvalues."""
    return np.sqrt((xx - yy) * (xx - yy) * _QUARTER + xy * xy)
