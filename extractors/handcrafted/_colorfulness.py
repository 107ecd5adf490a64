"""Hasler and Suesstrunk's colourfulness, from moments of opponent colours."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from vqa_features.extractor import Session
from vqa_features.frame import Views


class _ColorfulnessSession(Session):
    """Colourfulness and opponent moments of each frame; keeps nothing between frames."""

    concurrent = True

    def prepare(self, frame: Views) -> NDArray[np.float64]:
        moments = opponent_moments(frame.rgb)
        return np.append(colourfulness(moments), moments)

    def push(self, window: Sequence[NDArray[np.float64]]) -> NDArray[np.float64]:
        return window[0]


def opponent_moments(rgb: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Mean and deviation of R - G, then of (R + G) / 2 - B: (4,) in 8-bit codes.

    Parameters
    ----------
    rgb : (h, w, 3) uint8
        Full-range codes.

    Notes
    -----
    All sums are whole numbers, so exact. With a = R - B and b = G - B, the square of R + G - 2 B is
    (a + b)^2 = 2 a^2 + 2 b^2 - (a - b)^2, and a - b is R - G: three sums of squared differences are enough.
    OpenCV gives them as squares of roots, which are rounded back.
    """
    n = rgb.shape[0] * rgb.shape[1]
    planes = cv2.split(rgb)
    red, green, blue = (cv2.sumElems(plane)[0] for plane in planes)
    rg_square, rb_square, gb_square = (
        round(cv2.norm(planes[i], planes[j], cv2.NORM_L2SQR)) for i, j in ((0, 1), (0, 2), (1, 2))
    )
    yb_square = 2 * rb_square + 2 * gb_square - rg_square
    moments = []
    for total, square, unit in ((red - green, rg_square, 1), (red + green - 2 * blue, yb_square, 2)):
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
