"""Simple measures of frames and of the change between them."""

from .extractor import Basics

__all__ = ["Basics"]
