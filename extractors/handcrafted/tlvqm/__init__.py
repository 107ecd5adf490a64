"""TLVQM: two-level video quality model."""

from .extractor import Tlvqm

__all__ = ["Tlvqm"]
