"""GM-LOG's responses and their joint histogram by definition, with which the compiled kernel is compared."""

from __future__ import annotations

import math
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from vqa_features.kernels.gm_log import BINS, RATIO, SIGMA, STABILISER, STEP, gradient_taps
from vqa_features.kernels.gradients import contrast, laplacian_of_gaussian
from vqa_features.kernels.nss import gaussian

Values = NDArray[np.float64]


def normalised_responses(luma: NDArray[Any]) -> tuple[Values, Values]:
    """Gradient magnitude and Laplacian response over their joint local energy, border cut off."""
    luma = np.asarray(luma, np.float64)
    slope, bell = gradient_taps()
    across, down = correlate(luma, slope, bell), correlate(luma, bell, slope)
    gradient = np.sqrt(across * across + down * down) / RATIO
    laplacian = np.abs(contrast(luma, laplacian_of_gaussian(2 * math.ceil(3 * SIGMA) + 1, SIGMA)))
    energy = (gradient * gradient + laplacian * laplacian) / 2.0
    border = math.ceil(3 * 2 * SIGMA)
    weights = gaussian(2 * border + 1, 2 * SIGMA)
    scale = np.sqrt(correlate(energy, weights, weights)) + STABILISER
    inside = (slice(border - 1, 1 - border),) * 2
    return gradient[inside] / scale[inside], laplacian[inside] / scale[inside]


def joint_histogram(luma: NDArray[Any]) -> NDArray[np.int64]:
    """Number of pixels by the bins of both responses, (BINS, BINS)."""
    rows, columns = (
        np.clip(np.ceil(one / STEP), 1, BINS).astype(int) - 1 for one in normalised_responses(luma)
    )
    return np.bincount((BINS * rows + columns).ravel(), minlength=BINS * BINS).reshape(BINS, BINS)


def correlate(field: Values, across: Values, down: Values) -> Values:
    """Separable correlation with zeros outside."""
    return np.asarray(cv2.sepFilter2D(field, -1, across, down, borderType=cv2.BORDER_CONSTANT))
