"""Rows of a run in a fraction of the memory of dictionaries, since most rows have the same columns."""

from __future__ import annotations

import sys
from array import array
from collections.abc import Iterator, Mapping
from typing import Any


class KeptRows(Mapping[str, dict[str, Any]]):
    """Rows by the id of their video; each is a dictionary that is made when it is asked for."""

    def __init__(self) -> None:
        self._rows: dict[str, tuple[_Columns, tuple[Any, ...], array[float]]] = {}
        #: The names of other values and of floating-point numbers, one copy of each pair that occurs.
        self._columns: dict[_Columns, _Columns] = {}

    def keep(self, name: str, row: Mapping[str, Any]) -> None:
        """Keep the row of a video; its columns stay in their order among values of a kind.

        Parameters
        ----------
        name : str
            Id of the video.
        row : mapping
            Values by column; floats are kept to the bit.
        """
        numbers = {column: value for column, value in row.items() if type(value) is float}
        others = {column: value for column, value in row.items() if column not in numbers}
        found = (tuple(others), tuple(numbers))
        values = tuple(sys.intern(one) if type(one) is str else one for one in others.values())
        kept = array("d", numbers.values())
        self._rows[name] = (self._columns.setdefault(found, found), values, kept)

    def __getitem__(self, name: str) -> dict[str, Any]:
        (others, numbers), values, kept = self._rows[name]
        return {**dict(zip(others, values, strict=True)), **dict(zip(numbers, kept, strict=True))}

    def __iter__(self) -> Iterator[str]:
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)


_Columns = tuple[tuple[str, ...], tuple[str, ...]]
