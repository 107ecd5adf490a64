"""A feature table with its name and family."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import ParameterError, first_few
from ..files.names import utf8_text
from .columns import family_of
from .given import GivenTable, GivenTables, named_tables, with_given_ids
from .numeric_columns import infinite_cells, to_numbers
from .reading import NOTES_KEY, SOURCE_KEY, has_ids

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class FeatureTable:
    """One feature table: rows by video id, feature and metadata columns.

    Parameters
    ----------
    name : str
        Name in every result.
    frame : DataFrame
        Indexed by video id; without ids, numbered rows (`vqa_features.tables.reading.has_ids`).
    family : str
        ``handcrafted``, ``deep``, ``fusion`` or ``unknown``.
    notes : tuple of str
        What is to be told about the table: how it was read, cells that are no numbers.
    """

    name: str
    frame: pd.DataFrame
    family: str
    notes: tuple[str, ...] = ()

    @classmethod
    def of(cls, name: str, given: GivenTable) -> FeatureTable:
        """Return the record of a DataFrame or a (DataFrame, family) pair.

        Parameters
        ----------
        name : str
            Name of the table.
        given : DataFrame or (DataFrame, family)
            Without a family, the column names decide (`vqa_features.tables.columns.family_of`).

        Raises
        ------
        ParameterError
            If `given` is neither.
        TableError
            If a column has no certain numbers (`vqa_features.tables.numeric_columns.to_numbers`).
        """
        import pandas as pd

        frame, family = given if isinstance(given, tuple) and len(given) == 2 else (given, "")
        if not isinstance(frame, pd.DataFrame):
            raise ParameterError(
                f"table {name!r} must be a DataFrame, an array or a pair (table, family), "
                f"got {type(given).__name__}"
            )
        found = to_numbers(frame, name)
        notes = [*frame.attrs.get(NOTES_KEY, ()), *found.notes(frame.index)]
        if found.frame is not frame:
            found.frame.attrs = frame.attrs | {NOTES_KEY: notes}
        told = dict.fromkeys([*notes, *infinite_cells(found.frame)])
        return cls(
            utf8_text(str(name)), found.frame, utf8_text(family or family_of(found.frame)), tuple(told)
        )

    @property
    def has_ids(self) -> bool:
        """Whether rows carry video ids; otherwise their order must be known."""
        return has_ids(self.frame)

    @property
    def file(self) -> Path | None:
        """The file the table was read from, if any."""
        source = self.frame.attrs.get(SOURCE_KEY)
        return None if source is None else Path(source)


def feature_tables(tables: GivenTables, ids: Iterable[object] | None = None) -> list[FeatureTable]:
    """Return one record per table.

    Parameters
    ----------
    tables : mapping of str to table or (table, family), or one table
        DataFrames of pandas or another library, or arrays.
    ids : iterable, optional
        Ids of the rows of tables without ids, see `vqa_features.tables.given.with_given_ids`.

    Raises
    ------
    ParameterError
        If there is no table, one is neither a table nor such a pair, or two have one name as text.
    """
    by_name = with_given_ids(named_tables(tables), ids)
    found = [FeatureTable.of(name, given) for name, given in by_name.items()]
    if len({table.name for table in found}) < len(found):
        raise ParameterError(f"two tables have the same name: {first_few([table.name for table in found])}")
    return found
