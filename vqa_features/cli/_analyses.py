"""Options of `compare` that add analyses: a flag for each of `vqa_features.comparison.analyses.ANALYSES`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import click

from ..comparison.analyses import ANALYSES


def analysis_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add a flag for every analysis, and ``--error-by``."""
    by = click.option(
        "--error-by",
        multiple=True,
        metavar="PROPERTY",
        help="Add errors by mos, a column of the MOS file, or video.* of a table; repeat for more.",
    )
    command = by(command)
    for one in reversed(ANALYSES):
        flag = click.option(f"--{one.name.replace('_', '-')}", one.name, is_flag=True, help=f"Add {one.help}")
        command = flag(command)
    return command


def chosen_analyses(options: dict[str, Any]) -> Mapping[str, Any]:
    """Take the flags out of the options of a command; return the keyword ``analyses`` of `compare`."""
    return {"analyses": [one.name for one in ANALYSES if options.pop(one.name)]}
