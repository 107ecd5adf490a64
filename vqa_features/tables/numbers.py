"""Cells to numbers: what is a number, what is missing, and what is said of the rest.

A cell is a number if it is written with digits, one decimal mark and an exponent, with blanks around it or
not. Empty cells, ``NaN``, ``NA``, ``<NA>``, ``NULL`` and ``None`` are missing. ``Inf``, ``Infinity`` and
``1.#INF`` are infinite. Any other cell of a column of numbers counts as missing and is told.

The decimal mark of a column is the one that most of its cells have. Digits in groups (``1.234,5``,
``1 234``) are refused, since their meaning depends on the country.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..errors import TableError, first_few

if TYPE_CHECKING:
    import pandas as pd

#: Cells, in lower case, that say that a value is missing.
MISSING = ("", "nan", "+nan", "-nan", "na", "<na>", "null", "none", "nat")
#: Infinite values in lower case; the C library of Windows writes ``1.#INF``.
INFINITE = ("inf", "infinity", "1.#inf", "+inf", "+infinity", "+1.#inf")
MINUS_INFINITE = ("-inf", "-infinity", "-1.#inf")
_EXPONENT = r"([eE][+-]?\d+)?$"
_POINT = r"^[+-]?(\d+\.?\d*|\.\d+)" + _EXPONENT
_COMMA = r"^[+-]?\d*,\d+" + _EXPONENT
#: Digits in groups of three, with or without a fraction.
_GROUPED = r"^[+-]?[1-9]\d{0,2}([ .,'_’\x{00a0}\x{202f}]\d{3})+([.,]\d+)?$"
_PADDED = r"^0\d+$"
_WHOLE = r"^[+-]?\d+$"


class Numbers(NamedTuple):
    """Cells of one column as numbers."""

    values: NDArray[np.float64]
    """(rows,): nan where a cell is missing or no number."""
    odd: NDArray[np.bool_]
    """(rows,): cells that are not missing and cannot be a number."""
    grouped: NDArray[np.bool_]
    """(rows,): cells whose digits are grouped, or may be."""
    filled: int
    """Number of cells that are not missing."""
    decimal: str = "."
    """Decimal mark."""
    padded: bool = False
    """Whether a cell is a name of digits with a leading zero, such as ``001``."""
    whole: bool = False
    """Whether every cell is an integer."""


class Oddity(NamedTuple):
    """Cells of a column that are told: how many, and the first."""

    column: str
    cells: int
    row: int
    value: str

    @classmethod
    def of(cls, column: str, cells: Any, which: NDArray[np.bool_]) -> Oddity | None:
        """Return the record of the marked cells of a column, None if none is marked."""
        rows = np.flatnonzero(which)
        return cls(column, len(rows), int(rows[0]), str(cells[rows[0]])) if len(rows) else None


def as_texts(cells: pd.Series, source: str) -> Any:
    """Return a column as an Arrow array of text that reads back as the same numbers; missing cells as "".

    Parameters
    ----------
    cells : Series
        Text or any objects.
    source : str
        Name of the file or table in messages.

    Raises
    ------
    TableError
        If a cell is a complex number.
    """
    import pandas as pd
    import pyarrow as pa

    if isinstance(cells.dtype, pd.StringDtype) or pd.api.types.infer_dtype(cells, skipna=True) == "string":
        found = pa.array(cells, pa.string(), from_pandas=True)
    else:
        found = pa.array([_text(cell, cells.name, source) for cell in cells], pa.string())
    return (found if isinstance(found, pa.ChunkedArray) else pa.chunked_array([found])).fill_null("")


def _text(cell: Any, column: object, source: str) -> str:
    import pandas as pd

    if isinstance(cell, bytes):
        return cell.decode("utf-8", "replace")
    if isinstance(cell, bool | np.bool_):
        return str(int(cell))
    if isinstance(cell, complex | np.complexfloating):
        raise TableError(complex_refused(source, column))
    if isinstance(cell, np.floating):
        cell = float(cell)  # the text of a float32 is that of another float64
    return "" if pd.api.types.is_scalar(cell) and pd.isna(cell) else str(cell)


def complex_refused(source: object, column: object) -> str:
    """Return the message that a column of complex numbers is refused with."""
    return f"{source}: the column {str(column)!r} holds complex numbers: store the real part or the magnitude"


def numbers(texts: Any, comma_likely: bool = False) -> Numbers:
    """Return the numbers of a column of text.

    Parameters
    ----------
    texts : pyarrow.ChunkedArray
        Result of `as_texts`.
    comma_likely : bool
        Read ``1,234`` as 1.234 without further evidence, as in a file with semicolons between its cells.
    """
    return _plain_numbers(texts, comma_likely) or _mixed_numbers(texts, comma_likely)


def _plain_numbers(texts: Any, comma_likely: bool) -> Numbers | None:
    """Return what `numbers` returns if all cells are empty or plain numbers with one decimal mark, else None.

    It searches for no patterns, which takes ten times as long as the conversion.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    empty = pc.equal(texts, "")
    point, comma = (_mask(pc.match_substring(texts, mark)).any() for mark in ".,")
    if comma and (point or not (comma_likely or (_matches(texts, ",") & ~_matches(texts, _GROUPED)).any())):
        return None
    cells = pc.if_else(empty, None, pc.replace_substring(texts, ",", ".") if comma else texts)
    try:
        values = pc.cast(cells, pa.float64()).to_numpy()
    except pa.ArrowInvalid:
        return None
    missing = _mask(empty)
    none = np.zeros(len(missing), dtype=bool)
    integers = not (point or comma or missing.any())
    padded = not (point or comma) and bool(_matches(texts, _PADDED).any())
    whole = integers and bool(_matches(texts, _WHOLE).all())
    filled = int((~missing & ~np.isnan(values)).sum())
    return Numbers(values, none, none, filled, "," if comma else ".", padded, whole)


def _mixed_numbers(texts: Any, comma_likely: bool) -> Numbers:
    import pyarrow as pa
    import pyarrow.compute as pc

    plain = pc.replace_substring(pc.utf8_trim_whitespace(texts), "−", "-")
    lower = pc.utf8_lower(plain)
    missing = _mask(pc.is_in(lower, pa.array(MISSING)))
    filled, none = int((~missing).sum()), np.zeros(len(missing), dtype=bool)
    if filled and (missing | _mask(pc.is_in(lower, pa.array(["true", "false"])))).all():
        return Numbers(np.where(missing, np.nan, _mask(pc.equal(lower, "true"))), none, none, filled)
    point, comma, grouped = (_matches(plain, pattern) for pattern in (_POINT, _COMMA, _GROUPED))
    fractions = point & _matches(plain, r"\.")
    decimal = "." if comma.sum() <= fractions.sum() else ","
    valid = point
    if decimal == ",":
        certain = comma_likely or bool((comma & ~grouped).any())
        valid = (comma & (certain | ~grouped)) | (point & ~fractions)
        plain = pc.replace_substring(plain, ",", ".")
    values = pc.cast(pc.if_else(pa.array(valid), plain, None), pa.float64()).to_numpy().copy()
    for sign, words in ((np.inf, INFINITE), (-np.inf, MINUS_INFINITE)):
        infinite = _mask(pc.is_in(lower, pa.array(words)))
        values[infinite], valid = sign, valid | infinite
    return Numbers(
        values,
        ~valid & ~missing & ~grouped,
        grouped & ~valid,
        filled,
        decimal,
        bool(_matches(plain, _PADDED).any()),
        bool(_matches(plain, _WHOLE).all()),
    )


def _matches(texts: Any, pattern: str) -> NDArray[np.bool_]:
    import pyarrow.compute as pc

    return _mask(pc.match_substring_regex(texts, pattern))


def _mask(found: Any) -> NDArray[np.bool_]:
    return np.asarray(found.to_numpy(), dtype=bool)


def number_series(
    cells: pd.Series, source: str, comma_likely: bool = False, row: str = "row"
) -> tuple[pd.Series, tuple[str, ...]]:
    """Return a column as float64 and what is to be told of its cells.

    Parameters
    ----------
    cells : Series
        A column of any type, indexed by id.
    source : str
        Name of the file or table in messages.
    comma_likely : bool
        As in `numbers`.
    row : str
        What the index counts: rows, or lines of a file.

    Raises
    ------
    TableError
        If the column holds no numbers, complex ones, or digits in groups.
    """
    import pandas as pd

    column = str(cells.name)
    plain = cells.dtype.kind in "fiub"
    texts = as_texts(cells.astype("float64") if plain else cells, source)
    found = numbers(texts, comma_likely)
    refuse_grouped(found, texts, cells.index, column, source)
    if not np.isfinite(found.values).any():
        raise TableError(f"{source}: the column {column!r} holds no numbers{_first(texts)}")
    notes = [f"the column {column!r} has decimal commas"] if found.decimal == "," else []
    odd = Oddity.of(column, texts, found.odd)
    infinite = Oddity.of(column, texts, np.isinf(found.values))
    notes += oddity_note([odd] if odd else [], cells.index, NO_NUMBERS, row)
    notes += oddity_note([infinite] if infinite else [], cells.index, ARE_INFINITE, row)
    return pd.Series(found.values, index=cells.index, name=cells.name), tuple(notes)


NO_NUMBERS = "are no numbers and count as missing"
ARE_INFINITE = "are infinite and count as missing"


def oddity_note(odd: Sequence[Oddity], rows: Any, what: str, row: str = "row") -> list[str]:
    """Return one sentence about odd cells with columns, counts and first values, none without such cells.

    Parameters
    ----------
    odd : sequence of Oddity
        One per column.
    rows : sequence
        Name of every row.
    what : str
        `NO_NUMBERS` or `ARE_INFINITE`.
    row : str
        What `rows` names.
    """
    if not odd:
        return []
    listed = [
        f"{one.cells} in {one.column!r} (first {one.value!r} in {row} {_row_name(rows, one.row)})"
        for one in odd
    ]
    return [f"{sum(one.cells for one in odd)} cell(s) {what}: {first_few(listed)}"]


def refuse_grouped(found: Numbers, texts: Any, rows: Any, column: str, source: str) -> None:
    """Raise TableError if a column has digits in groups, or ones that may be."""
    if found.grouped.any():
        first = int(np.argmax(found.grouped))
        raise TableError(
            f"{source}: the column {column!r} has {str(texts[first])!r} in row {_row_name(rows, first)}: "
            "digits in groups have no certain value; save the numbers without thousands separators"
        )


def _first(texts: Any) -> str:
    return f"; its first cell is {str(texts[0])!r}" if len(texts) else ""


def _row_name(rows: Any, row: int) -> object:
    """Return the id of a row, or its number from 1 where rows have no ids."""
    import pandas as pd

    return row + 1 if isinstance(rows, pd.RangeIndex) else rows[row]
