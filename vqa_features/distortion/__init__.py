"""Distorted versions of a video: ladders of strengths, made with the encoders and filters of PyAV."""

from __future__ import annotations

from .ladders import LADDERS, Ladder, ladders_of
from .version import Version, write_version

__all__ = ["LADDERS", "Ladder", "Version", "ladders_of", "write_version"]
