"""Settings that made a feature table, as JSON text in or beside its file.

In a Parquet file they are the schema metadata ``vqa_features``, in .npz and .mat files a text called
``settings``; beside a CSV file lies ``<name>.settings.json``.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from ..errors import TableError

#: Key of the settings in ``DataFrame.attrs`` and in array files.
SETTINGS_KEY = "settings"


def parse_settings(text: bytes | None) -> dict[str, Any]:
    """Return the settings of a JSON text; empty without text."""
    if not text:
        return {}
    try:
        found = json.loads(text)
    except ValueError as error:
        raise TableError(f"the settings stored with the table are no JSON: {error}") from error
    return found if isinstance(found, dict) else {SETTINGS_KEY: found}


def settings_beside(file: Path) -> Path | None:
    """Return the file of settings that is written beside a CSV table, None for other formats."""
    return settings_file(file) if file.suffix.lower() == ".csv" else None


def settings_file(table: Path) -> Path:
    """Return the name of a text table's settings: beside the file itself, by whatever link it is named."""
    real = Path(os.path.realpath(table))
    return real.with_name(real.name + ".settings.json")
