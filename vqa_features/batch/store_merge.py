"""Stores of several runs or machines joined into one: equal results once, differing ones reported."""

from __future__ import annotations

import dataclasses
import os
import sqlite3
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from ..errors import ParameterError, StoreError
from ..files.atomic import atomic_path
from ..files.reading import reading
from ..files.writable import check_distinct, check_file
from ..video import leaves_out
from .computations import computation_texts
from .database import OF_RESULT, PUT_COMPUTATION, PUT_RESULT, open_database
from .store_access import Row, counts, failing_as_store, opened, row_numbers, row_of
from .store_files import BESIDE, check_store_file, lock_beside
from .stored_result import OddRow, Stored, checksum, read_row

#: Differences that a report names; the others are counted.
MOST_NAMED = 20
#: KiB of pages that SQLite keeps in memory: the index of 10^6 results has about 200 MiB.
_CACHE_KIB = 1 << 18
#: A failure of a video and a key of which there is a success too.
_OVERTAKEN = """
DELETE FROM results WHERE status LIKE 'failed%' AND EXISTS (SELECT 1 FROM results AS other
WHERE other.video = results.video AND other.key = results.key AND other.status NOT LIKE 'failed%')
"""
_FILES = "SELECT path, size, mtime_ns, inode, video FROM files"


@dataclass(frozen=True)
class Difference:
    """Two successes of one video and one computation that are not the same."""

    video: str
    label: str
    form: str
    what: str
    """``status``, ``frames_decoded``, ``values`` ..., the first thing that differs."""
    first: str
    """The store that has the first of the two."""
    second: str


@dataclass
class Merged:
    """What a merge found.

    Of `read` results, `added` were new, `equal` were there, `failures` gave way to a success or to an earlier
    failure, `differing` are successes that are not equal, of which `differences` names the first, and
    `unreadable` are damaged or no run's. The stores `damaged` could be read in part only. `paths` counts
    files that another store remembers with another hash. `results` is the number in the joined store.
    """

    read: int = 0
    added: int = 0
    equal: int = 0
    failures: int = 0
    differing: int = 0
    unreadable: int = 0
    paths: int = 0
    results: int = 0
    damaged: list[str] = field(default_factory=list)
    differences: list[Difference] = field(default_factory=list)


class StoresDiffer(StoreError):
    """Successes in two stores differ; `merged` has what was found, and nothing was written."""

    def __init__(self, merged: Merged) -> None:
        super().__init__(
            f"{merged.differing} of {merged.read} results differ from those of another store: nothing is "
            "written; --prefer first keeps those of the store that is named first"
        )
        self.merged = merged


def merge_stores(
    out: str,
    stores: Sequence[str],
    *,
    prefer: str | None = None,
    on_row: Callable[[int], None] | None = None,
) -> Merged:
    """Join stores into one, which is whole afterwards or as before, also after a kill or on a full disk.

    A success takes the place of a failure. Two successes of the same video, computation and form are equal
    if their numbers are equal to the bit, and their status, frames and description of the video; measured
    times, times of storing, names of files and words of warnings do not count.

    Parameters
    ----------
    out : str
        The joined store. Where it exists, its results stay, as those of the first store.
    stores : sequence of str
        Stores to read, of any version; nothing in them is changed.
    prefer : {"first"}, optional
        Of two successes that differ keep that of the store that is named first.
    on_row : callable, optional
        Called with the number of rows read so far.

    Returns
    -------
    Merged
        What was found.

    Raises
    ------
    ParameterError
        If `out` is one of the stores, or cannot be written.
    StoresDiffer
        If successes differ and no rule was given.
    StoreError
        If a store is missing, in use (`out`) or cannot be used.
    """
    if prefer not in (None, "first"):
        raise ParameterError(f"prefer must be first, got {prefer!r}")
    if not stores:
        raise ParameterError("name at least one store to join")
    check_distinct({f"the joined store ({end})".replace(" ()", ""): out + end for end in BESIDE}, stores)
    check_store_file(out)
    check_file(out)
    merged = Merged()
    with failing_as_store(out), lock_beside(out), _target(out) as target:
        joining = _Joining(out, target, merged, on_row)
        for path in stores:
            with opened(path, read_only=True) as source:
                joining.add(path, source)
        merged.failures += target.execute(_OVERTAKEN).rowcount
        merged.results = counts(target)
        if merged.differing and prefer is None:
            raise StoresDiffer(merged)
    return merged


@contextmanager
def _target(out: str) -> Iterator[sqlite3.Connection]:
    """Yield a store in a transaction: what is inside is done when the block ends, and undone if it raises."""
    if os.path.exists(out) and os.path.getsize(out):
        with closing(open_database(out, False)) as database, _transaction(database):
            yield database
        return
    with atomic_path(os.path.realpath(out)) as part:
        try:
            with closing(open_database(str(part), False)) as database:
                for setting in ("journal_mode=OFF", "synchronous=OFF"):  # a new file needs no way back
                    database.execute(f"PRAGMA {setting}").fetchall()
                with _transaction(database):
                    yield database
        finally:
            for end in BESIDE[1:]:
                Path(f"{part}{end}").unlink(missing_ok=True)


@contextmanager
def _transaction(database: sqlite3.Connection) -> Iterator[None]:
    database.execute(f"PRAGMA cache_size=-{_CACHE_KIB}")
    database.execute("BEGIN IMMEDIATE")
    try:
        yield
        database.execute("COMMIT")
    except BaseException:
        with suppress(sqlite3.Error):
            database.execute("ROLLBACK")
        raise


class _Joining:
    """The joined store while stores are added to it."""

    def __init__(
        self, out: str, target: sqlite3.Connection, merged: Merged, on_row: Callable[[int], None] | None
    ) -> None:
        self._out = out
        self._target = target
        self._merged = merged
        self._on_row = on_row
        #: Number of the first row that came from each store; rows are numbered as they are added.
        self._origins = [(-(2**63), out)]

    def add(self, path: str, source: sqlite3.Connection) -> None:
        """Add the results of a store, what their keys stand for, and its remembered files."""
        with failing_as_store(self._out):
            (last,) = self._target.execute("SELECT max(rowid) FROM results").fetchone()
        self._origins.append(((last or 0) + 1, path))
        try:
            self._add_all(path, source)
        except sqlite3.DatabaseError:  # of the source: a page from which nothing can be read
            self._merged.damaged.append(path)

    def _add_all(self, path: str, source: sqlite3.Connection) -> None:
        for number in row_numbers(source):
            self._merged.read += 1
            if self._on_row is not None:
                self._on_row(self._merged.read)
            try:
                row, stored = row_of(source, number)
            except OddRow:
                self._merged.unreadable += 1
                continue
            with failing_as_store(self._out):
                self._add_row(row, stored, path)
        texts, files = computation_texts(source), source.execute(_FILES)
        with failing_as_store(self._out):
            self._target.executemany(PUT_COMPUTATION, texts)
        for file in files:
            with failing_as_store(self._out):
                self._add_file(file)

    def _add_row(self, row: Row, stored: Stored, path: str) -> None:
        merged = self._merged
        there = self._target.execute(f"SELECT rowid, * {OF_RESULT}", row[:3]).fetchone()
        before = None if there is None else _read(there[1:])
        if before is None or (before.failed and not stored.failed):
            self._target.execute(f"DELETE {OF_RESULT}", row[:3])
            self._target.execute(PUT_RESULT, (*row[:15], checksum(row[:15])))  # version 1 has no checksum
            merged.added += 1
            merged.failures += before is not None
        elif stored.failed:
            merged.failures += 1
        elif what := difference(before, stored):
            merged.differing += 1
            if len(merged.differences) < MOST_NAMED:
                first = self._origins[bisect_right(self._origins, there[0], key=lambda one: one[0]) - 1][1]
                found = Difference(row[0], stored.label, row[2], what, first, path)
                merged.differences.append(found)
        else:
            merged.equal += 1

    def _add_file(self, file: Row) -> None:
        """Add a remembered file; of two with one name, that of the first store stays."""
        path, *_, video = file
        if not isinstance(path, bytes) or not isinstance(video, str):
            return
        there = self._target.execute("SELECT video FROM files WHERE path = ?", (path,)).fetchone()
        if there is None:
            self._target.execute("INSERT INTO files VALUES (?, ?, ?, ?, ?)", file)
        elif there[0] != video:
            self._merged.paths += 1


def _read(row: Row) -> Stored | None:
    """Return the result in a row of the joined store, None if it is damaged."""
    with suppress(OddRow), reading("a row", "a stored result", OddRow):
        return read_row(row)
    return None


def difference(one: Stored, other: Stored) -> str:
    """Return what differs first between two successes, "" if they are equal.

    Measured times, the path of the video and the words of errors and warnings do not count; nor does how many
    frames a sparse reading decoded, which depends on the other extractors of its run.
    """
    sparse = leaves_out(one.warnings) or leaves_out(other.warnings)
    for name in ("label", "status", "frames_decoded", "frames_expected"):
        if name == "frames_decoded" and sparse:
            continue
        if getattr(one, name) != getattr(other, name):
            return name
    if _numbers(one) != _numbers(other):
        return "values"
    return "" if _described(one) == _described(other) else "description of the video"


def _numbers(stored: Stored) -> tuple[object, ...]:
    """The numbers of a result as bytes, so that nan equals nan and -0 is not 0."""
    rows, pooled = stored.rows, stored.pooled
    arrays = [] if rows is None else [rows.times_s, rows.frames, rows.values]
    arrays += [] if pooled is None else [pooled]
    return tuple((array.shape, array.tobytes()) for array in arrays)


def _described(stored: Stored) -> str:
    return "" if stored.info is None else repr(dataclasses.replace(stored.info, path=""))
