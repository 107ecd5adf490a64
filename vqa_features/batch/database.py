"""The SQLite file of a store: opened, checked, created, and locked for one command."""

from __future__ import annotations

import errno
import fcntl
import os
import sqlite3
import stat
import time
from contextlib import closing, suppress
from typing import IO

from ..errors import StoreError

SCHEMA = 1
#: Seconds that another process may hold the file before it counts as locked.
BUSY_S = 30.0
OPENING_S = 5.0
_RETRY_S = 0.05

_TABLES = """
CREATE TABLE IF NOT EXISTS files (
    path BLOB PRIMARY KEY, size INTEGER, mtime_ns INTEGER, inode INTEGER, video TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS results (
    video TEXT NOT NULL, key TEXT NOT NULL, form TEXT NOT NULL, label TEXT NOT NULL,
    status TEXT NOT NULL, error TEXT NOT NULL, warnings TEXT NOT NULL,
    frames_decoded INTEGER NOT NULL, frames_expected INTEGER, info TEXT NOT NULL, seconds TEXT NOT NULL,
    n INTEGER NOT NULL, d INTEGER NOT NULL, data BLOB NOT NULL, stored_s REAL NOT NULL,
    PRIMARY KEY (video, key, form)
);
"""


def check_store_file(path: str) -> None:
    """Refuse a name that is no regular file, without opening it; StoreError says what it is."""
    try:
        mode = os.stat(path).st_mode
    except FileNotFoundError:
        return
    except ValueError as error:
        raise StoreError(f"the store {path!r} cannot be made: no file can have this name") from error
    except OSError as error:
        raise StoreError(f"the store {path!r} cannot be made: {error.strerror}") from error
    if not stat.S_ISREG(mode):
        kind = "a folder" if stat.S_ISDIR(mode) else "a pipe or a device"
        raise StoreError(f"{path!r} cannot be used as a store: it is {kind}")


def open_database(path: str, read_only: bool) -> sqlite3.Connection:
    """Open the SQLite file of a store, creating it if it is missing.

    A file that is no store of this version is left as it is.

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
        If the file cannot be opened, is locked, or is another program's or another version's.
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
    except sqlite3.Error as error:
        raise StoreError(f"{path!r} cannot be used as a store: {error}") from error
    return database


def _prepare(database: sqlite3.Connection, path: str, read_only: bool) -> None:
    """Check the schema, create it in a new file, and set how the file is written."""
    database.execute("BEGIN" if read_only else "BEGIN IMMEDIATE")
    (version,) = database.execute("PRAGMA user_version").fetchone()
    tables = database.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
    if version != SCHEMA and (version or tables):
        raise StoreError(
            f"the store {path!r} has version {version}, this program reads {SCHEMA}: give another file"
        )
    if not (version or read_only):
        for statement in _TABLES.strip().rstrip(";").split(";"):
            database.execute(statement)
        database.execute(f"PRAGMA user_version={SCHEMA}")
    with closing(sqlite3.connect(":memory:")) as pattern:
        pattern.executescript(_TABLES)
        if (version or not read_only) and _columns(database) != _columns(pattern):
            raise StoreError(f"{path!r} cannot be used as a store: its tables are those of another program")
    database.execute("COMMIT")
    if read_only:
        database.execute("PRAGMA query_only=ON")
        return
    _set_journal(database)
    database.execute("PRAGMA synchronous=NORMAL")
    database.execute(f"PRAGMA busy_timeout={int(1000 * BUSY_S)}")


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


def _columns(database: sqlite3.Connection) -> list[tuple[str, ...]]:
    """Names of the columns of the two tables; empty where there is no such table."""
    found = (database.execute(f"PRAGMA table_info({name})") for name in ("files", "results"))
    return [tuple(row[1] for row in rows) for rows in found]


def lock_beside(path: str) -> IO[bytes]:
    """Lock the file ``PATH.lock``, created if it is missing; its content is left alone.

    Parameters
    ----------
    path : str
        The store.

    Returns
    -------
    file
        The lock is held until it is closed.

    Raises
    ------
    StoreError
        If another process holds it (it is named where it can be found), or the file cannot be opened.
    """
    name = f"{path}.lock"
    try:
        descriptor = os.open(name, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK, 0o666)
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise StoreError(f"the store {path!r} is not used: {name!r} is a symbolic link") from error
        raise StoreError(f"the store {path!r} cannot be made: {error.strerror}") from error
    file = os.fdopen(descriptor, "r+b", buffering=0)
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise StoreError(f"the store {path!r} is not used: {name!r} is no regular file")
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        raise StoreError(f"the store {path!r} is in use by another run{_holder(name)}") from None
    except OSError as error:
        file.close()
        raise StoreError(f"the store {path!r} cannot be locked: {error.strerror}") from error
    except StoreError:
        file.close()
        raise
    return file


def _holder(name: str) -> str:
    """Name the other process that has a lock file open, where the system tells."""
    wanted = os.path.realpath(name)
    with suppress(OSError):
        for process in os.listdir("/proc"):
            if process.isdigit() and int(process) != os.getpid() and _has_open(process, wanted):
                return f" (process {process})"
    return ""


def _has_open(process: str, wanted: str) -> bool:
    """Whether a process has a file open; False if that is not ours to see, or it has just ended."""
    folder = f"/proc/{process}/fd"
    with suppress(OSError):
        for name in os.listdir(folder):
            with suppress(OSError):
                if os.readlink(f"{folder}/{name}") == wanted:
                    return True
    return False
