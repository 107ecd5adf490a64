"""Resuming a run: results that a store already holds are read, new results are stored.

A store that fails during the run, e.g. on a full disk, is given up: the run goes on without it.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from itertools import count, tee
from types import TracebackType
from typing import Self

from ..errors import Failure, StoreError
from ..extractor import Extractor
from ..pooling import columns, pool_rows
from ..remote.marks import marks_of
from ..video_task import Mark, RemoteFile, VideoResult, VideoTask
from .failures import part_of
from .joined_results import StoredColumns as StoredColumns
from .joined_results import joined
from .result_key import result_key
from .store import Store
from .stored_result import Stored

#: Called with a complete result and the columns that the store had of its video.
OnComplete = Callable[[VideoResult, StoredColumns], None]
#: Most bytes that are read to count the complete videos before the work begins.
_COUNTING_BYTES = 1 << 28
#: Most addresses that are asked for then.
_COUNTING_REQUESTS = 1000


def warn(text: str) -> None:
    """Give a Python warning that a store has failed."""
    warnings.warn(text, RuntimeWarning, stacklevel=2)


class Resume:
    """Separates tasks with stored results from those still to do; a context manager.

    A video is identified by its bytes, so a file that was moved or renamed is not decoded again. An address
    is not read here: its size and tag tell whether the bytes are those that an earlier run has read.
    A failure is kept for each extractor, and tried again where its reason may lie outside the video.

    Parameters
    ----------
    path : path
        File of the store.
    pools : sequence of str
        Pools of the stored columns.
    keep_rows : bool
        Store and require per-frame rows instead of pooled columns.
    exclusive : bool
        Refuse a store that another exclusive run has open.
    read_only : bool
        Only look at a store that exists.
    on_trouble : callable
        Told in a sentence if the store fails, and at the end how many results could not be read; by default
        a Python warning is given.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        pools: Sequence[str],
        *,
        keep_rows: bool,
        exclusive: bool = False,
        read_only: bool = False,
        on_trouble: Callable[[str], None] = warn,
    ) -> None:
        self._name = repr(os.fspath(path))
        self._store: Store | None = Store(path, exclusive=exclusive, read_only=read_only)
        self._on_trouble = on_trouble
        self.failed = False
        self._pools = tuple(pools)
        self._keep_rows = keep_rows
        self._videos: dict[str, str] = {}
        self._tasks: dict[str, VideoTask] = {}
        self._found: dict[str, dict[str, Stored]] = {}
        self._marks: dict[str, Mark] = {}

    def complete(self, tasks: Iterable[VideoTask], *, everything: bool = False) -> int:
        """Return how many of the videos need no work.

        Parameters
        ----------
        tasks : iterable of VideoTask
            All videos of the run.
        everything : bool
            Read every file whose hash is not remembered; else 256 MiB of them at most, and the number is
            that of the videos known to be complete.
        """
        complete, left = 0, float("inf") if everything else _COUNTING_BYTES
        most = None if everything else _COUNTING_REQUESTS
        for task, mark in self._marked(tasks, most):
            store = self._store
            if store is None:
                return 0
            with suppress(OSError), self._giving_up():
                if task.remote is not None:
                    video = self._hash(store, task, mark)
                    complete += video is not None and self._has_all(store, video, task)
                    continue
                if not store.knows(task.path):
                    left -= os.path.getsize(task.path)
                    if left < 0:
                        continue
                complete += self._has_all(store, store.video_hash(task.path), task)
        return complete

    def _has_all(self, store: Store, video: str, task: VideoTask) -> bool:
        return all(self._load(store, video, task, one) is not None for one in task.extractors)

    def _marked(
        self, tasks: Iterable[VideoTask], most: int | None = None
    ) -> Iterator[tuple[VideoTask, Mark | None]]:
        """Yield every task with the mark of its address, if the store has heard of it; `most` are asked."""
        counted, first = count(), iter(tasks)
        first, second = tee(first)

        def to_ask(task: VideoTask) -> RemoteFile | None:
            with self._giving_up():
                if task.remote and self._store and self._store.has_heard_of(task.path):
                    known = task.remote.mark or self._marks.get(task.id)
                    if known or most is None or next(counted) < most:
                        return replace(task.remote, mark=known)
            return None

        for task, mark in zip(second, marks_of((to_ask(one), one.path) for one in first), strict=True):
            found = mark if isinstance(mark, tuple) else None
            if most is not None and found is not None:
                self._marks[task.id] = found
            yield task, found

    def _hash(self, store: Store, task: VideoTask, mark: Mark | None) -> str | None:
        """Return the hash of a video; None for an address of which it is not known."""
        if task.remote is None:
            return store.video_hash(task.path)
        return None if mark is None else store.remembered(task.path, mark)

    def pending(self, tasks: Iterable[VideoTask], on_complete: OnComplete) -> Iterator[VideoTask]:
        """Yield a task for each video with missing results, reduced to the missing extractors.

        Parameters
        ----------
        tasks : iterable of VideoTask
            All videos of the run.
        on_complete : callable
            Called for each video whose results are all in the store.
        """
        for task, mark in self._marked(tasks):
            self._tasks[task.id] = task
            found = self._found[task.id] = {}
            # a video that cannot be opened stays in the run: opening it reports the error
            with suppress(OSError), self._giving_up():
                if self._store is not None and (video := self._hash(self._store, task, mark)) is not None:
                    self._videos[task.id] = video
                    for extractor in task.extractors:
                        stored = self._load(self._store, video, task, extractor)
                        if stored is not None:
                            found[extractor.label] = stored
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
        result = self._identified(task, result)
        try:
            self._save(task, result)
        finally:  # a signal while the store is waited for costs no row
            self._merge(result, on_complete)

    def _identified(self, task: VideoTask, result: VideoResult) -> VideoResult:
        """Take the hash of a video at an address from its result."""
        if task.remote is None or result.digest is None:
            return result
        known, found = self._videos.get(result.id), self._found[result.id]
        self._videos[result.id] = result.digest
        if result.mark is not None and self._store is not None:
            with self._giving_up():
                self._store.remember(task.path, result.mark, result.digest)
        if known in (None, result.digest):
            return result
        replaced = Failure("io", "the video was replaced during the run")
        failures = {**result.failures, **dict.fromkeys(found, replaced)}
        found.clear()
        return replace(result, failures=failures)

    def _save(self, task: VideoTask, result: VideoResult) -> None:
        """Store the new parts of a result."""
        video = self._videos.get(result.id)
        for extractor in task.extractors:
            if self._store is None or video is None or extractor.label in self._found[result.id]:
                continue
            key = result_key(extractor, task.sampling, task.luma, task.raw, task.area)
            rows = result.rows.get(extractor.label)
            part = part_of(result, extractor.label)
            with self._giving_up():
                if self._keep_rows or rows is None:
                    self._store.save(video, key, part, extractor.label)
                else:
                    pooled = pool_rows(extractor, rows, self._pools)
                    self._store.save(video, key, part, extractor.label, pools=self._pools, pooled=pooled)

    def _load(self, store: Store, video: str, task: VideoTask, extractor: Extractor) -> Stored | None:
        key = result_key(extractor, task.sampling, task.luma, task.raw, task.area)
        widths = (len(extractor.features), len(columns(extractor, self._pools)))
        stored = store.load(video, key, None if self._keep_rows else self._pools, widths=widths)
        return None if stored is None or stored.worth_retrying else stored

    @contextmanager
    def _giving_up(self) -> Iterator[None]:
        """Go on without the store if it fails inside."""
        try:
            yield
        except StoreError as error:
            store, self._store = self._store, None
            self.failed = True
            if store is not None:
                self._tell_unreadable(store)
                with suppress(StoreError):
                    store.close()
            self._on_trouble(f"{error}: the run goes on without it, and its further results are in the table")

    def _merge(self, result: VideoResult, on_complete: OnComplete) -> None:
        """Pass on `result` with the stored parts."""
        extractors = self._tasks.pop(result.id).extractors
        self._videos.pop(result.id, None)
        on_complete(*joined(result, self._found.pop(result.id), extractors, self._pools))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._store is not None:
            self._tell_unreadable(self._store)
            with self._giving_up():
                self._store.close()

    def _tell_unreadable(self, store: Store) -> None:
        """Tell what in the store could not be read."""
        with suppress(StoreError):
            if told := store.unreadable():
                self._on_trouble(f"{told} in {self._name} could not be read and are computed again")
