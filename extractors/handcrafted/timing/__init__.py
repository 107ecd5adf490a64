"""Timing of a video: stalls, freezes, and the cadence in which pictures are repeated."""

from .extractor import Timing

__all__ = ["Timing"]
