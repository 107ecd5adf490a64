"""Store of finished results: a SQLite file from which an interrupted or killed run resumes.

The key of a result is what it depends on: the bytes of the video, the identity of the extractor,
sampling and luma. Failures are results too. Only the driver of a run writes, one transaction per result.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import IO

import numpy as np
from numpy.typing import NDArray

from ..errors import StoreError, VqaError
from ..files.closing import ClosedAtExit
from ..files.reading import reading
from ..video.opening import open_video_file
from ..video_task import Mark, VideoResult
from .database import OF_RESULT, PUT_COMPUTATION, PUT_RESULT, open_database
from .database import SCHEMA as SCHEMA
from .result_key import ResultKey
from .store_files import check_store_file, is_hash, lock_beside, mark_of_file
from .stored_result import ROWS, OddRow, Stored, form_of, new_row, read_row

#: A file whose time stamp is younger than this may change again within the same stamp.
_SETTLED_S = 2.0
_CHUNK = 1 << 20


class Store(ClosedAtExit):
    """The store in the file `path`, created if it is missing; a context manager.

    Any number of processes may have a store open: SQLite lets one write at a time, each result is one
    transaction, and a success is never replaced by another run's failure.

    Parameters
    ----------
    path : path
        SQLite file.
    exclusive : bool
        Refuse a second exclusive use at the same time, by a lock file beside the store.
    read_only : bool
        Only look: the file must exist, and nothing in it is changed.

    Raises
    ------
    StoreError
        If it is in use, locked, write-protected or no store of this version, or fails in any method.
    """

    def __init__(
        self, path: str | os.PathLike[str], *, exclusive: bool = True, read_only: bool = False
    ) -> None:
        self._path = os.fspath(path)
        self._file = os.path.abspath(self._path)
        self._read_only = read_only
        self._lock: IO[bytes] | None = None
        check_store_file(self._path)
        if exclusive and not read_only:
            self._lock = lock_beside(self._path)
        try:
            self._database = open_database(self._path, read_only)
        except BaseException:
            self._unlock()
            raise
        self._inode = os.stat(self._file).st_ino
        #: Results that could not be read: by video and key, the form and the expected width of each.
        self._odd: dict[tuple[str, str], dict[str, int | None]] = {}
        self._odd_hashes: set[bytes] = set()
        self._described: set[str] = set()

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
        descriptor = open_video_file(os.fspath(path))
        with open(descriptor, "rb", buffering=0) as file:
            status = os.fstat(file.fileno())
            mark = mark_of_file(status)
            known = self.remembered(name, mark)
            if known is not None:
                return known
            digest = hashlib.sha256()
            while chunk := file.read(_CHUNK):
                digest.update(chunk)
        video = digest.hexdigest()
        if time.time() - status.st_mtime_ns / 1e9 > _SETTLED_S:
            self.remember(name, mark, video)
        return video

    def remember(self, name: str | bytes, mark: Mark, video: str) -> None:
        """Remember the hash of a file or address while its mark stays; one without time and tag is none."""
        if not self._read_only and any(mark[1:]):
            command = "INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?, ?)"
            with self._transaction():
                self._database.execute(command, (os.fsencode(name), *mark, video))

    def has_heard_of(self, address: str) -> bool:
        """Whether the hash of an address is remembered, for any mark."""
        with self._failures():
            query = "SELECT 1 FROM files WHERE path = ?"
            return self._database.execute(query, (os.fsencode(address),)).fetchone() is not None

    def knows(self, path: str | os.PathLike[str]) -> bool:
        """Whether the hash of a video file is remembered, so that `video_hash` does not read the file."""
        try:
            status = os.stat(path)
        except OSError:
            return False
        return self.remembered(os.path.abspath(path), mark_of_file(status)) is not None

    def remembered(self, name: str | bytes, mark: Mark) -> str | None:
        """Return the hash of a file or address while its mark is the same, else None."""
        name, query = os.fsencode(name), "SELECT video, size, mtime_ns, inode FROM files WHERE path = ?"
        with self._failures():
            known = self._database.execute(query, (name,)).fetchone()
        if known is None or known[1:] != mark:
            return None
        if is_hash(known[0]):
            return known[0]
        self._odd_hashes.add(name)
        return None

    def load(
        self,
        video: str,
        key: str,
        pools: Sequence[str] | None = None,
        *,
        widths: tuple[int, int] | None = None,
    ) -> Stored | None:
        """Return a stored result, or None.

        Per-window rows are preferred, then the result pooled with exactly `pools`, then a failure. A row that
        cannot be read is absent: see `unreadable`. The next result of its video and key takes its place.

        Parameters
        ----------
        video : str
            Hash of the video, from `video_hash`.
        key : str
            Key of the computation, from `result_key.result_key`.
        pools : sequence of str, optional
            Accept a result pooled with these.
        widths : tuple of int, optional
            Number of values that a row has, and a pooled result.
        """
        failure: Stored | None = None
        odd: dict[str, int | None] = {}
        forms = [ROWS] if pools is None else [ROWS, form_of(pools)]
        for form, width in zip(forms, widths or (None, None), strict=False):
            try:
                found = self._read(video, key, form, width)
            except OddRow:
                odd[form] = width
                continue
            if found is not None and not found.failed:
                return found
            failure = failure or found
        if not odd:
            return failure
        self._odd[video, key] = odd
        return None

    def _read(self, video: str, key: str, form: str, width: int | None) -> Stored | None:
        """Return the result in one row, None without such a row; OddRow if it cannot be read."""
        with self._failures():
            try:
                row = self._database.execute(f"SELECT * {OF_RESULT}", (video, key, form)).fetchone()
            except sqlite3.DataError as error:  # larger than any value of a store
                raise OddRow(str(error)) from error
        if row is None:
            return None
        with reading(self._path, "a store", OddRow):
            return read_row(row, width)

    def unreadable(self) -> str:
        """Return what could not be read and is computed again, in words; empty if that is nothing."""
        told = []
        if self._odd:
            told = [f"{sum(map(len, self._odd.values()))} of {len(self)} stored results"]
        if self._odd_hashes:
            told.append(f"{len(self._odd_hashes)} remembered hashes of videos")
        return " and ".join(told)

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

        A failed result is stored as a failure; it does not replace a success.

        Parameters
        ----------
        video : str
            Hash of the video, from `video_hash`.
        key : str
            Key of the computation, from `result_key.result_key`; its text is stored too.
        result : VideoResult
            Status, times and rows.
        label : str
            The extractor.
        pools : sequence of str, optional
            Pools of `pooled`.
        pooled : array (d,), optional
            Pooled columns to store instead of the rows of every window.
        """
        row = new_row(video, key, form_of(pools or ()), result, label, pooled)
        with self._transaction():
            self._delete_odd(video, key)
            if row[2] != ROWS:  # a failure of an earlier try is no longer true
                self._database.execute(f"DELETE {OF_RESULT} AND status LIKE 'failed%'", (video, key, ROWS))
            self._database.execute(PUT_RESULT, row)
            if isinstance(key, ResultKey) and key not in self._described:
                self._database.execute(PUT_COMPUTATION, (str(key), key.text))
        self._described.add(key)

    def _delete_odd(self, video: str, key: str) -> None:
        """Delete the rows of a video and a key that could not be read, unless another process was faster."""
        for form, width in self._odd.get((video, key), {}).items():
            try:
                self._read(video, key, form, width)
            except OddRow:
                self._database.execute(f"DELETE {OF_RESULT}", (video, key, form))

    def __len__(self) -> int:
        """Number of results and failures."""
        with self._failures():
            return int(self._database.execute("SELECT count(*) FROM results").fetchone()[0])

    def close(self) -> None:
        """Close the file and release its lock.

        Raises
        ------
        StoreError
            If the file has been moved, replaced or removed since it was opened.
        """
        try:
            with self._failures():
                self._database.close()
                if os.stat(self._file).st_ino != self._inode:
                    raise OSError("it was replaced while it was in use")
        finally:
            self._unlock()

    def _unlock(self) -> None:
        if self._lock is not None:
            self._lock.close()

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        """Commit everything inside or nothing. Another writer is waited for."""
        with self._failures():
            self._database.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._database.execute("COMMIT")
            except BaseException:
                with suppress(sqlite3.Error):  # SQLite has rolled back by itself, e.g. on a full disk
                    self._database.execute("ROLLBACK")
                raise

    @contextmanager
    def _failures(self) -> Iterator[None]:
        """Raise StoreError for what a full disk, a damaged file or a lasting lock brings about."""
        try:
            yield
        except (sqlite3.Error, OSError, ValueError, TypeError, ArithmeticError, MemoryError) as error:
            if isinstance(error, VqaError):
                raise
            raise StoreError(f"the store {self._path!r} failed ({error})") from error
