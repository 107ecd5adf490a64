"""Optical flow: motion of camera and objects where it is determined, and what it does not explain."""

from .extractor import Flow

__all__ = ["Flow"]
