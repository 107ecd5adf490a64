"""`plan`: hours, cost and bytes of a run, before it begins."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import click

from ..progress import say
from ._jobs import jobs_option
from ._json import json_option, print_json
from ._remote import remote_options
from ._request import Request
from ._request_options import extractors_option, request_options

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..batch.run_plan import PlannedRun, RunPlan
    from ..batch.two_phase import Mean

_FORMATS = ("parquet", "csv", "json", "npz", "mat")
#: A measurement that gets less of a core than this is told.
_BUSY = 0.8


def _numbers(context: click.Context, option: click.Parameter, text: str) -> list[int]:
    """Return numbers of workers, each once, in the order given."""
    words = [word.strip() for word in text.split(",")]
    if not all(word.isascii() and word.isdigit() and 0 < int(word) <= 10**6 for word in words):
        raise click.BadParameter(f"whole numbers from 1 to 1000000, separated by commas, got {text!r}")
    return list(dict.fromkeys(map(int, words)))


@click.command("plan")
@click.argument("inputs", nargs=-1, metavar="MANIFEST...")
@extractors_option
@click.option(
    "--workers",
    default="1",
    show_default=True,
    metavar="N[,N...]",
    callback=_numbers,
    help="Worker processes of the run, one core each; several numbers give one line each.",
)
@click.option("--price", type=click.FloatRange(min=0), help="Price of a worker hour, in any currency.")
@click.option(
    "--videos",
    "total",
    type=click.IntRange(min=1),
    help="Videos of the run, where those that are named are some that stand for them.",
)
@click.option(
    "--calibrate",
    "calibrate_s",
    type=click.FloatRange(min=0, min_open=True),
    default=60.0,
    show_default=True,
    help="Seconds for the measurement.",
)
@click.option(
    "--seed", type=click.IntRange(0, 2**32 - 1), default=0, show_default=True, help="Of the sample."
)
@click.option(
    "--format",
    "table_format",
    type=click.Choice(_FORMATS),
    default="parquet",
    show_default=True,
    help="Format of the feature table.",
)
@jobs_option(", that are measured at once", default=-1)
@request_options
@remote_options
@json_option
@click.option("--quiet", is_flag=True, help="Suppress progress and messages.")
def plan_command(
    *,
    workers: list[int],
    price: float | None,
    total: int | None,
    calibrate_s: float,
    seed: int,
    table_format: str,
    jobs: int,
    allow_random_weights: bool,
    as_json: bool,
    quiet: bool,
    **asked: object,
) -> int:
    """Estimate hours, cost and bytes of extract over a whole manifest, with 95 % intervals.

    MANIFEST is what extract takes. The names are read as extract reads them. The sizes of at most 10000 files
    are looked up, 100 files are opened (a random sample in strata of size), and as many of these as the time
    allows are extracted on this machine. Nothing is written.
    """
    from ..batch.planning import Planning

    request = Request.of(click.get_current_context())
    extraction = request.extraction(allow_random_weights)
    planning = Planning(extraction, jobs, calibrate_s, seed, lambda text: say(text, quiet))
    plan = planning.plan(request.videos(), total, f".{table_format}")
    runs = [plan.with_workers(number, price) for number in workers]
    if as_json:
        print_json({**plan.as_dict(), "runs": [_plain(run) for run in runs]})
    else:
        click.echo("\n".join(_text(plan, runs)))
    return 0


def _plain(run: PlannedRun) -> dict[str, object]:
    return {name: vars(value) if hasattr(value, "low") else value for name, value in vars(run).items()}


def _text(plan: RunPlan, runs: Sequence[PlannedRun]) -> list[str]:
    """Return the plan in lines."""
    from ..batch.run_plan import NOT_COVERED

    lines = [*_of_sample(plan), *_of_video(plan), ""]
    priced = any(run.cost is not None for run in runs)
    lines.append(f"{'workers':>8}  {'hours':28}{'worker hours':28}" + "cost" * priced)
    for run in runs:
        cells = f"{run.workers:8d}  {_range(run.hours):28}{_range(run.worker_hours):28}"
        lines.append((cells + (_range(run.cost) if run.cost else "")).rstrip())
    lines += [
        f"with {run.workers} workers the {run.limited_by} decides the hours: more workers do not help"
        for run in runs
        if run.limited_by != "workers"
    ]
    tails = [run.tail_s for run in runs]
    lines.append(
        f"of the hours {plan.ready_s:.0f} s until a worker is ready, and {min(tails):.0f}"
        + (f" to {max(tails):.0f}" if len(tails) > 1 else "")
        + f" s in which some workers wait for the last; longest video seen: {plan.times.longest_s:.3g} s"
    )
    lines += ["", *_of_bytes(plan), "", "Not covered: " + "; ".join(NOT_COVERED) + "."]
    return lines


def _of_sample(plan: RunPlan) -> list[str]:
    """Return what was looked at."""
    stand = "" if plan.named == plan.videos else f", for which {plan.named} stand"
    opened = f"{plan.opened} opened" + (f" ({plan.unreadable} cannot be)" if plan.unreadable else "")
    part = "" if plan.part_s is None else f" ({plan.part_s:.3g} s of each)"
    lines = [
        f"{plan.videos} videos{stand}: {plan.sizes} sizes looked up, {opened}, {plan.measured} measured{part}"
        f" in {plan.calibration_s:.0f} s"
    ]
    if plan.missing:
        lines.append(
            f"{plan.missing} of {plan.sizes} files are missing: such videos are taken to need no time"
        )
    if not plan.measured:
        lines.append(
            "not even the first frames were done in the time: these times, or more; raise --calibrate"
        )
    elif plan.cpu_share is not None and plan.cpu_share < _BUSY:
        lines.append(
            f"the measurement had {plan.cpu_share:.0%} of a core: other programs or a slow disk lengthen it, "
            "and a run on a machine without them is shorter"
        )
    return lines


def _of_video(plan: RunPlan) -> list[str]:
    """Return the seconds of a video."""
    parts = ", ".join(f"{name} {seconds:.3g}" for name, seconds in plan.times.by_part.items())
    memory = "" if plan.memory_mib is None else f"; {plan.memory_mib:.0f} MiB of memory"
    return [f"a worker takes {_range(plan.times.seconds)} s per video: {parts}{memory}"]


def _of_bytes(plan: RunPlan) -> list[str]:
    """Return the sizes of inputs and outputs."""
    sizes = plan.bytes
    read = f"read {_size(sizes.read.value)}"
    if sizes.read.low < sizes.read.high:
        read += f" ({_size(sizes.read.low)} to {_size(sizes.read.high)})"
    lines = [
        f"{read}, the largest file seen {_size(sizes.largest)}: scratch space of a worker with addresses"
    ]
    written = [f"table {_size(sizes.table)}"]
    if sizes.store is not None and sizes.per_frame is not None:
        written += [f"per-frame table {_size(sizes.per_frame)} (Parquet)", f"store {_size(sizes.store)}"]
    return [*lines, f"write {', '.join(written)}"]


def _range(mean: Mean) -> str:
    """Return an estimate with its interval, in three digits."""
    if math.isinf(mean.high):
        return f"{mean.value:.3g} or more"
    return f"{_digits(mean.value)} ({_digits(mean.low)} to {_digits(mean.high)})"


def _digits(value: float) -> str:
    return f"{value:.0f}" if value >= 100 else f"{value:.3g}"


def _size(count: float) -> str:
    units = ("bytes", "kB", "MB", "GB", "TB", "PB")
    power = min(len(units) - 1, int(math.log10(max(count, 1.0)) / 3 + 1e-9))
    return f"{_digits(count / 1000**power)} {units[power]}"
