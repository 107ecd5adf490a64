"""Sobel gradients of a plane."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray


def mean_squared_gradient(plane: NDArray[Any], size: int) -> float:
    """Return the mean squared magnitude of the Sobel gradient.

    Parameters
    ----------
    plane : ndarray, (h, w) uint8 or float32
        Code values. The border is reflected without its last pixel.
    size : {3, 5, 7}
        Aperture, in pixels.

    Returns
    -------
    float
        In squared code values; the kernels are not divided by their sum.
    """
    across = cv2.Sobel(plane, cv2.CV_64F, 1, 0, ksize=size)
    down = cv2.Sobel(plane, cv2.CV_64F, 0, 1, ksize=size)
    return float(np.mean(across * across + down * down))
