"""A store opened as a whole: to be described, checked, cleaned or joined, not to be run from."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, nullcontext
from typing import Any

from ..errors import StoreError, VqaError
from ..files.names import escaped_name
from ..files.reading import reading, reason_of
from .database import open_database
from .store_files import check_store_file, lock_beside
from .stored_result import OddRow, Stored, read_row

#: One row of the table of results, of any version.
Row = tuple[Any, ...]


@contextmanager
def opened(path: str, *, read_only: bool) -> Iterator[sqlite3.Connection]:
    """Open a store that exists, with the distrust of `database.open_database`.

    Parameters
    ----------
    path : str
        The store.
    read_only : bool
        Change nothing, and see one state of it whatever others write. Else the store is locked
        against a second command.

    Raises
    ------
    StoreError
        If there is none, it cannot be used, or SQLite fails inside the block.
    """
    check_store_file(path)
    if not os.path.exists(path):
        raise StoreError(f"there is no store {path!r}")
    lock = nullcontext() if read_only else lock_beside(path)
    with failing_as_store(path), lock, closing(open_database(path, read_only)) as database:
        if read_only:
            database.execute("BEGIN")
            if not database.execute("PRAGMA user_version").fetchone()[0]:
                raise StoreError(f"{path!r} is no store: it is empty")
        yield database


@contextmanager
def failing_as_store(path: str) -> Iterator[None]:
    """Raise StoreError for what SQLite raises on a damaged file, a full disk or a lasting lock."""
    try:
        yield
    except VqaError:
        raise
    except (sqlite3.Error, OSError, MemoryError) as error:
        raise StoreError(f"the store {path!r} failed: {escaped_name(reason_of(error))}") from error


def row_numbers(database: sqlite3.Connection) -> Iterator[int]:
    """Yield the number of every row of results, in their order; sqlite3.DatabaseError at a damaged page."""
    for (number,) in database.execute("SELECT rowid FROM results ORDER BY rowid"):
        yield number


def row_of(database: sqlite3.Connection, number: int) -> tuple[Row, Stored]:
    """Return a row of results by its number, and the result that it holds.

    Raises
    ------
    OddRow
        If no run has written it so, or it was damaged since.
    """
    with reading(f"row {number}", "a stored result", OddRow):
        row = database.execute("SELECT * FROM results WHERE rowid = ?", (number,)).fetchone()
        for name in row[:3]:
            if not isinstance(name, str) or not name.isprintable():
                raise ValueError("its video, key or form is no text")
        return row, read_row(row)


def counts(database: sqlite3.Connection, condition: str = "") -> int:
    """Return the number of rows of results for which an SQL condition holds."""
    return int(database.execute(f"SELECT count(*) FROM results {condition}").fetchone()[0])
