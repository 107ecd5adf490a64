"""Opinion scores of a dataset, by video id: read from MOS files, joined by id."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import TableError
from ..files.names import escaped_name, id_text
from .arrays import texts
from .io import has_ids, with_ids

if TYPE_CHECKING:
    import pandas as pd

MOS_COLUMNS = ("mos", "MOS", "MOSFull")


@dataclass(frozen=True)
class Labels:
    """Labels by video id, in the row order of the file (literature mode splits in this order).

    Parameters
    ----------
    mos : Series
        Mean opinion scores.
    groups : Series, optional
        Source content of each video.
    std, counts : Series, optional
        Standard deviation and number of the single opinions of each video.
    metadata : DataFrame, optional
        All columns of the file.
    source : str
        Name of the file in messages.
    """

    mos: pd.Series
    groups: pd.Series | None = None
    std: pd.Series | None = None
    counts: pd.Series | None = None
    metadata: pd.DataFrame | None = None
    source: str = ""

    @classmethod
    def of(
        cls,
        mos: Labels | pd.Series | Mapping[str, float],
        groups: pd.Series | Mapping[str, object] | None = None,
    ) -> Labels:
        """Return labels from MOS by id.

        Parameters
        ----------
        mos : Labels, Series or mapping
            MOS by video id.
        groups : Series or mapping, optional
            Source content of each video, by id; replaces the groups of `mos`.

        Raises
        ------
        TableError
            If an id occurs more than once.
        """
        labels = mos if isinstance(mos, Labels) else cls(_by_id(mos, "mos", "the MOS").astype(np.float64))
        return labels if groups is None else replace(labels, groups=_by_id(groups, "groups", "groups"))


def read_labels(
    path: str | os.PathLike[str],
    *,
    id_column: str | None = None,
    mos_column: str | None = None,
    group_column: str | None = None,
    std_column: str | None = None,
    count_column: str | None = None,
) -> Labels:
    """Return the opinion scores of a MOS file: CSV with a header, Parquet, or VSFA-format MATLAB.

    Parameters
    ----------
    path : path
        File ending in .csv, .txt, .parquet or .mat.
    id_column : str, optional
        Column of video ids. Default: the first column whose values are unique.
    mos_column : str, optional
        Column of MOS. Default: the one column called mos, MOS or MOSFull.
    group_column : str, optional
        Column of the source content of each video.
    std_column, count_column : str, optional
        Columns of the standard deviation and the number of the single opinions of each video.

    Returns
    -------
    Labels
        By video id as written in the file, in its row order.

    Raises
    ------
    TableError
        If the file or a column is missing, ids repeat, or no MOS is a number.

    See Also
    --------
    vqa_features.read_table : Read a feature table.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from vqa_features.tables.labels import read_labels
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / "mos.csv"
    ...     _ = file.write_text("name,mos,scene\\nclips/a.mp4,3.5,street\\nclips/b.mp4,2.0,street\\n")
    ...     labels = read_labels(file, group_column="scene")
    >>> labels.mos.to_dict()
    {'clips/a.mp4': 3.5, 'clips/b.mp4': 2.0}
    """
    file = Path(path)
    frame = _read_any(file)
    ids = id_column or _unique_column(frame, file)
    mos = mos_column or _mos_column(frame, file)
    _check_columns(frame, (ids, mos, group_column, std_column, count_column), file)
    if ids == mos:
        raise TableError(f"{file}: the column {ids!r} cannot be the id and the MOS; name the id with --id")
    indexed = with_ids(frame, frame[ids], str(file))
    return Labels(
        _numbers(indexed, mos, file),
        None if group_column is None else indexed[group_column].astype(str),
        None if std_column is None else _numbers(indexed, std_column, file),
        None if count_column is None else _numbers(indexed, count_column, file),
        indexed,
        escaped_name(file),
    )


def _unique_column(frame: pd.DataFrame, file: Path) -> str:
    """Return the first column whose values are unique."""
    for name in frame.columns:
        if frame[name].is_unique:
            return str(name)
    raise TableError(f"{file}: no column has unique values to serve as id; name one with --id")


def _mos_column(frame: pd.DataFrame, file: Path) -> str:
    """Return the one column with a usual name of the MOS."""
    found = [name for name in MOS_COLUMNS if name in frame.columns]
    if len(found) != 1:
        seen = " and ".join(found) if found else f"none of {', '.join(MOS_COLUMNS)}"
        raise TableError(f"{file} has {seen}: name the MOS column with --mos-column")
    return found[0]


def _check_columns(frame: pd.DataFrame, names: Sequence[str | None], file: Path) -> None:
    for name in names:
        if name is not None and name not in frame.columns:
            raise TableError(f"{file} has no column {name!r}; it has {', '.join(map(str, frame.columns))}")


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
            "id": [id_text(name) for name in texts(arrays["video_names"])],
            "mos": arrays["scores"].ravel(),
            "reference": arrays["ref_ids"].ravel().astype(int).astype(str),
        }
    )


def _by_id(values: pd.Series | Mapping[str, Any], name: str, source: str) -> pd.Series:
    import pandas as pd

    series = pd.Series(values)
    return with_ids(series.to_frame(name), series.index, source)[name]


def _numbers(frame: pd.DataFrame, column: str, file: Path) -> pd.Series:
    import pandas as pd

    found = pd.to_numeric(frame[column], errors="coerce").astype(np.float64)
    if not np.isfinite(found).any():
        raise TableError(f"{file}: the column {column!r} holds no numbers")
    return found


def give_ids(table: pd.DataFrame, ids: Sequence[object], source: str) -> pd.DataFrame:
    """Return a table without ids, indexed by ids given in its row order.

    Parameters
    ----------
    table : DataFrame
        Numbered rows (`vqa_features.tables.io.has_ids` is False).
    ids : sequence
        One id per row.
    source : str
        Name of the file the ids come from, for messages.

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
    _check_columns(frame, [column], Path(path))
    return [id_text(name) for name in frame[column]]
