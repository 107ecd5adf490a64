"""Sums of RAPIQUE's map statistics from whole fields: what its kernel computes in one pass."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vqa_features.kernels.field_statistics import log_derivatives, neighbour_products
from vqa_features.kernels.nss import local_moments


def map_sums(image: NDArray[np.float64]) -> NDArray[np.float64]:
    """The sums of `_map_sums.map_sums`, (13, 5), by the shared double-precision fields."""
    mean, deviation = local_moments(image)
    coefficients = (image - mean) / (deviation + 1)
    sums = np.zeros((13, 5))
    sums[0, :2] = np.abs(coefficients).sum(), np.square(coefficients).sum()
    start = deviation[0, 0]
    sums[1, :3] = start, (deviation - start).sum(), np.square(deviation - start).sum()
    sums[2:6] = neighbour_products(coefficients, image).sums
    sums[6:, :2] = log_derivatives(coefficients, "replicate", centred=False)
    return sums
