"""Chroma planes of a frame, stored or computed, for methods whose original reads YUV files."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from vqa_features.frame import Views
from vqa_features.kernels.colour import rgb_to_ycbcr


def stored_chroma(frame: Views) -> NDArray[Any]:
    """U and V of a frame in 8-bit code units, (2, ch, cw) at the stored size.

    An extractor that calls it declares ``needs`` chroma and rgb, and ``substitutes``
    ``{"chroma": "rgb"}``: a frame without chroma planes (RGB or gray arrays) has those of
    limited-range BT.601 at full size, rounded to whole codes (128 for gray).

    Parameters
    ----------
    frame : Views
        A frame whose views chroma and rgb are declared.

    Returns
    -------
    (2, ch, cw) uint8, float32 or float64
    """
    if frame.has_chroma:
        return frame.chroma
    _, u, v = rgb_to_ycbcr(frame.rgb / 255.0)
    return np.floor(np.stack([u, v]) + 0.5)
