"""FRIQUEE's 560 features of each frame."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from vqa_features.extractor import Session, Values
from vqa_features.frame import Views
from vqa_features.kernels.cones import rgb_to_lms
from vqa_features.kernels.lab8 import chroma_map, soften

from . import _maps
from ._cdiivine import cdiivine_features


class _FriqueeSession(Session):
    """All maps of each frame; keeps nothing between frames."""

    concurrent = True

    def prepare(self, frame: Views) -> Values:
        rgb = frame.rgb
        luma = frame.gray.astype(np.float64)
        chroma = chroma_map(soften(rgb), "d65")
        long, medium, short = rgb_to_lms(rgb)
        return np.concatenate(
            [
                _maps.luma_features(luma, rgb),
                _maps.map_features(chroma, products=True),
                _maps.map_features(medium, products=False),
                _maps.map_features(short, products=False),
                _maps.opponent_features(long, medium, short),
                _maps.hue_saturation_features(rgb),
                *(cdiivine_features(map_) for map_ in (luma, chroma, medium, short)),
            ]
        )

    def push(self, window: Sequence[Values]) -> Values:
        return window[0]
