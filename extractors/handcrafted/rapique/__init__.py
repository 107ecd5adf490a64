"""RAPIQUE: natural scene statistics in space and time."""

from .extractor import RapiqueNss

__all__ = ["RapiqueNss"]
