"""The option ``--csv-safe``, and the word about texts in a CSV file that a spreadsheet would run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ..errors import first_few
from ..progress import say
from ..tables.formulas import formulas

if TYPE_CHECKING:
    import pandas as pd

csv_safe_option = click.option(
    "--csv-safe",
    is_flag=True,
    help="In CSV files, write an apostrophe before texts that a spreadsheet would run as a formula.",
)
_SHOWN = 40


def tell_formulas(name: str, *tables: pd.DataFrame) -> None:
    """Say how many texts of the CSV file or folder `name` a spreadsheet would run as formulas."""
    found = [text for table in tables for text in formulas(table)]
    if found:
        shown = first_few([repr(text[:_SHOWN]) for text in found], 3)
        say(
            f"warning: {name} has {len(found)} text(s) that a spreadsheet would run as a formula ({shown}); "
            "write them as texts with --csv-safe before you open it in one"
        )
