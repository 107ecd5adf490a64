"""Measures of a motion field over its determined area, and of what it does not explain."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from vqa_features.kernels.brisque_niqe import brisque_statistics

from ._field import LEAST_DETERMINED, Motion, Working

Plane = NDArray[np.float32]
Values = NDArray[np.float64]

#: Diagonal of the frame to which thresholds refer, in pixels.
DIAGONAL_540P = float(np.hypot(960, 540))
#: Lengths in pixels of a 540p frame: below the first a pixel is still, above the second it moves by itself.
STILL, OWN = 0.5, 1.0
#: Added to both sides of `residual_gain`, in codes: the difference that rounding alone makes.
ROUNDING = 0.5
#: Measures of motion, in the order of the columns.
N_MOTION = 14


def motion_measures(found: Motion, current: Working) -> Values:
    """Return the 14 measures of motion, nan where too little is determined.

    Parameters
    ----------
    found : Motion
        The motion.
    current : Working
        The second frame.
    """
    part = found.determined
    if part.mean() < LEAST_DETERMINED:
        return np.full(N_MOTION, np.nan)
    unit = np.hypot(*current.shape) / DIAGONAL_540P
    u, v = (np.ascontiguousarray(found.motion[..., k]) for k in (0, 1))
    length = _lengths(found.motion)[part]
    mean = float(length.mean(dtype=np.float64))
    whole = float(np.hypot(*(w[part].mean(dtype=np.float64) for w in (u, v))))
    return np.array(
        [
            mean,
            length.std(dtype=np.float64),
            np.percentile(length, 95),
            (length < STILL * unit).mean(),
            min(whole / mean, 1.0) if mean > 0 else np.nan,
            *_deformation(u, v, part, 2.0 * current.factor),
            *_camera_measures(found, current, unit),
        ],
        dtype=np.float64,
    )


def _camera_measures(found: Motion, current: Working, unit: float) -> Values:
    """Return the seven measures of the camera and of what moves against it, nan where it is not known."""
    if found.camera is None:
        return np.full(7, np.nan)
    part, of_camera = found.determined, found.camera.motion(*current.places())
    own = _lengths(found.motion - of_camera)[part]
    return np.array(
        [
            *found.camera.shift,
            found.camera.zoom,
            found.camera.rotation,
            _lengths(of_camera)[part].mean(dtype=np.float64),
            own.mean(dtype=np.float64),
            (own > OWN * unit).mean(),
        ]
    )


def _lengths(motion: Plane) -> Plane:
    """Length of each vector; OpenCV's own rounds by the alignment of the memory."""
    u, v = cv2.split(motion)
    return np.sqrt(u * u + v * v)


def _deformation(
    u: NDArray[np.float32], v: NDArray[np.float32], part: NDArray[np.bool_], step: float
) -> tuple[float, float]:
    """Deviation of divergence and curl where a vector and its eight neighbours are determined."""
    whole = cv2.erode(part.view(np.uint8), np.ones((3, 3), np.uint8), borderValue=0)[1:-1, 1:-1] > 0
    if not whole.any():
        return np.nan, np.nan
    (u_x, u_y), (v_x, v_y) = (
        ((w[1:-1, 2:] - w[1:-1, :-2])[whole], (w[2:, 1:-1] - w[:-2, 1:-1])[whole]) for w in (u, v)
    )
    scale = 2 * step
    return float((u_x + v_y).std(dtype=np.float64)) / scale, float((v_x - u_y).std(dtype=np.float64)) / scale


def residual_measures(previous: Working, current: Working, found: Motion) -> Values:
    """Return `residual_rms`, `residual_gain` and the 18 natural-scene statistics of the residual.

    Parameters
    ----------
    previous, current : Working
        The frames.
    found : Motion
        The motion between them.

    Returns
    -------
    (20,) float64
        Over the covered area; the statistics over the rows and columns that are covered by more than half,
        where the rest of the residual is 0. nan where nothing is covered.
    """
    covered = found.covered.view(np.uint8)
    pixels = cv2.countNonZero(covered)
    if not pixels:
        return np.full(20, np.nan)
    differences = cv2.absdiff(current.picture, previous.picture) * covered
    change, left = (float(np.abs(each).sum()) / pixels for each in (differences, found.residual))
    rms = np.sqrt(float(np.square(found.residual).sum()) / pixels)
    rows, columns = (
        _middle(
            cv2.reduce(covered, axis, cv2.REDUCE_SUM, dtype=cv2.CV_32S).ravel() > 0.5 * covered.shape[axis]
        )
        for axis in (1, 0)
    )
    statistics = brisque_statistics(np.ascontiguousarray(found.residual[rows, columns])[None])
    return np.concatenate([[rms, (left + ROUNDING) / (change + ROUNDING)], statistics])


def _middle(kept: NDArray[np.bool_]) -> slice:
    """Lines from the first to the last that is kept; all of them where none is."""
    at = np.flatnonzero(kept)
    return slice(at[0], at[-1] + 1) if at.size else slice(None)
