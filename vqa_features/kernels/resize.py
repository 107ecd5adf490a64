"""Antialiased bicubic resize, equal to MATLAB's ``imresize``.

OpenCV's cubic interpolation is another function: it does not widen the kernel when it shrinks, and
its cubic has a = -0.75 instead of -0.5.
"""

from __future__ import annotations

import functools
import math
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from ..errors import ParameterError
from .jit import jit
from .planes import as_plane

Image = NDArray[np.float64]


def imresize(image: NDArray[np.generic], to: float | tuple[int, int]) -> Image:
    """Resize the first two axes by a scale, or to a shape.

    Parameters
    ----------
    image : (h, w) or (h, w, channels)
        Any real dtype.
    to : float or (int, int)
        Scale > 0, the same for both axes (the new size is the old one times the scale, rounded
        up), or the new (height, width), each axis then having its own scale.

    Returns
    -------
    float64 array
        Not rounded and not clipped. The kernel is the bicubic one (a = -0.5), widened by 1 / scale
        where an axis shrinks; weights sum to one; the border is mirrored with the edge repeated. An
        image of integers is halved exactly: all weights are multiples of 1/256.

    References
    ----------
    R. Keys, "Cubic convolution interpolation for digital image processing", IEEE TASSP 29(6), 1981.
    The behaviour of MATLAB's ``imresize`` (bicubic, antialiasing on).

    Examples
    --------
    >>> imresize(np.full((5, 4), 7.0), 0.5).tolist()
    [[7.0, 7.0], [7.0, 7.0], [7.0, 7.0]]
    """
    height, width = image.shape[:2]
    if isinstance(to, tuple):
        shape = to
        scales = (to[0] / height, to[1] / width)
    else:
        scales = (to, to)
        shape = (math.ceil(to * height), math.ceil(to * width))
    if min(shape) < 1 or min(scales) <= 0:
        raise ParameterError(f"cannot resize shape {image.shape} to {to!r}: both sides must be at least 1")
    result = np.asarray(image, dtype=np.float64)
    # the original takes the axis with the smaller scale first
    for axis in (0, 1) if scales[0] <= scales[1] else (1, 0):
        result = _along(result, resizing_matrix(result.shape[axis], shape[axis], scales[axis]), axis)
    return result


def enlarging_taps(n_in: int, n_out: int) -> tuple[NDArray[np.int32], Image]:
    """Positions and weights of the four input samples of each output sample, (n_out, 4).

    For `imresize` of an axis from `n_in` to `n_out` >= `n_in` samples; weights of taps beyond those
    needed are zero.
    """
    return _taps(n_in, n_out)


def halve(plane: NDArray[Any]) -> NDArray[np.float32]:
    """``imresize(plane, 0.5)`` in float32, for the inner loop of a video.

    Parameters
    ----------
    plane : (h, w) uint8 or float32
        In 8-bit code units.

    Returns
    -------
    (ceil(h / 2), ceil(w / 2)) float32
        Within 1e-4 code units of `imresize`; a constant stays exactly constant.
    """
    return _halve(as_plane(plane))


@jit(error_model="numpy", fastmath={"contract"})
def _halve(plane: NDArray[Any]) -> NDArray[np.float32]:
    height, width = plane.shape
    out = np.empty(((height + 1) // 2, (width + 1) // 2), np.float32)
    # outermost tap first: the sums of a constant then never need more than 24 bits
    weights = (
        np.float32(-3 / 256),
        np.float32(-9 / 256),
        np.float32(29 / 256),
        np.float32(111 / 256),
    )
    down = np.empty(width, np.float32)
    even = np.empty(out.shape[1] + 4, np.float32)  # down at 2 (x - 2), mirrored outside
    odd = np.empty(out.shape[1] + 4, np.float32)  # down at 2 (x - 2) + 1
    rows = np.empty(8, np.int64)
    for y in range(out.shape[0]):
        for k in range(8):
            rows[k] = _mirrored(2 * y - 3 + k, height)
        r0, r1, r2, r3 = rows[0], rows[1], rows[2], rows[3]
        r4, r5, r6, r7 = rows[4], rows[5], rows[6], rows[7]
        for x in range(width):
            total = weights[0] * (np.float32(plane[r0, x]) + np.float32(plane[r7, x]))
            total += weights[1] * (np.float32(plane[r1, x]) + np.float32(plane[r6, x]))
            total += weights[2] * (np.float32(plane[r2, x]) + np.float32(plane[r5, x]))
            total += weights[3] * (np.float32(plane[r3, x]) + np.float32(plane[r4, x]))
            down[x] = total
        for x in range(2, width // 2 + 2):
            even[x] = down[2 * x - 4]
            odd[x] = down[2 * x - 3]
        for x in (0, 1, width // 2 + 2, out.shape[1] + 2, out.shape[1] + 3):
            even[x] = down[_mirrored(2 * x - 4, width)]
            odd[x] = down[_mirrored(2 * x - 3, width)]
        # taps at 2 x - 3 .. 2 x + 4
        for x in range(out.shape[1]):
            total = weights[0] * (odd[x] + even[x + 4])
            total += weights[1] * (even[x + 1] + odd[x + 3])
            total += weights[2] * (odd[x + 1] + even[x + 3])
            total += weights[3] * (even[x + 2] + odd[x + 2])
            out[y, x] = total
    return out


@jit(error_model="numpy")
def _mirrored(at: int, size: int) -> int:
    wrapped = at % (2 * size)
    return wrapped if wrapped < size else 2 * size - 1 - wrapped


def _along(array: Image, matrix: sparse.csr_array, axis: int) -> Image:
    if axis == 1:
        if array.ndim == 3:
            return np.stack([_along(plane, matrix, axis) for plane in np.moveaxis(array, 2, 0)], axis=2)
        columns: Image = np.asarray(cv2.transpose(np.ascontiguousarray(array)), np.float64)
        return np.asarray(cv2.transpose(_along(columns, matrix, 0)), np.float64)
    shape = (matrix.shape[0], *array.shape[1:])
    out = np.zeros((shape[0], math.prod(shape[1:])))
    flat = np.ascontiguousarray(array).reshape(len(array), -1)
    _combine_rows(flat, matrix.indptr, matrix.indices, matrix.data, out)
    return out.reshape(shape)


@jit(error_model="numpy")
def _combine_rows(
    array: Image, starts: NDArray[np.int32], indices: NDArray[np.int32], weights: Image, out: Image
) -> None:
    """Each row of `out` as the weighted sum of rows of `array`, by the three arrays of a sparse matrix."""
    for y in range(out.shape[0]):
        for entry in range(starts[y], starts[y + 1]):
            row, weight = np.uintp(indices[entry]), weights[entry]
            for x in range(out.shape[1]):
                out[y, x] += weight * array[row, x]


def _cubic(x: Image) -> Image:
    """Keys' cubic with a = -0.5, zero from 2 on."""
    x = np.abs(x)
    near = (1.5 * x - 2.5) * x * x + 1
    far = ((-0.5 * x + 2.5) * x - 4) * x + 2
    return np.where(x <= 1, near, np.where(x <= 2, far, 0.0))


@functools.lru_cache(maxsize=64)
def resizing_matrix(n_in: int, n_out: int, scale: float) -> sparse.csr_array:
    """Weights of every output sample on every input sample, (n_out, n_in)."""
    shrink = min(scale, 1.0)
    width = 4.0 / shrink
    taps = math.ceil(width) + 2
    centre = np.arange(1, n_out + 1) / scale + 0.5 * (1 - 1 / scale)  # 1-based, as the original counts
    first = np.floor(centre - width / 2)
    at = first[:, None] + np.arange(taps)
    weights = _cubic(shrink * (centre[:, None] - at))
    weights /= weights.sum(axis=1, keepdims=True)
    wrapped = np.mod(at.astype(np.int64) - 1, 2 * n_in)
    mirrored = np.where(wrapped < n_in, wrapped, 2 * n_in - 1 - wrapped)
    rows = np.repeat(np.arange(n_out), taps)
    keep = weights.ravel() != 0
    entries = (weights.ravel()[keep], (rows[keep], mirrored.ravel()[keep]))
    return sparse.csr_array(sparse.coo_array(entries, shape=(n_out, n_in)))


@functools.lru_cache(maxsize=64)
def _taps(n_in: int, n_out: int) -> tuple[NDArray[np.int32], Image]:
    matrix = resizing_matrix(n_in, n_out, n_out / n_in)
    first = matrix.indptr[:-1, None]
    slot = np.arange(4)
    used = slot < np.diff(matrix.indptr)[:, None]
    entry = np.where(used, first + slot, 0)
    return matrix.indices[entry].astype(np.int32), np.where(used, matrix.data[entry], 0.0)
