"""Rows of a run as parts of a table, in the order in which they come; one part at most is in memory."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..extractor import Extractor
from ..files.names import escaped_name
from ..pooling import VIDEO_POOL, columns
from ..tables.part_layout import NUMBER, TEXT, Block, PartLayout
from ..tables.writing import json_settings
from .feature_table import column_kinds
from .inputs import Input
from .options import Extraction

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

#: A part is written when it has so many rows, or so many bytes before compression, or is so old.
MOST_ROWS, MOST_BYTES, MOST_S = 10_000, 64 << 20, 600.0
#: Bytes of a row beside its features.
_ROW_BYTES = 400
_DEEP = "deep"


class PartRows:
    """Collects rows and passes them on as parts.

    Parameters
    ----------
    layout : PartLayout
        Columns of the parts.
    named : sequence of Input
        All videos of the run, in the order of the table; ids without the videos of other shards are allowed.
    settings : dict
        Of the run.
    put : callable
        Writes a part.
    source : str
        The table, for messages.
    """

    def __init__(
        self,
        layout: PartLayout,
        named: Sequence[Input],
        settings: Mapping[str, Any],
        put: Callable[[pa.Table], None],
        source: str,
    ) -> None:
        self.layout = layout
        self._named = {video.id: (place, video.extra) for place, video in enumerate(named)}
        self._common, self._own = _divided(settings, {escaped_name(video.path) for video in named})
        self._put, self._source = put, source
        self._most = max(1, min(MOST_ROWS, MOST_BYTES // (8 * len(layout.features) + _ROW_BYTES)))
        self._clear()

    @property
    def settings_text(self) -> str:
        """The settings of the run without what belongs to single videos, as JSON."""
        return json_settings(self._common, self._source)

    def add(self, name: str, row: Mapping[str, Any]) -> None:
        """Take the row of a finished video."""
        values = np.array([row[feature] for feature in self.layout.features], dtype=np.float64)
        extra = self._named[name][1]
        others = {column: row.get(column, extra.get(column)) for column in self.layout.others}
        self._take([name], {column: [cell] for column, cell in others.items()}, values[np.newaxis])

    def add_frames(self, frames: pd.DataFrame) -> None:
        """Take the per-frame rows of a finished video."""
        values = frames.reindex(columns=self.layout.features).to_numpy(dtype=np.float64)
        others = {column: frames[column].tolist() for column in self.layout.others}
        self._take([str(name) for name in frames.index], others, values)

    def flush(self) -> None:
        """Write the rows that are held."""
        if self._ids:
            own = [self._own[name] for name in dict.fromkeys(self._ids) if name in self._own]
            settings = {**self._common, **({"videos": own} if own else {})}
            rows = [self._named[name][0] for name in self._ids]
            text = json_settings(settings, self._source)
            self._put(self.layout.table(self._ids, rows, self._others, np.concatenate(self._values), text))
        self._clear()

    def _take(self, ids: list[str], others: Mapping[str, list[Any]], values: NDArray[np.float64]) -> None:
        self._ids += ids
        for column, cells in others.items():
            self._others[column] += cells
        self._values.append(values)
        if len(self._ids) >= self._most or time.monotonic() - self._begun_s > MOST_S:
            self.flush()

    def _clear(self) -> None:
        self._ids: list[str] = []
        self._others: dict[str, list[Any]] = {name: [] for name in self.layout.others}
        self._values: list[NDArray[np.float64]] = []
        self._begun_s = time.monotonic()


def table_layout(extraction: Extraction, named: Sequence[Input]) -> PartLayout:
    """Return the columns of the parts of a feature table.

    Parameters
    ----------
    extraction : Extraction
        What is computed.
    named : sequence of Input
        All videos, of which some may have a MOS or a group.
    """
    kinds = column_kinds(extraction)
    given = {name for video in named for name, value in video.extra.items() if value is not None}
    extras = {name: kind for name, kind in (("group", TEXT), ("mos", NUMBER)) if name in given}
    kinds = {"path": kinds["path"], **extras, **kinds}
    blocks = [block for one in extraction.extractors for block in _pooled(one, extraction.pools)]
    return PartLayout(kinds, tuple(blocks))


def frames_layout(extraction: Extraction) -> PartLayout:
    """Return the columns of the parts of a table of per-frame rows."""
    blocks = []
    for extractor in extraction.extractors:
        if extractor.scope != "video":
            names = tuple(f"{extractor.label}.{name}" for name in extractor.feature_names)
            blocks.append(Block(names, extractor.label if extractor.family == _DEEP else None))
    return PartLayout({"time_s": NUMBER}, tuple(blocks), per_frame=True)


def _pooled(extractor: Extractor, pools: Sequence[str]) -> list[Block]:
    """Return the columns of one extractor: those of a deep one are an embedding for each pool."""
    deep = extractor.family == _DEEP
    return [
        Block(tuple(columns(extractor, [pool])), f"{extractor.label}.{pool}" if deep else None)
        for pool in ([VIDEO_POOL] if extractor.scope == "video" else pools)
    ]


def _divided(
    settings: Mapping[str, Any], paths: set[str]
) -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
    """Return the settings of every part, and by id what they keep of single videos.

    Inputs that are the paths of the videos are left out: the column ``path`` has them.
    """
    common = {name: value for name, value in settings.items() if name != "videos"}
    if set(common.get("inputs", ())) <= paths:
        common.pop("inputs", None)
    return common, {str(one["id"]): one for one in settings.get("videos", ())}
