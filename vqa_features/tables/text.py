"""Text tables as people save them: encoding, first lines and separator are recognised and told.

Files are UTF-8, UTF-16 or UTF-32 with a byte order mark, UTF-16 without one, or else Windows-1252. Cells
are separated by commas, semicolons, tabs or bars, and quoted by double quotes. Lines before the header that
are empty, start with ``#`` or say ``sep=;`` are skipped, and so are rows without any content. Every cell is
text; `numbers` converts those of a column whose role is known.
"""

from __future__ import annotations

import csv
import itertools
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ..errors import NoRows, TableError
from ..files.reading import reading
from ..files.regular import open_regular, open_text
from .layout import Layout, name_of, recognise, undecodable, unnamed

if TYPE_CHECKING:
    import pandas as pd

TEXT_SUFFIXES = (".csv", ".tsv", ".txt")
_BLOCK = 1 << 24
#: Rows that are turned into columns at a time.
_ROWS = 1024
_PLAIN_NUMBER = re.compile(r"[+-]?(0|[1-9]\d*)?(\.\d*)?([eE][+-]?\d+)?|nan|[+-]?inf", re.IGNORECASE)


class TextTable(NamedTuple):
    """Rows of a text file."""

    frame: pd.DataFrame
    """Columns of text, indexed by the line in the file; see `read_numeric_text` for columns of numbers."""
    layout: Layout
    notes: list[str]


def read_text(path: Path, kind: str) -> TextTable:
    """Return the rows of a text file with a header; every cell is text, empty where nothing is written.

    Parameters
    ----------
    path : Path
        A file with any of the encodings and separators of this module.
    kind : str
        What the file should be, for messages: ``a MOS file``.

    Raises
    ------
    TableError
        If the file is no text, has no header or no rows, names a column twice, or a row has more or fewer
        cells than the header; the message names the line.
    """
    with reading(path, kind):
        return _text_table(path, kind)


def _text_table(path: Path, kind: str) -> TextTable:
    import pyarrow as pa

    layout = recognise(path, kind)
    lines: list[int] = []
    blocks: list[list[Any]] = []
    rows = _rows(path, kind, layout)
    while block := list(itertools.islice(rows, _ROWS)):
        lines += [line for line, _ in block]
        blocks.append(
            [pa.array(cells, pa.string()) for cells in zip(*(row for _, row in block), strict=True)]
        )
    if not lines:
        raise NoRows(f"{path} has a header but no rows: it cannot be read as {kind}")
    whole = [pa.chunked_array(chunks) for chunks in zip(*blocks, strict=True)]
    frame = pa.table(whole, names=layout.columns).to_pandas().set_axis(lines, axis=0)
    return TextTable(frame, layout, layout.notes(path))


def read_numeric_text(path: Path, kind: str, is_text: Callable[[str], bool]) -> TextTable:
    """Return what `read_text` returns, with columns of plain numbers as numbers, for large files.

    A column is numeric if `is_text` is False for its name and all its cells are plain numbers or empty;
    otherwise all its cells are text. Rows are numbered from 0 if the fast parser could read the file.
    """
    import pyarrow as pa
    import pyarrow.csv as pc

    layout = recognise(path, kind)
    texts = {name: pa.string() for i, name in enumerate(layout.columns) if is_text(name) or _words(layout, i)}
    try:
        with open_regular(path) as stream:  # pyarrow opens no name that is not UTF-8
            found = pc.read_csv(
                stream,
                pc.ReadOptions(
                    column_names=layout.columns,
                    skip_rows=layout.header_end,
                    encoding=layout.encoding.removesuffix("-sig"),
                    block_size=_BLOCK,
                ),
                pc.ParseOptions(delimiter=layout.separator, newlines_in_values=True),
                pc.ConvertOptions(
                    column_types=texts,
                    null_values=[""],
                    strings_can_be_null=False,
                    true_values=[],
                    false_values=[],
                ),
            )
    except (pa.ArrowInvalid, pa.ArrowKeyError):
        return read_text(path, kind)  # which copes with it or names the line
    if not len(found) or any(_is_misread(column) for column in found.columns):
        return read_text(path, kind)
    frame = _without_empty_rows(found.to_pandas(self_destruct=True))
    return TextTable(frame, layout, layout.notes(path)) if len(frame) else read_text(path, kind)


def _words(layout: Layout, column: int) -> bool:
    """Return whether one of the first cells of a column is text, or has no name and may be an id."""
    if layout.columns[column] == unnamed(column):
        return True
    return any(_PLAIN_NUMBER.fullmatch(row[column].strip()) is None for row in layout.sample)


def _is_misread(column: Any) -> bool:
    """Return whether the fast parser read a date, blanks before a cell, or all other rows as one cell."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if pa.types.is_string(column.type):
        return "\n" in column[-1].as_py() or pc.any(pc.starts_with(column, " ")).as_py()
    return pa.types.is_temporal(column.type)


def _without_empty_rows(frame: pd.DataFrame) -> pd.DataFrame:
    first = frame.iloc[:, 0]
    candidates = np.flatnonzero(first.isna() | (first == ""))
    rows = frame.iloc[candidates]
    empty = (rows.isna() | (rows == "")).all(axis=1)
    return frame.drop(index=rows.index[empty]).reset_index(drop=True) if empty.any() else frame


def _rows(path: Path, kind: str, layout: Layout) -> Iterator[tuple[int, list[str]]]:
    """Yield the line and the cells of every row that has content."""
    width = len(layout.columns)
    with open_text(path, layout.encoding) as stream:
        for _ in layout.skipped:
            stream.readline()
        reader = csv.reader(stream, delimiter=layout.separator, skipinitialspace=True, strict=True)
        end = len(layout.skipped)
        try:
            for number, row in enumerate(reader):
                line, end = end + 1, len(layout.skipped) + reader.line_num
                if number == 0 or not any(cell.strip() for cell in row):
                    continue
                if len(row) < width or any(cell.strip() for cell in row[width:]):
                    raise TableError(
                        f"line {line} of {path} has {len(row)} cell(s), the header has {width}: quote cells "
                        f"that hold a {name_of(layout.separator)}"
                    )
                yield line, row[:width]
        except csv.Error as error:
            raise TableError(f"{path} cannot be read as {kind}: line {end + 1}: {error}") from error
        except UnicodeError as error:
            raise undecodable(path, kind, layout.encoding, error) from error
