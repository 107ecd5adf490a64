"""The option ``--jobs``: worker processes, a number or -1 for one per core."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from ..processes.cores import processes_of

F = TypeVar("F", bound=Callable[..., Any])


def jobs_option(note: str = "", *, default: int | None = 1) -> Callable[[F], F]:
    """Return the option ``--jobs``, which a command gets as a number of processes.

    Parameters
    ----------
    note : str
        What its help adds.
    default : int, optional
        Number of processes; None leaves it to the command.
    """
    return click.option(
        "--jobs",
        type=int,
        metavar="N",
        default=default,
        show_default=default is not None,
        callback=lambda context, option, value: processes_of(value),
        help=f"Worker processes, -1 for one per core{note}.",
    )
