"""Simple measures of each frame and of the change between frames."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from vqa_features.extractor import Session
from vqa_features.frame import Views
from vqa_features.kernels.cuts import AFTER, Signature
from vqa_features.specs import VideoInfo

from .._cut_mask import CutMask
from .._luma_range import black_and_white
from ._bars import bars
from ._change import Seen, changes
from ._compression import step_density
from ._detail import detail, padded
from ._grid import find_grid
from ._light import light, mean_chroma


class BasicsSession(Session):
    """Measures of each frame and its change."""

    concurrent = True

    def __init__(self, info: VideoInfo) -> None:
        self._info = info
        self._cuts = CutMask(AFTER)

    def prepare(self, frame: Views) -> Seen:
        luma = frame.codes
        picture = None
        if frame.sampled:
            picture = _picture(luma, black_and_white(self._info, frame), frame.rgb)
        brightness = float(luma.mean(dtype=np.float64)) if picture is None else float(picture[0])
        return Seen(luma, brightness, picture, Signature(frame.thumbnail))

    def push(self, window: Sequence[Seen | None]) -> NDArray[np.float64]:
        across = self._cuts.judge([None if seen is None else seen.signature for seen in window], 3)
        upto = window[: len(window) - AFTER]
        current = upto[-1]
        assert current is not None
        assert current.picture is not None
        values = np.concatenate([current.picture, changes(upto[-4:], across)])
        for seen in upto[:-1]:
            if seen is not None:
                seen.plane = None
        return values


def _picture(luma: NDArray[Any], levels: tuple[float, float], rgb: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Return the measures of one picture, in the order of the columns."""
    lit = light(luma, *levels)
    wide = padded(luma)
    fine = detail(wide)
    plane = np.ascontiguousarray(luma, dtype=np.float32)
    grid = find_grid(plane, np.asarray(cv2.transpose(plane)))
    return np.array(
        [
            lit.brightness,
            lit.contrast,
            lit.entropy,
            mean_chroma(rgb),
            lit.dark,
            lit.bright,
            *bars(luma),
            *fine,
            grid.strength,
            grid.size,
            grid.phase_x,
            grid.phase_y,
            step_density(luma),
        ]
    )
