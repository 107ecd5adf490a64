"""Simple measures of each frame and of the change between frames."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vqa_features.extractor import Session
from vqa_features.frame import Views

from ._bars import bars
from ._change import Seen, changes
from ._compression import banding, blockiness
from ._detail import blur_effect, immerkaer_noise, laplacian_variance, wavelet_noise
from ._light import entropy, histogram

Plane = NDArray[np.float32]

#: Codes up to DARK count as dark, from BRIGHT on as bright, in limited and in full range.
DARK, BRIGHT = 20.0, 235.0


class BasicsSession(Session):
    """Measures of each frame and its change; keeps nothing between windows."""

    def prepare(self, frame: Views) -> Seen:
        plane = np.ascontiguousarray(frame.luma, dtype=np.float32)
        shares = histogram(plane)
        return Seen(plane, shares, _picture(plane, shares, frame.rgb) if frame.sampled else None)

    def push(self, window: Sequence[Any]) -> NDArray[np.float64]:
        return np.concatenate([window[-1].picture, changes(window)])


def _picture(plane: Plane, shares: NDArray[np.float64], rgb: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Return the measures of one picture, in the order of the columns."""
    largest = np.maximum(np.maximum(rgb[..., 0], rgb[..., 1]), rgb[..., 2])
    smallest = np.minimum(np.minimum(rgb[..., 0], rgb[..., 1]), rgb[..., 2])
    return np.array(
        [
            plane.mean(dtype=np.float64),
            plane.std(dtype=np.float64),
            entropy(shares),
            (largest - smallest).mean(dtype=np.float64),
            (plane <= DARK).mean(),
            (plane >= BRIGHT).mean(),
            *bars(plane),
            laplacian_variance(plane),
            blur_effect(plane),
            immerkaer_noise(plane),
            wavelet_noise(plane),
            blockiness(plane),
            banding(plane),
        ]
    )
