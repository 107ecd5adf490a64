"""Removal of what no run would use from a store: first found, then deleted, then the file is made smaller."""

from __future__ import annotations

import os
import sqlite3
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field

from ..errors import ParameterError
from ..remote.addresses import is_remote
from .computations import Standing, computations, standing
from .store_access import Row, failing_as_store, opened, row_numbers, row_of
from .stored_result import OddRow, Stored

_DAY_S = 86400.0
_UNUSED = "FROM computations WHERE key NOT IN (SELECT key FROM results)"


@dataclass(frozen=True)
class Rules:
    """What is removed beside rows that cannot be read and failures that every run tries again.

    Parameters
    ----------
    failures_days : float, optional
        Failures of any kind that were stored more than so many days ago; 0: all of them.
    other_versions : bool
        Results of extractors that are installed here in another version, with other weights, or with another
        version of decoding.
    missing : bool
        Remembered files that are not on this machine; results are kept.

    Raises
    ------
    ParameterError
        If the number of days is below 0.
    """

    failures_days: float | None = None
    other_versions: bool = False
    missing: bool = False

    def __post_init__(self) -> None:
        if self.failures_days is not None and not self.failures_days >= 0:
            raise ParameterError(f"the age of failures must be 0 days or more, got {self.failures_days}")


@dataclass
class Removal:
    """What is removed: results by the reason, remembered files, and the bytes of both.

    `kept` counts results whose version cannot be compared, by the extractor's label. `before` and `after` are
    sizes of the file; `after` is None where nothing was removed yet.
    """

    results: dict[str, int] = field(default_factory=dict)
    files: int = 0
    bytes: int = 0
    before: int = 0
    after: int | None = None
    kept: dict[str, int] = field(default_factory=dict)


def clean_store(path: str, rules: Rules = Rules(), *, dry_run: bool = False) -> Removal:
    """Remove from a store what no run would use, and return what that is.

    Parameters
    ----------
    path : str
        The store; it is locked meanwhile.
    rules : Rules
        What is removed.
    dry_run : bool
        Only find it.

    Raises
    ------
    StoreError
        If there is no store, it is in use, or it cannot be used. What was removed stays removed where the
        file cannot be made smaller, e.g. on a full disk.
    """
    with opened(path, read_only=dry_run) as database:
        removal = Removal(before=os.path.getsize(path))
        rows = _rows(database, rules, removal)
        files = _files(database, rules, removal)
        if not dry_run:
            database.execute("BEGIN IMMEDIATE")
            database.executemany("DELETE FROM results WHERE rowid = ?", rows)
            database.executemany("DELETE FROM files WHERE path = ?", files)
            database.execute(f"DELETE {_UNUSED}")
            database.execute("COMMIT")
            with failing_as_store(f"{path} (what is told was removed, the file did not become smaller)"):
                _shrink(database)
            removal.after = os.path.getsize(path)
        return removal


def _shrink(database: sqlite3.Connection) -> None:
    """Give the free pages back to the disk; SQLite attaches a temporary database for it."""
    limit = database.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 1)
    try:
        database.execute("VACUUM")
    finally:
        database.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, limit)
    database.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()


def _rows(database: sqlite3.Connection, rules: Rules, removal: Removal) -> list[tuple[int]]:
    """Return the numbers of the rows to remove."""
    known = computations(database)
    standings: dict[tuple[str, str], Standing] = {}
    found, reasons, kept = list[tuple[int]](), Counter[str](), Counter[str]()
    for number in row_numbers(database):
        try:
            row, stored = row_of(database, number)
        except OddRow:
            reason, size = "unreadable", _size_of(database, number)
        else:
            size = sum(len(cell) for cell in row if isinstance(cell, str | bytes))
            reason = _reason(row, stored, rules)
            if not reason and rules.other_versions:
                of = (stored.label, row[1])
                if of not in standings:
                    standings[of] = standing(stored.label, known.get(row[1]))
                reason = "other version" if standings[of] == "other version" else ""
                kept[stored.label] += standings[of] in ("not installed", "not known")
        if reason:
            reasons[reason] += 1
            found.append((number,))
            removal.bytes += size
    removal.results, removal.kept = dict(reasons), dict(+kept)
    return found


def _reason(row: Row, stored: Stored, rules: Rules) -> str:
    """Return why a failure is removed, "" if it is not, or is none."""
    if not stored.failed:
        return ""
    if stored.worth_retrying:
        return "tried again anyway"
    if rules.failures_days is None or not isinstance(row[14], float):
        return ""
    old = time.time() - row[14] >= rules.failures_days * _DAY_S
    return "failure" if old else ""


def _size_of(database: sqlite3.Connection, number: int) -> int:
    with suppress(sqlite3.Error):
        query = "SELECT length(data) FROM results WHERE rowid = ?"
        return int(database.execute(query, (number,)).fetchone()[0] or 0)
    return 0


def _files(database: sqlite3.Connection, rules: Rules, removal: Removal) -> list[tuple[object]]:
    """Return the names of the remembered files to remove."""
    if not rules.missing:
        return []
    found = [name for (name,) in database.execute("SELECT path FROM files").fetchall() if _is_missing(name)]
    removal.files = len(found)
    removal.bytes += sum(len(name) for name in found if isinstance(name, bytes))
    return [(name,) for name in found]


def _is_missing(path: object) -> bool:
    if not isinstance(path, bytes):
        return True
    name = os.fsdecode(path)
    return not is_remote(name) and not os.path.lexists(name)
