"""Where the samples of one frame come from: a decoded picture, or an array."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from .errors import ParameterError

Array = NDArray[Any]


class Picture(Protocol):
    """Source of a frame's samples: a decoded video frame, or arrays."""

    bit_depth: int

    def luma_plane(self) -> Array:
        """Y plane in code values, (height, width), uint8 or uint16."""

    def chroma_planes(self) -> tuple[Array, Array] | None:
        """U and V planes in code values at their own size, or None where there are none."""

    def rgb(self) -> NDArray[np.uint8]:
        """Full-range RGB, (height, width, 3)."""


class ArrayPicture:
    """A picture held in memory.

    Parameters
    ----------
    array : ndarray, (h, w) or (h, w, 3), uint8 or uint16
        A luma plane, or RGB.
    bit_depth : int, optional
        Bits of uint16 samples, 10 by default.

    Raises
    ------
    ParameterError
        If the array has another shape or type.
    """

    def __init__(self, array: Array, bit_depth: int | None = None) -> None:
        if array.dtype not in (np.uint8, np.uint16) or array.ndim not in (2, 3):
            raise ParameterError(
                f"a frame must be uint8 or uint16 with shape (h, w) or (h, w, 3), "
                f"got {array.dtype} with shape {array.shape}"
            )
        if array.ndim == 3 and array.shape[2] != 3:
            raise ParameterError(f"a colour frame must have 3 channels, got shape {array.shape}")
        self._array = array
        self.bit_depth = bit_depth or (8 if array.dtype == np.uint8 else 10)

    def luma_plane(self) -> Array:
        """Return the plane itself; for RGB raise ParameterError."""
        if self._array.ndim == 3:
            raise ParameterError('RGB frames have no Y plane: use luma="rgb2gray"')
        return self._array

    def chroma_planes(self) -> tuple[Array, Array] | None:
        """Return None: arrays hold luma or RGB."""
        return None

    def rgb(self) -> NDArray[np.uint8]:
        """Return RGB scaled to 8 bits; a plane is repeated in three channels."""
        codes = self._array
        if codes.dtype == np.uint16:
            codes = np.clip(np.rint(codes / 2.0 ** (self.bit_depth - 8)), 0, 255).astype(np.uint8)
        if codes.ndim == 2:
            codes = np.repeat(codes[:, :, None], 3, axis=2)
        return codes


def rgb2gray(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return MATLAB's rgb2gray, rounded half up.

    The weights are the luma row of the inverse YIQ matrix.

    Parameters
    ----------
    pixels : ndarray, (h, w, 3) uint8
        RGB.

    Returns
    -------
    ndarray, (h, w) uint8
    """
    weights = np.array([0.298936021293775, 0.587043074451121, 0.114020904255103])
    return np.floor(pixels @ weights + 0.5).astype(np.uint8)
