"""Opinion scores of a dataset, by video id: read from MOS files, joined by id."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from ..errors import ParameterError, TableError
from ..files.names import escaped_name, id_text, utf8_text
from ..files.reading import reading
from .label_columns import mos_column_of, unique_column, unused_groups, words
from .numbers import number_series
from .parquet import read_parquet
from .reading import has_ids, with_ids
from .text import TEXT_SUFFIXES, read_text
from .vsfa import read_vsfa

if TYPE_CHECKING:
    import pandas as pd


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
    notes : tuple of str
        What is to be told about the file: how it was read, cells that are no numbers, an unused group.
    """

    mos: pd.Series
    groups: pd.Series | None = None
    std: pd.Series | None = None
    counts: pd.Series | None = None
    metadata: pd.DataFrame | None = None
    source: str = ""
    notes: tuple[str, ...] = ()

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
            If an id occurs more than once, or no MOS is a number.
        """
        if isinstance(mos, Labels):
            labels = mos
        else:
            numeric, notes = number_series(_by_id(mos, "mos", "the MOS"), "the MOS")
            labels = cls(numeric, notes=notes)
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
    """Return the opinion scores of a MOS file: text with a header, Parquet, or VSFA-format MATLAB.

    Parameters
    ----------
    path : path
        File ending in .csv, .tsv, .txt, .parquet or .mat. `vqa_features.tables.text` says which encodings
        and separators a text file may have.
    id_column : str, optional
        Column of video ids. Default: the first other column whose values are unique, one with a usual name
        (``name``, ``vid`` ...) before others.
    mos_column : str, optional
        Column of MOS. Default: the one column with a usual name
        (`vqa_features.tables.label_columns.MOS_COLUMNS`).
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
    columns = _Columns(id_column, mos_column, group_column, std_column, count_column)
    with reading(file, "a MOS file"):
        return _labels(file, columns)


class _Columns(NamedTuple):
    """Names of the columns of a MOS file; None where they are found or not wanted."""

    id: str | None
    mos: str | None
    group: str | None
    std: str | None
    votes: str | None


def _labels(file: Path, columns: _Columns) -> Labels:
    """Return what `read_labels` returns."""
    frame, notes, comma_likely = _read_any(file)
    _check_columns(frame, columns, file)
    mos = columns.mos or mos_column_of(frame, file)
    ids = columns.id or unique_column(frame, mos, file)
    if ids == mos:
        raise TableError(f"{file}: the column {ids!r} cannot be the id and the MOS; name the id with --id")
    indexed = with_ids(frame, frame[ids], str(file))

    def column(name: str | None) -> pd.Series | None:
        if name is None:
            return None
        found, told = number_series(indexed[name], str(file), comma_likely)
        notes.extend(told)
        return found

    scores, std, counts = column(mos), column(columns.std), column(columns.votes)
    assert scores is not None
    groups = None if columns.group is None else words(indexed[columns.group])
    if columns.group is None:
        notes += unused_groups(frame, (ids, mos))
    return Labels(scores, groups, std, counts, indexed, escaped_name(file), tuple(notes))


def _check_columns(frame: pd.DataFrame, names: Sequence[str | None], file: Path) -> None:
    for name in names:
        if name is not None and name not in frame.columns:
            raise TableError(f"{file} has no column {name!r}; it has {', '.join(map(str, frame.columns))}")


class _Read(NamedTuple):
    """Columns of a file, what is to be told, and `vqa_features.tables.layout.Layout.comma_likely`."""

    frame: pd.DataFrame
    notes: list[str]
    comma_likely: bool = False


def _read_any(file: Path) -> _Read:
    import pandas as pd

    if not os.path.isfile(file):
        raise TableError(f"there is no MOS file at {file}")
    kind = file.suffix.lower()
    if kind in TEXT_SUFFIXES:
        found = read_text(file, "a MOS file")
        return _Read(found.frame, found.notes, found.layout.comma_likely)
    if kind == ".parquet":
        frame = read_parquet(file).frame
        return _Read(frame if isinstance(frame.index, pd.RangeIndex) else frame.reset_index(), [])
    if kind == ".mat":
        return _Read(read_vsfa(file).videos, [])
    raise TableError(f"{file}: a MOS file must end in {', '.join(TEXT_SUFFIXES)}, .parquet or .mat")


def _by_id(values: pd.Series | Mapping[str, Any], name: str, source: str) -> pd.Series:
    import pandas as pd

    if isinstance(values, pd.Series):
        series = values
    elif not isinstance(values, Mapping):
        raise ParameterError(
            f"{source} must be a Series by video id or a mapping from id to value, "
            f"got {type(values).__name__}: "
            + (
                "name one column of it"
                if hasattr(values, "columns")
                else "give the ids, e.g. pandas.Series(values, index=ids)"
            )
        )
    else:
        texts_of = [utf8_text(value) if isinstance(value, str) else value for value in values.values()]
        series = pd.Series(texts_of, index=pd.Index(list(values), dtype=object))
    return with_ids(series.to_frame(name), series.index, source)[name]


def give_ids(table: pd.DataFrame, ids: Sequence[object], source: str) -> pd.DataFrame:
    """Return a table without ids, indexed by ids given in its row order.

    Parameters
    ----------
    table : DataFrame
        Numbered rows (`vqa_features.tables.reading.has_ids` is False).
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
    """Return the ids of one column of a text file, for a feature file stored in that file's row order."""
    with reading(path, "a file of ids"):
        frame = _read_any(Path(path)).frame
        _check_columns(frame, [column], Path(path))
        return [id_text(name) for name in frame[column]]
