"""Chroma of a frame wherever it comes from, for methods whose original reads YUV files."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from vqa_features.errors import ParameterError
from vqa_features.frame import Views
from vqa_features.kernels.colour import rgb_to_ycbcr


def stored_chroma(frame: Views) -> NDArray[Any]:
    """U and V in 8-bit code units, (2, ch, cw) at the stored size; needs views chroma and rgb.

    Frames that were given as RGB or gray arrays have no chroma planes: theirs is that of limited-range
    BT.601 at full size, rounded (128 for gray).
    """
    try:
        return frame.chroma
    except ParameterError:
        _, u, v = rgb_to_ycbcr(frame.rgb / 255.0)
        return np.floor(np.stack([u, v]) + 0.5)
