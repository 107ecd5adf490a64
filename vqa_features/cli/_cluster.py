"""The options ``--cluster``, ``--gpus`` and ``--allow-other-versions``: where the work is done."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import click

CLUSTER = click.option(
    "--cluster",
    metavar="ADDRESS|local",
    help="Do the work on a Dask cluster: tcp://HOST:PORT or tls://HOST:PORT of its scheduler, or local for "
    "one on this machine with --jobs workers.",
)
_GPUS = click.option(
    "--gpus",
    type=click.IntRange(min=1),
    metavar="N",
    help="Use N GPUs of this machine, each with a worker of its own (--cluster local).",
)
OTHER_VERSIONS = click.option(
    "--allow-other-versions",
    is_flag=True,
    help="Use workers of a cluster that have other versions of what numbers depend on, with a warning.",
)


def cluster_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options, which the command gets together as `place`: fields of `Workers`."""

    @functools.wraps(command)
    def with_place(
        *args: Any, cluster: str | None, gpus: int | None, allow_other_versions: bool, **options: Any
    ) -> Any:
        place = {"cluster": cluster, "gpus": gpus, "allow_other_versions": allow_other_versions}
        return command(*args, place=place, **options)

    return CLUSTER(_GPUS(OTHER_VERSIONS(with_place)))
