"""Trained models: a regressor kept with what it needs to predict the MOS of new videos, and a file of it."""

from __future__ import annotations

from .quality_model import QualityModel

__all__ = ["QualityModel"]
