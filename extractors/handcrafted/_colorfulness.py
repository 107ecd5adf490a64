"""Hasler and Suesstrunk's colourfulness, from moments of opponent colours."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from vqa_features.extractor import Session
from vqa_features.frame import Views
from vqa_features.kernels.jit import jit


class _ColorfulnessSession(Session):
    """Colourfulness and opponent moments of each frame; keeps nothing between frames."""

    def push(self, window: Sequence[Views]) -> NDArray[np.float64]:
        moments = opponent_moments(window[0].rgb)
        return np.append(colourfulness(moments), moments)


def opponent_moments(rgb: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Mean and deviation of R - G, then of (R + G) / 2 - B: (4,) in 8-bit codes.

    Parameters
    ----------
    rgb : (h, w, 3) uint8
        Full-range codes.
    """
    sums = _opponent_sums(np.ascontiguousarray(rgb).reshape(-1))
    n = rgb.shape[0] * rgb.shape[1]
    moments = []
    for total, square, unit in ((sums[0], sums[1], 1), (sums[2], sums[3], 2)):
        mean = total / n
        variance = max(square / n - mean * mean, 0.0)
        moments += [mean / unit, np.sqrt(variance) / unit]
    return np.array(moments)


def colourfulness(moments: NDArray[np.float64]) -> float:
    """Colourfulness from `opponent_moments`: joint deviation + 0.3 * distance of the mean from gray.

    0 for a gray picture, above 100 for an extremely colourful one.

    References
    ----------
    D. Hasler and S. Suesstrunk, "Measuring colourfulness in natural images", SPIE 5007, 2003,
    equation for M^(3).
    """
    rg_mean, rg_std, yb_mean, yb_std = moments
    return float(np.hypot(rg_std, yb_std) + 0.3 * np.hypot(rg_mean, yb_mean))


@jit(error_model="numpy")
def _opponent_sums(samples: NDArray[np.uint8]) -> tuple[int, int, int, int]:
    """Sum and sum of squares of R - G and of R + G - 2 B: whole numbers, so exact."""
    rg = rg_square = yb = yb_square = 0
    for i in range(0, samples.size, 3):
        r, g, b = np.int32(samples[i]), np.int32(samples[i + 1]), np.int32(samples[i + 2])
        d = r - g
        e = r + g - 2 * b
        rg += d
        rg_square += d * d
        yb += e
        yb_square += e * e
    return rg, rg_square, yb, yb_square
