"""BRISQUE's features of each frame and the score of the published regressor."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from vqa_features.extractor import Session, Values
from vqa_features.frame import Views
from vqa_features.kernels.brisque_niqe import brisque_features, svr_score


class _BrisqueSession(Session):
    """18 features per scale, then the score if there is a regressor; keeps nothing between frames."""

    concurrent = True

    def __init__(self, scales: int, regressor: dict[str, Values] | None) -> None:
        self._scales = scales
        self._regressor = regressor

    def prepare(self, frame: Views) -> Values:
        features = brisque_features(frame.luma, self._scales)
        if self._regressor is None:
            return features
        return np.append(features, svr_score(features, self._regressor))

    def push(self, window: Sequence[Values]) -> Values:
        return window[0]
