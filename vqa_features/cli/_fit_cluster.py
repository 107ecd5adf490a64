"""The options ``--cluster`` and ``--allow-other-versions`` of commands that fit models on many splits."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])


def cluster_options(command: F) -> F:
    """Add the options; `open_cluster` makes the keyword ``cluster`` of them."""
    allow = click.option(
        "--allow-other-versions",
        is_flag=True,
        help="Use workers of a cluster whose versions differ, though numbers may depend on them.",
    )
    cluster = click.option(
        "--cluster",
        metavar="ADDRESS",
        help="Run the splits on a Dask cluster: tcp://HOST:PORT of its scheduler, or local, which starts one "
        "of --jobs workers (docs/cluster.md).",
    )
    return cluster(allow(command))


def open_cluster(options: dict[str, Any], quiet: bool) -> None:
    """Put a connected client in the place of the address, until the command ends.

    Parameters
    ----------
    options : dict
        Values by parameter: ``cluster``, ``jobs``, and ``allow_other_versions``, which is taken out.
    quiet : bool
        Say nothing about the cluster.
    """
    from ..cluster.connection import connected
    from ..progress import say

    allowed, address = options.pop("allow_other_versions"), options["cluster"]
    if address is not None:
        opened = connected(
            address,
            workers=options["jobs"],
            allow_other_versions=allowed,
            on_message=partial(say, quiet=quiet),
        )
        options["cluster"] = click.get_current_context().with_resource(opened)
