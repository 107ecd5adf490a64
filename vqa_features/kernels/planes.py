"""Conversion of pictures to the array types for which kernels are compiled."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def as_plane(plane: NDArray[Any]) -> NDArray[Any]:
    """Return `plane` (h, w) as uint8 or float32, contiguous and read-only; no copy if it is already.

    A decoder's plane has padded lines, a view may or may not be writable, and each combination
    would be another compilation of several seconds.
    """
    return read_only(np.asarray(plane, np.uint8 if plane.dtype == np.uint8 else np.float32))


def as_eight_bits(plane: NDArray[Any]) -> NDArray[np.uint8]:
    """Return `plane` (h, w) as uint8, contiguous and read-only; deeper codes are rounded half up.

    Parameters
    ----------
    plane : (h, w) uint8 or float32
        Codes in 8-bit units.
    """
    if plane.dtype != np.uint8:
        plane = np.clip(np.floor(plane + np.float32(0.5)), 0, 255).astype(np.uint8)
    return read_only(plane)


def read_only(array: NDArray[Any]) -> NDArray[Any]:
    """Return `array` contiguous and read-only; no copy if it is contiguous already."""
    contiguous = np.ascontiguousarray(array).view()
    contiguous.flags.writeable = False
    return contiguous
