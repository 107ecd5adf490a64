"""IL-NIQE: integrated local NIQE."""

from .extractor import IlNiqe

__all__ = ["IlNiqe"]
