"""The command `demo`: the comparison on bundled clips, without network."""

from __future__ import annotations

import os
import time
from pathlib import Path

import click

from ._jobs import jobs_option
from ._json import json_option, print_json, rows_of


@click.command("demo")
@click.option("-o", "--output", default="demo-out", show_default=True, help="Output folder.")
@click.option(
    "--clips", metavar="DIR", help="Only write clips and their labels.csv into DIR, to try the commands on."
)
@click.option("--quick", is_flag=True, help="Use fewer versions and splits.")
@jobs_option("; by default one per core, at most four", default=None)
@json_option
@click.option("--quiet", is_flag=True, help="Suppress progress and messages; print only the summary.")
def demo_command(
    output: str, clips: str | None, quick: bool, jobs: int | None, as_json: bool, quiet: bool
) -> int:
    """Degrade eight bundled scenes, extract both families and compare them on the same splits.

    At last the MOS of two of the clips is predicted, by the default model that comes with the package.
    """
    from ..batch.failures import is_failure
    from ..demo.run import run_demo
    from ..errors import first_few
    from ..files.writable import check_folder
    from ..models.shipped import DEFAULT, shipped_models
    from ..progress import say
    from ._predictions import predictions_text
    from ._summary import summary_json, summary_text

    if clips is not None:
        return _write_clips(clips, jobs, as_json, quiet)
    check_folder(output)
    start = time.monotonic()
    result = run_demo(output, quick=quick, jobs=jobs, quiet=quiet)
    if as_json:
        rows = rows_of(result.predicted, "id")
        print_json({**summary_json(result.comparison, result.report), "predicted": rows})
    else:
        click.echo(summary_text(result.comparison))
    say(
        f"target: {result.proxy.name}, a full-reference proxy, not MOS; medians over splits grouped by scene",
        quiet,
    )
    model = shipped_models()[DEFAULT]
    if not as_json:
        click.echo(f"\nMOS by {model.name} ({model.about}), 1 (bad) to 5 (excellent):")
        click.echo(predictions_text(result.predicted, model.level))
    say(f"report: {result.report}  ({time.monotonic() - start:.0f} s)", quiet)
    status = result.features["status"]
    lost = status[status.map(is_failure)]
    if len(lost):
        named = first_few([f"{name} ({how})" for name, how in lost.items()])
        click.echo(f"error: {len(lost)} of {len(status)} clips failed: {named}", err=True)
    return 1 if len(lost) else 0


def _write_clips(folder: str, jobs: int | None, as_json: bool, quiet: bool) -> int:
    """Write the clips and their labels, and say what the labels are."""
    from ..demo.clips import LABELS, write_clips
    from ..demo.proxy import PROXY
    from ..progress import say

    if not folder:
        raise click.UsageError("--clips is empty: name a folder")
    labels = write_clips(folder, jobs=jobs or min(4, os.cpu_count() or 1), quiet=quiet)
    file = Path(folder) / LABELS
    if as_json:
        print_json({"clips": labels, "labels": file})
    else:
        click.echo(file)
    say(
        f"{len(labels)} clips of {labels['scene'].nunique()} scenes; {PROXY} is their SSIM to the undistorted"
        " scene, a full-reference proxy and no opinion of a person",
        quiet,
    )
    return 0
