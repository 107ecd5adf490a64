"""A table that is written as one file: never in the place of a better one, and never lost.

A table that cannot be written where it was asked for goes to another folder, in several files if one is too
large, or at last to stdout.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import NoRows, TableError
from ..files.writable import free_name, other_places, write_somewhere
from ..tables.csv_style import PLAIN, CsvStyle
from ..tables.reading import read_table
from ..tables.writing import remove_table, write_table
from .failures import NOT_AS_ASKED, EndedEarly
from .spreadsheets import tell_formulas

if TYPE_CHECKING:
    import pandas as pd


def write_or_rescue(
    table: pd.DataFrame, asked: str, csv: CsvStyle, *, whole: bool, good: set[str], notes: list[str]
) -> str:
    """Write one table and return where it is.

    Parameters
    ----------
    table : DataFrame
        Rows.
    asked : str
        The file.
    csv : CsvStyle
        How CSV files are written.
    whole : bool
        Whether every video has its row and one did not fail.
    good : set of str
        Ids of the videos that did not fail.
    notes : list of str
        Gets a sentence if the table is in another place.
    """
    target = Path(asked)
    if target.exists() and not (whole or _covers(good, target)):
        target = free_name(target, "incomplete")
        notes.append(f"{asked} is kept, since this run lacks good rows that it has: see {target}")
    suffixes = dict.fromkeys((target.suffix, ".csv"))
    places = (place.with_suffix(suffix) for place in other_places(target) for suffix in suffixes)
    try:
        target, problem = write_somewhere(lambda path: _write(table, path, csv), target, places)
    except Exception as error:  # still other ways to keep the rows
        parts = _write_several(table, target, csv)
        if not parts:
            notes.append(f"no file could be written for {asked} ({error}): the rows are on stdout as CSV")
            print_text(PLAIN.text(table, index_label="id"))
            return "stdout"
        named = ", ".join(map(str, parts))
        notes.append(f"{asked} could not be written whole ({error}): its rows are in the files {named}")
        return named
    if problem is not None:
        notes.append(f"{asked} could not be written ({problem}): the rows are in {target}")
    return str(target)


def _write_several(table: pd.DataFrame, target: Path, csv: CsvStyle) -> list[Path]:
    """Write the rows in as few files as the folder takes; return none if it takes nothing."""
    count, written = 1, list[Path]()
    while count < len(table):
        count = min(2 * count, len(table))
        size = -(-len(table) // count)
        try:
            for first in range(0, len(table), size):
                place = free_name(target, "part") if target.exists() else target
                _write(table.iloc[first : first + size], place, csv)
                written.append(place)
            return written
        except Exception:  # too large still
            while written:
                remove_table(written.pop())
    return []


def _write(table: pd.DataFrame, file: Path, csv: CsvStyle) -> None:
    """Write one table, and say once what a spreadsheet would run of it."""
    write_table(table, file, csv_safe=csv.safe, excel=csv.excel)
    if file.suffix.lower() == ".csv":
        tell_formulas(str(file), csv, table)


def print_text(text: str) -> None:
    """Write rows to stdout, the last place there is."""
    try:
        sys.stdout.write(text.encode("utf-8", "backslashreplace").decode())
        sys.stdout.flush()
    except BrokenPipeError:  # the reader has enough
        raise
    except (OSError, AttributeError) as error:  # full, closed or absent
        raise EndedEarly(f"the rows could be written nowhere: {error}", NOT_AS_ASKED) from error


def print_csv(table: pd.DataFrame, style: CsvStyle) -> None:
    """Print a table with its ids as CSV on stdout."""
    tell_formulas("stdout", style, table)
    print_text(style.text(table, index_label="id"))


def good_ids(table: pd.DataFrame) -> set[str]:
    """Ids of the rows that did not fail."""
    if "status" not in table:
        return set(map(str, table.index))
    return set(map(str, table.index[~table["status"].astype(str).str.startswith("failed")]))


def _covers(good: Iterable[str], old: Path) -> bool:
    """Whether every good row of the table in `old` is among `good`; False if it cannot be read."""
    try:
        return good_ids(read_table(old)) <= set(good)
    except NoRows:  # e.g. of an empty shard
        return True
    except (TableError, OSError, ValueError):
        return False
