"""Settings that made a feature table, as JSON text in its file."""

from __future__ import annotations

import json
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
