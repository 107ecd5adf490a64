"""Spatial and temporal perceptual information of ITU-T P.910, each in one pass over the plane."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import attrgetter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vqa_features.extractor import Session
from vqa_features.frame import Views
from vqa_features.kernels.jit import SUMMING, jit
from vqa_features.kernels.perceptual_codes import Curve, Hdr, perceptual_codes
from vqa_features.kernels.planes import as_plane
from vqa_features.specs import VideoInfo

from ._luma_range import LIMITED, black_and_white


class _SiTiSession(Session):
    """SI of each frame and TI of each pair; keeps nothing between pairs.

    Parameters
    ----------
    plane_of : callable, optional
        From a frame to the plane of which SI and TI are taken; by default its luma.
    """

    concurrent = True

    def __init__(self, plane_of: Callable[[Views], NDArray[Any]] = attrgetter("luma")) -> None:
        self._plane_of = plane_of

    def prepare(self, frame: Views) -> tuple[NDArray[Any], float]:
        plane = as_plane(self._plane_of(frame))  # once: the decoder's lines are padded
        return plane, spatial_information(plane) if frame.sampled else np.nan

    def measure(self, window: Sequence[Any]) -> NDArray[np.float64]:
        """Return SI and TI."""
        previous, (luma, si) = window
        ti = np.nan if previous is None else temporal_information(previous[0], luma)
        return np.array([si, ti])

    def push(self, window: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return what `measure` made."""
        return window


class PerceptualPlanes:
    """Planes of a video as perceptual codes.

    Parameters
    ----------
    info : VideoInfo
        Names the bit depth.
    curve, hdr
        As for `perceptual_codes`.
    limited : bool, optional
        Whether the codes have limited range; by default that of `black_and_white`.
    """

    def __init__(self, info: VideoInfo, curve: Curve, hdr: Hdr, limited: bool | None) -> None:
        self._info, self._limited = info, limited
        self._tables = {one: perceptual_codes(curve, hdr, info.bit_depth, one) for one in (False, True)}

    def of(self, frame: Views) -> NDArray[np.float32]:
        """Return the codes of a frame as perceptual codes, 0 to 255."""
        limited = self._limited
        if limited is None:
            limited = black_and_white(self._info, frame) == LIMITED
        table, plane = self._tables[limited], frame.codes
        if plane.dtype == np.uint8:
            return table[:: len(table) // 256][plane]
        return table[np.rint(plane * (len(table) / 256)).astype(np.intp)]


def spatial_information(plane: NDArray[Any]) -> float:
    """SI: standard deviation over space of the Sobel gradient magnitude, 0 or more.

    Parameters
    ----------
    plane : (h, w) uint8 or float32
        Luma codes in 8-bit units, as decoded: no range is expanded, no transfer undone.

    Returns
    -------
    float
        In code units. The outermost pixels have no gradient and are left out; nan where nothing
        else is left (fewer than 3 pixels in a direction).

    References
    ----------
    ITU-T P.910, annex on spatial and temporal information.

    Examples
    --------
    >>> spatial_information(np.full((9, 9), 7, np.uint8))
    0.0
    """
    plane = as_plane(plane)
    n = (plane.shape[0] - 2) * (plane.shape[1] - 2)
    if min(plane.shape) < 3:
        return float("nan")
    return _deviation(_gradient_sums(plane), n)


def temporal_information(previous: NDArray[Any], current: NDArray[Any]) -> float:
    """TI: standard deviation over space of the difference of two frames, 0 or more, in code units.

    Parameters
    ----------
    previous, current : (h, w) uint8 or float32
        As for `spatial_information`.
    """
    return _deviation(_difference_sums(as_plane(previous), as_plane(current)), current.size)


def _deviation(sums: tuple[float, float], n: int) -> float:
    mean = sums[0] / n
    return float(np.sqrt(max(sums[1] / n - mean * mean, 0.0)))


@jit(**SUMMING)
def _gradient_sums(plane: NDArray[Any]) -> tuple[float, float]:
    """Sum and sum of squares of the Sobel magnitude inside the frame."""
    height, width = plane.shape
    smooth = np.empty(width, np.float32)  # above + 2 * here + below
    slope = np.empty(width, np.float32)  # below - above
    total = square = 0.0
    for y in range(1, height - 1):
        above, here, below = plane[y - 1], plane[y], plane[y + 1]
        for x in range(width):
            a, b = np.float32(above[x]), np.float32(below[x])
            smooth[x] = a + b + np.float32(2) * np.float32(here[x])
            slope[x] = b - a
        row = row_square = np.float32(0)
        for x in range(1, width - 1):
            across = smooth[x + 1] - smooth[x - 1]
            down = slope[x - 1] + np.float32(2) * slope[x] + slope[x + 1]
            energy = across * across + down * down
            row += np.sqrt(energy)
            row_square += energy
        total += float(row)
        square += float(row_square)
    return total, square


@jit(**SUMMING)
def _difference_sums(previous: NDArray[Any], current: NDArray[Any]) -> tuple[float, float]:
    """Sum and sum of squares of current - previous."""
    total = square = 0.0
    for y in range(current.shape[0]):
        row = row_square = np.float32(0)
        for x in range(current.shape[1]):
            d = np.float32(current[y, x]) - np.float32(previous[y, x])
            row += d
            row_square += d * d
        total += float(row)
        square += float(row_square)
    return total, square
