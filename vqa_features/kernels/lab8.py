"""8-bit CIE L*a*b* of 8-bit sRGB, as MATLAB's ``applycform`` with ``makecform('srgb2lab')`` gives it.

It goes through the ICC profile of sRGB and not through formulas: a tone curve of 1024 entries of
16 bits, interpolated, and a matrix of five decimals to D50. Eight bits come out: L * 2.55, a + 128,
b + 128, rounded.
"""

from __future__ import annotations

import functools

import numba
import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]

#: Columns: the profile's colorants of R, G and B, adapted to D50.
SRGB_TO_XYZ = np.array(
    [[0.43607, 0.38515, 0.14307], [0.22249, 0.71687, 0.06061], [0.01392, 0.09708, 0.71410]]
)
#: MATLAB's white "d50".
D50 = np.array([0.9642, 1.0, 0.8251])


def srgb_to_lab8(rgb: NDArray[np.uint8], white: Values = D50) -> NDArray[np.uint8]:
    """L*a*b* in 8-bit codes, (h, w, 3) uint8, of (h, w, 3) uint8 sRGB.

    Examples
    --------
    >>> srgb_to_lab8(np.full((1, 1, 3), 255, np.uint8))[0, 0, 0].item()
    255
    """
    return _convert(np.ascontiguousarray(rgb), tone_curve(), SRGB_TO_XYZ / np.asarray(white)[:, None])


@functools.cache
def tone_curve() -> Values:
    """Linear light of the 256 codes, by the profile's curve."""
    nodes = np.linspace(0.0, 1.0, 1024)
    light = np.where(nodes > 0.04045, ((nodes + 0.055) / 1.055) ** 2.4, nodes / 12.92)
    return np.interp(np.arange(256) / 255, nodes, np.rint(light * 65535) / 65535)


@numba.njit(cache=True, nogil=True, error_model="numpy")
def _convert(rgb: NDArray[np.uint8], light: Values, matrix: Values) -> NDArray[np.uint8]:
    height, width = rgb.shape[:2]
    lab = np.empty((height, width, 3), np.uint8)
    f = np.empty(3)
    for y in range(height):
        for x in range(width):
            r, g, b = light[rgb[y, x, 0]], light[rgb[y, x, 1]], light[rgb[y, x, 2]]
            for k in range(3):
                t = matrix[k, 0] * r + matrix[k, 1] * g + matrix[k, 2] * b
                f[k] = np.cbrt(t) if t > 0.008856 else 7.787 * t + 16.0 / 116.0
            lab[y, x, 0] = _code(2.55 * (116.0 * f[1] - 16.0))
            lab[y, x, 1] = _code(500.0 * (f[0] - f[1]) + 128.0)
            lab[y, x, 2] = _code(200.0 * (f[1] - f[2]) + 128.0)
    return lab


@numba.njit(cache=True, nogil=True)
def _code(value: float) -> int:
    return int(min(max(np.floor(value + 0.5), 0.0), 255.0))
