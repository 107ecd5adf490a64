"""Features of many videos as one table: by worker processes, resumable from a store."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from ..errors import ParameterError, VqaError
from ..extraction.single_video import Extractors
from ..extraction.task import run_task
from ..specs import Luma, RawFormat, Sampling, VideoResult
from .failures import is_failure, with_failures
from .feature_table import feature_row, feature_table, frame_rows
from .inputs import Input, find_inputs
from .options import Extraction, Reporting, Workers
from .resume import Resume, StoredColumns
from .runner import run_many

if TYPE_CHECKING:
    import pandas as pd


class VideoFailed(VqaError):
    """A video failed and the caller asked to stop at the first failure."""


class Interrupted(KeyboardInterrupt):
    """Ctrl-C during a run; `table` holds the rows that were finished."""

    def __init__(self, table: pd.DataFrame) -> None:
        super().__init__(f"interrupted after {len(table)} videos")
        self.table = table


def extract_many(
    paths: str | os.PathLike[str] | Sequence[str | os.PathLike[str] | Input],
    extractors: Extractors,
    *,
    jobs: int = 1,
    store: str | os.PathLike[str] | None = None,
    pool: str | Sequence[str] = "mean",
    sampling: Sampling = Sampling(),  # noqa: B008 (frozen)
    luma: Luma = "y",
    raw: RawFormat | None = None,
    deadline_s: float | None = None,
    max_memory_mb: float | None = None,
    isolate: bool = False,
    on_error: str = "row",
    on_result: Callable[[VideoResult], None] | None = None,
    on_rows: Callable[[pd.DataFrame], None] | None = None,
    on_message: Callable[[str], None] | None = None,
) -> pd.DataFrame:
    """Return one row of features per video, in the order of `paths`; a failed video is a row too.

    Parameters
    ----------
    paths : path, or list of paths or Input
        Files, folders, glob patterns, CSV files with a column ``path``: see `inputs.find_inputs`.
    extractors : str, Extractor or list of them
        Names or labels.
    jobs : int
        Worker processes; the features do not depend on their number. With more than one, with
        `isolate` or with a limit, a video that crashes, hangs or exceeds its memory affects no other.
    store : path, optional
        SQLite file that keeps finished results; a run with the same file resumes from it.
    pool : str or list of str
        Statistics over time: mean, std, min, max, median, p0 .. p100.
    sampling : Sampling
        Frames that are sampled, by default all.
    luma : {"y", "rgb2gray"}
        Source of luma: the Y plane, or MATLAB's gray of the RGB frame.
    raw : RawFormat, optional
        Geometry of headerless YUV files.
    deadline_s : float, optional
        Seconds a video may take once its worker is ready. By default it grows with frames, pixels, clips
        and the cost of the extractors, and is at least 60.
    max_memory_mb : float, optional
        Resident memory a worker may hold, in MiB.
    isolate : bool
        Use a worker process even for one job.
    on_error : {"row", "stop"}
        Keep a failed video as a row, or raise VideoFailed at the first one. An extractor that fails on
        a video leaves the others' values: the status is ``incomplete``.
    on_result : callable, optional
        Called with each `VideoResult` when it is finished, e.g. to show progress.
    on_rows : callable, optional
        Called with a table of per-frame rows for each video that has any (index ``id``, columns
        ``time_s`` and ``<extractor>.<feature>``).
    on_message : callable, optional
        Called once with a sentence if it takes a while until the workers are ready.

    Returns
    -------
    pandas.DataFrame
        Index ``id``; columns path, status, error, warnings, frames_decoded, frames_expected,
        ``seconds.<extractor>``, then the features; ``mos`` and ``group`` where a CSV had them.
        ``attrs["settings"]`` holds the settings of the run.

    Raises
    ------
    ParameterError, UnknownName, WeightsMissing, ExtraMissing, TableError
        Before the first video is opened, if the request cannot be met.
    VideoFailed
        With ``on_error="stop"``, at the first video that fails.
    Interrupted
        On Ctrl-C, with the rows that were finished.

    See Also
    --------
    vqa_features.extract : Features of one video.
    vqa_features.VideoFeatures : The same as a scikit-learn transformer.

    Examples
    --------
    >>> from importlib.resources import files
    >>> import vqa_features as vf
    >>> clips = files("vqa_features.resources") / "demo"
    >>> table = vf.extract_many([clips], ["siti"], sampling=vf.Sampling(frames=2))
    >>> len(table), set(table["status"])
    (8, {'ok'})
    >>> [name for name in table.columns if name.startswith("siti.")]
    ['siti.si.mean', 'siti.ti.mean']
    """
    named = [paths] if isinstance(paths, str | os.PathLike) else list(paths)
    return run_extraction(
        named,
        Extraction.of(extractors, pool, sampling, luma, raw),
        workers=Workers(jobs, isolate, deadline_s, max_memory_mb),
        reporting=Reporting(on_error, on_result, on_rows, on_message),
        store=store,
    )


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
    settings = extraction.settings(
        [os.fspath(one.path) if isinstance(one, Input) else os.fspath(one) for one in paths]
    )
    inputs = _as_inputs(paths)
    tasks = [extraction.task(video) for video in inputs]
    rows: dict[str, dict[str, Any]] = {}

    def add_row(result: VideoResult, stored: StoredColumns) -> None:
        result = with_failures(result, extraction.extractors)
        rows[result.id] = feature_row(result, extraction, stored)
        if reporting.on_rows is not None and (table := frame_rows(result, extraction)) is not None:
            reporting.on_rows(table)
        if reporting.on_result is not None:
            reporting.on_result(result)
        if reporting.on_error == "stop" and is_failure(result.status):
            raise VideoFailed(f"{result.path!r}: {result.status}: {result.error}")

    try:
        if store is None:
            run_many(
                tasks,
                run_task,
                on_result=lambda result: add_row(result, {}),
                workers=workers,
                on_message=reporting.on_message,
            )
        else:
            with Resume(store, extraction.pools, keep_rows=reporting.on_rows is not None) as resume:
                run_many(
                    resume.pending(tasks, add_row),
                    run_task,
                    on_result=lambda result: resume.record(result, add_row),
                    workers=workers,
                    on_message=reporting.on_message,
                )
    except KeyboardInterrupt:
        raise Interrupted(feature_table(inputs, rows, extraction, settings)) from None
    return feature_table(inputs, rows, extraction, settings)


def _as_inputs(paths: Sequence[str | os.PathLike[str] | Input]) -> list[Input]:
    """Return one Input per video; Inputs are taken as they are, names are expanded."""
    if all(isinstance(one, Input) for one in paths):
        return [one for one in paths if isinstance(one, Input)]
    found = find_inputs([one for one in paths if not isinstance(one, Input)])
    if not found:
        raise ParameterError("no video was named; give files, folders, patterns or a CSV")
    return found
