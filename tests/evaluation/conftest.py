"""Thresholds of many rows, lowered so that small sizes take the way of large ones."""

from __future__ import annotations

import pytest

from vqa_features.evaluation import many_rows, training_part


@pytest.fixture
def few(monkeypatch):
    """Make 100 rows the most that is searched, on 60 of them."""
    for module in (training_part, many_rows):
        monkeypatch.setattr(module, "MOST_SEARCHED_ROWS", 100)
        monkeypatch.setattr(module, "SEARCHED_ROWS", 60)
