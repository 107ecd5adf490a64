"""Columns of a feature table made numeric; a column that is not is named.

A column with the name of a feature, and any other column of which most cells are numbers, is numeric: a
cell that is no number counts as missing. Columns of names (`columns.TEXT_COLUMNS`) and of text without a
name stay as they are. The
others hold text and are no features.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ..errors import TableError, first_few
from ..pooling import parse_column
from .columns import TEXT_COLUMNS, VIDEO_PREFIX, feature_columns, is_metadata, is_unnamed
from .numbers import (
    ARE_INFINITE,
    NO_NUMBERS,
    Numbers,
    Oddity,
    as_texts,
    complex_refused,
    numbers,
    oddity_note,
    refuse_grouped,
)

if TYPE_CHECKING:
    import pandas as pd


class NumericTable(NamedTuple):
    """A table whose feature columns are numeric, and what was found on the way."""

    frame: pd.DataFrame
    odd: list[Oddity]
    texts: list[str]
    """Columns of text, without those that are known to be names."""
    commas: list[str]
    """Columns with decimal commas."""

    def notes(self, rows: Any, id_column: str | None = None) -> list[str]:
        """Return what is to be told.

        Parameters
        ----------
        rows : sequence
            Name of every row.
        id_column : str, optional
            A column that holds the ids.
        """
        found = oddity_note(self.odd, rows, NO_NUMBERS)
        if self.commas:
            found.append(f"{len(self.commas)} column(s) have decimal commas: {first_few(self.commas)}")
        texts = [name for name in self.texts if name != id_column]
        if texts:
            found.append(f"{len(texts)} column(s) hold text and are no features: {first_few(texts)}")
        return found


def to_numbers(
    table: pd.DataFrame, source: str, comma_likely: bool = False, skip: str | None = None
) -> NumericTable:
    """Return a table with the columns made numeric that hold numbers; the same object if all are.

    Parameters
    ----------
    table : DataFrame
        Columns of any type: text, objects, decimals, categories, nullable types.
    source : str
        Name of the file or table in messages.
    comma_likely : bool
        As in `numbers.numbers`.
    skip : str, optional
        Column of ids.

    Raises
    ------
    TableError
        If two columns have one name, or a column holds complex numbers or digits in groups.
    """
    import pandas as pd

    _check_names(table, source)
    result = NumericTable(table, [], [], [])
    rows = table.index if skip is None else pd.Index(table[skip])
    made = {}
    for name in table.columns:
        column = table[name]
        if name == skip or str(name).lower() in TEXT_COLUMNS or _is_plain(column):
            continue
        if is_unnamed(str(name)):
            result.texts.append(str(name))
            continue
        if column.dtype.kind == "c":
            raise TableError(complex_refused(source, name))
        if column.dtype.kind in "fiub":
            values = _extension_values(column)
        else:
            values = _text_values(column, rows, source, comma_likely, result)
        if values is not None:
            made[name] = values
    return result._replace(frame=_replaced(table, made)) if made else result


def infinite_cells(table: pd.DataFrame) -> list[str]:
    """Return one sentence that counts the infinite cells of the feature columns, none without any."""
    found = []
    for name in feature_columns(table).names:
        values = table[name].to_numpy()
        infinite = np.isinf(values)
        if infinite.any():
            found.append(Oddity.of(str(name), values, infinite))
    return oddity_note([one for one in found if one is not None], table.index, ARE_INFINITE)


def _check_names(table: pd.DataFrame, source: str) -> None:
    if not table.columns.is_unique:
        twice = [str(name) for name in table.columns[table.columns.duplicated()].unique()]
        raise TableError(
            f"{source}: {len(twice)} name(s) of columns occur more than once: {first_few(twice)}"
        )


def _replaced(table: pd.DataFrame, made: dict[Any, Any]) -> pd.DataFrame:
    """Return a table with new columns in the places of the old ones."""
    import pandas as pd

    columns = {name: made.get(name, table[name]) for name in table.columns}
    found = pd.DataFrame(columns, index=table.index, columns=table.columns)
    found.attrs = table.attrs
    return found


def _is_plain(column: pd.Series) -> bool:
    return isinstance(column.dtype, np.dtype) and column.dtype.kind in "fiub"


def _extension_values(column: pd.Series) -> Any:
    """Return nullable and other extension numbers as float64; None for metadata, which keep their type."""
    return None if is_metadata(str(column.name)) else column.to_numpy(dtype=np.float64, na_value=np.nan)


def _text_values(
    column: pd.Series, rows: pd.Index, source: str, comma_likely: bool, result: NumericTable
) -> Any:
    """Return the numbers of a column of text or objects and note what is odd; None if it stays text."""
    name = str(column.name)
    texts = as_texts(column, source)
    found = numbers(texts, comma_likely)
    named = parse_column(name) is not None or name.startswith("seconds.")
    if not named and (_is_text(found) or (found.grouped.any() and is_metadata(name))):
        if not name.startswith(VIDEO_PREFIX):
            result.texts.append(name)
        return None
    refuse_grouped(found, texts, rows, name, source)
    odd = Oddity.of(name, texts, found.odd)
    if odd is not None:
        result.odd.append(odd)
    if found.decimal == ",":
        result.commas.append(name)
    exact = found.whole and np.abs(found.values).max(initial=0) < 2**53
    return found.values.astype(np.int64) if exact else found.values


def _is_text(found: Numbers) -> bool:
    """Return whether a column holds mostly text, or digits that are names, such as ``001``."""
    return found.padded or (found.filled > 0 and 2 * int(found.odd.sum()) >= found.filled)
