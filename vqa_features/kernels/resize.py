"""Antialiased bicubic resize, equal to MATLAB's ``imresize``.

OpenCV's cubic interpolation is another function: it does not widen the kernel when it shrinks, and
its cubic has a = -0.75 instead of -0.5.
"""

from __future__ import annotations

import functools
import math

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from ..errors import ParameterError

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
        result = _along(result, _matrix(result.shape[axis], shape[axis], scales[axis]), axis)
    return result


def _along(array: Image, matrix: sparse.csr_array, axis: int) -> Image:
    moved = np.moveaxis(array, axis, 0)
    flat = matrix @ np.ascontiguousarray(moved).reshape(moved.shape[0], -1)
    return np.ascontiguousarray(np.moveaxis(flat.reshape(-1, *moved.shape[1:]), 0, axis))


def _cubic(x: Image) -> Image:
    """Keys' cubic with a = -0.5, zero from 2 on."""
    x = np.abs(x)
    near = (1.5 * x - 2.5) * x * x + 1
    far = ((-0.5 * x + 2.5) * x - 4) * x + 2
    return np.where(x <= 1, near, np.where(x <= 2, far, 0.0))


@functools.lru_cache(maxsize=64)
def _matrix(n_in: int, n_out: int, scale: float) -> sparse.csr_array:
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
