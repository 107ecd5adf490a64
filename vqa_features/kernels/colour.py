"""Colour conversions, equal to MATLAB's ``ycbcr2rgb`` and ``rgb2lab``, and chroma at luma size."""

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


def ycbcr_to_rgb(y: NDArray[np.generic], u: NDArray[np.generic], v: NDArray[np.generic]) -> Image:
    """RGB of limited-range BT.601 planes of one size, (h, w, 3) float64 clipped to 0..1.

    Parameters
    ----------
    y, u, v : (h, w)
        Planes in 8-bit code units (0..255, any real dtype).
    """
    inverse = np.linalg.inv(BT601)
    planes = np.stack([y, u, v], axis=-1).astype(np.float64) - YCBCR_OFFSET
    return np.clip(planes @ inverse.T, 0.0, 1.0)


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
def _rgb_to_relative_xyz() -> Image:
    """Linear RGB to XYZ / white: the primaries' chromaticities scaled so that RGB = 1 is white."""
    x, y = SRGB_PRIMARIES.T
    columns = np.stack([x / y, np.ones(3), (1 - x - y) / y])
    return columns * np.linalg.solve(columns, D65) / D65[:, None]


def rgb_to_lab(rgb: NDArray[np.floating]) -> Image:
    """CIE 1976 L*a*b* of sRGB in 0..1, (h, w, 3) float64: L in 0..100.

    Examples
    --------
    >>> rgb_to_lab(np.ones((1, 1, 3))).round(9).tolist()[0][0][0]
    100.0
    """
    code = np.asarray(rgb, np.float64)
    light = np.where(code > 0.04045, ((code + 0.055) / 1.055) ** 2.4, code / 12.92)
    r, g, b = np.moveaxis(light, 2, 0)
    lab, roots = np.empty_like(code), []
    for weights in _rgb_to_relative_xyz():
        t = weights[0] * r + weights[1] * g + weights[2] * b
        roots.append(np.where(t > 216.0 / 24389.0, np.cbrt(t), (24389.0 / 27.0 * t + 16.0) / 116.0))
    lab[..., 0] = 116.0 * roots[1] - 16.0
    lab[..., 1] = 500.0 * (roots[0] - roots[1])
    lab[..., 2] = 200.0 * (roots[1] - roots[2])
    return lab
