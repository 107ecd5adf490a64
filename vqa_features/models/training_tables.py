"""Tables and MOS as `QualityModel.fit` takes them, as the records that every analysis joins."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from ..errors import ParameterError, TableError, first_few
from ..tables.feature_table import FeatureTable, feature_tables
from ..tables.foreign import as_frame
from ..tables.given import NAME, frame_of_rows
from ..tables.labels import Labels

if TYPE_CHECKING:
    import pandas as pd

#: One table, several by name, or rows of numbers.
Tables: TypeAlias = "pd.DataFrame | Mapping[str, Any] | Any"


def given_tables(tables: Tables) -> dict[str, Any]:
    """Return tables by name, as `vqa_features.compare` takes them.

    Parameters
    ----------
    tables : DataFrame, mapping of str to DataFrame or (DataFrame, family), or (rows, columns)
        An array has the columns ``x0``, ``x1`` ...

    Raises
    ------
    ParameterError
        If it is something else, or holds no row.
    """
    import pandas as pd

    if hasattr(tables, "tocsr"):  # some sparse matrices are mappings
        raise ParameterError("sparse matrices are not taken: give table.toarray()")
    if isinstance(tables, Mapping):
        found = dict(tables)
    else:
        frame = as_frame(tables)
        found = {NAME: frame_of_rows(tables) if frame is None else frame}
    for name, given in found.items():
        frame = given[0] if isinstance(given, tuple) else given
        if isinstance(frame, pd.DataFrame) and not len(frame):
            raise TableError(f"the table {name!r} has no rows")
    return found


def training_records(tables: Tables, mos: Any, groups: Any) -> tuple[list[FeatureTable], Labels]:
    """Return tables and labels with the same ids.

    Parameters
    ----------
    tables : DataFrame, mapping or (rows, columns)
        As for `given_tables`.
    mos : Series, mapping or Labels by video id, or sequence of numbers in the rows' order
        A sequence, and a Series by row number beside a table by row number, are joined by position.
    groups : Series or mapping by video id, or sequence in the rows' order, optional
        Source content of each video.

    Raises
    ------
    TableError, ParameterError
        If they cannot be joined.
    """
    import pandas as pd

    if mos is None:
        raise ParameterError(
            "a model requires y to be passed, but the target y is None: give the MOS by video id, or one "
            "per row"
        )
    records = feature_tables(given_tables(tables))
    by_id = (Labels, pd.Series, Mapping)
    if not isinstance(mos, by_id):
        if len(records) > 1:
            raise ParameterError("the MOS of several tables must be a Series or a mapping by video id")
        mos = _by_position("MOS", mos, records[0].frame)
    if groups is not None and not isinstance(groups, by_id):
        groups = _by_position("groups", groups, records[0].frame)
    return records, Labels.of(mos, groups)


def _by_position(what: str, values: Any, frame: pd.DataFrame) -> pd.Series:
    import pandas as pd

    listed = np.asarray(values)
    if listed.ndim == 2 and listed.shape[1] == 1:
        listed = listed[:, 0]
    if listed.ndim != 1 or len(listed) != len(frame):
        raise ParameterError(f"{what} must have one value per row: {len(frame)} rows, shape {listed.shape}")
    return pd.Series(listed, index=frame.index, name=what.lower())


def check_names(records: Sequence[FeatureTable], columns: Sequence[Sequence[str]]) -> None:
    """Raise TableError if two tables give a column of the same name."""
    seen: dict[str, str] = {}
    for record, names in zip(records, columns, strict=True):
        twice = [name for name in names if name in seen]
        if twice:
            raise TableError(
                f"{seen[twice[0]]} and {record.name} both have the column(s) {first_few(twice)}: a model "
                "names its columns, so rename them in one table"
            )
        seen |= dict.fromkeys(names, record.name)


def file_of(record: FeatureTable) -> str:
    """Return the name of the file of a table, without folders; its own name if it has none."""
    return record.name if record.file is None else Path(record.file).name
