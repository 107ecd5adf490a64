"""Fixtures shared by all tests."""

from __future__ import annotations

from pathlib import Path

import pytest
from shared_data import ROOT, SHARED, VARIABLE, is_present


@pytest.fixture(scope="session")
def shared() -> Path:
    """Folder of reference outputs, tables and clips; skips where it is absent."""
    if not is_present():
        pytest.skip(f"the folder of shared reference data is not at {SHARED} (set {VARIABLE})")
    return SHARED


@pytest.fixture(scope="session")
def scenes() -> list[Path]:
    """The eight bundled clips, sorted."""
    return sorted((ROOT / "vqa_features" / "resources" / "demo").glob("*.mp4"))
