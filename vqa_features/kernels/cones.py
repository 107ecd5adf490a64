"""Other colour spaces of FRIQUEE: cone responses (LMS), hue and saturation; and 8-bit RGB of YUV."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .colour import BT601, YCBCR_OFFSET
from .jit import jit
from .planes import read_only

Values = NDArray[np.float64]

#: XYZ to linear sRGB, as the colour-space conversions of P. Getreuer have it.
XYZ_TO_SRGB = np.array([[3.2406, -1.5372, -0.4986], [-0.9689, 1.8758, 0.0415], [0.0557, -0.2040, 1.0570]])
#: XYZ to the cone responses of CIECAM02.
CAT02 = np.array([[0.7328, 0.4296, -0.1624], [-0.7036, 1.6975, 0.0061], [0.0030, 0.0136, 0.9834]])
#: Code value below which the sRGB curve is a line.
LINEAR_BELOW = 0.0404482362771076


def rgb_to_lms(rgb: NDArray[np.uint8], cones: str = "LMS") -> Values:
    """Responses of the named cones to 8-bit sRGB, (number of cones, h, w) float64, white near 1."""
    rows = (CAT02 @ np.linalg.inv(XYZ_TO_SRGB))[["LMS".index(cone) for cone in cones]]
    return _weighted_light(read_only(rgb), _linear_light(), np.ascontiguousarray(rows))


@jit()
def _weighted_light(rgb: NDArray[np.uint8], light: Values, rows: Values) -> Values:
    out = np.empty((rows.shape[0], rgb.shape[0], rgb.shape[1]))
    for k in range(rows.shape[0]):
        for y in range(rgb.shape[0]):
            for x in range(rgb.shape[1]):
                r, g, b = light[rgb[y, x, 0]], light[rgb[y, x, 1]], light[rgb[y, x, 2]]
                out[k, y, x] = rows[k, 0] * r + rows[k, 1] * g + rows[k, 2] * b
    return out


@functools.cache
def _linear_light() -> Values:
    code = np.arange(256) / 255
    return np.where(code <= LINEAR_BELOW, code / 12.92, ((code + 0.055) / 1.055) ** 2.4)


def rgb_to_hue_saturation(rgb: NDArray[np.uint8]) -> tuple[Values, Values]:
    """Hue in degrees, 0..360, and saturation 0..1 of the HSL double cone, each (h, w).

    Where R = G = B the hue is 240, as in the conversions of P. Getreuer.
    """
    r, g, b = np.moveaxis(rgb / 255.0, 2, 0)
    high, low = np.maximum(np.maximum(r, g), b), np.minimum(np.minimum(r, g), b)
    largest = np.minimum((high + low) / 2, 1 - (high + low) / 2)
    saturation = (high - low) / 2 / np.where(largest == 0, 1, largest)
    delta = np.where(high == low, 1, high - low)
    # of equal largest channels the last one decides
    sector = np.where(
        b == high, 4 + (r - g) / delta, np.where(g == high, 2 + (b - r) / delta, (g - b) / delta)
    )
    return 60 * sector + 360 * (sector < 0), saturation


def ycbcr8_to_rgb8(y: NDArray[Any], u: NDArray[Any], v: NDArray[Any]) -> NDArray[np.uint8]:
    """RGB (h, w, 3) uint8 of limited-range BT.601 planes (h, w), rounded to 8 bits before and after.

    MATLAB's ``ycbcr2rgb(uint8(...))``.
    """
    matrix = np.linalg.inv(BT601) * 255
    planes = np.stack([y, u, v]).astype(np.float64)
    return _to_rgb8(planes, matrix, matrix @ YCBCR_OFFSET)


@jit()
def _to_rgb8(planes: Values, matrix: Values, offset: Values) -> NDArray[np.uint8]:
    height, width = planes.shape[1:]
    rgb = np.empty((height, width, 3), np.uint8)
    for i in range(height):
        for j in range(width):
            a, b, c = _round8(planes[0, i, j]), _round8(planes[1, i, j]), _round8(planes[2, i, j])
            for k in range(3):
                value = matrix[k, 0] * a + matrix[k, 1] * b + matrix[k, 2] * c - offset[k]
                rgb[i, j, k] = np.uint8(_round8(value))
    return rgb


@jit()
def _round8(value: float) -> float:
    return min(max(np.floor(value + 0.5), 0.0), 255.0)
