"""Sharpness and noise of a picture, from two passes over a padded plane.

All are of luma in 8-bit code units; a measure is nan where the plane is too small for it.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from vqa_features.kernels.jit import SUMMING, jit

Plane = NDArray[np.float32]
Values = NDArray[np.float64]

#: Side of the mean by which a picture is blurred again, and the pixels around a picture that it needs.
BLUR, MARGIN = 11, 6
#: Daubechies' high-pass filter of 4 taps (db2) is a second difference followed by these two taps.
_TAPS = np.array([(1 - 3**0.5) / (4 * 2**0.5), -(1 + 3**0.5) / (4 * 2**0.5)], np.float32)
#: Wavelet coefficients up to this size, in codes, are rounding residue of a flat or even area.
RESIDUE = 1e-3
#: Median of the absolute value of a standard normal variable.
_MEDIAN = 0.6744897501960817


class Detail(NamedTuple):
    """Sharpness and noise of one picture.

    Attributes
    ----------
    laplacian_variance : float
        Variance of the Laplacian inside the frame: 0 for a flat picture, large for a sharp one.
    blur : float
        Blur by the change that a further blur makes: 0 for a sharp picture, 1 for a blurred one.
    immerkaer : float
        Standard deviation of the noise, from a mask that suppresses edges, in codes.
    wavelet : float
        Standard deviation of the noise, from the median diagonal wavelet coefficient, in codes.

    Notes
    -----
    Of the wavelet coefficients those up to `RESIDUE` are left out, so that flat and evenly sloped areas do
    not count; 0 where none is larger. They are those of scikit-image's ``estimate_sigma`` (db2, symmetric
    border), which leaves out exact zeros only: there the rounding residue of flat areas counts, so that its
    result depends on their level.

    References
    ----------
    F. Crete, T. Dolmiere, P. Ladret and M. Nicolas, "The blur effect: perception and estimation with
    a new no-reference perceptual blur metric", SPIE 6492, 2007; scikit-image's ``blur_effect``.
    J. Immerkaer, "Fast noise variance estimation", CVIU 64(2), 1996.
    D. L. Donoho and I. M. Johnstone, "Ideal spatial adaptation by wavelet shrinkage", Biometrika
    81(3), 1994.
    """

    laplacian_variance: float
    blur: float
    immerkaer: float
    wavelet: float


def padded(plane: NDArray[Any]) -> Plane:
    """Return a plane within `MARGIN` pixels of its own, mirrored at the edges, as float32."""
    edges = (MARGIN, MARGIN, MARGIN, MARGIN)
    return np.asarray(cv2.copyMakeBorder(plane, *edges, cv2.BORDER_REFLECT), np.float32)


def detail(wide: Plane) -> Detail:
    """Return the measures of a picture, given as `padded` returns it."""
    height, width = (n - 2 * MARGIN for n in wide.shape)
    inside = (height - 2) * (width - 2)
    laplacian = immerkaer = blur = np.nan
    if min(height, width) >= 3:
        sums = _sums(wide)
        laplacian = max(sums[1] / inside - (sums[0] / inside) ** 2, 0.0)
        immerkaer = np.sqrt(np.pi / 2) / 6 * sums[2] / inside
    if min(height, width) >= 4:
        pairs: Values = sums[3:].reshape(2, 2)
        down, across = ((total - lost) / total if total > 0 else np.nan for total, lost in pairs)
        blur = np.fmax(down, across)
    return Detail(float(laplacian), float(blur), float(immerkaer), _wavelet_noise(wide))


def _wavelet_noise(wide: Plane) -> float:
    height, width = (n - 2 * MARGIN for n in wide.shape)
    found = np.empty(((height + 3) // 2, (width + 3) // 2), np.float32)
    _diagonal_details(wide, _TAPS, np.empty(wide.shape[1], np.float32), found)
    found = found.reshape(-1)
    count = np.count_nonzero(found > RESIDUE)
    if not count:
        return 0.0
    middle = found.size - count + count // 2  # of those above RESIDUE, which come last in order
    found.partition(middle)
    upper = found[middle]
    lower = upper if count % 2 else found[:middle].max()
    return float((lower + upper) / 2 / _MEDIAN)


def _sums(wide: Plane) -> Values:
    """Sum of the Laplacian, its square, the absolute response of Immerkaer's mask, and what a blur leaves.

    The last four are, down and across, the sum of the absolute Sobel response and of what a blur in its
    direction takes from it. The response of the blurred picture is the difference of two means: of all
    their samples only the outermost two on each side remain.

    The loops of the kernels begin at 0: numba then knows that no index is negative, and they are vectorised.
    """
    sums = np.zeros(7)
    one, other = np.empty(wide.shape[1], np.float32), np.empty(wide.shape[1], np.float32)
    _second_order(wide, one, sums)
    _lost_down(wide, one, other, sums)
    _lost_across(wide, one, sums)
    return sums


@jit(**SUMMING)
def _second_order(wide: Plane, bend: Plane, sums: Values) -> None:
    """Add to the first three sums; `bend` is work space for a row, as below."""
    two = np.float32(2)
    for y in range(MARGIN + 1, wide.shape[0] - MARGIN - 1):
        for x in range(wide.shape[1]):
            bend[x] = wide[y - 1, x] - two * wide[y, x] + wide[y + 1, x]
        total, noise, square = np.float32(0), np.float32(0), 0.0
        for i in range(wide.shape[1] - 2 * MARGIN - 2):
            x = i + MARGIN + 1
            laplacian = bend[x] + (wide[y, x - 1] - two * wide[y, x] + wide[y, x + 1])
            total += laplacian
            square += np.float64(laplacian) * np.float64(laplacian)
            noise += abs(bend[x - 1] - two * bend[x] + bend[x + 1])
        sums[0] += total
        sums[1] += square
        sums[2] += noise


@jit(**SUMMING)
def _lost_down(wide: Plane, slope: Plane, far: Plane, sums: Values) -> None:
    """Add to the sums of responses down the columns."""
    share, two = np.float32(1 / BLUR), np.float32(2)
    for y in range(MARGIN + 2, wide.shape[0] - MARGIN - 1):
        for x in range(wide.shape[1]):
            slope[x] = wide[y + 1, x] - wide[y - 1, x]
        for x in range(wide.shape[1]):
            far[x] = wide[y + 6, x] + wide[y + 5, x] - wide[y - 5, x] - wide[y - 6, x]
        total, lost = np.float32(0), np.float32(0)
        for i in range(wide.shape[1] - 2 * MARGIN - 3):
            x = i + MARGIN + 2
            sharp = abs(slope[x - 1] + two * slope[x] + slope[x + 1])
            dull = share * abs(far[x - 1] + two * far[x] + far[x + 1])
            total += sharp
            lost += max(sharp - dull, np.float32(0))
        sums[3] += total
        sums[4] += lost


@jit(**SUMMING)
def _lost_across(wide: Plane, smooth: Plane, sums: Values) -> None:
    """Add to the sums of responses across the rows."""
    share, two = np.float32(1 / BLUR), np.float32(2)
    for y in range(MARGIN + 2, wide.shape[0] - MARGIN - 1):
        for x in range(wide.shape[1]):
            smooth[x] = wide[y - 1, x] + two * wide[y, x] + wide[y + 1, x]
        total, lost = np.float32(0), np.float32(0)
        for i in range(wide.shape[1] - 2 * MARGIN - 3):
            x = i + MARGIN + 2
            sharp = abs(smooth[x + 1] - smooth[x - 1])
            dull = share * abs(smooth[x + 6] + smooth[x + 5] - smooth[x - 5] - smooth[x - 6])
            total += sharp
            lost += max(sharp - dull, np.float32(0))
        sums[5] += total
        sums[6] += lost


@jit(**SUMMING)
def _diagonal_details(wide: Plane, taps: Plane, bend: Plane, found: Plane) -> None:
    """Absolute diagonal coefficients; the first is of the two pixels before the picture and its first two.

    Second differences of codes are exact, so that the level of an area leaves no residue.
    """
    first, second = taps[0], taps[1]
    for i in range(found.shape[0]):
        y = 2 * i + MARGIN - 2
        for x in range(wide.shape[1]):
            b, c = wide[y + 1, x], wide[y + 2, x]
            upper, lower = (wide[y, x] - b) - (b - c), (b - c) - (c - wide[y + 3, x])
            bend[x] = first * upper + second * lower
        for j in range(found.shape[1]):
            x = 2 * j + MARGIN - 2
            b, c = bend[x + 1], bend[x + 2]
            left, right = (bend[x] - b) - (b - c), (b - c) - (c - bend[x + 3])
            found[i, j] = abs(first * left + second * right)
