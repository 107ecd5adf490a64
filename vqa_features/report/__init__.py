"""Report of a comparison: one self-contained HTML page, figure files, and files for a paper."""

from __future__ import annotations

from .page import write_report
from .paper import write_paper

__all__ = ["write_paper", "write_report"]
