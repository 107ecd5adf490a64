"""Both families on the same splits, as one self-contained page and as figure files."""

from __future__ import annotations

from .page import write_report

__all__ = ["write_report"]
