"""Exposure and colour of each frame."""

from .extractor import Exposure

__all__ = ["Exposure"]
