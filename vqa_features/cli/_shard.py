"""The option ``--shard``: one of several parts of the videos, for jobs that share nothing."""

from __future__ import annotations

import click

from ..batch.inputs import Input
from ..batch.shards import Shard
from ..errors import ParameterError
from ..progress import say


def _parse(_: click.Context, __: click.Parameter, text: str | None) -> Shard | None:
    if text is None:
        return None
    try:
        return Shard.parse(text)
    except ParameterError as error:
        raise click.BadParameter(str(error)) from None


shard_option = click.option(
    "--shard",
    metavar="K/N",
    callback=_parse,
    help="Only the K-th of N parts of the videos, by a hash of the id: the same part on every machine.",
)


def of_shard(shard: Shard | None, videos: list[Input]) -> list[Input]:
    """Return the videos of a shard; without one all videos.

    Parameters
    ----------
    shard : Shard or None
        What ``--shard`` says.
    videos : list of Input
        All videos of the run, each with its id.
    """
    return videos if shard is None else shard.of_videos(videos)


def tell_shard(shard: Shard | None, videos: list[Input], quiet: bool) -> None:
    """Say how many of the videos are in the shard that was asked for."""
    if shard is not None:
        say(f"shard {shard}: {len(of_shard(shard, videos))} of {len(videos)} videos", quiet)
