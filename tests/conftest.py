"""Fixtures shared by all tests."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SHARED = Path(os.environ.get("VQA_FEATURES_SHARED", ROOT.parent / "shared"))


@pytest.fixture(scope="session")
def shared() -> Path:
    """Folder of reference outputs, tables and clips; skips where it is absent."""
    if not (SHARED / "README.md").is_file():
        pytest.skip(f"the folder of shared reference data is not at {SHARED} (set VQA_FEATURES_SHARED)")
    return SHARED


@pytest.fixture(scope="session")
def scenes() -> list[Path]:
    """The eight bundled clips, sorted."""
    return sorted((ROOT / "vqa_features" / "resources" / "demo").glob("*.mp4"))
