"""A table written part by part: few rows are in memory, and the file appears whole at the end."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Protocol

from ..files.atomic import atomic_path, write_text
from .csv_style import PLAIN, CsvStyle
from .settings import settings_beside
from .writing import check_format, json_settings, write_table

if TYPE_CHECKING:
    import pandas as pd

#: Formats that take rows one after another; the others are held in memory until the end.
STREAMED = (".parquet", ".csv")


class Rows(Protocol):
    """Takes rows of a table."""

    def add(self, rows: pd.DataFrame) -> None:
        """Write rows; all have the same columns."""


@contextmanager
def table_stream(
    path: str | os.PathLike[str],
    settings: Mapping[str, Any],
    kinds: Mapping[str, type],
    csv: CsvStyle = PLAIN,
) -> Iterator[Rows]:
    """Yield what takes the rows of a table; the file gets its name when the block ends without an error.

    Parameters
    ----------
    path : path
        File ending in .parquet, .csv, .json, .npz or .mat.
    settings : mapping
        JSON-able.
    kinds : mapping
        `str` or `bool` of columns that have this type also where no row has a value.
    csv : CsvStyle
        How a CSV file is written.

    Raises
    ------
    TableError
        If the name ends in another suffix, or the settings are no JSON.
    OSError
        If the file cannot be written.
    """
    file = Path(path)
    check_format(file)
    text = json_settings(dict(settings), file)
    kind = file.suffix.lower()
    if kind not in STREAMED:
        held = _Held()
        yield held
        held.write(file, dict(settings))
        return
    with atomic_path(os.path.realpath(file)) as part, part.open("wb") as stream:
        rows = _Parquet(stream, text, kinds) if kind == ".parquet" else _Csv(stream, csv)
        yield rows
        rows.close()
        stream.close()
        if (beside := settings_beside(file)) is not None:
            write_text(beside, text + "\n")


class _Parquet:
    """Rows as row groups of a Parquet file with the types of the first ones."""

    def __init__(self, stream: IO[bytes], settings: str, kinds: Mapping[str, type]) -> None:
        self._stream, self._settings, self._kinds = stream, settings, {**kinds, "id": str}
        self._writer: Any = None

    def add(self, rows: pd.DataFrame) -> None:
        import pyarrow as pa
        import pyarrow.parquet as pq

        plain = rows.rename_axis(index="id")
        plain.attrs = {}
        if self._writer is None:
            self._writer = pq.ParquetWriter(self._stream, self._schema(plain))
        self._writer.write_table(pa.Table.from_pandas(plain, self._writer.schema))

    def _schema(self, rows: pd.DataFrame) -> Any:
        import pyarrow as pa

        schema = pa.Schema.from_pandas(rows)
        types = {str: pa.string(), bool: pa.bool_()}
        for place, field in enumerate(schema):
            if field.name in self._kinds:
                schema = schema.set(place, field.with_type(types[self._kinds[field.name]]))
        metadata = {**(schema.metadata or {}), b"vqa_features": self._settings.encode()}
        return schema.with_metadata(metadata)

    def close(self) -> None:
        if self._writer is not None:
            self._writer.close()


class _Csv:
    """Rows as lines of a CSV file."""

    def __init__(self, stream: IO[bytes], style: CsvStyle) -> None:
        self._stream, self._style = stream, style
        self._begun = False

    def add(self, rows: pd.DataFrame) -> None:
        text = self._style.text(rows, index_label="id", header=not self._begun)
        self._stream.write((text.removeprefix("\ufeff") if self._begun else text).encode())
        self._begun = True

    def close(self) -> None:
        self._stream.flush()


class _Held:
    """Rows that are written together."""

    def __init__(self) -> None:
        self._rows: list[pd.DataFrame] = []

    def add(self, rows: pd.DataFrame) -> None:
        self._rows.append(rows)

    def write(self, file: Path, settings: dict[str, Any]) -> None:
        import pandas as pd

        if self._rows:
            write_table(pd.concat(self._rows), file, settings)
