"""BRISQUE's features of each frame and the score of the published regressor."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from vqa_features.extractor import Session, Values
from vqa_features.frame import Views
from vqa_features.kernels.brisque_niqe import brisque_features, svr_score


class _BrisqueSession(Session):
    """18 features per scale, then the score if there is a regressor; keeps nothing between frames."""

    def __init__(self, scales: int, regressor: dict[str, Values] | None) -> None:
        self._scales = scales
        self._regressor = regressor

    def push(self, window: Sequence[Views]) -> Values:
        features = brisque_features(window[0].luma, self._scales)
        if self._regressor is None:
            return features
        return np.append(features, svr_score(features, self._regressor))
