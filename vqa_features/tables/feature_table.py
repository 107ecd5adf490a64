"""A feature table with its name and family."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from ..errors import ParameterError, first_few
from ..files.names import utf8_text
from .columns import family_of
from .numeric_columns import infinite_cells, to_numbers
from .reading import NOTES_KEY, SOURCE_KEY, has_ids

if TYPE_CHECKING:
    import pandas as pd

#: How a caller gives one table: a DataFrame, or a DataFrame with its family.
GivenTable: TypeAlias = "pd.DataFrame | tuple[pd.DataFrame, str]"


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
                f"table {name!r} must be a DataFrame or a pair (DataFrame, family), "
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


def feature_tables(tables: Mapping[str, GivenTable]) -> list[FeatureTable]:
    """Return one record per table of a mapping from name to DataFrame or (DataFrame, family).

    Parameters
    ----------
    tables : mapping of str to DataFrame or (DataFrame, family)
        At least one table.

    Raises
    ------
    ParameterError
        If there is no table, one is neither a DataFrame nor such a pair, or two have one name as text.
    """
    if not isinstance(tables, Mapping):
        raise ParameterError(
            f"tables must be a mapping from name to DataFrame, got {type(tables).__name__}: "
            "write {'name': table}"
        )
    if not tables:
        raise ParameterError("no feature table was given")
    found = [FeatureTable.of(name, given) for name, given in tables.items()]
    if len({table.name for table in found}) < len(found):
        raise ParameterError(f"two tables have the same name: {first_few([table.name for table in found])}")
    return found
