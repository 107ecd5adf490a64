"""Constants of Y'CbCr and XYZ, limited-range Y'CbCr of RGB, and chroma at luma size."""

from __future__ import annotations

import functools

import numpy as np
from numpy.typing import NDArray

from ..errors import ParameterError
from .resize import imresize

Image = NDArray[np.float64]

#: RGB (0..1) to limited-range Y'CbCr code values less their offsets (ITU-R BT.601).
BT601 = np.array([[65.481, 128.553, 24.966], [-37.797, -74.203, 112.0], [112.0, -93.786, -18.214]])
YCBCR_OFFSET = np.array([16.0, 128.0, 128.0])
#: CIE 1931 coordinates (x, y) of the sRGB primaries, and the white of MATLAB's ``rgb2lab``.
SRGB_PRIMARIES = np.array([[0.64, 0.33], [0.30, 0.60], [0.15, 0.06]])
D65 = np.array([0.95047, 1.0, 1.08883])


def rgb_to_ycbcr(rgb: NDArray[np.generic]) -> tuple[Image, Image, Image]:
    """Limited-range BT.601 planes in 8-bit code units (not rounded) of RGB in 0..1, (h, w, 3)."""
    planes = np.asarray(rgb, np.float64) @ BT601.T + YCBCR_OFFSET
    return planes[..., 0], planes[..., 1], planes[..., 2]


def chroma_at_luma_size(chroma: NDArray[np.generic], shape: tuple[int, int]) -> tuple[Image, Image]:
    """U and V (2, ch, cw) doubled where they are subsampled and cut to `shape`, each (h, w).

    The doubling is `imresize`, as in the releases of TLVQM, VIDEVAL and RAPIQUE.
    """
    doubled = tuple(2 if shape[axis] > chroma.shape[axis + 1] else 1 for axis in (0, 1))
    size = (chroma.shape[1] * doubled[0], chroma.shape[2] * doubled[1])
    if size[0] < shape[0] or size[1] < shape[1]:
        raise ParameterError(f"chroma of shape {chroma.shape[1:]} is not that of luma of shape {shape}")
    u, v = (imresize(plane, size)[: shape[0], : shape[1]] for plane in chroma)
    return u, v


@functools.cache
def rgb_to_relative_xyz() -> Image:
    """Linear RGB to XYZ / white: the primaries' chromaticities scaled so that RGB = 1 is white."""
    x, y = SRGB_PRIMARIES.T
    columns = np.stack([x / y, np.ones(3), (1 - x - y) / y])
    return columns * np.linalg.solve(columns, D65) / D65[:, None]
