"""FRIQUEE: perceptual quality of authentically distorted images."""

from .extractor import Friquee

__all__ = ["Friquee"]
