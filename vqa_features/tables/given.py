"""Tables and labels as Python users have them: data frames of any library, arrays, with ids beside them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from ..errors import ParameterError
from .foreign import as_frame, as_series
from .labels import Labels
from .reading import has_ids, with_ids, without_ids

if TYPE_CHECKING:
    import pandas as pd

#: How a caller gives one table: a data frame or an array, or one of them with its family.
GivenTable: TypeAlias = "pd.DataFrame | np.ndarray[Any, Any] | tuple[Any, str] | Any"
#: How a caller gives tables: by name, or a single one.
GivenTables: TypeAlias = "Mapping[str, GivenTable] | GivenTable"
#: Name of a table that is given without one.
NAME = "features"
_ID = "id"


def named_tables(tables: GivenTables) -> dict[str, GivenTable]:
    """Return tables by name; a single one is called ``features``.

    Parameters
    ----------
    tables : mapping, DataFrame or array
        As `vqa_features.compare` takes them.

    Raises
    ------
    ParameterError
        If it is something else, or empty.
    """
    if isinstance(tables, Mapping):
        if not tables:
            raise ParameterError("no feature table was given")
        return dict(tables)
    single = tables[0] if isinstance(tables, tuple) and len(tables) == 2 else tables
    if as_frame(single) is None and not _is_array(single):
        raise ParameterError(
            "tables must be a DataFrame or array, or a mapping from name to them, got "
            f"{type(tables).__name__}"
        )
    return {NAME: tables}


def with_given_ids(tables: Mapping[str, GivenTable], ids: Iterable[object] | None) -> dict[str, GivenTable]:
    """Return tables as DataFrames by id, with their families.

    Parameters
    ----------
    tables : mapping
        From `named_tables`.
    ids : iterable, optional
        Ids in the row order of the tables that have none of their own: arrays, and data frames with numbered
        rows and without a column ``id``.

    Returns
    -------
    dict of DataFrame or (DataFrame, family)
        Rows without ids are in the order of the MOS.

    Raises
    ------
    ParameterError
        If one is no table.
    TableError
        If ids are missing or repeat.
    """
    listed = None if ids is None else list(as_series(ids))
    found: dict[str, GivenTable] = {}
    for name, given in tables.items():
        if isinstance(given, tuple) and len(given) == 2:
            found[name] = (_by_id(name, given[0], listed), given[1])
        else:
            found[name] = _by_id(name, given, listed)
    return found


def _by_id(name: str, given: Any, ids: list[object] | None) -> Any:
    import pandas as pd

    frame = as_frame(given)
    if frame is None:
        if not _is_array(given):
            return given  # told where tables are checked
        frame = without_ids(frame_of_rows(given))
    numbered = isinstance(frame.index, pd.RangeIndex) or not has_ids(frame)
    if numbered and _ID in frame.columns:
        return with_ids(frame.drop(columns=_ID), frame[_ID], name)
    if numbered and ids is not None:
        if len(ids) != len(frame):
            raise ParameterError(f"the table {name!r} has {len(frame)} rows, and ids has {len(ids)}")
        return with_ids(frame, ids, name)
    if frame is not given and numbered:
        return without_ids(frame)
    return frame


def frame_of_rows(values: Any) -> pd.DataFrame:
    """Return rows of numbers as a DataFrame with the columns ``x0``, ``x1`` ...

    Parameters
    ----------
    values : array, (rows, columns)
        Numbers.

    Raises
    ------
    ParameterError
        If they are something else.
    """
    import pandas as pd

    try:
        array = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise ParameterError(
            f"features must be a DataFrame, a mapping from name to DataFrame, or rows of numbers, "
            f"got {type(values).__name__}"
        ) from error
    if array.ndim != 2:
        raise ParameterError(
            f"features must have a row per video and a column per feature, got {array.shape}"
        )
    return pd.DataFrame(array, columns=[f"x{number}" for number in range(array.shape[1])])


def given_labels(mos: Any, groups: Any, ids: Iterable[object] | None, rows: int | None) -> Labels:
    """Return MOS and groups by id.

    Parameters
    ----------
    mos, groups : Series, mapping or Labels by id; or a sequence in the order of `ids` or of the rows
        Opinion scores, and optionally source contents.
    ids : iterable, optional
        Ids in the order of sequences.
    rows : int, optional
        Number of rows of tables without ids, in whose order sequences may be.

    Raises
    ------
    ParameterError
        If a sequence has no order, or another length.
    """
    listed = None if ids is None else list(as_series(ids))
    order = list(range(rows)) if listed is None and rows is not None else listed
    return Labels.of(_labelled("mos", mos, order), _labelled("groups", groups, order))


def _labelled(name: str, values: Any, order: list[Any] | None) -> Any:
    import pandas as pd

    if values is None or isinstance(values, pd.Series | Mapping | Labels):
        return values
    if as_frame(values) is not None or isinstance(values, str | bytes) or not hasattr(values, "__len__"):
        return values  # told where labels are checked
    if order is None:
        raise ParameterError(
            f"{name} without ids needs ids=..., one per value, or tables without ids in the same order; or "
            "give a Series by video id"
        )
    listed = list(as_series(values))
    if len(listed) != len(order):
        raise ParameterError(f"{name} has {len(listed)} values, and there are {len(order)} ids or rows")
    return pd.Series(listed, index=pd.Index(order, dtype=object), name=name)


def _is_array(given: Any) -> bool:
    """Tell whether an object is an array of two axes, of any library, or rows of numbers in lists."""
    if isinstance(given, list | tuple):
        return bool(given) and all(isinstance(row, list | tuple | np.ndarray) for row in given)
    return hasattr(given, "__array__") and len(getattr(given, "shape", ())) == 2
