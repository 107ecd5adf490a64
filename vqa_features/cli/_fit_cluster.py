"""The options ``--cluster`` and ``--allow-other-versions`` of commands that fit models on many splits."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

import click

from ._cluster import CLUSTER, OTHER_VERSIONS

F = TypeVar("F", bound=Callable[..., Any])


def fit_cluster_options(command: F) -> F:
    """Add the options; `open_cluster` makes the keyword ``cluster`` of them."""
    return CLUSTER(OTHER_VERSIONS(command))


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
