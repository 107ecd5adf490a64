"""Store of finished results: a SQLite file from which an interrupted or killed run resumes.

The key of a result is what it depends on: the bytes of the video, the identity of the extractor,
sampling and luma. Failures are results too. Only the driver of a run writes, one transaction per
result.
"""

from __future__ import annotations

import dataclasses
import fcntl
import hashlib
import json
import os
import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from ..errors import TableError
from ..extractor import Extractor
from ..specs import Luma, RawFormat, Sampling, VideoResult
from ..video.opening import open_regular
from .packing import pack_rows
from .stored_result import ROWS, Stored, read_row

SCHEMA = 1
#: A file whose time stamp is younger than this may change again within the same stamp.
_SETTLED_S = 2.0
_CHUNK = 1 << 20

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


class Store:
    """The store in the file `path`, created if it is missing; a context manager.

    Parameters
    ----------
    path : path
        SQLite file; a lock file is kept beside it.

    Raises
    ------
    TableError
        If another run has it open, or the file is not a store of this version.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self._path = os.fspath(path)
        self._lock = _lock(self._path)
        try:
            self._database = sqlite3.connect(self._path, isolation_level=None)
            self._prepare()
        except BaseException:
            self._lock.close()
            raise

    def _prepare(self) -> None:
        try:
            self._database.execute("PRAGMA journal_mode=WAL")
            self._database.execute("PRAGMA synchronous=NORMAL")
            (version,) = self._database.execute("PRAGMA user_version").fetchone()
            tables = self._database.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
            if version != SCHEMA and (version or tables):
                self._database.close()
                raise TableError(
                    f"the store {self._path!r} has version {version}, this program reads {SCHEMA}: "
                    "give another file"
                )
            self._database.executescript(f"BEGIN; {_TABLES} PRAGMA user_version={SCHEMA}; COMMIT")
        except sqlite3.Error as error:
            self._database.close()
            raise TableError(f"{self._path!r} cannot be used as a store: {error}") from error

    def video_hash(self, path: str | os.PathLike[str]) -> str:
        """Return the SHA-256 of a video file's bytes.

        The hash is stored with the file's size, time stamp and inode, so an unchanged file is read once.

        Parameters
        ----------
        path : path
            The video file.

        Raises
        ------
        DecodeError
            If the file cannot be opened or read.
        """
        name = os.fsencode(os.path.abspath(path))
        descriptor = open_regular(os.fspath(path))
        with open(descriptor, "rb", buffering=0) as file:
            status = os.fstat(file.fileno())
            mark = (status.st_size, status.st_mtime_ns, status.st_ino)
            known = self._database.execute(
                "SELECT video, size, mtime_ns, inode FROM files WHERE path = ?", (name,)
            ).fetchone()
            if known is not None and known[1:] == mark:
                return str(known[0])
            digest = hashlib.sha256()
            while chunk := file.read(_CHUNK):
                digest.update(chunk)
        video = digest.hexdigest()
        if time.time() - status.st_mtime_ns / 1e9 > _SETTLED_S:
            self._database.execute(
                "INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?, ?)", (name, *mark, video)
            )
        return video

    def load(self, video: str, key: str, pools: Sequence[str] | None = None) -> Stored | None:
        """Return a stored result, or None.

        Per-window rows are preferred; else a failure or the result pooled with exactly `pools`.

        Parameters
        ----------
        video : str
            Hash of the video, from `video_hash`.
        key : str
            Key of the computation, from `result_key`.
        pools : sequence of str, optional
            Accept a result pooled with these.
        """
        forms = [ROWS] if pools is None else [ROWS, _form(pools)]
        for form in forms:
            row = self._database.execute(
                "SELECT label, status, error, warnings, frames_decoded, frames_expected, info, seconds,"
                " n, d, data FROM results WHERE video = ? AND key = ? AND form = ?",
                (video, key, form),
            ).fetchone()
            if row is not None:
                return read_row(row, form)
        return None

    def save(
        self,
        video: str,
        key: str,
        result: VideoResult,
        label: str,
        *,
        pools: Sequence[str] | None = None,
        pooled: NDArray[np.float64] | None = None,
    ) -> None:
        """Store one extractor's part of `result`, replacing an earlier one.

        A failed result is stored as a failure.

        Parameters
        ----------
        video : str
            Hash of the video, from `video_hash`.
        key : str
            Key of the computation, from `result_key`.
        result : VideoResult
            Status, times and rows.
        label : str
            The extractor.
        pools : sequence of str, optional
            Pools of `pooled`.
        pooled : array (d,), optional
            Pooled columns to store instead of the rows of every window.
        """
        rows = result.rows.get(label)
        if result.status.startswith("failed") or (pooled is None and rows is None):
            form, n, d, data = ROWS, 0, 0, b""
        elif pooled is not None:
            form, n, d = _form(pools or ()), 1, len(pooled)
            data = np.ascontiguousarray(pooled, "<f8").tobytes()
        else:
            assert rows is not None
            form, (n, d), data = ROWS, rows.values.shape, pack_rows(rows)
        info = {} if result.info is None else dataclasses.asdict(result.info)
        names = ("decode", label)
        seconds = {name: result.seconds[name] for name in names if name in result.seconds}
        with self._transaction():
            if form != ROWS:  # a failure of an earlier try is no longer true
                self._database.execute(
                    "DELETE FROM results WHERE video = ? AND key = ? AND form = ? AND status LIKE 'failed%'",
                    (video, key, ROWS),
                )
            numbers = (result.frames_decoded, result.frames_expected)
            told = (json.dumps(result.warnings), *numbers, json.dumps(info), json.dumps(seconds))
            error = result.error.encode("utf-8", "backslashreplace").decode()
            row = (video, key, form, label, result.status, error, *told, n, d, data, time.time())
            self._database.execute(
                f"INSERT OR REPLACE INTO results VALUES ({', '.join('?' * len(row))})", row
            )

    def __len__(self) -> int:
        """Number of results and failures."""
        return int(self._database.execute("SELECT count(*) FROM results").fetchone()[0])

    def close(self) -> None:
        """Close the file and release its lock."""
        self._database.close()
        self._lock.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        """Commit everything inside or nothing. There is one writer, so this never waits."""
        self._database.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._database.execute("ROLLBACK")
            raise
        self._database.execute("COMMIT")


def result_key(
    extractor: Extractor, sampling: Sampling, luma: Luma = "y", raw: RawFormat | None = None
) -> str:
    """Return the hash of everything but the video that a stored value depends on.

    Parameters
    ----------
    extractor : Extractor
        Its identity is part of the key.
    sampling : Sampling
        Sampled frames.
    luma : {"y", "rgb2gray"}
        Source of luma.
    raw : RawFormat, optional
        Geometry of headerless YUV.
    """
    parts = {
        "extractor": extractor.identity(),
        "sampling": dataclasses.asdict(sampling),
        "luma": luma,
        "raw": None if raw is None else dataclasses.asdict(raw),
    }
    text = json.dumps(parts, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def _form(pools: Sequence[str]) -> str:
    return "+".join(pools)


def _lock(path: str) -> Any:
    """Lock the file beside the store; TableError if another run holds it."""
    try:
        file = open(f"{path}.lock", "wb")  # noqa: SIM115 (held until the store is closed)
    except OSError as error:
        raise TableError(f"the store {path!r} cannot be made: {error.strerror}") from error
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        raise TableError(f"the store {path!r} is in use by another run") from None
    return file
