"""What the keys of a store stand for, and whether this installation would compute the same."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from contextlib import suppress
from typing import Any, Literal

from ..errors import StoreError, VqaError
from ..files.reading import parse_json
from ..registry import make_all
from ..video import DECODING_VERSION
from .replay import named_file

#: What a key stands for: the fields of `result_key.result_key`.
Computation = dict[str, Any]
#: Whether the installed extractor computes what a key stands for. ``not known``: the key has no text, since
#: an earlier version stored it, or its extractor names a file, which is not opened for a store.
Standing = Literal["installed", "other version", "not installed", "not known"]


def computations(database: sqlite3.Connection) -> dict[str, Computation]:
    """Return what the keys of a store stand for; a text that is not that of its key is left out.

    Parameters
    ----------
    database : sqlite3.Connection
        A store of any version.
    """
    found: dict[str, Computation] = {}
    for key, text in computation_texts(database):
        with suppress(StoreError):
            parts = parse_json(text, "a store", "a computation", StoreError)
            if isinstance(parts, dict) and isinstance(parts.get("extractor"), dict):
                found[key] = parts
    return found


def computation_texts(database: sqlite3.Connection) -> list[tuple[str, str]]:
    """Return the keys of a store, each with the text that it is the hash of."""
    if not database.execute("SELECT 1 FROM sqlite_master WHERE name = 'computations'").fetchone():
        return []
    rows = database.execute("SELECT key, text FROM computations ORDER BY key")
    return [(key, text) for key, text in rows if _belong(key, text)]


def _belong(key: object, text: object) -> bool:
    return isinstance(text, str) and hashlib.sha256(text.encode()).hexdigest() == key


def standing(label: str, computation: Computation | None) -> Standing:
    """Return whether the installed extractor of a label computes what a key stands for.

    Parameters
    ----------
    label : str
        The extractor, from a store that may be a stranger's: no file that it names is opened.
    computation : dict, optional
        What the key stands for, if that is known.
    """
    if computation is None:
        return "not known"
    try:
        (extractor,) = make_all([label])
        if named_file(extractor) is not None:
            return "not known"
        identity = json.loads(json.dumps(extractor.identity(), default=str))
    except (VqaError, ValueError):
        return "not installed"
    same = identity == computation["extractor"] and computation.get("decoding") == DECODING_VERSION
    return "installed" if same else "other version"
