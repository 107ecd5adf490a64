"""V-BLIINDS: spatio-temporal statistics of DCT coefficients."""

from .extractor import VBliinds

__all__ = ["VBliinds"]
