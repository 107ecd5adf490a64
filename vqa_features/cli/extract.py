"""`extract`: one row of features per video."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click

from ..batch.inputs import Input
from ..files.names import escaped_name
from ._cluster import cluster_options
from ._jobs import jobs_option, tell_crowding, threads_option
from ._json import json_option, print_json
from ._log import log_option
from ._remote import remote_options
from ._request import Request
from ._request_options import extractors_option, request_options
from ._shard import of_shard, shard_option, tell_shard
from .outputs import STDOUT, Outputs
from .spreadsheets import csv_options

if TYPE_CHECKING:
    from ..batch.options import Extraction, Workers
    from ..batch.shards import Shard
    from ..tables.csv_style import CsvStyle


@click.command("extract")
@click.argument("inputs", nargs=-1, metavar="INPUT...")
@extractors_option
@click.option(
    "-o",
    "--output",
    required=True,
    help="Feature table to write: .parquet, .csv, .json, .mat or .npz; FOLDER/ or s3://BUCKET/FOLDER/ for a "
    "table in parts; - for stdout.",
)
@click.option("--store", help="SQLite file that keeps finished results; run again with it to resume.")
@jobs_option()
@threads_option
@cluster_options
@request_options
@click.option(
    "--per-frame", help="Second table to write, with per-frame rows: .parquet, .csv, .json or FOLDER/."
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
@click.option("--dry-run", is_flag=True, help="Print the plan and what it would take as JSON; write nothing.")
@click.option(
    "--calibrate",
    "calibrate_s",
    type=click.FloatRange(min=0),
    default=20.0,
    show_default=True,
    help="Seconds that --dry-run may measure; 0: measure and decode nothing.",
)
@remote_options
@shard_option
@log_option
@json_option
@csv_options
@click.option("--quiet", is_flag=True, help="Suppress progress and messages.")
def extract_command(
    *,
    output: str,
    store: str | None,
    jobs: int,
    threads: int | None,
    place: Mapping[str, Any],
    per_frame: str | None,
    on_error: str,
    deadline_s: float | None,
    max_memory_mb: float | None,
    allow_random_weights: bool,
    dry_run: bool,
    calibrate_s: float,
    shard: Shard | None,
    log: str | None,
    as_json: bool,
    csv: CsvStyle,
    quiet: bool,
    **asked: Any,
) -> int:
    """Extract features of videos: files, folders, quoted globs, a CSV with a column path, a .txt of paths.

    Writes one row per video or still picture. Exit code 1 means that some failed; their rows state the error.
    A run that is ended by a signal or an error writes its finished rows. An existing table is replaced
    only by a complete run; see vqa-features --help for the other exit codes.
    """
    from ..batch.options import Workers
    from .run import Run

    request = Request.of(click.get_current_context())
    extraction = request.extraction(allow_random_weights)
    videos = request.videos()
    numbers = None if shard is None else (shard.number, shard.of)
    remote = request.access is not None
    outputs = Outputs.of(output, per_frame, store, csv, as_json, parts=True, remote=remote, shard=numbers)
    outputs.check(request.inputs, videos, log)
    workers = Workers(jobs, True, deadline_s, max_memory_mb, threads=threads, **place)
    tell_crowding(workers.jobs, threads)
    tell_shard(shard, videos, quiet)
    if dry_run:
        print_json(_plan(videos, shard, extraction, workers, outputs, calibrate_s))
        return 0
    return Run(videos, extraction, workers, outputs, on_error, quiet, log, shard).execute()


def _plan(
    named: list[Input],
    shard: Shard | None,
    extraction: Extraction,
    workers: Workers,
    outputs: Outputs,
    calibrate_s: float,
) -> dict[str, Any]:
    """Return what would be read, computed and written, and what it would take."""
    from ..batch.calibration import Calibration
    from ..batch.many_videos import ExtractionRun
    from ..batch.options import Reporting
    from ..batch.remote_inputs import sizes_of
    from ..progress import say

    videos = of_shard(shard, named)
    sizes = sizes_of(videos)
    reporting = Reporting(
        on_rows=(lambda rows: None) if outputs.per_frame else None,
        on_trouble=lambda text: say(f"warning: {text}"),
    )
    run = ExtractionRun(
        named, extraction, workers=workers, reporting=reporting, store=outputs.store, shard=shard
    )
    stored, estimate = run.stored(), None
    if calibrate_s and videos:
        calibration = Calibration(extraction, workers, calibrate_s)
        estimate = calibration.estimate(videos, len(videos) - stored, outputs.suffix)
        say(_told(estimate))
    return {
        "videos": len(videos),
        "shard": None if shard is None else str(shard),
        "missing": [escaped_name(path) for path, size in sizes.items() if size is None],
        "bytes": sum(size or 0 for size in sizes.values()),
        "extractors": {e.label: {"columns": len(e.features), "cost": e.cost} for e in extraction.extractors},
        "jobs": workers.jobs,
        "threads": workers.threads_each,
        "output": outputs.table or STDOUT,
        "replaces": outputs.table in outputs.replaced,
        "store": outputs.store,
        "stored": stored,
        "estimate": estimate,
    }


def _told(estimate: Mapping[str, Any]) -> str:
    """Return the estimate in one line."""
    if "problem" in estimate:
        return f"no estimate: {estimate['problem']}"
    memory = estimate["memory_mib"]
    parts = [f"{estimate['total_s']:.0f} s", f"{estimate['table_bytes'] / 2**20:.1f} MiB of table"]
    parts += [] if memory is None else [f"{memory:.0f} MiB of memory"]
    how = f"from {estimate['frames']} frames of {escaped_name(estimate['on'])}"
    if not estimate["measured"]:
        how = "that or more, since the first frames were not done in the time: raise --calibrate"
    return f"estimate, no promise: {', '.join(parts)}; {how}"
