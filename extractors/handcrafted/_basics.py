"""Plain measures of a picture: sharpness, noise, compression and exposure artefacts, black bars.

Each takes a float32 luma plane (h, w) in 8-bit code units and returns a number; nan where the plane
is too small for the measure to exist.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from vqa_features.extractor import Session
from vqa_features.frame import Views
from vqa_features.kernels.jit import jit

Plane = NDArray[np.float32]

#: Codes up to DARK count as black, from BRIGHT on as white, in limited and in full range.
DARK, BRIGHT = 20.0, 235.0
#: Side of the blocks of most codecs, in pixels.
BLOCK = 8
#: A band's edge: a step of at most BAND_STEP codes between two runs of BAND_RUN equal pixels.
BAND_STEP, BAND_RUN = 2.0, 4
_IMMERKAER = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], np.float32)
#: Daubechies' high-pass filter of 4 taps.
_ROOT3 = 3**0.5
_DB2 = np.array([1 - _ROOT3, -(3 - _ROOT3), 3 + _ROOT3, -(1 + _ROOT3)], np.float32) / np.float32(4 * 2**0.5)
#: Below this mean absolute difference a frame counts as frozen (FFmpeg's freezedetect: -60 dB, 0.26).
FROZEN = 0.1
#: A cut changes the mean pixel by more than 15 codes and moves more than a quarter of the histogram.
CUT_CHANGE, CUT_HISTOGRAM = 15.0, 0.25
#: Features of what changes between frames.
N_CHANGES = 6


@dataclass(frozen=True)
class _Seen:
    """Luma, histogram and measures of a frame, kept until the next frame."""

    plane: NDArray[np.float32]
    histogram: NDArray[np.float64]
    picture: NDArray[np.float64]


class _BasicsSession(Session):
    """Measures of each frame and its change; keeps three brightnesses and three changes."""

    def __init__(self) -> None:
        self._brightness: deque[float] = deque(maxlen=3)
        self._change: deque[float] = deque(maxlen=3)

    def prepare(self, frame: Views) -> _Seen:
        plane = np.ascontiguousarray(frame.luma, dtype=np.float32)
        shares = histogram(plane)
        rgb = frame.rgb
        largest = np.maximum(np.maximum(rgb[..., 0], rgb[..., 1]), rgb[..., 2])
        smallest = np.minimum(np.minimum(rgb[..., 0], rgb[..., 1]), rgb[..., 2])
        picture = [
            plane.mean(dtype=np.float64),
            plane.std(dtype=np.float64),
            entropy(shares),
            (largest - smallest).mean(dtype=np.float64),
            (plane <= DARK).mean(),
            (plane >= BRIGHT).mean(),
            *bars(plane),
            laplacian_variance(plane),
            blur_effect(plane),
            immerkaer_noise(plane),
            wavelet_noise(plane),
            blockiness(plane),
            banding(plane),
        ]
        return _Seen(plane, shares, np.array(picture, dtype=np.float64))

    def push(self, window: Sequence[Any]) -> NDArray[np.float64]:
        previous, current = window
        self._brightness.append(float(current.picture[0]))
        values = np.full(N_CHANGES, np.nan)
        if previous is not None:
            difference = np.abs(current.plane - previous.plane)
            change = float(difference.mean(dtype=np.float64))
            moved = np.abs(current.histogram - previous.histogram).sum() / 2
            self._change.append(change)
            values[:4] = (
                change,
                not difference.any(),
                change < FROZEN,
                change > CUT_CHANGE and moved > CUT_HISTOGRAM,
            )
        values[4] = _bend(self._brightness)
        values[5] = _bend(self._change)
        return np.concatenate([current.picture, values])


def _bend(last: Sequence[float]) -> float:
    """Distance of the middle of three values from the mean of the outer two; nan for fewer than three."""
    return abs(last[1] - (last[0] + last[2]) / 2) if len(last) == 3 else float("nan")


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


def blockiness(plane: Plane) -> float:
    """Mean step across 8 x 8 block borders over the mean step elsewhere, 1 where there is no grid.

    One code is added to both means, so that flat pictures give 1.
    """
    across = np.abs(np.diff(plane, axis=1)).mean(axis=0, dtype=np.float64)
    down = np.abs(np.diff(plane, axis=0)).mean(axis=1, dtype=np.float64)
    if across.size < 2 * BLOCK or down.size < 2 * BLOCK:
        return float("nan")
    ratios = []
    for steps in (across, down):
        border = np.arange(steps.size) % BLOCK == BLOCK - 1
        ratios.append((steps[border].mean() + 1) / (steps[~border].mean() + 1))
    return float(np.mean(ratios))


def banding(plane: Plane) -> float:
    """Share of pixels at a small step between two flat runs along the row or the column, 0 to 1."""
    across = _band_edges(np.ascontiguousarray(plane))
    return (across + _band_edges(np.ascontiguousarray(plane.T))) / plane.size


@jit()
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
                if run == BAND_RUN and before >= BAND_RUN:
                    edges += 1
            else:
                before = run if step <= BAND_STEP else 0
                run = 0
    return edges


def bars(plane: Plane) -> tuple[float, float]:
    """Share of rows, and of columns, that are black bars at the edges; (1, 1) for a black frame."""
    shares = []
    for axis in (1, 0):
        bright = np.flatnonzero(plane.max(axis=axis) > DARK)
        length = plane.shape[1 - axis]
        shares.append(1.0 if bright.size == 0 else 1 - (bright[-1] - bright[0] + 1) / length)
    return shares[0], shares[1]


def histogram(plane: Plane) -> NDArray[np.float64]:
    """Share of pixels at each of the codes 0 .. 255, (256,); codes between are rounded down."""
    codes = np.clip(plane, 0, 255).astype(np.uint8).ravel()
    return np.bincount(codes, minlength=256) / plane.size


def entropy(shares: NDArray[np.float64]) -> float:
    """Entropy of a histogram, in bits, 0 to 8."""
    found = shares[shares > 0]
    return float(max(-(found * np.log2(found)).sum(), 0.0))
