"""The options ``--remote`` and ``--max-scratch``: whether addresses are opened, and how large a file is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from ..remote.addresses import MOST_MIB, Access

F = TypeVar("F", bound=Callable[..., Any])


def remote_options(command: F) -> F:
    """Give a command the options; `access_of` reads them."""
    bound = click.option(
        "--max-scratch",
        "max_scratch_mb",
        type=float,
        metavar="MIB",
        help=f"Largest file that is fetched from an address, in MiB.  [default: {MOST_MIB}]",
    )
    permission = click.option(
        "--remote",
        is_flag=True,
        help="Open the addresses that are named: s3://, gs:// and https:// (docs/remote.md).",
    )
    return permission(bound(command))


def access_of(context: click.Context) -> Access | None:
    """Return the permission to open addresses that a command was given, None without one.

    Raises
    ------
    ParameterError
        If the bound is not above 0, or is given without the permission.
    """
    given = context.params
    return Access.of(given.get("remote", False), given.get("max_scratch_mb"))
