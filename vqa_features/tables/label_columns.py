"""Columns of a MOS file found by their names and contents: ids, MOS, source contents."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import TableError
from .columns import TEXT_COLUMNS, counts_rows

if TYPE_CHECKING:
    import pandas as pd

#: Names of a column of MOS, in lower case without blanks, hyphens and underscores.
MOS_COLUMNS = ("mos", "mosfull", "meanopinionscore", "videoscore", "scoremean")
#: Names of a column of the source content, in lower case.
GROUP_COLUMNS = ("group", "content", "scene", "reference", "ref", "source", "src")


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


def unused_groups(frame: pd.DataFrame, used: Sequence[str]) -> list[str]:
    """Return a sentence about columns that look like the source content and are not used."""
    named = [name for name in frame.columns if str(name).lower() in GROUP_COLUMNS and name not in used]
    found = [str(name) for name in named if 1 < words(frame[name]).nunique() < len(frame)]
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
