"""Shots of a video, and flashes that photosensitive viewers should not be shown."""

from .extractor import Shots

__all__ = ["Shots"]
