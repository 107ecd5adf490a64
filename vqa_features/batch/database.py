"""The SQLite file of a store: opened, checked, and created."""

from __future__ import annotations

import errno
import os
import sqlite3
import time
from contextlib import closing

from ..errors import StoreError, first_few
from ..files.names import escaped_name
from ..files.reading import reason_of

#: Statements that make the schema of version 1, 2 ... out of that of the version before.
_STEPS = (
    """
CREATE TABLE files (
    path BLOB PRIMARY KEY, size INTEGER, mtime_ns INTEGER, inode INTEGER, video TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE results (
    video TEXT NOT NULL, key TEXT NOT NULL, form TEXT NOT NULL, label TEXT NOT NULL,
    status TEXT NOT NULL, error TEXT NOT NULL, warnings TEXT NOT NULL,
    frames_decoded INTEGER NOT NULL, frames_expected INTEGER, info TEXT NOT NULL, seconds TEXT NOT NULL,
    n INTEGER NOT NULL, d INTEGER NOT NULL, data BLOB NOT NULL, stored_s REAL NOT NULL,
    PRIMARY KEY (video, key, form)
)""",
    "ALTER TABLE results ADD COLUMN checksum INTEGER",
    "CREATE TABLE computations (key TEXT PRIMARY KEY, text TEXT NOT NULL) WITHOUT ROWID",
)
SCHEMA = len(_STEPS)
#: One result, by video, key and form.
OF_RESULT = "FROM results WHERE video = ? AND key = ? AND form = ?"
_VALUES = (
    *("label", "status", "error", "warnings", "frames_decoded", "frames_expected", "info", "seconds"),
    *("n", "d", "data", "stored_s", "checksum"),
)
#: Store a row; a failure replaces no success.
PUT_RESULT = (
    f"INSERT INTO results VALUES (?, ?, ?{', ?' * len(_VALUES)}) ON CONFLICT DO UPDATE"
    f" SET ({', '.join(_VALUES)}) = ({', '.join(f'excluded.{name}' for name in _VALUES)})"
    " WHERE status LIKE 'failed%' OR excluded.status NOT LIKE 'failed%'"
)
#: Store the text that a key is the hash of.
PUT_COMPUTATION = "INSERT OR REPLACE INTO computations VALUES (?, ?)"
#: Seconds that another process may hold the file before it counts as locked.
BUSY_S = 30.0
OPENING_S = 5.0
_RETRY_S = 0.05
#: What our statements need at most; a file that asks for more is no store. The length is that of a value.
_LIMITS = {
    sqlite3.SQLITE_LIMIT_LENGTH: 10**9,
    sqlite3.SQLITE_LIMIT_SQL_LENGTH: 10_000,
    sqlite3.SQLITE_LIMIT_COLUMN: 100,
    sqlite3.SQLITE_LIMIT_EXPR_DEPTH: 50,
    sqlite3.SQLITE_LIMIT_ATTACHED: 0,
    sqlite3.SQLITE_LIMIT_TRIGGER_DEPTH: 1,
}


def open_database(path: str, read_only: bool) -> sqlite3.Connection:
    """Open the SQLite file of a store, creating it if it is missing.

    A file that is no store is left as it is; a store of an earlier version is brought up to this one. The
    file may come from a stranger: other tables, triggers, views and indexes are refused, and no other file
    is attached.

    Parameters
    ----------
    path : str
        The file.
    read_only : bool
        Create and change nothing.

    Returns
    -------
    sqlite3.Connection
        In autocommit mode.

    Raises
    ------
    StoreError
        If the file cannot be opened, is locked, or is another program's or a later version's.
    """
    file = os.path.abspath(path)  # ":memory:" is a file name too
    if not os.path.isdir(os.path.dirname(file)):
        raise StoreError(f"the store {path!r} cannot be made: {os.strerror(errno.ENOENT)}")
    try:
        database = sqlite3.connect(file, timeout=OPENING_S, isolation_level=None)
        try:
            _prepare(database, path, read_only)
        except BaseException:
            database.close()
            raise
    except StoreError:
        raise
    except Exception as error:  # of a damaged file SQLite's own messages may not be text
        told = escaped_name(str(error) if isinstance(error, sqlite3.Error) else reason_of(error))
        raise StoreError(f"{path!r} cannot be used as a store: {told}") from error
    return database


def _prepare(database: sqlite3.Connection, path: str, read_only: bool) -> None:
    """Check the schema, bring it up to this version, and set how the file is written."""
    _distrust(database)
    database.execute("BEGIN" if read_only else "BEGIN IMMEDIATE")
    (version,) = database.execute("PRAGMA user_version").fetchone()
    objects = _objects(database)
    if not 0 <= version <= SCHEMA or (objects and not version):
        raise StoreError(
            f"the store {path!r} has version {version}, this program reads 1 to {SCHEMA}: give another file"
        )
    _check_objects(path, objects, version)
    if read_only:
        database.execute("COMMIT")
        database.execute("PRAGMA query_only=ON")
        return
    if version < SCHEMA:
        _raise_version(database, version, SCHEMA)
    database.execute("COMMIT")
    _set_journal(database)
    database.execute("PRAGMA synchronous=NORMAL")
    database.execute(f"PRAGMA busy_timeout={int(1000 * BUSY_S)}")


def _distrust(database: sqlite3.Connection) -> None:
    """Take the file for one from a stranger: nothing in it is run, and its cells are checked."""
    for limit, value in _LIMITS.items():
        database.setlimit(limit, value)
    for setting in ("trusted_schema=OFF", "cell_size_check=ON", "mmap_size=0"):
        database.execute(f"PRAGMA {setting}").fetchall()
    database.text_factory = _text


def _text(value: bytes) -> str | bytes:
    """Return a text of the file; bytes that are not UTF-8 stay bytes, which no column of texts may hold."""
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value


def _raise_version(database: sqlite3.Connection, version: int, wanted: int) -> None:
    """Make the schema of a version out of that of an earlier one; version 0 is an empty file."""
    for statement in ";".join(_STEPS[version:wanted]).split(";"):
        database.execute(statement)
    database.execute(f"PRAGMA user_version={wanted}")


def _check_objects(path: str, objects: set[tuple[str, ...]], version: int) -> None:
    """Refuse tables that are not those of a version, and whatever else a database can hold."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as pattern:
        _raise_version(pattern, 0, version)
        expected = _objects(pattern)
    foreign = sorted(f"the {kind} {name!r}" for kind, name, _ in objects - expected)
    if objects != expected:
        told = f"it holds {first_few(foreign)} of another program" if foreign else "a table is missing"
        raise StoreError(f"{path!r} cannot be used as a store: {told}; give another file")


def _objects(database: sqlite3.Connection) -> set[tuple[str, ...]]:
    """Type, name and definition, without white space, of the first objects of a database."""
    found = database.execute("SELECT type, name, sql FROM sqlite_master LIMIT 10")
    return {(str(kind), str(name), "".join(str(sql).split())) for kind, name, sql in found}


def _set_journal(database: sqlite3.Connection) -> None:
    """Set write-ahead logging; SQLite does not wait here when another process opens the file too."""
    end = time.monotonic() + OPENING_S
    while database.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
        try:
            database.execute("PRAGMA journal_mode=WAL")
            return  # a file system without shared memory keeps its other mode, which is as safe
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > end:
                raise
            time.sleep(_RETRY_S)
