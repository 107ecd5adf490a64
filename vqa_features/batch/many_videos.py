"""Features of many videos as one table: by worker processes, resumable from a store."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from ..extraction.single_video import Extractors
from ..remote.addresses import Access
from ..specs import Area, Every, Luma, RawFormat, Sampling
from ..video.sampling_options import sampling_of
from ..video_task import VideoResult
from .extraction_run import ExtractionRun as ExtractionRun
from .extraction_run import Interrupted as Interrupted
from .extraction_run import VideoFailed as VideoFailed
from .extraction_run import run_extraction as run_extraction
from .inputs import Named, find_inputs, named_inputs
from .options import Extraction, Reporting, Workers

if TYPE_CHECKING:
    import pandas as pd


def extract_many(
    paths: Named,
    extractors: Extractors,
    *,
    jobs: int = 1,
    threads: int | None = None,
    store: str | os.PathLike[str] | None = None,
    pool: str | Sequence[str] = "mean",
    fps: float | None = None,
    every: Every | None = None,
    offset: int = 0,
    frames: int | None = None,
    start_s: float = 0.0,
    duration_s: float | None = None,
    sampling: Sampling | None = None,
    luma: Luma = "y",
    area: Area = "full",
    raw: RawFormat | None = None,
    deadline_s: float | None = None,
    max_memory_mb: float | None = None,
    isolate: bool = False,
    cluster: str | None = None,
    gpus: int | None = None,
    allow_other_versions: bool = False,
    on_error: str = "row",
    on_result: Callable[[VideoResult], None] | None = None,
    on_rows: Callable[[pd.DataFrame], None] | None = None,
    on_message: Callable[[str], None] | None = None,
    remote: bool = False,
    max_scratch_mb: float | None = None,
) -> pd.DataFrame:
    """Return one row of features per video, in the order of `paths`; a failed video is a row too.

    Parameters
    ----------
    paths : path, iterable of paths, or DataFrame
        Files, folders, glob patterns, CSV files with a column ``path``: see `inputs.find_inputs`; or a
        DataFrame with such columns.
    extractors : str, Extractor or list of them
        Names or labels.
    jobs : int
        Worker processes, -1 for one per core; no feature depends on it. With more than one, with `isolate` or
        with a limit, a video that crashes, hangs or exceeds its memory affects no other.
    threads : int, optional
        Threads that share the frames of one video; no feature depends on it. By default the jobs share the
        cores, and a job has at most 4 threads.
    store : path, optional
        SQLite file that keeps finished results; a run with the same file resumes from it. Several
        processes may use one store. If it fails during the run, the run goes on without it and warns.
    pool : str or list of str
        Statistics over time, e.g. ``mean``, ``p10``, ``lowest10s``: see `vqa_features.pools.POOLS`.
    fps, every, offset, frames, start_s, duration_s
        Which frames are used: see `Sampling`. All of them by default.
    sampling : Sampling, optional
        The same as one record.
    luma : {"y", "rgb2gray", "pq", "pu21"}
        Source of luma: the Y plane, MATLAB's gray of the RGB frame, or light in codes of PQ or PU21.
    area : {"full", "active"}
        Use the whole pictures, or what lies between black bars; then a column ``video.active_area`` says it.
    raw : RawFormat, optional
        Geometry of headerless YUV files.
    deadline_s : float, optional
        Seconds a video may take once its worker is ready. By default it grows with frames, pixels, clips
        and the cost of the extractors, and is at least 60.
    max_memory_mb : float, optional
        Resident memory a worker may hold, in MiB.
    isolate : bool
        Use a worker process even for one job.
    cluster, gpus, allow_other_versions
        Do the work on a Dask cluster; the rows are the same: see `vqa_features.batch.options.Workers`.
    on_error : {"row", "stop"}
        Keep a failed video as a row, or raise VideoFailed at the first one. An extractor that fails on
        a video leaves the others' values: the status is ``incomplete``.
    on_result : callable, optional
        Called with each finished `VideoResult`, e.g. to show progress.
    on_rows : callable, optional
        Called with a table of per-frame rows for each video that has any (index ``id``, columns
        ``time_s`` and ``<extractor>.<feature>``).
    on_message : callable, optional
        Called with sentences on workers: if they are not ready soon, and on a cluster.
    remote : bool
        Open addresses among `paths` and in their lists: ``s3://``, ``gs://`` and ``https://``.
    max_scratch_mb : float, optional
        Largest file that is fetched from an address, in MiB; 8192 by default.

    Returns
    -------
    pandas.DataFrame
        Index ``id``; columns path, status, error, warnings, frames_decoded, frames_expected,
        ``seconds.<extractor>``, then the features; ``mos`` and ``group`` where a CSV had them.
        ``attrs["settings"]`` holds the settings of the run.

    Raises
    ------
    ParameterError, UnknownName, WeightsMissing, ExtraMissing, TableError
        Before the first video is opened, if the request cannot be met. VqaError: also if a cluster is lost.
    VideoFailed
        With ``on_error="stop"``, at the first video that fails.
    Interrupted
        On Ctrl-C, with the rows that were finished. No signal handler is installed.

    See Also
    --------
    vqa_features.extract : Features of one video.
    vqa_features.VideoFeatures : The same as a scikit-learn transformer.

    Examples
    --------
    >>> from importlib.resources import files
    >>> import vqa_features as vf
    >>> clips = files("vqa_features.resources") / "demo"
    >>> table = vf.extract_many([clips], ["siti"], frames=2)
    >>> len(table), set(table["status"])
    (8, {'ok'})
    >>> [name for name in table.columns if name.startswith("siti.")]
    ['siti.si.mean', 'siti.ti.mean']
    """
    rate = {"fps": fps, "every": every, "offset": offset, "frames": frames}
    options = sampling_of(sampling, **rate, start_s=start_s, duration_s=duration_s)
    named = named_inputs(paths)
    if (access := Access.of(remote, max_scratch_mb)) is not None:
        named = [*find_inputs(named, access=access)]
    return run_extraction(
        named,
        Extraction.of(extractors, pool, options, luma, raw, area),
        workers=Workers(
            jobs, isolate, deadline_s, max_memory_mb, cluster, gpus, allow_other_versions, threads
        ),
        reporting=Reporting(on_error, on_result, on_rows, on_message=on_message),
        store=store,
    )
