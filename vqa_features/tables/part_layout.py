"""Columns of one part of a table: a type for each, embeddings as lists of a fixed size, and back again.

Every part has the same columns with the same types, also where a column has no value in it. An embedding is
one column of lists of float64, so that the numbers are those of a table with a column for each. The column
`ROW` is the place of the video among the inputs, from 0.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..errors import TableError
from ..files.reading import parse_json
from .columns import check_width

if TYPE_CHECKING:
    import pyarrow as pa

ROW = "row"
#: Key in a file's metadata of what makes a part of it: the names of the columns that its lists stand for.
PART_KEY = b"vqa_features.part"
#: Kinds of columns beside the features.
TEXT, WHOLE, COUNT, NUMBER, FLAG = "text", "whole number", "count", "number", "flag"
_LISTS, _PER_FRAME = "lists", "per_frame"


@dataclass(frozen=True)
class Block:
    """Features that follow one another.

    Parameters
    ----------
    columns : tuple of str
        Their names.
    listed : str or None
        The name of the one column that holds them as lists; None: a column for each.
    """

    columns: tuple[str, ...]
    listed: str | None = None


@dataclass(frozen=True)
class PartLayout:
    """Columns of a part.

    Parameters
    ----------
    others : dict
        Kind of every column beside the features, in order.
    blocks : tuple of Block
        The features, in order.
    per_frame : bool
        Whether a video has many rows.
    """

    others: dict[str, str]
    blocks: tuple[Block, ...]
    per_frame: bool = False

    @property
    def features(self) -> list[str]:
        """Names of the features, in the order of the columns of `values`."""
        return [name for block in self.blocks for name in block.columns]

    @property
    def width(self) -> int:
        """Number of columns that the table has when it is read."""
        return len(self.others) + len(self.features)

    def table(
        self,
        ids: Sequence[str],
        rows: Sequence[int],
        others: Mapping[str, Sequence[Any]],
        values: NDArray[np.float64],
        settings: str,
    ) -> pa.Table:
        """Return the columns of a part, with its metadata.

        Parameters
        ----------
        ids : sequence of str
            Of each row.
        rows : sequence of int
            Place of each row's video among the inputs.
        others : mapping
            Cells of every column beside the features.
        values : ndarray, (rows, features) float64
            The features; nan where there is no value.
        settings : str
            A JSON text.
        """
        import pyarrow as pa

        kinds = {
            TEXT: pa.string(),
            WHOLE: pa.int64(),
            COUNT: pa.int64(),
            NUMBER: pa.float64(),
            FLAG: pa.bool_(),
        }
        columns: dict[str, Any] = {"id": pa.array(ids, pa.string())}
        for name, kind in self.others.items():
            columns[name] = pa.array(others[name], kinds[kind], from_pandas=True)
        first = 0
        for block in self.blocks:
            cells = values[:, first : first + len(block.columns)]
            first += len(block.columns)
            if block.listed is not None:
                columns[block.listed] = _lists(cells)
                continue
            for name, column in zip(block.columns, np.ascontiguousarray(cells.T), strict=True):
                columns[name] = pa.array(column, from_pandas=True)
        columns[ROW] = pa.array(rows, pa.int64())
        return pa.table(columns).replace_schema_metadata(self._metadata(settings))

    def _metadata(self, settings: str) -> dict[bytes, bytes]:
        lists = {block.listed: list(block.columns) for block in self.blocks if block.listed is not None}
        part = json.dumps({_LISTS: lists, _PER_FRAME: self.per_frame}, ensure_ascii=False)
        return {b"pandas": self._pandas(), b"vqa_features": settings.encode(), PART_KEY: part.encode()}

    def _pandas(self) -> bytes:
        """Return what tells pandas that the ids are the index, and which whole numbers may be missing."""
        import pandas as pd
        import pyarrow as pa

        whole = {name: pd.Series([], dtype="Int64") for name, kind in self.others.items() if kind == WHOLE}
        names, ids = pd.Index(list(whole), dtype=object), pd.Index([], dtype=object, name="id")
        frame = pd.DataFrame(whole, index=ids, columns=names)
        return bytes(pa.Schema.from_pandas(frame, preserve_index=True).metadata[b"pandas"])


def _lists(cells: NDArray[np.float64]) -> Any:
    """Return rows as lists of a fixed size; a row without any value is no list."""
    import pyarrow as pa

    empty = np.isnan(cells).all(axis=1)
    flat = pa.array(np.ascontiguousarray(cells).ravel(), from_pandas=True)
    return pa.FixedSizeListArray.from_arrays(flat, cells.shape[1], mask=pa.array(empty))


def is_per_frame(table: pa.Table, source: object) -> bool:
    """Return whether a table is a part with per-frame rows."""
    return bool(_told(table, source).get(_PER_FRAME))


def unpacked(table: pa.Table, source: object) -> pa.Table:
    """Return one part, or several that follow one another, as the table that they are parts of.

    Parameters
    ----------
    table : pyarrow.Table
        Any table; one without the metadata of a part stays as it is.
    source : object
        Its file, for messages.

    Returns
    -------
    pyarrow.Table
        Rows in the order of the inputs, a column for each feature.

    Raises
    ------
    TableError
        If the lists are not those that the metadata tells.
    """
    told = _told(table, source)
    if not told:
        return table
    table = _in_order(table)
    lists = told.get(_LISTS, {})
    if not isinstance(lists, dict) or not all(_are_names(names) for names in lists.values()):
        raise TableError(f"{source}: the names of the columns that its lists stand for are no texts")
    check_width(table.num_columns + sum(map(len, lists.values())), source)
    columns: dict[str, Any] = {}
    for name, cells in zip(table.column_names, table.columns, strict=True):
        made = _columns_of(name, cells, lists[name], source) if name in lists else {name: cells}
        twice = [column for column in made if column in columns]
        if twice:
            raise TableError(f"{source}: two columns have the name {twice[0]!r}")
        columns.update(made)
    import pyarrow as pa

    return pa.table(columns).replace_schema_metadata(table.schema.metadata)


def _told(table: pa.Table, source: object) -> dict[str, Any]:
    text = (table.schema.metadata or {}).get(PART_KEY)
    if text is None:
        return {}
    found = parse_json(text, str(source), "a part of a table")
    if not isinstance(found, dict):
        raise TableError(f"{source}: what makes a part of it is no object")
    return found


def _are_names(names: object) -> bool:
    return isinstance(names, list) and all(isinstance(name, str) for name in names)


def _in_order(table: pa.Table) -> pa.Table:
    """Return a table without the column `ROW`, whose rows are in its order."""
    import pyarrow.types as types

    if ROW not in table.column_names or not types.is_integer(table.schema.field(ROW).type):
        return table
    places = table.column(ROW).fill_null(-1).to_numpy()
    table = table.drop_columns([ROW])
    if (places[1:] >= places[:-1]).all():
        return table
    return table.take(np.argsort(places, kind="stable"))


def _columns_of(name: str, cells: Any, names: Sequence[str], source: object) -> dict[str, Any]:
    """Return the columns that a column of lists stands for."""
    import pyarrow as pa
    import pyarrow.types as types

    kind = cells.type
    if not (types.is_fixed_size_list(kind) or types.is_list(kind) or types.is_large_list(kind)):
        raise TableError(f"{source}: the column {name!r} holds no lists")
    array = cells.combine_chunks()
    array = array.chunk(0) if isinstance(array, pa.ChunkedArray) else array
    filled = np.asarray(array.is_valid().to_numpy(zero_copy_only=False), dtype=bool)
    lengths = array.drop_null().value_lengths().to_numpy(zero_copy_only=False)
    flat = array.drop_null().flatten()
    if not types.is_floating(flat.type) or not (lengths == len(names)).all():
        raise TableError(f"{source}: the column {name!r} is to hold lists of {len(names)} numbers")
    values = np.full((len(names), len(filled)), np.nan)
    values[:, filled] = flat.to_numpy(zero_copy_only=False).reshape(-1, len(names)).T
    return dict(zip(names, map(pa.array, values), strict=True))
