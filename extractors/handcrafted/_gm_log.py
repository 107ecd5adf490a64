"""Joint statistics of gradient magnitude and Laplacian of Gaussian (GM-LOG)."""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from vqa_features.extractor import Session
from vqa_features.frame import Views
from vqa_features.kernels.gradients import contrast, laplacian_of_gaussian
from vqa_features.kernels.jit import jit
from vqa_features.kernels.nss import gaussian

Values = NDArray[np.float64]

SIGMA = 0.5
#: Average ratio of gradient magnitude to Laplacian response on the LIVE images.
RATIO = 2.5
#: Added to the local energy, in units of the responses (4 * 0.05 in the release).
STABILISER = 0.2
#: Width and number of the bins of the normalised responses; the last bin holds all that lies above.
STEP, BINS = 0.2, 10
#: Added to a marginal probability before dividing by it.
EPSILON = 0.0001


class _GmLogSession(Session):
    """The 40 features of each frame; keeps nothing between frames."""

    def push(self, window: Sequence[Views]) -> Values:
        return gm_log_features(window[0].luma)


def gm_log_features(luma: NDArray[Any]) -> Values:
    """The 40 GM-LOG features of a luma plane.

    Parameters
    ----------
    luma : (h, w)
        8-bit code units, any real dtype.

    Returns
    -------
    (40,) float64
        Marginal distributions of the normalised gradient magnitude (10) and Laplacian response
        (10), then their dependency measures, (10) and (10). Each ten sum to one. nan for a picture
        with a side below five pixels.

    References
    ----------
    W. Xue, X. Mou, L. Zhang, A. C. Bovik and X. Feng, "Blind image quality assessment using joint
    statistics of gradient magnitude and Laplacian features", IEEE TIP 23(11), 2014, equations 4-9.
    """
    gradient, laplacian = normalised_responses(luma)
    if gradient.size == 0:
        return np.full(4 * BINS, np.nan)
    counts = _joint_histogram(gradient, laplacian)
    joint = counts / gradient.size
    by_gradient, by_laplacian = joint.sum(axis=1), joint.sum(axis=0)
    given_laplacian = (joint / (by_laplacian + EPSILON)).sum(axis=1)
    given_gradient = (joint / (by_gradient[:, None] + EPSILON)).sum(axis=0)
    return np.concatenate(
        [
            by_gradient,
            by_laplacian,
            given_laplacian / given_laplacian.sum(),
            given_gradient / given_gradient.sum(),
        ]
    )


def normalised_responses(luma: NDArray[Any]) -> tuple[Values, Values]:
    """Gradient magnitude and Laplacian response over their joint local energy, border cut off."""
    luma = np.asarray(luma, np.float64)
    slope, bell = _gradient_taps()
    across, down = _filter(luma, slope, bell), _filter(luma, bell, slope)
    laplacian = contrast(luma, laplacian_of_gaussian(2 * math.ceil(3 * SIGMA) + 1, SIGMA))
    gradient, energy = _responses(across, down, laplacian)
    border = math.ceil(3 * 2 * SIGMA)
    weights = gaussian(2 * border + 1, 2 * SIGMA)
    scale = np.sqrt(_filter(energy, weights, weights)) + STABILISER
    inside = (slice(border - 1, 1 - border),) * 2
    scale = scale[inside]
    return gradient[inside] / scale, laplacian[inside] / scale


@jit(error_model="numpy")
def _responses(across: Values, down: Values, laplacian: Values) -> tuple[Values, Values]:
    """Gradient magnitude and mean energy; `laplacian` becomes its absolute value."""
    gradient, energy = np.empty_like(across), np.empty_like(across)
    for y in range(across.shape[0]):
        for x in range(across.shape[1]):
            a, b = across[y, x], down[y, x]
            g = np.sqrt(a * a + b * b) / RATIO
            gradient[y, x] = g
            laplacian[y, x] = abs(laplacian[y, x])
            energy[y, x] = (g * g + laplacian[y, x] * laplacian[y, x]) / 2.0
    return gradient, energy


@jit()
def _joint_histogram(gradient: Values, laplacian: Values) -> NDArray[np.int64]:
    counts = np.zeros((BINS, BINS), np.int64)
    for y in range(gradient.shape[0]):
        for x in range(gradient.shape[1]):
            row = min(max(np.ceil(gradient[y, x] / STEP), 1.0), BINS)
            column = min(max(np.ceil(laplacian[y, x] / STEP), 1.0), BINS)
            counts[int(row) - 1, int(column) - 1] += 1
    return counts


@functools.cache
def _gradient_taps() -> tuple[Values, Values]:
    """Forward difference of a Gaussian, and the Gaussian: their product's absolute values sum to one.

    The difference does not quite sum to zero: the tail that is cut off on one side is missing.
    """
    bell = gaussian(2 * math.ceil(3 * SIGMA) + 3, SIGMA)
    slope = bell[1:-1] - bell[2:]
    return slope / np.abs(slope).sum(), bell[1:-1] / bell[1:-1].sum()


def _filter(field: Values, across: Values, down: Values) -> Values:
    """Separable correlation with zeros outside."""
    return np.asarray(cv2.sepFilter2D(field, -1, across, down, borderType=cv2.BORDER_CONSTANT))
