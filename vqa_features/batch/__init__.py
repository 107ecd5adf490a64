"""Features of many videos: workers, resume, store."""

from .many_videos import extract_many

__all__ = ["extract_many"]
