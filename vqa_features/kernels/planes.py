"""Conversion of luma planes to the two array types for which kernels are compiled."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def as_plane(plane: NDArray[Any]) -> NDArray[Any]:
    """Return `plane` (h, w) as uint8 or float32, contiguous and read-only; no copy if it is already.

    A decoder's plane has padded lines, a view may or may not be writable, and each combination
    would be another compilation of several seconds.
    """
    dtype = np.uint8 if plane.dtype == np.uint8 else np.float32
    contiguous = np.ascontiguousarray(plane, dtype=dtype).view()
    contiguous.flags.writeable = False
    return contiguous
