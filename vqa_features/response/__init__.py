"""How features and predictions react when a video is distorted."""

from __future__ import annotations

from .result import Response
from .run import respond

__all__ = ["Response", "respond"]
