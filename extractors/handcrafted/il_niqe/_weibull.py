"""Maximum-likelihood fit of Weibull distributions, one per row of samples."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vqa_features.kernels.jit import jit

Values = NDArray[np.float64]

#: Newton's method stops when the shape moves by less than this part of itself.
TOLERANCE = 1e-12
MOST_STEPS = 100


@jit(error_model="numpy")
def weibull_fit(samples: Values) -> Values:
    """Scale and shape of each row of positive samples (n, m), (n, 2) float64.

    Where all samples of a row are equal, the scale is their value and the shape infinite.

    The shape b solves sum x^b log x / sum x^b - 1 / b = mean log x; the scale is (mean x^b)^(1/b).
    """
    n, m = samples.shape
    found = np.empty((n, 2))
    logs = np.empty(m)
    for row in range(n):
        for i in range(m):
            logs[i] = np.log(samples[row, i])
        largest, smallest = logs.max(), logs.min()
        if largest == smallest:
            found[row, 0], found[row, 1] = samples[row, 0], np.inf
            continue
        logs -= largest
        mean = logs.mean()
        shape = np.pi / np.sqrt(6.0) / logs.std()  # of a Gumbel distribution with that deviation
        power = 0.0
        for _ in range(MOST_STEPS):
            power = first = second = 0.0
            for i in range(m):
                weight = np.exp(shape * logs[i])
                power += weight
                first += weight * logs[i]
                second += weight * logs[i] * logs[i]
            first /= power
            excess = first - 1.0 / shape - mean
            slope = second / power - first * first + 1.0 / (shape * shape)
            moved = max(shape - excess / slope, 0.1 * shape)
            done = abs(moved - shape) <= TOLERANCE * shape
            shape = moved
            if done:
                break
        found[row, 0] = np.exp(np.log(power / m) / shape + largest)
        found[row, 1] = shape
    return found
