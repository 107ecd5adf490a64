"""Simple measures of each frame and of the change between frames."""

from __future__ import annotations

from collections.abc import Sequence

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
from ._detail import blur_effect, immerkaer_noise, laplacian_variance, wavelet_noise
from ._grid import find_grid
from ._light import dark_and_bright, entropy, histogram

Plane = NDArray[np.float32]


class BasicsSession(Session):
    """Measures of each frame and its change."""

    def __init__(self, info: VideoInfo) -> None:
        self._info = info
        self._cuts = CutMask(AFTER)

    def prepare(self, frame: Views) -> Seen:
        luma = frame.luma
        picture = None
        if frame.sampled:
            plane = np.ascontiguousarray(luma, dtype=np.float32)
            levels = black_and_white(self._info, frame)
            picture = _picture(plane, histogram(plane), levels, frame.rgb)
        return Seen(luma, float(luma.mean(dtype=np.float64)), picture, Signature(frame.thumbnail))

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


def _picture(
    plane: Plane, shares: NDArray[np.float64], levels: tuple[float, float], rgb: NDArray[np.uint8]
) -> NDArray[np.float64]:
    """Return the measures of one picture, in the order of the columns."""
    largest = np.maximum(np.maximum(rgb[..., 0], rgb[..., 1]), rgb[..., 2])
    smallest = np.minimum(np.minimum(rgb[..., 0], rgb[..., 1]), rgb[..., 2])
    turned = np.ascontiguousarray(plane.T)
    grid = find_grid(plane, turned)
    return np.array(
        [
            plane.mean(dtype=np.float64),
            plane.std(dtype=np.float64),
            entropy(shares),
            (largest - smallest).mean(dtype=np.float64),
            *dark_and_bright(plane, *levels),
            *bars(plane),
            laplacian_variance(plane),
            blur_effect(plane),
            immerkaer_noise(plane),
            wavelet_noise(plane),
            grid.strength,
            grid.size,
            grid.phase_x,
            grid.phase_y,
            step_density(plane, turned),
        ]
    )
