"""Conversions of MATLAB's ``ycbcr2rgb`` and ``rgb2lab``, written plainly."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vqa_features.kernels.colour import BT601, YCBCR_OFFSET, rgb_to_relative_xyz

Image = NDArray[np.float64]


def ycbcr_to_rgb(y: NDArray[np.generic], u: NDArray[np.generic], v: NDArray[np.generic]) -> Image:
    """RGB of limited-range BT.601 planes of one size, (h, w, 3) float64 clipped to 0..1."""
    inverse = np.linalg.inv(BT601)
    planes = np.stack([y, u, v], axis=-1).astype(np.float64) - YCBCR_OFFSET
    return np.clip(planes @ inverse.T, 0.0, 1.0)


def rgb_to_lab(rgb: NDArray[np.floating]) -> Image:
    """CIE 1976 L*a*b* of sRGB in 0..1, (h, w, 3) float64: L in 0..100."""
    code = np.asarray(rgb, np.float64)
    light = np.where(code > 0.04045, ((code + 0.055) / 1.055) ** 2.4, code / 12.92)
    r, g, b = np.moveaxis(light, 2, 0)
    lab, roots = np.empty_like(code), []
    for weights in rgb_to_relative_xyz():
        t = weights[0] * r + weights[1] * g + weights[2] * b
        roots.append(np.where(t > 216.0 / 24389.0, np.cbrt(t), (24389.0 / 27.0 * t + 16.0) / 116.0))
    lab[..., 0] = 116.0 * roots[1] - 16.0
    lab[..., 1] = 500.0 * (roots[0] - roots[1])
    lab[..., 2] = 200.0 * (roots[1] - roots[2])
    return lab
