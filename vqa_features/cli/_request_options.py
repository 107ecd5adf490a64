"""Options that say what is computed from a video: extractors, frames, pools, luma, area."""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from typing import Any, TypeVar, get_args

import click

from ..pools import POOL_NAMES
from ..specs import Luma
from ._completion import extractor_names
from ._every import parse_every

F = TypeVar("F", bound=Callable[..., Any])

extractors_option = click.option(
    "-e",
    "--extractors",
    multiple=True,
    shell_complete=extractor_names,
    help="Names or labels, comma-separated, e.g. brisque,niqe,r3d-18@random; also all, handcrafted, deep or "
    "a group of vqa-features list, and -NAME to leave one out: handcrafted,-friquee. May be repeated.",
)

_OPTIONS = (
    click.option("--fps", type=float, help="Sample at this frame rate."),
    click.option(
        "--every",
        type=parse_every,
        metavar="N|second",
        help="Sample every N-th frame, or one of every second.",
    ),
    click.option(
        "--offset", type=click.IntRange(min=0), default=0, show_default=True, help="First frame with --every."
    ),
    click.option("--frames", type=click.IntRange(min=1), help="Sample this many frames, evenly spaced."),
    click.option(
        "--start", "start_s", type=float, default=0.0, show_default=True, help="Start time, in seconds."
    ),
    click.option("--duration", "duration_s", type=float, help="Duration from the start time, in seconds."),
    click.option("--raw", help="Geometry of headerless YUV files: WxH:PIX_FMT:FPS."),
    click.option(
        "--pool",
        default="mean",
        show_default=True,
        help=f"Statistics over time, comma-separated: {', '.join(POOL_NAMES)}.",
    ),
    click.option(
        "--luma",
        type=click.Choice(get_args(Luma)),
        default="y",
        show_default=True,
        help="Source of luma: the Y plane, gray computed from RGB, or light in codes of PQ or PU21.",
    ),
    click.option(
        "--area",
        type=click.Choice(["full", "active"]),
        default="full",
        show_default=True,
        help="Use the whole pictures, or what lies between black bars.",
    ),
    click.option(
        "--allow-random-weights", is_flag=True, help="Run networks whose weights are missing as NAME@random."
    ),
    click.option(
        "--settings",
        type=click.Path(exists=True),
        help="Feature table whose settings (never its paths) replace the defaults here.",
    ),
)


def request_options(command: F) -> F:
    """Add the options that `Request` reads beside the extractors to a command."""
    return reduce(lambda made, option: option(made), reversed(_OPTIONS), command)
