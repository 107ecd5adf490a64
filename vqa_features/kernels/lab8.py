"""8-bit CIE L*a*b* of 8-bit sRGB, as MATLAB's ``applycform`` with ``makecform('srgb2lab')`` gives it.

It goes through the ICC profile of sRGB and not through formulas: a tone curve of 1024 entries of
16 bits, interpolated, and a matrix of five decimals to D50; another white is reached by Bradford's
adaptation. Eight bits come out: L * 2.55, a + 128, b + 128, rounded.
"""

from __future__ import annotations

import functools
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from .jit import jit

Values = NDArray[np.float64]
White = Literal["d50", "d65"]

#: Columns: the profile's colorants of R, G and B, adapted to D50.
SRGB_TO_XYZ = np.array(
    [[0.43607, 0.38515, 0.14307], [0.22249, 0.71687, 0.06061], [0.01392, 0.09708, 0.71410]]
)
WHITES = {"d50": np.array([0.9642, 1.0, 0.8251]), "d65": np.array([0.95047, 1.0, 1.08883])}
#: XYZ to the cone responses in which Bradford's adaptation scales.
BRADFORD = np.array([[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]])
#: Relative luminance below which the cube root is replaced by a line, and that line's slope.
LINEAR_BELOW, SLOPE = 0.008856, 7.787
#: Intervals of the table of cube roots between 0 and 1.
ROOTS = 2048


def srgb_to_lab8(rgb: NDArray[np.uint8], white: White = "d50") -> NDArray[np.uint8]:
    """L*a*b* in 8-bit codes, (h, w, 3) uint8, of (h, w, 3) uint8 sRGB.

    Examples
    --------
    >>> srgb_to_lab8(np.full((1, 1, 3), 255, np.uint8))[0, 0, 0].item()
    255
    """
    return _convert(np.ascontiguousarray(rgb), tone_curve(), _matrix(white), _cube_roots())


def chroma_map(rgb: NDArray[np.uint8], white: White) -> Values:
    """Root of the sum of squares of the 8-bit codes of a* and b* (their offset of 128 included)."""
    lab = srgb_to_lab8(rgb, white)
    a, b = (lab[..., k].astype(np.float64) for k in (1, 2))
    return np.sqrt(a * a + b * b)


def soften(rgb: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Each channel smoothed by a 3 x 3 Gaussian of 3 pixels, the border mirrored, rounded."""
    weights = np.exp(-np.array([1.0, 0.0, 1.0]) / 18)
    weights /= weights.sum()
    smooth = cv2.sepFilter2D(rgb.astype(np.float64), -1, weights, weights, borderType=cv2.BORDER_REFLECT)
    return np.floor(smooth + 0.5).astype(np.uint8)


@functools.cache
def tone_curve() -> Values:
    """Linear light of the 256 codes, by the profile's curve."""
    nodes = np.linspace(0.0, 1.0, 1024)
    light = np.where(nodes > 0.04045, ((nodes + 0.055) / 1.055) ** 2.4, nodes / 12.92)
    return np.interp(np.arange(256) / 255, nodes, np.rint(light * 65535) / 65535)


@functools.cache
def _cube_roots() -> Values:
    """Cube roots of 0, 1 / ROOTS, 2 / ROOTS ...: where to start from."""
    return np.cbrt(np.arange(ROOTS + ROOTS // 8) / ROOTS)


@functools.cache
def _matrix(white: White) -> Values:
    """Linear sRGB to XYZ over the white."""
    to = WHITES[white]
    gains = (BRADFORD @ to) / (BRADFORD @ WHITES["d50"])
    adapted = (
        SRGB_TO_XYZ if white == "d50" else np.linalg.solve(BRADFORD, gains[:, None] * BRADFORD) @ SRGB_TO_XYZ
    )
    return adapted / to[:, None]


@jit(error_model="numpy")
def _convert(rgb: NDArray[np.uint8], light: Values, matrix: Values, roots: Values) -> NDArray[np.uint8]:
    height, width = rgb.shape[:2]
    lab = np.empty((height, width, 3), np.uint8)
    f = np.empty(3)
    for y in range(height):
        for x in range(width):
            r, g, b = light[rgb[y, x, 0]], light[rgb[y, x, 1]], light[rgb[y, x, 2]]
            for k in range(3):
                t = matrix[k, 0] * r + matrix[k, 1] * g + matrix[k, 2] * b
                f[k] = _cube_root(t, roots) if t > LINEAR_BELOW else SLOPE * t + 16.0 / 116.0
            lab[y, x, 0] = _code(2.55 * (116.0 * f[1] - 16.0))
            lab[y, x, 1] = _code(500.0 * (f[0] - f[1]) + 128.0)
            lab[y, x, 2] = _code(200.0 * (f[1] - f[2]) + 128.0)
    return lab


@jit(error_model="numpy", inline="always")
def _cube_root(t: float, roots: Values) -> float:
    """Within 1e-12 for t in 0.008 .. 1.1: two steps of Halley's from the nearest entry of the table."""
    guess = roots[int(t * ROOTS + 0.5)]
    cube = guess * guess * guess
    guess *= (cube + 2.0 * t) / (2.0 * cube + t)
    cube = guess * guess * guess
    return guess * (cube + 2.0 * t) / (2.0 * cube + t)


@jit()
def _code(value: float) -> int:
    return int(min(max(np.floor(value + 0.5), 0.0), 255.0))
