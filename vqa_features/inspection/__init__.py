"""One video in detail: status, metadata, events and measures over time."""

from __future__ import annotations

from .result import Inspection
from .run import inspect

__all__ = ["Inspection", "inspect"]
