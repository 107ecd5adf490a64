"""Columns of a MOS file found by their names and contents: ids, MOS, source contents."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import TableError
from ..pooling import parse_column
from .columns import TEXT_COLUMNS, counts_rows, is_unnamed

if TYPE_CHECKING:
    import pandas as pd

#: Names of a column of MOS, in lower case without blanks, hyphens and underscores.
MOS_COLUMNS = ("mos", "mosfull", "meanopinionscore", "videoscore", "scoremean")
#: Words in the name of a column of the source content, in lower case.
CONTENT_WORDS = frozenset(
    "group content contents scene reference ref source src original pristine game title sequence seq movie "
    "film channel uploader author parent".split()
)
#: Words in the name of a column that holds something else.
OTHER_WORDS = frozenset(
    "split status error warnings distortion codec format fmt pixfmt resolution fps framerate rate width "
    "height size license device camera type kind hrc profile preset level path file url score mos quality "
    "std bitrate qp crf day date time session".split()
)
#: Contents in a column of texts without a usual name; fewer are rather conditions.
FEWEST_CONTENTS = 5
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
_LETTER = re.compile(r"[^\W\d_]")


def unique_column(frame: pd.DataFrame, mos: str, file: Path) -> str:
    """Return the first column with unique values, usual names before others and row numbers last."""
    found: list[str] = [str(name) for name in frame.columns if name != mos and frame[name].is_unique]
    last = {name: (counts_rows(name, frame[name]), name.lower() not in TEXT_COLUMNS) for name in found}
    if found:
        return min(found, key=last.__getitem__)
    raise TableError(f"{file}: no column has unique values to serve as id; name one with --id")


def mos_column_of(frame: pd.DataFrame, file: Path) -> str:
    """Return the one column with a usual name of the MOS."""
    found = [name for name in frame.columns if re.sub(r"[\s_-]", "", str(name).lower()) in MOS_COLUMNS]
    if len(found) == 1:
        return str(found[0])
    seen = " and ".join(map(str, found)) if found else "no column called MOS"
    listed = ", ".join(map(str, frame.columns))
    raise TableError(f"{file} has {seen}: name the MOS column with --mos-column; the columns are {listed}")


def content_columns(frame: pd.DataFrame, used: Sequence[str] = ()) -> list[str]:
    """Return the columns that look like the source content: by their name, or texts that repeat.

    Parameters
    ----------
    frame : DataFrame
        Columns by name.
    used : sequence of str
        Columns that hold something else.
    """
    return [str(name) for name in frame.columns if name not in used and _is_content(str(name), frame[name])]


def _is_content(name: str, cells: pd.Series) -> bool:
    """Return whether a column has a usual name of contents and repeats, or texts of few values."""
    parts = {part.lower() for part in _WORD.findall(name)}
    if parts & OTHER_WORDS or is_unnamed(name) or parse_column(name) is not None:
        return False
    found = words(cells).dropna()
    values = found.nunique()
    if parts & CONTENT_WORDS:
        return 1 < values < len(cells)
    is_text = cells.dtype.kind not in "fiubcmM" and bool(found.str.contains(_LETTER).all())
    return is_text and FEWEST_CONTENTS <= values <= len(found) / 2


def unused_groups(frame: pd.DataFrame, used: Sequence[str]) -> list[str]:
    """Return a sentence about columns that look like the source content and are not used."""
    found = content_columns(frame, used)
    if not found:
        return []
    return [
        f"the column {' and '.join(map(repr, found))} may hold the source content, and is not used: "
        f"name it with group_column (--group {found[0]}) to keep each content on one side of a split"
    ]


def words(cells: pd.Series) -> pd.Series:
    """Return cells as text without blanks around them, missing where a cell is empty."""
    stripped = cells.astype(str).str.strip()
    return stripped.astype(object).where(cells.notna() & (stripped != ""))
