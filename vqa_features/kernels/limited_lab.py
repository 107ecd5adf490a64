"""CIE 1976 L*a*b* in double precision of limited-range Y'CbCr planes, and its edges, streamed by rows.

MATLAB's ``rgb2lab(ycbcr2rgb(...))``. The powers of the two curves are roots found by Newton's method, which
runs in lanes where the library's functions do not. The last step corrects the root itself, so that the
root of one is one and lightness of white is 100.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .colour import BT601, YCBCR_OFFSET, rgb_to_relative_xyz
from .jit import jit

Image = NDArray[np.float64]

#: L*, a* and b* are divided by these before the Sobel filter.
EDGE_SCALE = (100.0, 50.0, 50.0)
#: Relative luminance below which the cube root is replaced by a line.
_LINEAR_BELOW, _SLOPE = 216.0 / 24389.0, 24389.0 / 27.0
#: x^(-1/5) on 0.09 .. 1 within 2 %, by falling powers.
_FIFTH = (-1.3137, 2.9728, -2.4493, 1.7824)
#: float32 bits: what a third of a number's bits is subtracted from to approximate its -1/3 power.
_ROOT_BITS = np.float32(0x54A2FA8C)


def ycbcr_to_lab(y: NDArray[Any], u: NDArray[Any], v: NDArray[Any]) -> Image:
    """L* (0 .. 100), a* and b* of limited-range BT.601 planes, (3, h, w) float64.

    RGB is clipped to 0 .. 1 before the conversion; the white is D65.

    Parameters
    ----------
    y, u, v : (h, w)
        Planes of one size in 8-bit code units, any real dtype.

    Examples
    --------
    >>> white, neutral = np.full((1, 1), 235.0), np.full((1, 1), 128.0)
    >>> ycbcr_to_lab(white, neutral, neutral)[0].item()
    100.0
    """
    planes = [np.ascontiguousarray(plane, np.float64) for plane in (y, u, v)]
    lab = np.empty((3, *planes[0].shape))
    _convert(planes[0], planes[1], planes[2], np.linalg.inv(BT601), YCBCR_OFFSET, rgb_to_relative_xyz(), lab)
    return lab


def edge_energies(lab: Image) -> tuple[Image, Image]:
    """Squared vertical and horizontal Sobel responses over 8, summed over L*, a* and b* (3, h, w).

    Each (h, w). The channels are divided by `EDGE_SCALE` first; the outermost pixels are zero.
    """
    vertical, horizontal = np.zeros((2, *lab.shape[1:]))
    _add_energies(lab, np.array([1 / (8 * scale) for scale in EDGE_SCALE]), vertical, horizontal)
    return vertical, horizontal


@jit(error_model="numpy")
def _convert(y: Image, u: Image, v: Image, inverse: Image, offset: Image, to_xyz: Image, lab: Image) -> None:
    height, width = y.shape
    light = np.empty((3, width))
    for row in range(height):
        for x in range(width):
            a, b, c = y[row, x] - offset[0], u[row, x] - offset[1], v[row, x] - offset[2]
            for k in range(3):
                code = inverse[k, 0] * a + inverse[k, 1] * b + inverse[k, 2] * c
                light[k, x] = min(max(code, 0.0), 1.0)
        for k in range(3):
            for x in range(width):
                light[k, x] = _linear(light[k, x])
        for x in range(width):
            r, g, b = light[0, x], light[1, x], light[2, x]
            fx = _root(to_xyz[0, 0] * r + to_xyz[0, 1] * g + to_xyz[0, 2] * b)
            fy = _root(to_xyz[1, 0] * r + to_xyz[1, 1] * g + to_xyz[1, 2] * b)
            fz = _root(to_xyz[2, 0] * r + to_xyz[2, 1] * g + to_xyz[2, 2] * b)
            lab[0, row, x] = 116.0 * fy - 16.0
            lab[1, row, x] = 500.0 * (fx - fy)
            lab[2, row, x] = 200.0 * (fy - fz)


@jit(error_model="numpy")
def _linear(code: float) -> float:
    """Linear light of a code of sRGB in 0 .. 1."""
    t = (code + 0.055) / 1.055
    inverse = ((_FIFTH[0] * t + _FIFTH[1]) * t + _FIFTH[2]) * t + _FIFTH[3]
    for _ in range(4):
        square = inverse * inverse
        inverse *= 1.2 - 0.2 * t * (square * square * inverse)
    fourth = inverse * inverse * inverse * inverse
    root = t * fourth
    square = root * root
    root -= (square * square * root - t) * fourth * 0.2
    return t * t * (root * root) if code > 0.04045 else code / 12.92


@jit(error_model="numpy")
def _root(t: float) -> float:
    """Cube root, or the line that replaces it near zero."""
    bits = np.int32(_ROOT_BITS - np.float32(np.float32(t).view(np.int32)) * np.float32(1 / 3))
    inverse = np.float64(bits.view(np.float32))
    for _ in range(4):
        inverse *= 4.0 / 3.0 - (1.0 / 3.0) * t * (inverse * inverse * inverse)
    square = inverse * inverse
    root = t * square
    root -= (root * root * root - t) * square * (1.0 / 3.0)
    return root if t > _LINEAR_BELOW else (_SLOPE * t + 16.0) / 116.0


@jit(error_model="numpy", fastmath={"contract"})
def _add_energies(lab: Image, scales: Image, vertical: Image, horizontal: Image) -> None:
    height, width = vertical.shape
    down, across = np.empty(width), np.empty(width)  # a column's difference, and its smoothed level
    for y in range(1, height - 1):
        for k in range(3):
            for x in range(width):
                above, here, below = lab[k, y - 1, x], lab[k, y, x], lab[k, y + 1, x]
                down[x] = (below - above) * scales[k]
                across[x] = (above + 2.0 * here + below) * scales[k]
            for x in range(1, width - 1):
                step = down[x - 1] + 2.0 * down[x] + down[x + 1]
                vertical[y, x] += step * step
                step = across[x + 1] - across[x - 1]
                horizontal[y, x] += step * step
