"""`extract`: one row of features per video."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import click

from ..batch.inputs import Input, parse_raw
from ..errors import ParameterError, VqaError
from ..specs import Luma, RawFormat, Sampling, VideoResult

if TYPE_CHECKING:
    import pandas as pd

    from ..batch.options import Extraction, Workers
    from ..extractor import Extractor


@dataclass(frozen=True)
class _Request:
    """What the command line asks to compute, before extractors are made and inputs are found."""

    inputs: tuple[str, ...]
    extractors: str
    pool: str
    sampling: Sampling
    luma: Luma
    raw: RawFormat | None

    def completed_by(self, settings: dict[str, Any]) -> _Request:
        """Take from the settings of a table what the command line leaves at its default."""
        sampling = {
            name: given if (given := getattr(self.sampling, name)) not in (None, 0, 0.0) else value
            for name, value in settings["sampling"].items()
        }
        raw = RawFormat(**settings["raw"]) if settings["raw"] else None
        return _Request(
            inputs=self.inputs or tuple(settings["inputs"]),
            extractors=self.extractors or ",".join(settings["extractors"]),
            pool=self.pool if self.pool != "mean" else ",".join(settings["pool"]),
            sampling=replace(self.sampling, **sampling),
            luma=self.luma if self.luma != "y" else settings["luma"],
            raw=self.raw or raw,
        )

    def extraction(self, allow_random: bool) -> Extraction:
        """Make the extractors and check the pools."""
        from ..batch.options import Extraction

        pools = [part.strip() for part in self.pool.split(",")]
        extractors = _extractors(self.extractors, allow_random)
        return Extraction.of(extractors, pools, self.sampling, self.luma, self.raw)


@dataclass(frozen=True)
class _Output:
    """Files that the command writes."""

    table: str
    per_frame: str | None
    store: str | None

    def check(self) -> None:
        """Refuse a name that cannot be written, before hours of work."""
        from ..tables.io import FORMATS

        _check_output(self.table, FORMATS)
        if self.per_frame:
            _check_output(self.per_frame, (".parquet", ".csv"))


@click.command("extract")
@click.argument("inputs", nargs=-1, metavar="INPUT...")
@click.option("-e", "--extractors", help="Names or labels, comma-separated, e.g. brisque,niqe,r3d-18@random.")
@click.option("-o", "--output", required=True, help="Feature table to write: .parquet, .csv, .mat or .npz.")
@click.option("--store", help="SQLite file that keeps finished results; run again with it to resume.")
@click.option("--jobs", type=click.IntRange(min=1), default=1, show_default=True, help="Worker processes.")
@click.option("--fps", type=float, help="Sample at this frame rate.")
@click.option("--every", type=click.IntRange(min=1), help="Sample every N-th frame.")
@click.option(
    "--offset", type=click.IntRange(min=0), default=0, show_default=True, help="First frame with --every."
)
@click.option("--frames", type=click.IntRange(min=1), help="Sample this many frames, evenly spaced.")
@click.option(
    "--start", "start_s", type=float, default=0.0, show_default=True, help="Start time, in seconds."
)
@click.option("--duration", "duration_s", type=float, help="Duration from the start time, in seconds.")
@click.option("--raw", help="Geometry of headerless YUV files: WxH:PIX_FMT:FPS.")
@click.option("--per-frame", help="Second table to write, with per-frame rows: .parquet or .csv.")
@click.option(
    "--pool",
    default="mean",
    show_default=True,
    help="Statistics over time, comma-separated: mean, std, min, max, median, p10, ...",
)
@click.option(
    "--on-error",
    type=click.Choice(["row", "stop"]),
    default="row",
    show_default=True,
    help="Write a failed video as a row, or stop at the first one.",
)
@click.option("--deadline", "deadline_s", type=float, help="Time limit per video, in seconds.")
@click.option("--max-memory", "max_memory_mb", type=float, help="Memory limit per worker process, in MiB.")
@click.option(
    "--luma",
    type=click.Choice(["y", "rgb2gray"]),
    default="y",
    show_default=True,
    help="Source of luma: the Y plane, or gray computed from RGB.",
)
@click.option(
    "--allow-random-weights", is_flag=True, help="Run networks whose weights are missing as NAME@random."
)
@click.option("--dry-run", is_flag=True, help="Print the plan as JSON; decode and write nothing.")
@click.option(
    "--settings",
    type=click.Path(exists=True, dir_okay=False),
    help="Feature table whose settings replace the defaults here.",
)
@click.option("--quiet", is_flag=True, help="Suppress progress and messages.")
def extract_command(
    *,
    inputs: tuple[str, ...],
    extractors: str | None,
    output: str,
    store: str | None,
    jobs: int,
    fps: float | None,
    every: int | None,
    offset: int,
    frames: int | None,
    start_s: float,
    duration_s: float | None,
    raw: str | None,
    per_frame: str | None,
    pool: str,
    on_error: str,
    deadline_s: float | None,
    max_memory_mb: float | None,
    luma: str,
    allow_random_weights: bool,
    dry_run: bool,
    settings: str | None,
    quiet: bool,
) -> int:
    """Extract features of videos: files, folders, quoted globs, or a CSV with a column path.

    Writes one row per video. Exit code 1 means that some videos failed; their rows state the error.
    """
    from ..batch.inputs import find_inputs
    from ..batch.options import Workers

    sampling = Sampling(fps, every, offset, frames, start_s, duration_s)
    geometry = parse_raw(raw) if raw else None
    request = _Request(inputs, extractors or "", pool, sampling, cast("Luma", luma), geometry)
    if settings:
        request = request.completed_by(_settings_of(settings))
    if not request.inputs:
        raise click.UsageError("name at least one video, folder, pattern or CSV")
    if not request.extractors:
        raise click.UsageError("name extractors with -e, e.g. -e brisque,siti (vqa-features list shows all)")
    extraction = request.extraction(allow_random_weights)
    videos = find_inputs(request.inputs)
    written = _Output(output, per_frame, store)
    written.check()
    workers = Workers(jobs, True, deadline_s, max_memory_mb)
    if dry_run:
        click.echo(json.dumps(_plan(videos, extraction, workers, written), indent=2))
        return 0
    return _run(videos, extraction, workers, written, on_error, quiet)


def _run(
    videos: list[Input],
    extraction: Extraction,
    workers: Workers,
    output: _Output,
    on_error: str,
    quiet: bool,
) -> int:
    """Extract, write the tables and return the exit code."""
    from ..batch.failures import is_failure
    from ..batch.feature_table import missing_values
    from ..batch.many_videos import Interrupted, run_extraction
    from ..batch.options import Reporting
    from ..progress import Progress, say
    from ..tables.io import write_table

    for extractor in extraction.extractors:
        for warning in extractor.warnings():
            say(f"warning: {warning}", quiet)
    rows: list[pd.DataFrame] = []
    interrupted = False
    with Progress("extract", len(videos), quiet) as progress:
        reporting = Reporting(
            on_error,
            on_result=lambda result: progress.step(_note(result)),
            on_rows=rows.append if output.per_frame else None,
            on_message=progress.note,
        )
        try:
            table = run_extraction(
                videos, extraction, workers=workers, reporting=reporting, store=output.store
            )
        except Interrupted as stop:
            table, interrupted = stop.table, True
    write_table(table, output.table)
    if output.per_frame and rows:
        import pandas as pd

        write_table(pd.concat(rows), output.per_frame, table.attrs["settings"])
    counts = table["status"].value_counts()
    summary = ", ".join(f"{count} {status}" for status, count in counts.items()) or "none"
    finished = f"interrupted: {len(table)} of {len(videos)}" if interrupted else f"{len(table)}"
    say(f"{finished} videos: {summary}; {table.shape[1]} columns in {output.table}", quiet)
    for text in missing_values(table, extraction):
        say(text, quiet)
    if interrupted:
        return 130
    return 1 if any(map(is_failure, counts.index)) else 0


def _note(result: VideoResult) -> str:
    """Return the line printed for a video whose status is not ok."""
    if result.status == "ok":
        return ""
    return f"{result.status}: {result.path}: {result.error or '; '.join(result.warnings)}"


def _check_output(path: str, formats: tuple[str, ...]) -> None:
    if Path(path).suffix.lower() not in formats:
        raise ParameterError(f"cannot write {path!r}: the name must end in {', '.join(formats)}")
    if Path(path).is_dir():
        raise ParameterError(f"cannot write {path!r}: it is a folder")


def _extractors(labels: str, allow_random: bool) -> list[Extractor]:
    """Make the extractors; with `allow_random`, those whose weights are missing become NAME@random."""
    from ..errors import WeightsMissing
    from ..registry import make, make_all

    made = make_all(labels)
    for i, extractor in enumerate(made):
        try:
            extractor.weights_sha256()
        except WeightsMissing as error:
            if not allow_random:
                raise
            name, _, rest = extractor.label.partition("[")
            try:
                made[i] = make(f"{name}@random" + (f"[{rest}" if rest else ""))
            except VqaError:
                raise error from None
    return made


def _settings_of(path: str) -> dict[str, Any]:
    """Read the settings of a feature table that `extract` wrote."""
    from ..tables.io import read_table

    settings: dict[str, Any] = read_table(path).attrs["settings"]
    if settings.get("command") != "extract":
        raise ParameterError(f"{path!r} was not made by extract and cannot be replayed")
    return settings


def _plan(
    videos: Sequence[Input], extraction: Extraction, workers: Workers, output: _Output
) -> dict[str, Any]:
    """Return what would be read, computed and written."""
    sizes = {one.path: Path(one.path).stat().st_size if Path(one.path).is_file() else None for one in videos}
    return {
        "videos": len(videos),
        "missing": [path for path, size in sizes.items() if size is None],
        "bytes": sum(size or 0 for size in sizes.values()),
        "extractors": {e.label: {"columns": len(e.features), "cost": e.cost} for e in extraction.extractors},
        "jobs": workers.jobs,
        "output": output.table,
        "store": output.store,
    }
