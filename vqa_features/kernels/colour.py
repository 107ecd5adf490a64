"""Constants of Y'CbCr and XYZ, limited-range Y'CbCr of RGB, and chroma at luma size."""

from __future__ import annotations

import functools

import numpy as np
from numpy.typing import NDArray

from ..errors import ParameterError
from .jit import jit

Image = NDArray[np.float64]

#: RGB (0..1) to limited-range Y'CbCr code values less their offsets (ITU-R BT.601).
BT601 = np.array([[65.481, 128.553, 24.966], [-37.797, -74.203, 112.0], [112.0, -93.786, -18.214]])
YCBCR_OFFSET = np.array([16.0, 128.0, 128.0])
#: CIE 1931 coordinates (x, y) of the sRGB primaries, and the white of MATLAB's ``rgb2lab``.
SRGB_PRIMARIES = np.array([[0.64, 0.33], [0.30, 0.60], [0.15, 0.06]])
D65 = np.array([0.95047, 1.0, 1.08883])
#: Weights of the cubic kernel at 1.75, 1.25, 0.75 and 0.25 pixels.
_DOUBLING = (-3 / 128, -9 / 128, 29 / 128, 111 / 128)


def rgb_to_ycbcr(rgb: NDArray[np.generic]) -> tuple[Image, Image, Image]:
    """Limited-range BT.601 planes in 8-bit code units (not rounded) of RGB in 0..1, (h, w, 3)."""
    planes = np.asarray(rgb, np.float64) @ BT601.T + YCBCR_OFFSET
    return planes[..., 0], planes[..., 1], planes[..., 2]


def chroma_at_luma_size(chroma: NDArray[np.generic], shape: tuple[int, int]) -> tuple[Image, Image]:
    """U and V (2, ch, cw) doubled where they are subsampled and cut to `shape`, each (h, w) float64.

    The doubling is `imresize`, as in the releases of TLVQM, VIDEVAL and RAPIQUE. Its weights are whole
    numbers over 128, so that codes of up to 16 bits give the same bits in any order of summation.
    """
    steps = tuple(2 if shape[axis] > chroma.shape[axis + 1] else 1 for axis in (0, 1))
    if any(chroma.shape[axis + 1] * steps[axis] < shape[axis] for axis in (0, 1)):
        raise ParameterError(f"chroma of shape {chroma.shape[1:]} is not that of luma of shape {shape}")
    both = np.empty((2, *shape))
    for plane, out in zip(chroma, both, strict=True):
        _enlarge(np.ascontiguousarray(plane, np.float64), steps[0], steps[1], out)
    return both[0], both[1]


@jit(error_model="numpy")
def _enlarge(plane: Image, down: int, across: int, out: Image) -> None:
    """Fill `out` with the first rows and columns of `plane` doubled, or not, along each axis."""
    height, width = plane.shape
    row = np.empty(width + 4)  # of the doubled rows, mirrored by two pixels
    a, b, c, d = _DOUBLING
    for y in range(out.shape[0]):
        r = y // down
        if down == 2:
            step = 2 * (y % 2) - 1  # towards the second nearest row
            nearest, next_ = _mirrored(r, height), _mirrored(r + step, height)
            behind, far = _mirrored(r - step, height), _mirrored(r + 2 * step, height)
            for x in range(width):
                row[x + 2] = (a * plane[far, x] + d * plane[nearest, x]) + (
                    b * plane[behind, x] + c * plane[next_, x]
                )
        else:
            for x in range(width):
                row[x + 2] = plane[r, x]
        for x in range(2):
            row[1 - x] = row[2 + min(x, width - 1)]
            row[width + 2 + x] = row[width + 1 - min(x, width - 1)]
        if across == 2:
            for x in range(out.shape[1] // 2):
                e, f, g, h, i = row[x], row[x + 1], row[x + 2], row[x + 3], row[x + 4]
                out[y, 2 * x] = (a * e + d * g) + (b * h + c * f)
                out[y, 2 * x + 1] = (a * i + d * g) + (b * f + c * h)
            if out.shape[1] % 2:
                x = out.shape[1] // 2
                e, f, g, h = row[x], row[x + 1], row[x + 2], row[x + 3]
                out[y, 2 * x] = (a * e + d * g) + (b * h + c * f)
        else:
            for x in range(out.shape[1]):
                out[y, x] = row[x + 2]


@jit(error_model="numpy")
def _mirrored(at: int, size: int) -> int:
    """Place inside of one outside by at most two, mirrored with the edge repeated."""
    at = -1 - at if at < 0 else at
    at = 2 * size - 1 - at if at >= size else at
    return max(at, 0)


@functools.cache
def rgb_to_relative_xyz() -> Image:
    """Linear RGB to XYZ / white: the primaries' chromaticities scaled so that RGB = 1 is white."""
    x, y = SRGB_PRIMARIES.T
    columns = np.stack([x / y, np.ones(3), (1 - x - y) / y])
    return columns * np.linalg.solve(columns, D65) / D65[:, None]
