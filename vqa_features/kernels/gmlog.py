"""Joint statistics of gradient magnitude and Laplacian of Gaussian (GM-LOG)."""

from __future__ import annotations

import functools
import math
from typing import Any

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
    mean = across.sum() * luma
    squares = np.square(contrast(luma, across) + mean) + np.square(contrast(luma, down) + mean)
    gradient = np.sqrt(squares) / RATIO
    laplacian = np.abs(contrast(luma, laplacian_of_gaussian(2 * math.ceil(3 * SIGMA) + 1, SIGMA)))
    border = math.ceil(3 * 2 * SIGMA)
    energy = _smooth((gradient * gradient + laplacian * laplacian) / 2, gaussian(2 * border + 1, 2 * SIGMA))
    scale = np.sqrt(energy) + STABILISER
    inside = (slice(border - 1, 1 - border),) * 2
    return (gradient / scale)[inside], (laplacian / scale)[inside]


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
