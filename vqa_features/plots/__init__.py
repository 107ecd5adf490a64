"""Figures of videos, features and models as display objects, after scikit-learn's convention."""

from __future__ import annotations

from .explanation import ExplanationDisplay, PredictionTimelineDisplay

__all__ = ["ExplanationDisplay", "PredictionTimelineDisplay"]
