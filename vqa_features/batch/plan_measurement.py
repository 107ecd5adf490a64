"""The measurement for a plan: which videos of a sample are worked on, and what that takes and writes."""

from __future__ import annotations

import math
import sqlite3
import time
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from ..specs import VideoInfo
from ..video_task import VideoResult, VideoTask
from .calibration import CPU, MEMORY, measure
from .events import Event
from .failures import is_failure
from .feature_table import frame_rows
from .options import Extraction, Workers
from .resume import Resume
from .runner import run_many
from .work_amounts import amounts, part_of_video, seconds_of

if TYPE_CHECKING:
    import pandas as pd

#: So many videos are better measured in part than fewer as a whole.
_WANTED = 30
#: Bytes that the rows of a store hold; the key of a result is in its index too.
_HELD = (
    "SELECT sum(2 * (length(video) + length(key) + length(form)) + length(label) + length(status)"
    " + length(error) + length(warnings) + length(info) + length(seconds) + length(data) + 50) FROM results",
    "SELECT sum(length(path) + length(video) + 20) FROM files",
)
#: Bytes of pages that are partly filled, per byte in them.
_PAGES = 1.2
#: Seconds of a video that are measured at least, and at most where it is a part.
_SHORTEST_PART_S, _LONGEST_PART_S = 2.5, 60.0


@dataclass(frozen=True)
class Choice:
    """Videos that are worked on.

    Parameters
    ----------
    tasks : list of VideoTask
        At least two, where there are two.
    part_s : float or None
        Seconds of each that are used, None for whole videos.
    """

    tasks: list[VideoTask]
    part_s: float | None


def choose(
    described: Sequence[tuple[VideoTask, VideoInfo]], rates: Mapping[str, float], seconds: float
) -> Choice:
    """Return as many of the first videos as the time allows, the longest parts of them if they are few.

    The number is fixed before the measurement, so that slow videos are not left out because the time is over.

    Parameters
    ----------
    described : sequence of (VideoTask, VideoInfo)
        A random sample in random order.
    rates : mapping
        Seconds per unit of work of the first measurement.
    seconds : float
        Time for all workers together.
    """

    def fitting(part_s: float) -> int:
        left, count = seconds, 0
        for task, info in described:
            work = amounts(task.extractors, part_of_video(info, part_s))
            left -= sum(seconds_of(rates, work).values())
            if left < 0:
                break
            count += 1
        return count

    wanted = min(_WANTED, len(described))
    whole = fitting(math.inf)
    if whole >= wanted:
        return Choice([task for task, _ in described[:whole]], None)
    part_s = _LONGEST_PART_S
    while part_s > _SHORTEST_PART_S and fitting(part_s) < wanted:
        part_s = max(_SHORTEST_PART_S, part_s * 0.8)
    count = max(min(2, len(described)), min(wanted, fitting(part_s)))
    tasks = [_shortened(task, part_s) for task, _ in described[:count]]
    return Choice(tasks, part_s)


def _shortened(task: VideoTask, part_s: float) -> VideoTask:
    whole_s = task.sampling.duration_s
    return replace(task, sampling=replace(task.sampling, duration_s=min(part_s, whole_s or math.inf)))


@dataclass(frozen=True)
class Measured:
    """Work on some videos, by the workers of a real run.

    Parameters
    ----------
    results : dict
        By id, those that did not fail.
    seconds : dict
        Of a worker, from the video's assignment to its result, by id.
    ready_s : float
        From the start of a worker to its first video.
    """

    results: dict[str, VideoResult]
    seconds: dict[str, float]
    ready_s: float

    @property
    def memory_mib(self) -> float | None:
        """Largest resident memory of a worker."""
        return max((one.seconds[MEMORY] for one in self.results.values()), default=None)

    @property
    def cpu_share(self) -> float | None:
        """CPU seconds per second."""
        spent = sum(self.seconds[name] for name in self.results)
        return sum(one.seconds[CPU] for one in self.results.values()) / spent if spent else None


def measured(tasks: Sequence[VideoTask], jobs: int) -> Measured:
    """Return the results of the work on videos by so many workers, and the times of the workers."""
    results: dict[str, VideoResult] = {}
    seconds: dict[str, float] = {}
    begun, first = time.monotonic(), list[float]()

    def hear(event: Event) -> None:
        if event.kind == "start":
            first.append(time.monotonic())
        elif event.kind in ("end", "retry") and event.seconds is not None:
            seconds[event.id] = seconds.get(event.id, 0.0) + event.seconds

    def keep(result: VideoResult) -> None:
        if not is_failure(result.status) and not result.failures and result.info is not None:
            results[result.id] = result

    run_many(tasks, measure, on_result=keep, workers=Workers(jobs, True), on_event=hear)
    return Measured(results, seconds, first[0] - begun if first else 0.0)


def written_bytes(
    done: Measured, tasks: Sequence[VideoTask], extraction: Extraction
) -> tuple[float, float, int]:
    """Return bytes of a per-frame table per row, bytes of a store per video, and the rows of these videos.

    Parameters
    ----------
    done : Measured
        At least one result.
    tasks : sequence of VideoTask
        Its tasks.
    extraction : Extraction
        What is computed.
    """
    known = [replace(task, id=str(number)) for number, task in enumerate(tasks) if task.id in done.results]
    results = [
        replace(done.results[task.id], id=str(number), seconds=_plain(done.results[task.id]))
        for number, task in enumerate(tasks)
        if task.id in done.results
    ]
    framed = any(one.scope != "video" for one in extraction.extractors)
    rows_of = (frame_rows(one, extraction) for one in results if framed)
    tables = [rows for rows in rows_of if rows is not None]
    with TemporaryDirectory() as folder:
        per_row = _bytes_per_row(tables, Path(folder))
        per_video = _bytes_per_video(results, known, extraction, Path(folder) / "store.sqlite")
    return per_row, per_video, sum(map(len, tables))


def _plain(result: VideoResult) -> dict[str, float]:
    return {name: value for name, value in result.seconds.items() if name not in (CPU, MEMORY)}


def _bytes_per_row(tables: Sequence[pd.DataFrame], folder: Path) -> float:
    """Return what one more row adds to a Parquet table of per-frame rows."""
    import pandas as pd

    from ..tables.writing import write_table

    if not tables:
        return 0.0
    whole = pd.concat(tables)
    if len(whole) < 2:
        return float(whole.shape[1] * 8)
    sizes = []
    for number, table in enumerate((whole.iloc[: len(whole) // 2], whole)):
        path = write_table(table, folder / f"{number}.parquet", {})
        sizes.append((len(table), path.stat().st_size))
    (few, small), (many, large) = sizes
    return max(0.0, (large - small) / (many - few))


def _bytes_per_video(
    results: Sequence[VideoResult], tasks: Sequence[VideoTask], extraction: Extraction, path: Path
) -> float:
    """Return what a video adds to a store; a file of few videos shows it in whole pages only."""
    with Resume(path, extraction.pools, keep_rows=False) as resume:
        list(resume.pending(tasks, lambda result, stored: None))
        for result in results:
            resume.record(result, lambda result, stored: None)
    with closing(sqlite3.connect(path)) as database:
        held = [database.execute(text).fetchone()[0] or 0 for text in _HELD]
    return _PAGES * sum(held) / len(results)
