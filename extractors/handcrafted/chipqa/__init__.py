"""ChipQA: space-time chips."""

from .extractor import ChipQa

__all__ = ["ChipQa"]
