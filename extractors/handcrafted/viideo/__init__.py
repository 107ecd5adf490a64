"""VIIDEO: how alike the statistics of two bands of frame differences change over a video."""

from __future__ import annotations

from .extractor import Viideo as Viideo
