"""Features of one video: one decode, every extractor's windows, a pooled row or rows per frame."""

from .single_video import extract, extract_frames, score

__all__ = ["extract", "extract_frames", "score"]
