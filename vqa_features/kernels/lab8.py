"""8-bit CIE L*a*b* of 8-bit sRGB, as MATLAB's ``applycform`` with ``makecform('srgb2lab')`` gives it.

It goes through the ICC profile of sRGB and not through formulas: a tone curve of 1024 entries of
16 bits, interpolated, and a matrix of five decimals to D50; another white is reached by Bradford's
adaptation. Eight bits come out: L * 2.55, a + 128, b + 128, rounded.

Codes are those of float64 arithmetic. They are computed in float32, whose error is below 1e-4 of a code,
and again in float64 where the code is within `DOUBT` of a boundary between two codes.
"""

from __future__ import annotations

import functools
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from .jit import SUMMING, jit
from .planes import read_only

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
#: Distance from a boundary between two codes within which float32 does not decide.
DOUBT = np.float32(5e-4)
#: float32 bits: what a third of a number's bits is subtracted from to approximate its -1/3 power.
_ROOT_BITS = np.float32(0x54A2FA8C)


def srgb_to_lab8(rgb: NDArray[np.uint8], white: White = "d50") -> NDArray[np.uint8]:
    """L*a*b* in 8-bit codes, (h, w, 3) uint8, of (h, w, 3) uint8 sRGB.

    Examples
    --------
    >>> srgb_to_lab8(np.full((1, 1, 3), 255, np.uint8))[0, 0, 0].item()
    255
    """
    return np.moveaxis(srgb_to_lab8_planes(rgb, white), 0, 2)


def srgb_to_lab8_planes(rgb: NDArray[np.uint8], white: White = "d50") -> NDArray[np.uint8]:
    """`srgb_to_lab8` as three planes, (3, h, w) uint8."""
    height, width = rgb.shape[:2]
    lab = np.empty((3, height, width), np.uint8)
    rows, doubts = np.empty((3, width), np.float32), np.empty(width, np.uint8)
    light, matrix = tone_curve(), _matrix(white)
    short_light, short = light.astype(np.float32), matrix.astype(np.float32)
    _convert(read_only(rgb), light, matrix, short_light, short, rows, doubts, lab)
    return lab


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
def _matrix(white: White) -> Values:
    """Linear sRGB to XYZ over the white."""
    to = WHITES[white]
    gains = (BRADFORD @ to) / (BRADFORD @ WHITES["d50"])
    adapted = (
        SRGB_TO_XYZ if white == "d50" else np.linalg.solve(BRADFORD, gains[:, None] * BRADFORD) @ SRGB_TO_XYZ
    )
    return adapted / to[:, None]


@jit(**SUMMING)
def _convert(
    rgb: NDArray[np.uint8],
    light: Values,
    matrix: Values,
    short_light: NDArray[np.float32],
    short: NDArray[np.float32],
    rows: NDArray[np.float32],
    doubts: NDArray[np.uint8],
    lab: NDArray[np.uint8],
) -> None:
    """Fill `lab`; `rows` (3, w) and `doubts` (w) are for one row of pixels."""
    height, width = rgb.shape[:2]
    for y in range(height):
        for x in range(width):
            rows[0, x] = short_light[rgb[y, x, 0]]
            rows[1, x] = short_light[rgb[y, x, 1]]
            rows[2, x] = short_light[rgb[y, x, 2]]
        _codes_of_row(rows, short, lab, y, doubts)
        for x in range(width):
            if doubts[x]:
                _exact_codes(light[rgb[y, x, 0]], light[rgb[y, x, 1]], light[rgb[y, x, 2]], matrix, lab, y, x)


@jit(**SUMMING)
def _codes_of_row(
    rows: NDArray[np.float32],
    matrix: NDArray[np.float32],
    lab: NDArray[np.uint8],
    y: int,
    doubts: NDArray[np.uint8],
) -> None:
    """Codes of row `y` from its linear R, G and B, and where float32 does not decide them."""
    for x in range(rows.shape[1]):
        r, g, b = rows[0, x], rows[1, x], rows[2, x]
        fx = _lightness(matrix[0, 0] * r + matrix[0, 1] * g + matrix[0, 2] * b)
        fy = _lightness(matrix[1, 0] * r + matrix[1, 1] * g + matrix[1, 2] * b)
        fz = _lightness(matrix[2, 0] * r + matrix[2, 1] * g + matrix[2, 2] * b)
        light = np.float32(2.55 * 116) * fy - np.float32(2.55 * 16 - 0.5)
        red = np.float32(500) * (fx - fy) + np.float32(128.5)
        yellow = np.float32(200) * (fy - fz) + np.float32(128.5)
        whole = np.floor(light), np.floor(red), np.floor(yellow)
        parts = light - whole[0], red - whole[1], yellow - whole[2]
        least = min(min(parts[0], parts[1]), parts[2])
        most = max(max(parts[0], parts[1]), parts[2])
        doubts[x] = (least < DOUBT) | (most > np.float32(1) - DOUBT)
        lab[0, y, x] = _byte(whole[0])
        lab[1, y, x] = _byte(whole[1])
        lab[2, y, x] = _byte(whole[2])


@jit(**SUMMING)
def _lightness(t: np.float32) -> np.float32:
    """Cube root or line in float32: t times the square of t^(-1/3) by three of Newton's steps."""
    bits = np.int32(_ROOT_BITS - np.float32(np.float32(t).view(np.int32)) * np.float32(1 / 3))
    inverse = bits.view(np.float32)
    third = np.float32(1 / 3)
    for _ in range(3):
        inverse *= np.float32(4 / 3) - third * t * inverse * inverse * inverse
    root = t * inverse * inverse
    return root if t > np.float32(LINEAR_BELOW) else np.float32(SLOPE) * t + np.float32(16 / 116)


@jit(**SUMMING)
def _byte(value: np.float32) -> np.uint8:
    return np.uint8(np.int32(min(max(value, np.float32(0)), np.float32(255))))


@jit(error_model="numpy")
def _exact_codes(
    r: float, g: float, b: float, matrix: Values, lab: NDArray[np.uint8], y: int, x: int
) -> None:
    """Codes of pixel (y, x) from its linear R, G and B, in float64."""
    fx = _exact_lightness(matrix[0, 0] * r + matrix[0, 1] * g + matrix[0, 2] * b)
    fy = _exact_lightness(matrix[1, 0] * r + matrix[1, 1] * g + matrix[1, 2] * b)
    fz = _exact_lightness(matrix[2, 0] * r + matrix[2, 1] * g + matrix[2, 2] * b)
    lab[0, y, x] = _code(2.55 * (116.0 * fy - 16.0))
    lab[1, y, x] = _code(500.0 * (fx - fy) + 128.0)
    lab[2, y, x] = _code(200.0 * (fy - fz) + 128.0)


@jit(error_model="numpy")
def _exact_lightness(t: float) -> float:
    return np.cbrt(t) if t > LINEAR_BELOW else SLOPE * t + 16.0 / 116.0


@jit()
def _code(value: float) -> int:
    return int(min(max(np.floor(value + 0.5), 0.0), 255.0))
