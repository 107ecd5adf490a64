"""Feature values and labels of the compared videos, one row per video."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..files.names import video_id
from . import fusion, result

Values = NDArray[np.float64]


class Block(NamedTuple):
    """One feature table joined to the MOS: values (videos, columns), nan where missing."""

    name: str
    family: str
    columns: list[str]
    values: Values
    parts: tuple[int, ...] = ()
    """Number of columns of each family where several are joined."""
    components: int | None = None
    """Principal components the columns are reduced to inside the fold."""


class Videos(NamedTuple):
    """Ids and labels of the videos, in the row order of every `Block`."""

    ids: list[str]
    mos: Values
    groups: NDArray[np.generic] | None = None
    std: Values | None = None
    counts: Values | None = None
    listed: tuple[str, ...] = ()
    """Ids of all rows of the labels, in their order, compared or not."""


class Prepared(NamedTuple):
    """Joined and checked input of a comparison."""

    blocks: list[Block]
    videos: Videos

    def most_columns(self) -> int:
        """Return the number of columns of the widest table."""
        return max(len(block.columns) for block in self.blocks)

    def in_id_order(self) -> Prepared:
        """Return the same rows sorted by id, so that seeded splits do not depend on the order in files.

        The name without folder and suffix comes first, so they do not depend on how ids are written either.
        """
        videos = self.videos
        order = np.array(sorted(range(len(videos.ids)), key=lambda row: _place(videos.ids[row])))

        def sort(values: NDArray[Any] | None) -> Any:
            return None if values is None else values[order]

        rows = videos._replace(
            ids=[videos.ids[row] for row in order],
            mos=videos.mos[order],
            groups=sort(videos.groups),
            std=sort(videos.std),
            counts=sort(videos.counts),
        )
        return Prepared([block._replace(values=block.values[order]) for block in self.blocks], rows)


def _place(name: str) -> tuple[str, str]:
    return video_id(name), name


def joined(blocks: Sequence[Block]) -> Block:
    """Return early fusion: the columns of all tables side by side."""
    return Block(
        fusion.EARLY,
        result.FUSION,
        [f"{block.name}:{column}" for block in blocks for column in block.columns],
        np.hstack([block.values for block in blocks]),
        tuple(len(block.columns) for block in blocks),
    )


def in_components(block: Block, components: int) -> Block:
    """Return the equal-dimension control of one table."""
    return block._replace(name=f"{block.name}/{components}d", components=components)
