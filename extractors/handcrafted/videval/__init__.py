"""VIDEVAL: sixty selected features."""

from .extractor import Videval

__all__ = ["Videval"]
