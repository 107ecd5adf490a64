"""The options ``--jobs`` and ``--threads``: worker processes, and threads for one video in each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from ..processes.cores import MOST_THREADS, crowding, processes_of
from ..progress import say

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


threads_option = click.option(
    "--threads",
    type=click.IntRange(min=1),
    metavar="N",
    help="Threads for one video in each worker; no feature depends on it. By default the jobs share the "
    f"cores, up to {MOST_THREADS} threads each.",
)


def tell_crowding(jobs: int, threads: int | None) -> None:
    """Warn on stderr of more threads than cores; only who asks for threads can get them."""
    if threads is not None and (text := crowding(jobs, threads)):
        say(f"warning: {text}")
