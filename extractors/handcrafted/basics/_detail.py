"""Sharpness and noise of a picture.

Each takes a float32 luma plane (h, w) in 8-bit code units and returns a number; nan where the plane
is too small for the measure to exist.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

Plane = NDArray[np.float32]

_IMMERKAER = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], np.float32)
#: Daubechies' high-pass filter of 4 taps.
_ROOT3 = 3**0.5
_DB2 = np.array([1 - _ROOT3, -(3 - _ROOT3), 3 + _ROOT3, -(1 + _ROOT3)], np.float32) / np.float32(4 * 2**0.5)


def laplacian_variance(plane: Plane) -> float:
    """Variance of the Laplacian inside the frame: 0 for a flat picture, large for a sharp one."""
    if min(plane.shape) < 3:
        return float("nan")
    return float(cv2.Laplacian(plane, cv2.CV_32F)[1:-1, 1:-1].var(dtype=np.float64))


def blur_effect(plane: Plane, size: int = 11) -> float:
    """Blur by the change that a further blur makes: 0 for a sharp picture, 1 for a blurred one.

    References
    ----------
    F. Crete, T. Dolmiere, P. Ladret and M. Nicolas, "The blur effect: perception and estimation with
    a new no-reference perceptual blur metric", SPIE 6492, 2007; scikit-image's ``blur_effect``.
    """
    if min(plane.shape) < 4:
        return float("nan")
    found = []
    for window, order in (((1, size), (0, 1)), ((size, 1), (1, 0))):
        blurred = cv2.blur(plane, window, borderType=cv2.BORDER_REFLECT)
        sharp, dull = (
            np.abs(cv2.Sobel(p, cv2.CV_32F, *order, ksize=3, borderType=cv2.BORDER_REFLECT))[2:-1, 2:-1]
            for p in (plane, blurred)
        )
        total = float(sharp.sum(dtype=np.float64))
        lost = float(np.maximum(sharp - dull, 0).sum(dtype=np.float64))
        found.append((total - lost) / total if total > 0 else np.nan)
    return float(np.fmax(found[0], found[1]))


def immerkaer_noise(plane: Plane) -> float:
    """Standard deviation of the noise, from a mask that suppresses edges, in codes.

    References
    ----------
    J. Immerkaer, "Fast noise variance estimation", CVIU 64(2), 1996.
    """
    if min(plane.shape) < 3:
        return float("nan")
    response = cv2.filter2D(plane, cv2.CV_32F, _IMMERKAER)[1:-1, 1:-1]
    return float(np.sqrt(np.pi / 2) / 6 * np.abs(response).mean(dtype=np.float64))


def wavelet_noise(plane: Plane) -> float:
    """Standard deviation of the noise, from the median diagonal wavelet coefficient, in codes.

    Coefficients that are exactly zero are left out; 0 where all are zero.

    References
    ----------
    D. L. Donoho and I. M. Johnstone, "Ideal spatial adaptation by wavelet shrinkage", Biometrika
    81(3), 1994 (db2, as scikit-image's ``estimate_sigma``).
    """
    detail = np.abs(cv2.sepFilter2D(plane, cv2.CV_32F, _DB2, _DB2)[::2, ::2])
    detail = detail[detail > 0]
    return float(np.median(detail) / 0.6744897501960817) if detail.size else 0.0
