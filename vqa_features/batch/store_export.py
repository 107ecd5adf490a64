"""The results of a store as rows of a feature table, without the videos."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING, Any, get_type_hints

from ..errors import Failure, StoreError
from ..files.names import escaped_name
from ..files.reading import parse_json
from ..pooling import columns
from ..remote.addresses import is_remote
from ..specs import VideoInfo
from ..video_task import VideoResult
from .distinct_ids import distinct_ids
from .failures import with_failures
from .feature_table import ACTIVE_AREA, VIDEO_COLUMNS, feature_row, feature_table
from .inputs import Input
from .joined_results import joined
from .options import Extraction
from .recorded_videos import RecordedVideos, recorded_videos
from .result_key import result_key
from .store import Store
from .store_access import opened
from .stored_result import Stored

if TYPE_CHECKING:
    import pandas as pd

#: Kind of failure of a video or an extractor of which the store has no result.
NOT_STORED = "not stored"
_ROWS_AT_ONCE = 2000
_KINDS = {f"video.{name}": get_type_hints(VideoInfo)[field] for name, field in VIDEO_COLUMNS.items()}
#: Columns that hold texts or truth values, which have their type also where no row has a value.
KINDS: dict[str, type] = {
    **dict.fromkeys(("path", "status", "error", "warnings", "group", ACTIVE_AREA), str),
    **{name: kind for name, kind in _KINDS.items() if kind in (str, bool)},
}


@dataclass
class StoredVideos:
    """Videos of a store: an `Input` for each row, and the hash of each path.

    A video whose path is not known, or is that of another video too, has its hash as id. `several` counts
    videos that are remembered under several paths, of which the first is used.
    """

    inputs: list[Input]
    hashes: dict[str, str]
    several: int = 0


def stored_videos(path: str, recorded: RecordedVideos | None = None) -> StoredVideos:
    """Return the videos of which a store has results, in the order of their paths, each with its id.

    The path is the one under which the file is remembered, else the one under which it was decoded.

    Parameters
    ----------
    path : str
        The store.
    recorded : RecordedVideos, optional
        Ids and sampling that videos had in the run that filled the store.
    """
    with opened(path, read_only=True) as database:
        names = _names(database)
        hashes: dict[str, str] = {}
        inputs: list[Input] = []
        several = 0
        for (video,) in database.execute("SELECT DISTINCT video FROM results ORDER BY video"):
            if isinstance(video, str):
                found = names.get(video) or _decoded(database, video)
                several += len(found) > 1
                name = found[0] if found else ""
                alone = bool(name) and name not in hashes
                hashes[name if alone else video] = video
                inputs.append(Input(name, "" if alone else video))
    inputs.sort(key=lambda one: (one.path, one.id))
    if recorded is not None:
        inputs, _ = recorded.given_to(inputs)
    return StoredVideos(with_ids(inputs), hashes, several)


def named_videos(path: str, inputs: Sequence[Input]) -> StoredVideos:
    """Return videos that the user named, with the hashes that a store has of them; no file is opened."""
    with opened(path, read_only=True) as database:
        known = {name: video for video, names in _names(database).items() for name in names}
        if not all(_whole(one.path) in known for one in inputs):
            for (video,) in database.execute("SELECT DISTINCT video FROM results"):
                known |= {name: video for name in _decoded(database, video) if name not in known}
    found = {one.path: known[name] for one in inputs if (name := _whole(one.path)) in known}
    return StoredVideos(list(inputs), found)


def _whole(name: str) -> str:
    """Return a path as it is remembered: an address as it is, a file's name with its folders."""
    return name if is_remote(name) else os.path.abspath(name)


def with_ids(inputs: Sequence[Input]) -> list[Input]:
    """Return the videos, each with its own id."""
    ids = distinct_ids([one.path for one in inputs], [one.id for one in inputs])
    return [replace(one, id=name) for one, name in zip(inputs, ids, strict=True)]


def _names(database: sqlite3.Connection) -> dict[str, list[str]]:
    """Return the remembered paths of every video."""
    found: dict[str, list[str]] = {}
    for name, video in database.execute("SELECT path, video FROM files ORDER BY path"):
        if isinstance(name, bytes) and isinstance(video, str):
            found.setdefault(video, []).append(os.fsdecode(name))
    return found


def _decoded(database: sqlite3.Connection, video: str) -> list[str]:
    """Return the path under which a video was decoded, in a list that is empty if it is not known."""
    for (info,) in database.execute("SELECT info FROM results WHERE video = ?", (video,)):
        with suppress(StoreError, TypeError):
            described = parse_json(info, "a stored result", error=StoreError, finite=False)
            if isinstance(described, dict) and isinstance(name := described.get("path"), str) and name:
                return [_whole(name)]
    return []


class StoreExport:
    """The rows of a feature table from a store, some thousands at a time.

    Parameters
    ----------
    path : str
        The store.
    videos : StoredVideos
        One row for each.
    extraction : Extraction
        What is exported.
    everything : bool
        Give a row to videos without any result too.
    """

    def __init__(self, path: str, videos: StoredVideos, extraction: Extraction, *, everything: bool) -> None:
        self._path = path
        self._videos = videos
        self._extraction = extraction
        self._everything = everything
        self._keys: dict[tuple[Any, ...], str] = {}
        self._widths = {
            one.label: (len(one.features), len(columns(one, extraction.pools)))
            for one in extraction.extractors
        }
        self.settings = {**extraction.settings([]), "exported_from": escaped_name(os.path.basename(path))}
        if recorded := recorded_videos([one for one in videos.inputs if one.path]):
            self.settings["videos"] = recorded
        #: What cannot be read in the store, in words.
        self.unreadable = ""

    def rows(self) -> Iterator[pd.DataFrame]:
        """Yield the rows, with the same columns and types in each part."""
        extras = [name for name in ("mos", "group") if any(name in one.extra for one in self._videos.inputs)]
        with Store(self._path, read_only=True) as store:
            left = iter(self._videos.inputs)
            while part := list(islice(left, _ROWS_AT_ONCE)):
                rows = {one.id: row for one in part if (row := self._row(store, one)) is not None}
                if rows:
                    table = feature_table(part, rows, self._extraction, {})
                    yield _typed(table, extras)
            self.unreadable = store.unreadable()

    def _row(self, store: Store, video: Input) -> dict[str, Any] | None:
        """Return the row of one video, None if it has no result and need not be there."""
        hashes = self._videos.hashes
        digest = hashes.get(video.id) or hashes.get(video.path)
        found = {} if digest is None else self._found(store, digest, video)
        if not (found or self._everything):
            return None
        extractors = self._extraction.extractors
        absent = Failure(NOT_STORED, "the store has no result")
        failures = {one.label: absent for one in extractors if one.label not in found}
        result = VideoResult(video.id, video.path, "ok", failures=failures)
        whole, known = joined(result, found, extractors, self._extraction.pools)
        return feature_row(with_failures(whole, extractors), self._extraction, known)

    def _found(self, store: Store, digest: str, video: Input) -> dict[str, Stored]:
        task = self._extraction.task(video)
        found = {}
        for extractor in task.extractors:
            of = (extractor.label, task.sampling, task.raw)
            if of not in self._keys:
                self._keys[of] = result_key(extractor, task.sampling, task.luma, task.raw, task.area)
            stored = store.load(
                digest, self._keys[of], self._extraction.pools, widths=self._widths[extractor.label]
            )
            if stored is not None:
                found[extractor.label] = stored
        return found


def _typed(table: pd.DataFrame, extras: Sequence[str]) -> pd.DataFrame:
    """Return rows whose columns have the types of all rows, also where a column has no value here."""
    for name in extras:
        if name not in table:
            table.insert(1, name, None)
    empty = {name: "float64" for name in table if name not in KINDS and table[name].dtype == object}
    return table.astype(empty | {name: object for name in KINDS if name in table})
