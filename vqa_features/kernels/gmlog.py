"""Joint statistics of gradient magnitude and Laplacian of Gaussian (GM-LOG)."""

from __future__ import annotations

import functools
import math
from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

from .gradients import contrast, laplacian_of_gaussian
from .nss import gaussian

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
    rows, columns = (np.clip(np.ceil(x / STEP), 1, BINS).astype(np.int64) - 1 for x in (gradient, laplacian))
    joint = np.bincount((rows * BINS + columns).ravel(), minlength=BINS * BINS).reshape(BINS, BINS)
    joint = joint / gradient.size
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
    across, down = _gradient_kernels()
    # the two kernels do not quite sum to zero: the tail that is cut off on one side is missing
    laplacian = contrast(luma, laplacian_of_gaussian(2 * math.ceil(3 * SIGMA) + 1, SIGMA))
    gradient, energy = _responses(contrast(luma, across), contrast(luma, down), luma, across.sum(), laplacian)
    border = math.ceil(3 * 2 * SIGMA)
    scale = np.sqrt(_smooth(energy, gaussian(2 * border + 1, 2 * SIGMA))) + STABILISER
    inside = (slice(border - 1, 1 - border),) * 2
    scale = scale[inside]
    return gradient[inside] / scale, laplacian[inside] / scale


@numba.njit(cache=True, nogil=True, error_model="numpy")
def _responses(
    across: Values, down: Values, luma: Values, tail: float, laplacian: Values
) -> tuple[Values, Values]:
    """Gradient magnitude and mean energy; `laplacian` becomes its absolute value."""
    gradient, energy = np.empty_like(across), np.empty_like(across)
    for y in range(across.shape[0]):
        for x in range(across.shape[1]):
            a, b = across[y, x] + tail * luma[y, x], down[y, x] + tail * luma[y, x]
            g = np.sqrt(a * a + b * b) / RATIO
            gradient[y, x] = g
            laplacian[y, x] = abs(laplacian[y, x])
            energy[y, x] = (g * g + laplacian[y, x] * laplacian[y, x]) / 2.0
    return gradient, energy


@functools.cache
def _gradient_kernels() -> tuple[Values, Values]:
    """Forward differences of a Gaussian across and down, absolute values summing to one."""
    size = 2 * math.ceil(3 * SIGMA) + 3
    bell = np.outer(gaussian(size, SIGMA), gaussian(size, SIGMA))
    across = bell[1:-1, 1:-1] - bell[1:-1, 2:]
    across /= np.abs(across).sum()
    return across, np.ascontiguousarray(across.T)


def _smooth(field: Values, weights: Values) -> Values:
    """Separable correlation with zeros outside."""
    import cv2

    return cv2.sepFilter2D(field, -1, weights, weights, borderType=cv2.BORDER_CONSTANT)
