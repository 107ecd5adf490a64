"""What a store holds: results by extractor and computation, failures, videos, remembered files, sizes."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from ..files.names import shown
from .computations import Computation, Standing, computations, standing
from .store_access import opened

#: Files in which SQLite keeps a store.
_FILES = ("", "-wal", "-journal")
_GROUPS = """
SELECT label, key, form, status LIKE 'failed%' AS failed,
    count(*), sum(length(data)), min(stored_s), max(stored_s)
FROM results GROUP BY label, key, form, failed ORDER BY label, key, form, failed
"""


@dataclass(frozen=True)
class Group:
    """Results of one extractor by one computation, in one form.

    `form` is ``rows`` for the row of every window, else the pools, or ``failed``. `bytes` are those of the
    numbers; `oldest` and `newest` are times in UTC.
    """

    label: str
    key: str
    form: str
    results: int
    bytes: int
    oldest: str | None
    newest: str | None
    version: int | None
    installed: Standing
    computation: Computation | None = field(repr=False)


@dataclass(frozen=True)
class StoreInfo:
    """What a store holds; `failures` counts them by their status, `bytes` are those on the disk."""

    path: str
    schema: int
    bytes: int
    videos: int
    files: int
    results: list[Group]
    failures: dict[str, int]
    oldest: str | None
    newest: str | None


def store_info(path: str) -> StoreInfo:
    """Return what a store holds; nothing is changed.

    Parameters
    ----------
    path : str
        The store.

    Raises
    ------
    StoreError
        If there is none, or it cannot be used.
    """
    with opened(path, read_only=True) as database:
        (schema,) = database.execute("PRAGMA user_version").fetchone()
        groups = list(_groups(database))
        failures = database.execute(
            "SELECT status, count(*) FROM results WHERE status LIKE 'failed%' GROUP BY status ORDER BY 2 DESC"
        ).fetchall()
        times = [time for group in groups for time in (group.oldest, group.newest) if time is not None]
        return StoreInfo(
            path=path,
            schema=schema,
            bytes=sum(os.path.getsize(path + end) for end in _FILES if os.path.exists(path + end)),
            videos=_number(database, "SELECT count(DISTINCT video) FROM results"),
            files=_number(database, "SELECT count(*) FROM files"),
            results=groups,
            failures={shown(status): count for status, count in failures},
            oldest=min(times, default=None),
            newest=max(times, default=None),
        )


def _number(database: sqlite3.Connection, query: str) -> int:
    return int(database.execute(query).fetchone()[0])


def _groups(database: sqlite3.Connection) -> Iterator[Group]:
    known = computations(database)
    for label, key, form, failed, count, size, oldest, newest in database.execute(_GROUPS).fetchall():
        computation = known.get(key)
        version = computation and computation["extractor"].get("version")
        yield Group(
            label=shown(label),
            key=shown(key),
            form="failed" if failed else shown(form),
            results=count,
            bytes=size or 0,
            oldest=_time(oldest),
            newest=_time(newest),
            version=version if isinstance(version, int) else None,
            installed=standing(label, computation) if isinstance(label, str) else "not known",
            computation=computation,
        )


def _time(seconds: Any) -> str | None:
    """Return a time of storing as text, None if it is none."""
    try:
        return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")
    except (TypeError, ValueError, OverflowError, OSError):
        return None


def told(computation: Computation | None) -> str:
    """Return how a result was computed, in words: frames, luma, area, and geometry of headerless files."""
    if computation is None:
        return "not known"
    sampling = computation.get("sampling")
    given = {
        name: value
        for name, value in (sampling.items() if isinstance(sampling, dict) else ())
        if value not in (None, 0)
    }
    words = [f"{name} {value}" for name, value in given.items()] or ["all frames"]
    words += [str(computation["luma"])] * (computation.get("luma", "y") != "y")
    words += ["active area"] * (computation.get("area") == "active")
    words += ["raw"] * (computation.get("raw") is not None)
    return shown(", ".join(words))
