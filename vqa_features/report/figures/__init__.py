"""Figures of a comparison as display objects, after scikit-learn's convention."""

from __future__ import annotations

from .model_figures import ScoreBoxDisplay, SignificanceDisplay
from .tradeoff_figures import CostDisplay, CrossDisplay, LearningCurveDisplay
from .video_figures import PredictionDisplay, ResidualDisplay

__all__ = [
    "CostDisplay",
    "CrossDisplay",
    "LearningCurveDisplay",
    "PredictionDisplay",
    "ResidualDisplay",
    "ScoreBoxDisplay",
    "SignificanceDisplay",
]
