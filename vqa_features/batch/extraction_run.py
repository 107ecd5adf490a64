"""A run over many videos: its finished rows can be had however it ends."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from .. import caches
from ..errors import ParameterError, VqaError
from ..extraction.task import run_task
from ..files.names import escaped_name
from ..processes.shared_memory import check_semaphores
from ..remote.redaction import public_address
from ..video_task import VideoResult, VideoTask
from .failures import is_failure, with_failures
from .feature_table import feature_row, feature_table, frame_rows
from .inputs import Input, find_inputs
from .kept_rows import KeptRows
from .options import Extraction, Reporting, Workers
from .order import WINDOW, large_first
from .recorded_videos import recorded_videos
from .resume import Resume, StoredColumns
from .runner import run_many
from .shards import Shard

if TYPE_CHECKING:
    import pandas as pd


class VideoFailed(VqaError):
    """A video failed and the caller asked to stop at the first failure."""


class Interrupted(KeyboardInterrupt):
    """Ctrl-C during a run; `table` holds the rows that were finished."""

    def __init__(self, table: pd.DataFrame) -> None:
        super().__init__(f"interrupted after {len(table)} videos")
        self.table = table


def run_extraction(
    paths: Sequence[str | os.PathLike[str] | Input],
    extraction: Extraction,
    *,
    workers: Workers = Workers(),  # noqa: B008 (frozen)
    reporting: Reporting = Reporting(),  # noqa: B008 (frozen)
    store: str | os.PathLike[str] | None = None,
) -> pd.DataFrame:
    """Do what `extract_many` does, with its options as records.

    Parameters
    ----------
    paths : sequence of paths or Input
        As in `extract_many`.
    extraction : Extraction
        What is computed from every video.
    workers : Workers
        Processes that do the work, and their limits.
    reporting : Reporting
        What happens with results and failures.
    store : path, optional
        SQLite file that keeps finished results.

    Returns
    -------
    pandas.DataFrame
        As in `extract_many`.
    """
    run = ExtractionRun(paths, extraction, workers=workers, reporting=reporting, store=store)
    try:
        run.work()
    except KeyboardInterrupt:
        raise Interrupted(run.table()) from None
    return run.table()


class ExtractionRun:
    """A run over many videos whose finished rows can be had however it ends.

    Parameters
    ----------
    paths, extraction, workers, reporting, store
        As in `run_extraction`.
    exclusive : bool
        Refuse a store that another exclusive run has open.
    shard : Shard, optional
        Extract from the videos of this shard only; ids are made distinct among all of them.

    `settings` are those of the table, `named` all videos in their order.
    """

    def __init__(
        self,
        paths: Sequence[str | os.PathLike[str] | Input],
        extraction: Extraction,
        *,
        workers: Workers = Workers(),  # noqa: B008 (frozen)
        reporting: Reporting = Reporting(),  # noqa: B008 (frozen)
        store: str | os.PathLike[str] | None = None,
        exclusive: bool = False,
        shard: Shard | None = None,
    ) -> None:
        self.settings = extraction.settings(
            [escaped_name(one.path) if isinstance(one, Input) else _public_name(one) for one in paths]
        )
        self._inputs = self.named = _as_inputs(paths)
        if recorded := recorded_videos(self._inputs):
            self.settings["videos"] = recorded
        if shard is not None:
            self._inputs = shard.of_videos(self._inputs)
            self.settings = shard.of_settings(self.settings, self._inputs)
        self._tasks = [extraction.task(video) for video in self._inputs]
        self._extraction = extraction
        self._workers = workers
        self._reporting = reporting
        self._store = store
        self._exclusive = exclusive
        self._rows = KeptRows()
        self.store_failed = False

    def work(self) -> None:
        """Extract from every video.

        Raises
        ------
        StoreError
            Before the work, if the store cannot be used.
        VideoFailed
            If a failure is to end the run.
        KeyboardInterrupt
            On Ctrl-C, after the workers have ended.
        """
        tasks = large_first(self._tasks, WINDOW if self._workers.several else 1)
        if self._store is None:
            self._run(tasks, lambda result: self._add(result, {}))
            return
        with self._resume(self._store, exclusive=self._exclusive) as resume:
            if self._reporting.on_stored is not None:
                self._reporting.on_stored(resume.complete(self._tasks))
            try:
                self._run(resume.pending(tasks, self._add), lambda result: resume.record(result, self._add))
            finally:
                self.store_failed = resume.failed
        self.store_failed = resume.failed  # closing it may have failed

    def stored(self) -> int:
        """Return the number of videos that are complete in the store; nothing is changed."""
        if self._store is None or not os.path.exists(self._store) or os.path.getsize(self._store) == 0:
            return 0
        with self._resume(self._store, read_only=True) as resume:
            return resume.complete(self._tasks, everything=True)

    def table(self) -> pd.DataFrame:
        """Return the rows that are finished."""
        return feature_table(self._inputs, self._rows, self._extraction, self.settings)

    def keep(self, name: str, row: dict[str, Any]) -> None:
        """Keep the row of a video for `table`."""
        self._rows.keep(name, row)

    def _run(self, tasks: Iterable[VideoTask], on_result: Callable[[VideoResult], None]) -> None:
        caches.prepare()
        if not self._workers.in_process:
            check_semaphores()
        told, heard = self._reporting.on_message, self._reporting.on_event
        run_many(tasks, run_task, on_result=on_result, workers=self._workers, on_message=told, on_event=heard)

    def _resume(self, store: str | os.PathLike[str], **options: bool) -> Resume:
        keep_rows = self._reporting.on_rows is not None
        return Resume(
            store,
            self._extraction.pools,
            keep_rows=keep_rows,
            on_trouble=self._reporting.on_trouble,
            **options,
        )

    def _add(self, result: VideoResult, stored: StoredColumns) -> None:
        """Keep the row of a finished video and tell of it."""
        result = with_failures(result, self._extraction.extractors)
        row, reporting = feature_row(result, self._extraction, stored), self._reporting
        (reporting.on_row or self.keep)(result.id, row)
        if reporting.on_rows is not None and (table := frame_rows(result, self._extraction)) is not None:
            reporting.on_rows(table)
        if reporting.on_result is not None:
            reporting.on_result(result)
        if reporting.on_error == "stop" and is_failure(result.status):
            raise VideoFailed(f"{result.path!r}: {result.status}: {result.error}")


def _public_name(name: str | os.PathLike[str]) -> str:
    return public_address(escaped_name(name))


def _as_inputs(paths: Sequence[str | os.PathLike[str] | Input]) -> list[Input]:
    """Return one Input per video, each with its own id."""
    found = find_inputs(paths)
    if not found:
        raise ParameterError("no video was named; give files, folders, patterns or a CSV")
    return found
