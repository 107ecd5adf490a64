"""Parquet files as DataFrames, after a trial in a process of its own that holds their memory in bounds.

A few bytes of Parquet can stand for gigabytes (run lengths, dictionaries, packed pages), and no part of the
file tells how many for sure. What a small process has read in bounds is read again here, which is faster
than to pass it on.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from ..files.regular import open_regular
from .columns import check_width
from .part_layout import unpacked

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa


class ParquetTable(NamedTuple):
    """Columns of a file, and its metadata."""

    frame: pd.DataFrame
    metadata: dict[bytes, bytes]


def read_parquet(file: Path) -> ParquetTable:
    """Return the columns of a Parquet file, indexed as pandas stored them.

    Raises
    ------
    vqa_features.processes.isolation.ReadingFailed
        If it takes too much memory or time for a file of its size.
    Exception
        Whatever pyarrow raises: call it inside `vqa_features.files.reading.reading`.
    """
    stored = unpacked(checked_parquet(file), file)
    return ParquetTable(stored.to_pandas(), stored.schema.metadata or {})


def checked_parquet(file: Path) -> pa.Table:
    """Return the columns of a Parquet file after the trial; it raises what `read_parquet` raises."""
    from ..processes.isolation import read_isolated

    read_isolated(_try, file)
    return _table(file)


def _try(path: str) -> None:
    import pyarrow.types as types

    table = _table(path)
    table.validate(full=True)  # offsets and UTF-8 of every text: later steps rely on both
    plain = (types.is_floating, types.is_integer, types.is_boolean, types.is_string, types.is_large_string)
    if not all(any(is_plain(column.type) for is_plain in plain) for column in table.columns):
        table.to_pandas()  # which makes larger objects of the other types


def _table(path: str | Path) -> pa.Table:
    import pyarrow.parquet as pq

    with open_regular(path) as stream:  # pyarrow opens no name that is not UTF-8
        file = pq.ParquetFile(stream)
        check_width(file.metadata.num_columns, path)
        return file.read()
