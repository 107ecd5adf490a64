"""A small video whose work is declared long, so that it is divided into ranges."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from small_videos import encode, moving_planes

#: By its declared cost, `PictureDigest` takes 240 s for this many frames of 1280 x 720.
FRAMES, SIZE = 140, (1280, 720)


def long_film(path: Path) -> Path:
    """Write a video with an entry every two seconds of ten frames, and return its path."""
    planes = moving_planes(0, *SIZE)
    frames = ([np.roll(plane, 8 * number, axis=1) for plane in planes] for number in range(FRAMES))
    return encode(path, frames, rate=5, options={"preset": "ultrafast", "g": "10"})
