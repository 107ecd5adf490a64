"""Flicker of the whole picture, of bands of rows and of places, with its frequency."""

from .extractor import Flicker

__all__ = ["Flicker"]
