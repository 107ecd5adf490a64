"""Feature tables read from Parquet, CSV, JSON, MATLAB .mat and NumPy .npz files.

A feature table is a DataFrame indexed by video id, with ``attrs["settings"]`` (see `settings`). A file
without ids (published .mat files hold only ``feats_mat``) gives rows numbered from 0 and
``attrs["without_ids"]`` True; `labels.give_ids` sets their ids.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, cast

import numpy as np

from ..errors import TableError, first_few
from ..files.names import escaped_name, id_text
from ..files.reading import reading
from ..remote.addresses import is_remote
from ..specs import Family
from .arrays import read_arrays
from .columns import TEXT_COLUMNS, counts_rows
from .formulas import CSV_SAFE_KEY, unquoted
from .json_table import read_json
from .numbers import complex_refused
from .numeric_columns import to_numbers
from .parquet import read_parquet
from .part_places import PartPlace, place_of
from .parts import read_parts
from .settings import SETTINGS_KEY, parse_settings, settings_of_text
from .text import TEXT_SUFFIXES, read_numeric_text
from .writing import FORMATS

if TYPE_CHECKING:
    import pandas as pd

READ_FORMATS = (*FORMATS, ".tsv", ".txt")
SOURCE_KEY = "source"
#: Key in ``DataFrame.attrs`` of what is to be told about how a file was read: a list of sentences.
NOTES_KEY = "notes"
_COMMA_LIKELY = "comma_likely"
_INDEXED = "indexed"
_WITHOUT_IDS = "without_ids"


class TableSpec(NamedTuple):
    """Parts of ``FILE[:NAME[:FAMILY]]``; `family` is None when the column names decide."""

    path: Path
    name: str
    family: Family | None


def parse_spec(text: str) -> TableSpec:
    """Read ``FILE[:NAME[:FAMILY]]``, e.g. ``out/feats.mat:videval:handcrafted``.

    The name defaults to the file's stem, or to the name of the folder of a table in parts. A colon belongs to
    the file's name when that file exists.
    """
    match = re.fullmatch(r"(?P<file>.+?)(?::(?P<name>[^:/\\]+))?(?::(?P<family>handcrafted|deep))?", text)
    if match is None:
        raise TableError(f"cannot read {text!r}: write FILE[:NAME[:FAMILY]]")
    path, name, family = Path(match["file"]), match["name"], match["family"]
    if os.path.exists(text):
        path, name, family = Path(text), None, None
    if os.path.isdir(path):
        return TableSpec(path, name or escaped_name(path.absolute().name), cast("Family | None", family))
    if path.suffix.lower() not in READ_FORMATS:
        raise TableError(
            f"cannot read {text!r}: the file must end in {', '.join(READ_FORMATS)}, or be a folder of parts; "
            "the family must be handcrafted or deep"
        )
    return TableSpec(path, name or escaped_name(path.stem), cast("Family | None", family))


def with_ids(table: pd.DataFrame, names: Any, source: str) -> pd.DataFrame:
    """Return `table` indexed by the ids `names` as text, as they are written.

    Parameters
    ----------
    table : DataFrame
        Any rows.
    names : iterable
        One id per row: text, paths or numbers.
    source : str
        Name of the table in messages.

    Raises
    ------
    TableError
        If a row has no id, an id occurs more than once, or one is a complex number.
    """
    import pandas as pd

    given = pd.Index(names, dtype=object)
    if any(isinstance(name, complex | np.complexfloating) for name in given):
        raise TableError(complex_refused(source, "id"))
    ids = pd.Index([id_text(name) for name in given], name="id")
    missing = np.flatnonzero(given.isna() | (ids == ""))
    if len(missing):
        raise TableError(f"{source}: {len(missing)} row(s) have no id, the first is row {missing[0] + 1}")
    if ids.has_duplicates:
        twice = list(ids[ids.duplicated()].unique())
        raise TableError(f"{source}: id(s) {first_few(twice)} occur more than once")
    found = table.set_axis(ids, axis=0)
    found.attrs = {key: value for key, value in table.attrs.items() if key != _WITHOUT_IDS}
    return found


def without_ids(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table marked as one of numbered rows, whose order has to be known (`has_ids` is False)."""
    found = table.copy(deep=False)
    found.attrs = table.attrs | {_WITHOUT_IDS: True}
    return found


def read_table(
    path: str | os.PathLike[str], id_column: str | None = None, *, remote: bool = False
) -> pd.DataFrame:
    """Return the feature table of a file, or of a folder of parts, indexed by video id.

    Parameters
    ----------
    path : path
        File ending in .parquet, .csv, .tsv, .txt, .json, .npz or .mat. `vqa_features.tables.text` says which
        encodings and separators a text file may have. Or the folder of a table in parts, or its address.
    id_column : str, optional
        Column of ids. Default: ``id``, else the first text column with unique values (Parquet: the index).
    remote : bool
        Allow `path` to be an address such as ``s3://bucket/features/``.

    Returns
    -------
    DataFrame
        One row per video. ``attrs["settings"]`` holds the settings that made it, ``attrs["notes"]`` what is
        to be told of the file, such as cells that are no numbers; a file without ids gives numbered rows
        (`has_ids`).

    Raises
    ------
    TableError
        If the file is missing, unreadable, or holds no table; or a part of it is missing, damaged, or was
        computed in another way than the others.
    ParameterError
        If `path` is an address and `remote` is not given.

    See Also
    --------
    write_table : Write a table with its settings.
    vqa_features.tables.labels.read_labels : Read MOS.

    Examples
    --------
    >>> import pandas as pd, tempfile
    >>> from pathlib import Path
    >>> import vqa_features as vf
    >>> table = pd.DataFrame({"siti.si.mean": [30.5, 41.0]}, index=["a", "b"])
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = vf.write_table(table, Path(folder) / "table.parquet", {"fps": 2})
    ...     back = vf.read_table(file)
    >>> back["siti.si.mean"].to_dict()
    {'a': 30.5, 'b': 41.0}
    >>> back.attrs["settings"]
    {'fps': 2}
    """
    if is_remote(path) or os.path.isdir(path):
        place = place_of(path, remote)
        with reading(place.name, "a feature table"):
            return _table(_read_parts(place), Path(place.name), id_column)
    file = Path(path)
    if not os.path.isfile(file):
        raise TableError(f"there is no feature table at {file}")
    with reading(file, "a feature table"):
        return _table(_read(file, id_column), file, id_column)


def _table(table: pd.DataFrame, file: Path, id_column: str | None) -> pd.DataFrame:
    """Return what `read_table` returns, from the columns as they are stored."""
    if id_column is not None and id_column not in table.columns:
        raise TableError(f"{file} has no column {id_column!r}; it has {first_few(list(table.columns), 8)}")
    named = id_column or ("id" if "id" in table.columns else None)
    found = to_numbers(table, str(file), table.attrs.pop(_COMMA_LIKELY, False), skip=named)
    indexed = table.attrs.pop(_INDEXED, False)
    table = found.frame
    column = named or (None if indexed else _id_column(table))
    if column is not None:
        table = with_ids(table.drop(columns=column), table[column], str(file))
    elif indexed:
        table = with_ids(table, table.index, str(file))
    else:
        table.attrs[_WITHOUT_IDS] = True
    notes = [*table.attrs.get(NOTES_KEY, ()), *found.notes(table.index, column)]
    table.attrs |= {SOURCE_KEY: str(file), NOTES_KEY: notes}
    return table


def _read(file: Path, id_column: str | None) -> pd.DataFrame:
    """Return the columns of a file as they are stored."""
    kind = file.suffix.lower()
    if kind not in READ_FORMATS:
        raise TableError(f"{file}: a feature table must end in {', '.join(READ_FORMATS)}")
    if kind in TEXT_SUFFIXES:
        return _read_text_table(file, id_column)
    if kind == ".json":
        return _read_json(file)
    return _read_parquet(file) if kind == ".parquet" else read_arrays(file)


def has_ids(table: pd.DataFrame) -> bool:
    """Return whether the rows of `table` carry ids (False: numbered rows of unknown order).

    A table that was read without ids has them once its index is set to other than whole numbers.
    """
    return not table.attrs.get(_WITHOUT_IDS, False) or table.index.dtype.kind not in "iu"


def _id_column(table: pd.DataFrame) -> str | None:
    """Return the first column of text whose values are unique and do not only count the rows."""
    for name in table.columns:
        cells = table[name]
        if cells.dtype.kind not in "fiub" and cells.is_unique and not counts_rows(str(name), cells):
            return str(name)
    return None


def _read_parquet(file: Path) -> pd.DataFrame:
    import pandas as pd

    table, metadata = read_parquet(file)
    table.attrs = {SETTINGS_KEY: parse_settings(metadata.get(b"vqa_features"), file)}
    table.attrs[_INDEXED] = not isinstance(table.index, pd.RangeIndex)
    return table


def _read_parts(place: PartPlace) -> pd.DataFrame:
    import pandas as pd

    table, settings, notes = read_parts(place)
    table.attrs = {
        SETTINGS_KEY: settings,
        NOTES_KEY: notes,
        _INDEXED: not isinstance(table.index, pd.RangeIndex),
    }
    return table


def _read_json(file: Path) -> pd.DataFrame:
    table, settings = read_json(file)
    table.attrs = {SETTINGS_KEY: settings}
    return table


def _read_text_table(file: Path, id_column: str | None) -> pd.DataFrame:
    found = read_numeric_text(
        file, "a feature table", lambda name: name == id_column or name.lower() in TEXT_COLUMNS
    )
    table = found.frame.reset_index(drop=True)
    settings = settings_of_text(file)
    table = unquoted(table) if settings.get(CSV_SAFE_KEY) is True else table
    table.attrs = {
        SETTINGS_KEY: settings,
        NOTES_KEY: found.notes,
        _COMMA_LIKELY: found.layout.comma_likely,
    }
    return table
