"""Features of one video: one decode, every extractor's windows, a pooled row or rows per frame."""

from .in_memory import extract_frames, score
from .single_video import extract

__all__ = ["extract", "extract_frames", "score"]
