"""`respond`: features and predictions against the strength of distortions."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..files.names import shown
from ..progress import printable, say
from ._columns import aligned
from ._jobs import jobs_option
from ._json import json_option, print_json
from ._request_options import extractors_option
from .failures import SOME_FAILED
from .results import check_results, write_results

if TYPE_CHECKING:
    import pandas as pd

    from ..response import Response


@click.command("respond")
@click.argument("clips", nargs=-1, required=True, metavar="CLIPS...")
@extractors_option
@click.option(
    "--ladder",
    "ladders",
    multiple=True,
    help="Distortions, comma-separated or repeated; by default all: h264, hevc, av1, scale, blur, noise, "
    "frame-drop, freeze, flicker, brightness, banding, packet-loss.",
)
@click.option(
    "--model", metavar="NAME|FILE", help="Measure its predictions too: see vqa-features models list."
)
@click.option(
    "-o",
    "--output",
    required=True,
    metavar="DIR",
    help="Folder for the tables and report.html. Run again with it to go on after an interruption.",
)
@click.option("--fps", type=float, help="Sample at this frame rate.")
@click.option("--frames", type=int, help="Sample this number of frames.")
@click.option("--keep-versions", is_flag=True, help="Leave the distorted videos in DIR/versions.")
@jobs_option()
@json_option
@click.option("--quiet", is_flag=True, help="Suppress progress and messages; print only the summary.")
def respond_command(
    clips: tuple[str, ...],
    extractors: tuple[str, ...],
    ladders: tuple[str, ...],
    model: str | None,
    output: str,
    fps: float | None,
    frames: int | None,
    keep_versions: bool,
    jobs: int,
    as_json: bool,
    quiet: bool,
) -> int:
    """Distort clips at growing strengths; measure how features, and predictions of a model, react.

    Prints, by distortion and extractor, how far the greatest strength moves the features (1: as far as two
    clips are apart), and the least strength that moves them by .25.
    """
    from ..extras import require
    from ..response import respond
    from ..response.result import FEATURES, REPORT, SETTINGS, TABLES
    from ..selection import select

    require("the report", ("jinja2",))
    if not extractors:
        raise click.UsageError("name extractors with -e, e.g. -e brisque,siti (vqa-features list shows all)")
    made, notes = select(",".join(extractors))
    for note in notes:
        say(f"note: {note}", quiet)
    check_results(output, (FEATURES, *TABLES, SETTINGS, REPORT), clips, quiet)
    try:
        found = respond(
            list(clips),
            made,
            ",".join(ladders) or None,
            model=model,
            folder=output,
            jobs=jobs,
            fps=fps,
            frames=frames,
            keep_versions=keep_versions,
            quiet=quiet,
        )
    except KeyboardInterrupt:
        say(f"the finished clips are in {output}: run again with it to go on")
        raise
    for warning in found.warnings:
        say(f"warning: {warning}")
    place, code = write_results(lambda folder: _write(found, folder), output)
    if as_json:
        print_json({**_tables(found), "warnings": found.warnings, "report": place / REPORT})
    else:
        click.echo(printable(_as_text(found.displacement)))
    say(f"report: {os.fspath(place / REPORT)}", quiet)
    return code or (SOME_FAILED if found.failed else 0)


def _write(found: Response, folder: Path) -> None:
    from ..response.result import REPORT

    found.save(folder)
    found.report(folder / REPORT)


def _tables(found: Response) -> dict[str, Any]:
    return {"summary": found.summary, "displacement": found.displacement}


def _as_text(displacement: pd.DataFrame) -> str:
    """Return one line per distortion and extractor."""
    from ..report.formatting import decimal
    from ..response.statistics import noticed_at

    rows = []
    for (ladder, extractor), mine in displacement.groupby(["ladder", "extractor"], sort=False):
        curve = mine.sort_values("strength")
        where = noticed_at(curve)
        rows.append(
            {
                "distortion": ladder,
                "extractor": shown(str(extractor)),
                "displacement": decimal(float(curve["displacement"].iloc[-1]), 2),
                "at": f"{curve['strength'].iloc[-1]:g}",
                ".25 from": "–" if where is None else f"{where:g}",
            }
        )
    return aligned(rows, list(rows[0]))
