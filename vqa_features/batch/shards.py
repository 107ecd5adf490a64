"""Shards: a run over many videos in parts that are the same on every machine."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from ..errors import ParameterError
from ..files.names import escaped_name, utf8_text
from .inputs import Input

_WRITTEN = re.compile(r"([0-9]{1,9})/([0-9]{1,9})")


@dataclass(frozen=True)
class Shard:
    """One of several parts of the videos of a run.

    A video's shard depends on its id and the number of shards alone: it is the same in any order of the
    inputs, on any machine, and whatever other videos there are. Sizes differ as those of random parts do: of
    a million videos in 20 shards each has 50 000 with a standard deviation of 218.

    Parameters
    ----------
    number : int
        From 1 to `of`.
    of : int
        Number of shards.

    Raises
    ------
    ParameterError
        If `number` is not from 1 to `of`.

    Examples
    --------
    >>> shard = Shard.parse("3/20")
    >>> shard.has("clip_0017"), str(shard)
    (False, '3/20')
    >>> sum(Shard(k, 20).has("clip_0017") for k in range(1, 21))
    1
    """

    number: int
    of: int

    def __post_init__(self) -> None:
        if not 1 <= self.number <= self.of:
            raise ParameterError(
                f"a shard is K/N with K from 1 to N, e.g. 3/20, got '{self.number}/{self.of}'"
            )

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read ``K/N``; ParameterError for anything else."""
        found = _WRITTEN.fullmatch(text)
        if found is None:
            raise ParameterError(f"a shard is K/N with K from 1 to N, e.g. 3/20, got {text!r}")
        return cls(int(found[1]), int(found[2]))

    def __str__(self) -> str:
        return f"{self.number}/{self.of}"

    def has(self, name: str) -> bool:
        """Whether a video is in this shard: by the first 8 bytes of the SHA-256 of its id in UTF-8.

        Parameters
        ----------
        name : str
            The id.
        """
        digest = hashlib.sha256(utf8_text(name).encode()).digest()
        return int.from_bytes(digest[:8], "big") % self.of == self.number - 1

    def of_videos(self, videos: Iterable[Input]) -> list[Input]:
        """Return the videos of this shard, in their order.

        Parameters
        ----------
        videos : iterable of Input
            All videos of the run, each with its id: ids are made distinct among all of them.
        """
        return [video for video in videos if self.has(video.id)]

    def of_settings(self, settings: Mapping[str, Any], videos: Sequence[Input]) -> dict[str, Any]:
        """Return the settings of a table of this shard.

        Parameters
        ----------
        settings : mapping
            Of a table of all videos.
        videos : sequence of Input
            Those of the shard.
        """
        recorded = [one for one in settings.get("videos", ()) if self.has(one["id"])]
        whole = {name: value for name, value in settings.items() if name != "videos"}
        inputs = [escaped_name(video.path) for video in videos]
        return {**whole, "inputs": inputs, "shard": str(self), **({"videos": recorded} if recorded else {})}
