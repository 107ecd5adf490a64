"""Settings that made a feature table, as JSON text in or beside its file.

In a Parquet file they are the schema metadata ``vqa_features``, in .npz and .mat files a text called
``settings``; beside a CSV file lies ``<name>.settings.json``.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from ..errors import TableError
from ..files.names import escaped_name
from ..files.reading import MOST_JSON, parse_json, reading
from ..files.regular import open_regular

#: Key of the settings in ``DataFrame.attrs`` and in array files.
SETTINGS_KEY = "settings"


def parse_settings(text: bytes | None, source: str | os.PathLike[str]) -> dict[str, Any]:
    """Return the settings of a JSON text; empty without text.

    Parameters
    ----------
    text : bytes, optional
        UTF-8.
    source : path
        The file they are in, for messages.

    Raises
    ------
    TableError
        If they are no JSON.
    """
    if not text:
        return {}
    found = parse_json(text, source, "a table: its settings are to be JSON")
    return found if isinstance(found, dict) else {SETTINGS_KEY: found}


def settings_of_text(table: Path) -> dict[str, Any]:
    """Return the settings that lie beside a text table; empty if there are none.

    A link is refused: it comes with a stranger's archive, and what it points to would be taken into tables.
    """
    beside = settings_file(table)
    if not os.path.lexists(beside):
        return {}
    if beside.is_symlink():
        raise TableError(f"{escaped_name(beside)} is a symbolic link and is not read: replace it by a file")
    with reading(beside, "the settings of a table"), open_regular(beside) as stream:
        text = stream.read(MOST_JSON + 1)
    return parse_settings(text, beside)


def settings_beside(file: Path) -> Path | None:
    """Return the file of settings that is written beside a CSV table, None for other formats."""
    return settings_file(file) if file.suffix.lower() == ".csv" else None


def settings_file(table: Path) -> Path:
    """Return the name of a text table's settings: beside the file itself, by whatever link it is named."""
    real = Path(os.path.realpath(table))
    return real.with_name(real.name + ".settings.json")
