"""A store read as a whole: what in it is damaged, and which remembered files are no longer what they were."""

from __future__ import annotations

import hashlib
import os
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field

from ..errors import DecodeError
from ..files.names import escaped_name, visible_text
from ..remote.addresses import is_remote
from ..video.opening import open_video_file
from .computations import computation_texts
from .store_access import opened, row_numbers, row_of
from .store_files import is_hash
from .stored_result import OddRow

#: Problems that a report names; the others are counted.
MOST_NAMED = 20
#: Called with the number of rows read so far.
OnRow = Callable[[int], None] | None


@dataclass
class Check:
    """What was found in a store.

    `results` rows were read, of which `failures` are failures, `unreadable` are damaged or no run's, and
    `without_checksum` were stored by version 1. `widths` counts results that have another number of columns
    than most of their extractor, computation and form, `keys` texts that are not those of their keys,
    `hashes` remembered files without a hash. `pages` are SQLite's words on the file; `problems` the first
    sentences on rows. `videos` counts the remembered files by what they are now, where that was asked for.
    """

    results: int = 0
    failures: int = 0
    unreadable: int = 0
    without_checksum: int = 0
    widths: int = 0
    keys: int = 0
    hashes: int = 0
    pages: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    videos: dict[str, int] | None = None

    @property
    def sound(self) -> bool:
        """Whether nothing in the store is damaged; what became of the videos does not count."""
        return not (self.unreadable or self.widths or self.keys or self.hashes or self.pages)


def verify_store(path: str, *, videos: bool = False, on_row: OnRow = None) -> Check:
    """Read every row of a store and return what is damaged; nothing is changed.

    Parameters
    ----------
    path : str
        The store.
    videos : bool
        Read the remembered files that are still on this machine, and hash them again. This opens the local
        files that the store names.
    on_row : callable, optional
        Called with the number of rows read so far.

    Raises
    ------
    StoreError
        If there is no store, or it cannot be used at all.
    """
    check = Check()
    with opened(path, read_only=True) as database:
        for step in (_check_pages, _check_rows, _check_beside):
            try:
                step(database, check, on_row)
            except sqlite3.DatabaseError as error:  # a page from which nothing can be read
                check.pages.append(visible_text(f"not all can be read: {error}"))
        if videos:
            check.videos = _videos(database)
    return check


def _check_pages(database: sqlite3.Connection, check: Check, _: OnRow) -> None:
    for (word,) in database.execute(f"PRAGMA integrity_check({MOST_NAMED})"):
        check.pages += [visible_text(line) for line in str(word).splitlines() if line != "ok"]


def _check_rows(database: sqlite3.Connection, check: Check, on_row: OnRow) -> None:
    """Read every result, and compare the widths of those that belong together."""
    widths: dict[tuple[str, str, str], Counter[int]] = defaultdict(Counter)
    for number in row_numbers(database):
        check.results += 1
        try:
            row, stored = row_of(database, number)
        except OddRow as error:
            check.unreadable += 1
            if len(check.problems) < MOST_NAMED:
                check.problems.append(visible_text(str(error)))
            continue
        check.failures += stored.failed
        check.without_checksum += len(row) < 16 or row[15] is None
        if row[13]:
            widths[stored.label, row[1], row[2]][row[12]] += 1
        if on_row is not None:
            on_row(check.results)
    for (label, _, form), counted in widths.items():
        (usual, most), *_ = counted.most_common(1)
        others = counted.total() - most
        check.widths += others
        if others and len(check.problems) < MOST_NAMED:
            told = f"{others} of {counted.total()} results of {label} ({form}) do not have {usual} columns"
            check.problems.append(visible_text(told))


def _check_beside(database: sqlite3.Connection, check: Check, _: OnRow) -> None:
    """Check the texts of keys and the remembered hashes."""
    if database.execute("SELECT 1 FROM sqlite_master WHERE name = 'computations'").fetchone():
        (texts,) = database.execute("SELECT count(*) FROM computations").fetchone()
        check.keys = texts - len(computation_texts(database))
    for path, video in database.execute("SELECT path, video FROM files"):
        known = is_hash(video) and isinstance(path, bytes)
        check.hashes += not known


def _videos(database: sqlite3.Connection) -> dict[str, int]:
    """Count the remembered files by what they are now."""
    found = Counter(dict.fromkeys(("same", "changed", "missing", "unreadable", "remote"), 0))
    for path, video in database.execute("SELECT path, video FROM files ORDER BY path").fetchall():
        found[_now(path, video)] += 1
    return dict(found)


def _now(path: object, video: object) -> str:
    if not isinstance(path, bytes):
        return "unreadable"
    name = os.fsdecode(path)
    if is_remote(name):
        return "remote"
    if not os.path.lexists(name):
        return "missing"
    try:
        with open(open_video_file(name), "rb") as file:
            return "same" if hashlib.file_digest(file, "sha256").hexdigest() == video else "changed"
    except (DecodeError, OSError, ValueError):
        return "unreadable"


def summary(check: Check, path: str) -> str:
    """Return what was found, in lines."""
    lines = [
        f"{escaped_name(path)}: {check.results} results read, {check.failures} of them failures; "
        + ("nothing is damaged" if check.sound else "DAMAGED")
    ]
    counted = {
        "results cannot be read: they are computed again when they are needed": check.unreadable,
        "results have another number of columns than the others of their kind": check.widths,
        "descriptions are not those of their keys": check.keys,
        "remembered files have no hash": check.hashes,
        "results have no checksum: an earlier version stored them": check.without_checksum,
    }
    lines += [f"{count} {words}" for words, count in counted.items() if count]
    lines += [f"SQLite: {word}" for word in check.pages]
    lines += check.problems
    if check.videos is not None:
        told = ", ".join(f"{count} {word}" for word, count in check.videos.items() if count) or "none"
        lines.append(f"remembered files: {told}")
    return "\n".join(lines)
