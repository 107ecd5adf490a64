"""Sharpness, noise and steps of a picture as they are defined, measure by measure.

Each takes a float32 luma plane (h, w) in 8-bit code units and returns a number; nan where the plane
is too small for the measure to exist.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

Plane = NDArray[np.float32]

_IMMERKAER = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], np.float32)
#: Daubechies' high-pass filter of 4 taps (db2) is a second difference followed by these two taps.
_TAPS = ((1 - 3**0.5) / (4 * 2**0.5), -(1 + 3**0.5) / (4 * 2**0.5))
#: Wavelet coefficients up to this size, in codes, are rounding residue of a flat or even area.
RESIDUE = 1e-3
#: Median of the absolute value of a standard normal variable.
_MEDIAN = 0.6744897501960817


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

    Coefficients up to `RESIDUE` are left out, so that flat and evenly sloped areas do not count; 0 where
    none is larger. The coefficients are those of scikit-image's ``estimate_sigma`` (db2, symmetric border),
    which leaves out exact zeros only: there the rounding residue of flat areas counts, so that its result
    depends on their level.

    References
    ----------
    D. L. Donoho and I. M. Johnstone, "Ideal spatial adaptation by wavelet shrinkage", Biometrika
    81(3), 1994.
    """
    padded = cv2.copyMakeBorder(plane, 2, 3, 2, 3, cv2.BORDER_REFLECT)
    detail = _diagonal_details(padded, *_TAPS)
    detail = detail[detail > RESIDUE]
    return float(np.median(detail) / _MEDIAN) if detail.size else 0.0


def _diagonal_details(padded: Plane, first: float, second: float) -> Plane:
    """Absolute diagonal coefficients of a plane that has 2 more pixels before and 3 after.

    Second differences of codes are exact, so that the level of an area leaves no residue.
    """
    height, width = (padded.shape[0] - 2) // 2, (padded.shape[1] - 2) // 2
    detail = np.empty((height, width), np.float32)
    bend = np.empty(padded.shape[1], np.float32)
    for y in range(height):
        a, b, c, d = padded[2 * y], padded[2 * y + 1], padded[2 * y + 2], padded[2 * y + 3]
        for x in range(padded.shape[1]):
            bend[x] = first * (a[x] - 2 * b[x] + c[x]) + second * (b[x] - 2 * c[x] + d[x])
        for x in range(width):
            left = bend[2 * x] - 2 * bend[2 * x + 1] + bend[2 * x + 2]
            right = bend[2 * x + 1] - 2 * bend[2 * x + 2] + bend[2 * x + 3]
            detail[y, x] = abs(first * left + second * right)
    return detail


def step_density(plane: Plane) -> float:
    """Share of pixels at a small step between two flat runs along the row or the column."""
    return (_band_edges(plane) + _band_edges(plane.T)) / plane.size


def _band_edges(plane: Plane) -> int:
    """Number of steps, along the rows, that are small and lie between two runs of equal pixels."""
    edges = 0
    for y in range(plane.shape[0]):
        run = 0  # equal steps up to here
        before = 0  # the run that ended at the last small step, 0 where none is open
        for x in range(1, plane.shape[1]):
            step = abs(plane[y, x] - plane[y, x - 1])
            if step == 0:
                run += 1
                if run == 4 and before >= 4:
                    edges += 1
            else:
                before = run if step <= 2 else 0
                run = 0
    return edges
