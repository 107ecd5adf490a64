"""`inspect`: a page on one video, with its events and its measures over time."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..files.names import shown
from ..progress import printable, say
from ._columns import aligned
from ._jobs import threads_option
from ._json import json_option, print_json
from .failures import SOME_FAILED
from .results import write_results

if TYPE_CHECKING:
    from ..batch.inputs import Input
    from ..inspection import Inspection

_SUFFIX = ".html"
#: Word for no model.
_NONE = "none"
#: Events that are printed of one video.
_MOST_EVENTS = 30


@click.command("inspect")
@click.argument("clips", nargs=-1, required=True, metavar="CLIPS...")
@click.option(
    "-o",
    "--output",
    metavar="PAGE|DIR",
    help="Page to write, ending in .html, or folder of a page NAME.inspect.html per video; by default the "
    "current folder.",
)
@click.option(
    "--model",
    metavar="NAME|FILE",
    help="Model that predicts the MOS (see models list), or none; by default brisque-konvid-1k, which "
    "reads one frame per second.",
)
@click.option("--motion", is_flag=True, help="Measure motion too; this takes the most time.")
@click.option("--start", "start_s", type=float, default=0.0, help="Start of the part, in seconds.")
@click.option("--duration", "duration_s", type=float, help="Duration of the part, in seconds.")
@threads_option
@json_option
@click.option("--quiet", is_flag=True, help="Suppress progress and messages; print only the summary.")
def inspect_command(
    clips: tuple[str, ...],
    output: str | None,
    model: str | None,
    motion: bool,
    start_s: float,
    duration_s: float | None,
    threads: int | None,
    as_json: bool,
    quiet: bool,
) -> int:
    """Write a page on each video: status, metadata, events, measures over time with stills, predicted MOS.

    Prints the status and the events. A video that cannot be decoded has a page too, which says why; then the
    exit code is 1.
    """
    from ..batch.inputs import find_inputs
    from ..extras import require
    from ..inspection.run import MODEL, inspected, loaded
    from ..specs import Sampling
    from ..video.sampling_options import check_sampling

    require("the page", ("jinja2", "PIL"))
    part = Sampling(start_s=start_s, duration_s=duration_s)
    check_sampling(part)
    videos = find_inputs(clips, lambda text: say(f"warning: {text}"))
    pages = _pages(videos, output)
    chosen = loaded(None if model == _NONE else model or MODEL)
    code, told = 0, []
    for number, (video, page) in enumerate(zip(videos, pages, strict=True), 1):
        say(f"{number} of {len(videos)}: {shown(video.path)}", quiet)
        found = inspected(video, chosen, motion, part, threads)
        page.parent.mkdir(parents=True, exist_ok=True)
        place, lost = write_results(found.report, os.fspath(page))
        code = max(code, lost or (SOME_FAILED if found.failed else 0))
        told.append({**found.as_dict(), "page": os.fspath(place)})
        if not as_json:
            click.echo(printable(_as_text(found)))
        say(f"page: {os.fspath(place)}", quiet)
    if as_json:
        print_json(told)
    return code


def _pages(videos: Sequence[Input], output: str | None) -> list[Path]:
    """Return the page of each video, each checked to be writable and no input."""
    from ..errors import ParameterError
    from ..files.writable import check_distinct, check_file

    if output is not None and output.lower().endswith(_SUFFIX) and not os.path.isdir(output):
        if len(videos) != 1:
            raise ParameterError(
                f"-o {output} is one page, and there are {len(videos)} videos: name a folder"
            )
        pages = [Path(output)]
    else:
        folder = Path(output or ".")
        pages = [folder / f"{video.id.replace('/', '_')}.inspect{_SUFFIX}" for video in videos]
    roles = {f"the page of {video.id}": os.fspath(page) for video, page in zip(videos, pages, strict=True)}
    check_distinct(roles, [video.path for video in videos])
    for page in pages:
        check_file(page)
    return pages


def _as_text(found: Inspection) -> str:
    """Return status, facts, prediction and events as lines."""
    from ..inspection.words import event_rows, metadata_rows
    from ..report.formatting import decimal

    known = dict(metadata_rows(found.metadata))
    names = ("Display size", "Codec", "Pixel format", "Frame rate", "Duration")
    expected = "unknown" if found.frames_expected is None else found.frames_expected
    lines = [
        f"{shown(found.name)}: {found.status}, {found.frames_decoded} frames decoded, {expected} expected",
        *([f"  error: {found.error}"] if found.error else []),
        *(f"  warning: {one}" for one in found.warnings),
        *([f"  {', '.join(known[name] for name in names if name in known)}"] if len(known) > 1 else []),
    ]
    if found.prediction is not None:
        one = found.prediction
        reason = f": {one.error}" if one.error and one.error != found.error else ""
        outside = ", outside the training range" if one.extrapolates else ""
        interval = f"{decimal(one.low, 2)} to {decimal(one.high, 2)}"
        known_mos = f"MOS {decimal(one.mos, 2)} ({interval})" if one.mos == one.mos else "no MOS"
        lines.append(f"  {known_mos}, {one.model}{outside}{reason}")
    if found.events:
        rows = event_rows(found.events[:_MOST_EVENTS], True)
        table = aligned(rows, ["kind", "start", "end", "length", "frames", "detail"])
        lines += [f"  {line}" for line in table.splitlines()]
        if len(found.events) > _MOST_EVENTS:
            lines.append(f"  and {len(found.events) - _MOST_EVENTS} further events")
    elif len(found.frames):
        lines.append("  no events")
    return "\n".join(lines)
