"""`extract`: one row of features per video."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from ..batch.inputs import parse_raw
from ..errors import ParameterError, VqaError
from ..specs import Sampling, VideoResult


@click.command("extract")
@click.argument("inputs", nargs=-1, metavar="INPUT...")
@click.option("-e", "--extractors", help="Names or labels, comma-separated: brisque,niqe,r3d-18@random.")
@click.option("-o", "--output", required=True, help="OUT.parquet, .csv, .mat or .npz.")
@click.option("--store", help="SQLite file that keeps what is done; run again to resume.")
@click.option("--jobs", type=click.IntRange(min=1), default=1, show_default=True, help="Worker processes.")
@click.option("--fps", type=float, help="See frames nearest to a grid of this rate.")
@click.option("--every", type=click.IntRange(min=1), help="See every N-th frame.")
@click.option("--offset", type=click.IntRange(min=0), default=0, help="First frame of --every.")
@click.option("--frames", type=click.IntRange(min=1), help="See this many frames, evenly spread.")
@click.option("--start", "start_s", type=float, default=0.0, help="Begin at this second.")
@click.option("--duration", "duration_s", type=float, help="See this many seconds.")
@click.option("--raw", help="Geometry of headerless YUV: WxH:PIX_FMT:FPS.")
@click.option("--per-frame", help="Write per-frame rows to this table as well.")
@click.option("--pool", default="mean", show_default=True, help="Over time: mean,std,min,max,median,p10,...")
@click.option("--on-error", type=click.Choice(["row", "stop"]), default="row", show_default=True)
@click.option("--deadline", type=float, help="Seconds a video may take.")
@click.option("--max-memory", type=float, help="Memory a worker may hold, in MiB.")
@click.option("--luma", type=click.Choice(["y", "rgb2gray"]), default="y", show_default=True)
@click.option("--allow-random-weights", is_flag=True, help="Networks without weights run as NAME@random.")
@click.option("--dry-run", is_flag=True, help="Say what would be done; decode nothing.")
@click.option("--settings", type=click.Path(exists=True, dir_okay=False), help="Replay the settings of OUT.")
@click.option("--quiet", is_flag=True, help="No progress, no talk.")
def extract_command(**options: Any) -> int:
    """Extract features of videos (files, folders, quoted globs, or a CSV with a column path)."""
    from ..batch.inputs import find_inputs
    from ..batch.many_videos import Interrupted, extract_many
    from ..progress import Progress, say
    from ..tables.io import FORMATS, write_table

    if options["settings"]:
        options = _replayed(options)
    if not options["inputs"]:
        raise click.UsageError("name at least one video, folder, pattern or CSV")
    if not options["extractors"]:
        raise click.UsageError("name extractors with -e, e.g. -e brisque,siti (vqa-features list shows all)")
    quiet = options["quiet"]
    made = _extractors(options["extractors"], options["allow_random_weights"])
    inputs = find_inputs(options["inputs"])
    sampling = Sampling(
        options["fps"],
        options["every"],
        options["offset"],
        options["frames"],
        options["start_s"],
        options["duration_s"],
    )
    _check_output(options["output"], FORMATS)
    if options["per_frame"]:
        _check_output(options["per_frame"], (".parquet", ".csv"))
    if options["dry_run"]:
        _plan(inputs, made, options)
        return 0
    for extractor in made:
        for warning in extractor.warnings():
            say(f"warning: {warning}", quiet)
    per_frame: list[Any] | None = [] if options["per_frame"] else None
    interrupted = False
    with Progress("extract", len(inputs), quiet) as progress:
        try:
            table = extract_many(
                inputs,
                made,
                jobs=options["jobs"],
                store=options["store"],
                pool=[part.strip() for part in options["pool"].split(",")],
                sampling=sampling,
                luma=options["luma"],
                raw=parse_raw(options["raw"]) if options["raw"] else None,
                deadline_s=options["deadline"],
                max_memory_mb=options["max_memory"],
                isolate=True,
                on_error=options["on_error"],
                on_result=lambda result: progress.step(_note(result)),
                per_frame=per_frame,
            )
        except Interrupted as stop:
            table, interrupted = stop.table, True
    write_table(table, options["output"])
    if per_frame:
        import pandas as pd

        rows = pd.concat(per_frame)
        rows.attrs["settings"] = table.attrs["settings"]
        write_table(rows, options["per_frame"])
    counts = table["status"].value_counts()
    said = ", ".join(f"{count} {status}" for status, count in counts.items())
    of = f"interrupted: {len(table)} of {len(inputs)}" if interrupted else f"{len(table)}"
    say(f"{of} videos: {said or 'none'}; {table.shape[1]} columns in {options['output']}", quiet)
    if interrupted:
        return 130
    return 1 if any(status.startswith("failed") for status in counts.index) else 0


def _note(result: VideoResult) -> str:
    """What a user should see of a video that is not simply ok."""
    if result.status == "ok":
        return ""
    return f"{result.status}: {result.path}: {result.error or '; '.join(result.warnings)}"


def _check_output(path: str, formats: tuple[str, ...]) -> None:
    """Refuse a name that could not be written, before hours of work."""
    if Path(path).suffix.lower() not in formats:
        raise ParameterError(f"cannot write {path!r}: the name must end in {', '.join(formats)}")
    if Path(path).is_dir():
        raise ParameterError(f"cannot write {path!r}: it is a folder")


def _extractors(labels: str, allow_random: bool) -> list[Any]:
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


def _replayed(options: dict[str, Any]) -> dict[str, Any]:
    """Take from a result file what the command line does not say itself."""
    from ..tables.io import read_table

    told = read_table(options["settings"]).attrs["settings"]
    if told.get("command") != "extract":
        raise ParameterError(f"{options['settings']!r} was not made by extract and cannot be replayed")
    options = dict(options)
    options["inputs"] = options["inputs"] or tuple(told["inputs"])
    options["extractors"] = options["extractors"] or ",".join(told["extractors"])
    if options["pool"] == "mean":
        options["pool"] = ",".join(told["pool"])
    for name, value in told["sampling"].items():
        if options[name] in (None, 0, 0.0):
            options[name] = value
    if options["luma"] == "y":
        options["luma"] = told["luma"]
    if told["raw"] and not options["raw"]:
        raw = told["raw"]
        options["raw"] = f"{raw['width']}x{raw['height']}:{raw['pix_fmt']}:{raw['fps']}"
    return options


def _plan(inputs: list[Any], extractors: list[Any], options: dict[str, Any]) -> None:
    """Print the plan as JSON: what would be read, computed and written."""
    sizes = {one.path: Path(one.path).stat().st_size if Path(one.path).is_file() else None for one in inputs}
    plan = {
        "videos": len(inputs),
        "missing": [path for path, size in sizes.items() if size is None],
        "bytes": sum(size or 0 for size in sizes.values()),
        "extractors": {e.label: {"columns": len(e.features), "cost": e.cost} for e in extractors},
        "jobs": options["jobs"],
        "output": options["output"],
        "store": options["store"],
    }
    click.echo(json.dumps(plan, indent=2))
