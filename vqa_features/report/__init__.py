"""Report of a comparison: one self-contained HTML page and figure files."""

from __future__ import annotations

from .page import write_report

__all__ = ["write_report"]
