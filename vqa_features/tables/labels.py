"""Opinion scores of a dataset: read from a MOS file and joined to feature tables by video id, never by
luck."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..errors import TableError
from ..files.names import video_id
from .io import has_ids, texts, with_ids

if TYPE_CHECKING:
    import pandas as pd

MOS_COLUMNS = ("mos", "MOS", "MOSFull")


@dataclass(frozen=True)
class Labels:
    """Labels by video id, in the file's row order (which literature mode needs)."""

    mos: pd.Series
    groups: pd.Series | None = None
    std: pd.Series | None = None
    counts: pd.Series | None = None
    metadata: pd.DataFrame | None = None
    source: str = ""


def read_labels(
    path: str | os.PathLike[str],
    *,
    id_column: str | None = None,
    mos_column: str | None = None,
    group_column: str | None = None,
    std_column: str | None = None,
    count_column: str | None = None,
) -> Labels:
    """Read a MOS file: CSV with a header, Parquet, or a MATLAB file of the VSFA format.

    Parameters
    ----------
    id_column : str, optional
        Default: the first column whose values are unique.
    mos_column : str, optional
        Default: the one column called mos, MOS or MOSFull.
    group_column, std_column, count_column : str, optional
        Source content of each video; standard deviation and number of its single opinions.

    Raises
    ------
    TableError
        If the file or a column is missing, ids repeat, or no MOS is a number.
    """
    file = Path(path)
    frame = _read_any(file)
    names = id_column or next((str(name) for name in frame.columns if frame[name].is_unique), None)
    if names is None:
        raise TableError(f"{file}: no column has unique values to serve as id; name one with --id")
    if mos_column is None:
        found = [name for name in MOS_COLUMNS if name in frame.columns]
        if len(found) != 1:
            seen = " and ".join(found) if found else f"none of {', '.join(MOS_COLUMNS)}"
            raise TableError(f"{file} has {seen}: name the MOS column with --mos-column")
        mos_column = found[0]
    for column in (names, mos_column, group_column, std_column, count_column):
        if column is not None and column not in frame.columns:
            raise TableError(f"{file} has no column {column!r}; it has {', '.join(map(str, frame.columns))}")
    if names == mos_column:
        raise TableError(f"{file}: the column {names!r} cannot be the id and the MOS; name the id with --id")
    indexed = with_ids(frame, frame[names], str(file))
    return Labels(
        _numbers(indexed, mos_column, file),
        None if group_column is None else indexed[group_column].astype(str),
        None if std_column is None else _numbers(indexed, std_column, file),
        None if count_column is None else _numbers(indexed, count_column, file),
        indexed,
        str(file),
    )


def _read_any(file: Path) -> pd.DataFrame:
    import pandas as pd

    if not file.is_file():
        raise TableError(f"there is no MOS file at {file}")
    kind = file.suffix.lower()
    try:
        if kind in (".csv", ".txt"):
            return pd.read_csv(file, skipinitialspace=True, dtype={"id": str, "vid": str})
        if kind == ".parquet":
            frame = pd.read_parquet(file)
            return frame if isinstance(frame.index, pd.RangeIndex) else frame.reset_index()
        if kind == ".mat":
            return read_vsfa_info(file)
    except (ValueError, OSError) as error:
        raise TableError(f"{file} cannot be read as a MOS file: {error}") from error
    raise TableError(f"{file}: a MOS file must end in .csv, .parquet or .mat")


def read_vsfa_info(path: str | os.PathLike[str]) -> pd.DataFrame:
    """Return ``id, mos, reference`` of a VSFA-format info file (MATLAB v7.3), in its row order."""
    import pandas as pd

    from .matlab import read_mat73

    arrays = read_mat73(path)
    missing = {"scores", "ref_ids", "video_names"} - set(arrays)
    if missing:
        raise TableError(f"{path} is no VSFA-format info file: it lacks {', '.join(sorted(missing))}")
    return pd.DataFrame(
        {
            "id": [video_id(name) for name in texts(arrays["video_names"])],
            "mos": arrays["scores"].ravel(),
            "reference": arrays["ref_ids"].ravel().astype(int).astype(str),
        }
    )


def _numbers(frame: pd.DataFrame, column: str, file: Path) -> pd.Series:
    import pandas as pd

    found = pd.to_numeric(frame[column], errors="coerce").astype(np.float64)
    if not np.isfinite(found).any():
        raise TableError(f"{file}: the column {column!r} holds no numbers")
    return found


def give_ids(table: pd.DataFrame, ids: Sequence[object], source: str) -> pd.DataFrame:
    """Return a table without ids indexed by `ids`, which must be in its row order.

    Raises
    ------
    TableError
        If the table has ids of its own or another number of rows.
    """
    if has_ids(table):
        raise TableError(f"the table has ids of its own, so the row order of {source} is not needed")
    if len(table) != len(ids):
        raise TableError(
            f"the table has {len(table)} rows but {source} has {len(ids)}: it cannot be in that "
            "file's row order"
        )
    return with_ids(table, ids, source)


def read_ids(path: str | os.PathLike[str], column: str) -> list[str]:
    """Return the ids of one column of a CSV file, for a feature file stored in that file's row order."""
    frame = _read_any(Path(path))
    if column not in frame.columns:
        raise TableError(f"{path} has no column {column!r}; it has {', '.join(map(str, frame.columns))}")
    return [video_id(name) for name in frame[column]]
