"""Figures of videos, features and models as display objects, after scikit-learn's convention."""

from __future__ import annotations

from .distributions import FeatureDistributionDisplay
from .explanation import ExplanationDisplay, PredictionTimelineDisplay
from .flow_map import FlowMapDisplay
from .mscn import MscnHistogramDisplay
from .quality_map import QualityMapDisplay
from .traces import FeatureTraceDisplay

__all__ = [
    "ExplanationDisplay",
    "FeatureDistributionDisplay",
    "FeatureTraceDisplay",
    "FlowMapDisplay",
    "MscnHistogramDisplay",
    "PredictionTimelineDisplay",
    "QualityMapDisplay",
]
