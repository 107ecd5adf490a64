"""Location of the shared reference data: outputs of original programs, tables, clips."""

from __future__ import annotations

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
VARIABLE = "VQA_FEATURES_SHARED"
SHARED = Path(os.environ.get(VARIABLE, ROOT.parent / "shared"))


def is_present() -> bool:
    """Return whether the folder is there."""
    return (SHARED / "README.md").is_file()
