"""How CSV files are written: as every program reads them, or as a spreadsheet opens them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, get_args

from ..errors import ParameterError
from .formulas import quoted, quoting_of

if TYPE_CHECKING:
    import pandas as pd

Excel = Literal["comma", "semicolon"]
#: Columns that Excel shows.
EXCEL_COLUMNS = 16_384
_MARK = "\ufeff"


@dataclass(frozen=True)
class CsvStyle:
    """How a CSV file is written.

    Parameters
    ----------
    safe : bool
        Write an apostrophe before texts that a spreadsheet would run as a formula.
    excel : {"comma", "semicolon"}, optional
        Begin with the mark of UTF-8, without which Excel takes another encoding, and quote formulas.
        ``comma``: commas and decimal points, for Excel with the settings of English-speaking countries.
        ``semicolon``: semicolons and decimal commas, for the settings of most of Europe and South America.

    Raises
    ------
    ParameterError
        If `excel` is another word.
    """

    safe: bool = False
    excel: Excel | None = None

    def __post_init__(self) -> None:
        if self.excel is not None and self.excel not in get_args(Excel):
            raise ParameterError(f"excel must be one of {', '.join(get_args(Excel))}, got {self.excel!r}")

    @property
    def quotes(self) -> bool:
        """Whether texts that would be formulas get an apostrophe."""
        return self.safe or self.excel is not None

    def text(self, table: pd.DataFrame, **options: Any) -> str:
        """Return a table as the text of a CSV file.

        Parameters
        ----------
        table : DataFrame
            Any table.
        **options
            Of `pandas.DataFrame.to_csv`.
        """
        shown = quoted(table) if self.quotes else table
        if self.excel == "semicolon":
            options |= {"sep": ";", "decimal": ","}
        text = str(shown.to_csv(quoting=quoting_of(shown), **options))
        return _MARK + text if self.excel else text


#: As every program reads it.
PLAIN = CsvStyle()
