"""Resuming a run: results that a store already holds are read, new results are stored."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from types import TracebackType
from typing import Self

import numpy as np
from numpy.typing import NDArray

from ..errors import DecodeError, Failure
from ..extractor import Extractor
from ..pooling import pool_rows
from ..specs import VideoResult, VideoTask
from .failures import as_parts, part_of
from .store import Store, result_key
from .stored_result import Stored

#: Pooled columns read from the store, by extractor label.
StoredColumns = dict[str, NDArray[np.float64]]
#: Called with a complete result and the columns that the store had of its video.
OnComplete = Callable[[VideoResult, StoredColumns], None]


class Resume:
    """Separates tasks with stored results from those still to do; a context manager.

    A video is identified by its bytes, so a file that was moved or renamed is not decoded again.
    A failure is kept for each extractor, and tried again where its reason may lie outside the video.

    Parameters
    ----------
    path : path
        File of the store.
    pools : sequence of str
        Pools of the stored columns.
    keep_rows : bool
        Store and require per-frame rows instead of pooled columns.
    """

    def __init__(self, path: str | os.PathLike[str], pools: Sequence[str], *, keep_rows: bool) -> None:
        self._store = Store(path)
        self._pools = tuple(pools)
        self._keep_rows = keep_rows
        self._videos: dict[str, str] = {}
        self._tasks: dict[str, VideoTask] = {}
        self._found: dict[str, dict[str, Stored]] = {}

    def pending(self, tasks: Iterable[VideoTask], on_complete: OnComplete) -> Iterator[VideoTask]:
        """Yield a task for each video with missing results, reduced to the missing extractors.

        Parameters
        ----------
        tasks : iterable of VideoTask
            All videos of the run.
        on_complete : callable
            Called for each video whose results are all in the store.
        """
        for task in tasks:
            self._tasks[task.id] = task
            try:
                self._videos[task.id] = self._store.video_hash(task.path)
            except DecodeError:
                self._found[task.id] = {}
                yield task  # opening it reports the error
                continue
            found = {e.label: s for e in task.extractors if (s := self._load(task, e)) is not None}
            self._found[task.id] = found
            missing = tuple(e for e in task.extractors if e.label not in found)
            if missing:
                yield replace(task, extractors=missing)
            else:
                self._merge(VideoResult(task.id, task.path, "ok"), on_complete)

    def record(self, result: VideoResult, on_complete: OnComplete) -> None:
        """Store a new result and pass it on with what the store already had of its video.

        Parameters
        ----------
        result : VideoResult
            Result of a task from `pending`.
        on_complete : callable
            Called with the merged result.
        """
        task = self._tasks[result.id]
        video = self._videos.get(result.id)
        for extractor in task.extractors:
            if video is None or extractor.label in self._found[result.id]:
                continue
            key = result_key(extractor, task.sampling, task.luma, task.raw)
            rows = result.rows.get(extractor.label)
            part = part_of(result, extractor.label)
            if self._keep_rows or rows is None:
                self._store.save(video, key, part, extractor.label)
            else:
                pooled = pool_rows(extractor, rows, self._pools)
                self._store.save(video, key, part, extractor.label, pools=self._pools, pooled=pooled)
        self._merge(result, on_complete)

    def _load(self, task: VideoTask, extractor: Extractor) -> Stored | None:
        key = result_key(extractor, task.sampling, task.luma, task.raw)
        stored = self._store.load(self._videos[task.id], key, None if self._keep_rows else self._pools)
        return None if stored is None or stored.worth_retrying else stored

    def _merge(self, result: VideoResult, on_complete: OnComplete) -> None:
        """Pass on `result` with the stored parts: the worst status, all rows, all times."""
        columns: StoredColumns = {}
        extractors = {extractor.label: extractor for extractor in self._tasks.pop(result.id).extractors}
        self._videos.pop(result.id, None)
        found = self._found.pop(result.id)
        if not all(stored.failed for stored in found.values()):
            result = as_parts(result, [label for label in extractors if label not in found])
        for label, stored in found.items():
            if stored.rows is not None:
                result = replace(result, rows={**result.rows, label: stored.rows})
                columns[label] = pool_rows(extractors[label], stored.rows, self._pools)
            elif stored.pooled is not None:
                columns[label] = stored.pooled
            if stored.failed:
                failed = Failure.of_status(stored.status, stored.error)
                result = replace(result, failures={**result.failures, label: failed})
            elif _rank(stored.status) > _rank(result.status):
                result = replace(result, status=stored.status, error=stored.error)
            result = replace(
                result,
                frames_decoded=max(result.frames_decoded, stored.frames_decoded),
                frames_expected=result.frames_expected if stored.failed else stored.frames_expected,
                info=result.info or stored.info,
                seconds={**stored.seconds, **result.seconds},
                warnings=tuple(dict.fromkeys((*result.warnings, *stored.warnings))),
            )
        on_complete(result, columns)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._store.close()


def _rank(status: str) -> int:
    """Order of statuses from good to bad."""
    return 3 if status.startswith("failed") else ("ok", "suspect", "partial").index(status)
