"""Texts that a spreadsheet would run as a formula, and their quotation in CSV files.

A spreadsheet takes a text cell for a formula by its first character, and a formula may read files or send
requests. An apostrophe before it makes it a text. Ids may begin so without harm in mind (``-Abc.mp4``), and
other programs would not know the quoted id, so quotation is asked for with ``csv_safe``.
"""

from __future__ import annotations

import csv
import itertools
import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    import pandas as pd

#: Key in a table's settings: whether its texts are quoted.
CSV_SAFE_KEY = "csv_safe"
#: Apostrophes are counted in, so that a quoted text is told from one that has an apostrophe by itself.
_FORMULA = re.compile("'*[=+\\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?", re.IGNORECASE)


def is_formula(cell: object) -> bool:
    """Return whether a spreadsheet may run a cell; texts that are plain numbers are none."""
    return isinstance(cell, str) and bool(_FORMULA.match(cell)) and not _NUMBER.fullmatch(cell)


def quoted(table: pd.DataFrame) -> pd.DataFrame:
    """Return the table with an apostrophe before every formula in its ids, names of columns and texts."""
    return _changed(table, lambda cell: f"'{cell}" if is_formula(cell) else cell)


def unquoted(table: pd.DataFrame) -> pd.DataFrame:
    """Return the table that `quoted` was given."""
    return _changed(table, lambda cell: cell[1:] if is_formula(cell) and cell[0] == "'" else cell)


def formulas(table: pd.DataFrame) -> list[str]:
    """Return the ids, names of columns and texts of a table that a spreadsheet may run."""
    return [text for text in texts_of(table) if is_formula(text)]


def quoting_of(table: pd.DataFrame) -> Literal[0, 2]:
    """Return how texts are quoted: all of them where one holds a carriage return, which would end a row."""
    ends = any("\r" in text for text in texts_of(table))
    return csv.QUOTE_NONNUMERIC if ends else csv.QUOTE_MINIMAL


def texts_of(table: pd.DataFrame) -> Iterator[str]:
    """Yield the ids, names of columns and texts of a table."""
    cells = [table.index, table.columns, *(table[name] for name in _text_columns(table))]
    return (cell for cell in itertools.chain(*cells) if isinstance(cell, str))


def _changed(table: pd.DataFrame, change: Callable[[Any], Any]) -> pd.DataFrame:
    texts = {name: table[name].map(change) for name in _text_columns(table)}
    found = table.assign(**texts)
    found.columns, found.index = found.columns.map(change), found.index.map(change)
    found.index.name = table.index.name
    found.attrs = table.attrs
    return found


def _text_columns(table: pd.DataFrame) -> list[Any]:
    return [name for name, kind in table.dtypes.items() if kind.kind not in "fiubcmM"]
