"""Many videos to one feature table: planned, run by workers, resumed from a store."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from .. import __version__
from ..errors import ParameterError, VqaError
from ..extraction.single_video import Extractors, run_task
from ..extraction.tabulate import per_frame_table, pooled_row
from ..extractor import Extractor
from ..pooling import check_pools, columns
from ..registry import make_all
from ..specs import Luma, RawFormat, Sampling, VideoResult, VideoTask
from ..video.sampling import check_sampling
from .inputs import Input, find_inputs
from .resume import Known, Resume
from .runner import run_many

if TYPE_CHECKING:
    import pandas as pd

#: Columns every feature table has beside its features, then ``seconds.<extractor>``.
STATUS_COLUMNS = ("path", "status", "error", "warnings", "frames_decoded", "frames_expected")


class VideoFailed(VqaError):
    """A video failed and the caller asked to stop at the first failure."""


class Interrupted(KeyboardInterrupt):
    """Ctrl-C during a run; `table` holds the rows that were finished."""

    def __init__(self, table: pd.DataFrame) -> None:
        super().__init__(f"interrupted after {len(table)} videos")
        self.table = table


def extract_many(
    paths: Sequence[str | os.PathLike[str] | Input],
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
    per_frame: list[pd.DataFrame] | None = None,
) -> pd.DataFrame:
    """Return one row of features per video, in the order of `paths`; a failure is a row too.

    Parameters
    ----------
    paths : list of paths or Input
        Files, folders, glob patterns, CSV files with a column ``path``: see `inputs.find_inputs`.
    extractors : str, Extractor or list of them
        Names or labels.
    jobs : int
        Worker processes; no number changes with them. With more than one, or `isolate`, or a limit,
        a video that crashes, hangs or takes too much memory costs only its own row.
    store : path, optional
        SQLite file that keeps what is done, so that an interrupted run goes on where it was.
    pool, luma, raw
        As in `extract`.
    sampling : Sampling
        Which frames are seen.
    deadline_s, max_memory_mb : float, optional
        Limits per video.
    on_error : {"row", "stop"}
        Keep a failed video as a row, or raise VideoFailed at the first one.
    on_result : callable, optional
        Called with each `VideoResult` as it comes (for progress).
    per_frame : list, optional
        A list that receives one table of per-frame rows per video that has any.

    Returns
    -------
    pandas.DataFrame
        Index ``id``; columns path, status, error, warnings, frames_decoded, frames_expected,
        ``seconds.<extractor>``, then the features; ``mos`` and ``group`` where a CSV had them.
        ``attrs["settings"]`` is what made it.

    Raises
    ------
    ParameterError, UnknownName, WeightsMissing, TableError
        Before the first video is opened, if the request cannot be met.
    Interrupted
        On Ctrl-C, with the rows that were finished.
    """
    if on_error not in ("row", "stop"):
        raise ParameterError(f"on_error must be row or stop, got {on_error!r}")
    made = make_all(extractors)
    pools = check_pools([pool] if isinstance(pool, str) else pool)
    identities = [extractor.identity() for extractor in made]  # raises where weights are missing
    inputs = as_inputs(paths)
    tasks = [VideoTask(one.id, one.path, tuple(made), one.sample(sampling), luma, raw) for one in inputs]
    for task in tasks:
        check_sampling(task.sampling)
    rows: dict[str, dict[str, Any]] = {}

    def take(result: VideoResult, known: Known) -> None:
        rows[result.id] = _row(result, made, pools, known)
        if per_frame is not None and any(len(r.values) for r in result.rows.values()):
            per_frame.append(_labelled(per_frame_table(result, made), result))
        if on_result is not None:
            on_result(result)
        if on_error == "stop" and result.status.startswith("failed"):
            raise VideoFailed(f"{result.path!r}: {result.status}: {result.error}")

    def run(tasks: Iterable[VideoTask], take: Callable[[VideoResult], None]) -> None:
        run_many(
            tasks,
            run_task,
            jobs=jobs,
            isolate=isolate,
            deadline_s=deadline_s,
            max_memory_mb=max_memory_mb,
            on_result=take,
        )

    settings = {
        "command": "extract",
        "version": __version__,
        "extractors": [extractor.label for extractor in made],
        "identities": identities,
        "pool": list(pools),
        "sampling": asdict(sampling),
        "luma": luma,
        "raw": asdict(raw) if raw else None,
        "inputs": [os.fspath(one.path) if isinstance(one, Input) else os.fspath(one) for one in paths],
        "packages": package_versions(),
    }

    def finished() -> pd.DataFrame:
        return _table([one for one in inputs if one.id in rows], rows, made, settings)

    try:
        if store is None:
            run(tasks, lambda result: take(result, {}))
        else:
            with Resume(store, pools, keep_rows=per_frame is not None) as resume:
                run(resume.pending(tasks, take), lambda result: resume.take(result, take))
    except KeyboardInterrupt:
        raise Interrupted(finished()) from None
    return finished()


def as_inputs(paths: Sequence[str | os.PathLike[str] | Input]) -> list[Input]:
    """Return one Input per video."""
    if isinstance(paths, str | os.PathLike):
        paths = [paths]
    if all(isinstance(one, Input) for one in paths):
        return [one for one in paths if isinstance(one, Input)]
    found = find_inputs([one for one in paths if not isinstance(one, Input)])
    if not found:
        raise ParameterError("no video was named; give files, folders, patterns or a CSV")
    return found


def package_versions() -> dict[str, str]:
    """Versions of the packages a number can depend on."""
    from importlib.metadata import PackageNotFoundError, version

    found = {}
    for name in ("av", "numpy", "scipy", "numba", "opencv-python-headless", "scikit-image", "torch"):
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def _row(
    result: VideoResult, extractors: Sequence[Extractor], pools: Sequence[str], known: Known
) -> dict[str, Any]:
    warnings = [*result.warnings, *(text for extractor in extractors for text in extractor.warnings())]
    pooled = pooled_row(result, extractors, pools)
    for extractor in extractors:
        if extractor.label in known:
            pooled.update(zip(columns(extractor, pools), known[extractor.label].tolist(), strict=True))
    return {
        "path": result.path,
        "status": result.status,
        "error": result.error,
        "warnings": "; ".join(warnings),
        "frames_decoded": result.frames_decoded,
        "frames_expected": result.frames_expected,
        **{f"seconds.{label}": seconds for label, seconds in result.seconds.items()},
        **pooled,
    }


def _labelled(table: pd.DataFrame, result: VideoResult) -> pd.DataFrame:
    """Put the video's id over the index and the time into a column."""
    import pandas as pd

    table = table.reset_index()
    table.index = pd.Index([result.id] * len(table), name="id")
    return table


def _table(
    inputs: Sequence[Input],
    rows: dict[str, dict[str, Any]],
    extractors: Sequence[Extractor],
    settings: dict[str, Any],
) -> pd.DataFrame:
    import pandas as pd

    table = pd.DataFrame.from_dict({one.id: rows[one.id] for one in inputs}, orient="index")
    labels = [extractor.label for extractor in extractors]
    seconds = [f"seconds.{name}" for name in ("decode", *labels)]
    features = [name for extractor in extractors for name in columns(extractor, settings["pool"])]
    table = table.reindex(columns=[*STATUS_COLUMNS, *seconds, *features])
    table["frames_expected"] = table["frames_expected"].astype("Int64")
    for name in ("mos", "group"):
        values = [one.extra.get(name) for one in inputs]
        if any(value is not None for value in values):
            table.insert(1, name, values)
    if "mos" in table:
        table["mos"] = pd.to_numeric(table["mos"])
    table.index.name = "id"
    table.attrs["settings"] = settings
    return table
