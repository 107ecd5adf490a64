"""The options ``--csv-safe`` and ``--excel``, and the word about texts that a spreadsheet would run."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from ..errors import first_few
from ..progress import say
from ..tables.csv_style import EXCEL_COLUMNS, CsvStyle, Excel
from ..tables.formulas import formulas

if TYPE_CHECKING:
    import pandas as pd

_SAFE = click.option(
    "--csv-safe",
    is_flag=True,
    help="In CSV files, write an apostrophe before texts that a spreadsheet would run as a formula.",
)
_EXCEL = click.option(
    "--excel",
    type=click.Choice(["comma", "semicolon"]),
    help="Write CSV files as Excel opens them, semicolon where it has decimal commas: docs/command-line.md.",
)
_SHOWN = 40


def csv_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--csv-safe`` and ``--excel``, which the command gets together as `csv`."""

    @functools.wraps(command)
    def with_style(*args: Any, csv_safe: bool, excel: Excel | None, **options: Any) -> Any:
        return command(*args, csv=CsvStyle(csv_safe, excel), **options)

    return _SAFE(_EXCEL(with_style))


def tell_formulas(name: str, style: CsvStyle, *tables: pd.DataFrame) -> None:
    """Say what of the tables in the CSV file or folder `name` a spreadsheet would run, or not show."""
    widest = max((len(table.columns) for table in tables), default=0)
    if style.excel and widest >= EXCEL_COLUMNS:
        say(f"warning: {name} has {widest} columns, of which Excel shows the first {EXCEL_COLUMNS}")
    if style.quotes:
        return
    found = [text for table in tables for text in formulas(table)]
    if found:
        shown = first_few([repr(text[:_SHOWN]) for text in found], 3)
        say(
            f"warning: {name} has {len(found)} text(s) that a spreadsheet would run as a formula ({shown}); "
            "write them as texts with --csv-safe before you open it in one"
        )
