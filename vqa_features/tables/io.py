"""Feature tables in Parquet, CSV, MATLAB .mat and NumPy .npz files, with the settings that made them.

A feature table is a DataFrame indexed by video id. Settings are in ``table.attrs["settings"]``: the schema
metadata key ``vqa_features`` of a Parquet file, a JSON text called ``settings`` in .npz and .mat files, the
file ``<name>.settings.json`` beside a CSV file. A file without ids (published .mat files hold only
``feats_mat``) gives rows numbered from 0 and ``attrs["without_ids"]`` True; `labels.give_ids` sets their ids.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, cast

import numpy as np

from ..errors import TableError
from ..files.atomic import atomic_path, write_text
from ..files.names import video_id
from ..specs import Family
from .arrays import read_mat, read_npz, to_arrays, write_mat
from .settings import SETTINGS_KEY, parse_settings

if TYPE_CHECKING:
    import pandas as pd

FORMATS = (".parquet", ".csv", ".npz", ".mat")
SOURCE_KEY = "source"
_WITHOUT_IDS = "without_ids"


class TableSpec(NamedTuple):
    """Parts of ``FILE[:NAME[:FAMILY]]``; `family` is None when the column names decide."""

    path: Path
    name: str
    family: Family | None


def parse_spec(text: str) -> TableSpec:
    """Read ``FILE[:NAME[:FAMILY]]``, e.g. ``out/feats.mat:videval:handcrafted``.

    The name defaults to the file's stem. A colon belongs to the file's name when that file exists.
    """
    match = re.fullmatch(r"(?P<file>.+?)(?::(?P<name>[^:/\\]+))?(?::(?P<family>handcrafted|deep))?", text)
    if match is None:
        raise TableError(f"cannot read {text!r}: write FILE[:NAME[:FAMILY]]")
    path, name, family = Path(match["file"]), match["name"], match["family"]
    if Path(text).exists():
        path, name, family = Path(text), None, None
    if path.suffix.lower() not in FORMATS:
        raise TableError(
            f"cannot read {text!r}: the file must end in {', '.join(FORMATS)}, "
            "the family must be handcrafted or deep"
        )
    return TableSpec(path, name or path.stem, cast("Family | None", family))


def with_ids(table: pd.DataFrame, names: Any, source: str) -> pd.DataFrame:
    """Return `table` indexed by the ids of `names`; the same id twice is a TableError."""
    import pandas as pd

    ids = pd.Index([video_id(name) for name in names], name="id")
    if ids.has_duplicates:
        twice = ", ".join(ids[ids.duplicated()].unique()[:5])
        raise TableError(
            f"{source}: id(s) {twice} occur more than once after folder and extension are dropped"
        )
    found = table.set_axis(ids, axis=0)
    found.attrs = {key: value for key, value in table.attrs.items() if key != _WITHOUT_IDS}
    return found


def read_table(path: str | os.PathLike[str], id_column: str | None = None) -> pd.DataFrame:
    """Return the feature table of a file, indexed by video id.

    Parameters
    ----------
    path : path
        File ending in .parquet, .csv, .npz or .mat.
    id_column : str, optional
        Column of ids. Default: ``id``, else the first text column with unique values (Parquet: the index).

    Returns
    -------
    DataFrame
        One row per video. ``attrs["settings"]`` holds the settings that made it; a file without ids gives
        numbered rows (`has_ids`).

    Raises
    ------
    TableError
        If the file is missing, unreadable, or holds no table.

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
    file = Path(path)
    if not file.is_file():
        raise TableError(f"there is no feature table at {file}")
    reader = {".parquet": _read_parquet, ".csv": _read_csv, ".npz": read_npz, ".mat": read_mat}.get(
        file.suffix.lower()
    )
    if reader is None:
        raise TableError(f"{file}: a feature table must end in {', '.join(FORMATS)}")
    try:
        table = reader(file)
    except TableError:
        raise
    except (ValueError, OSError, KeyError, TypeError) as error:
        raise TableError(f"{file} cannot be read as a feature table: {error}") from error
    table.attrs[SOURCE_KEY] = str(file)
    names = id_column or _guess_id_column(table)
    if names is not None:
        if names not in table.columns:
            raise TableError(
                f"{file} has no column {names!r}; it has {', '.join(map(str, table.columns[:8]))} ..."
            )
        return with_ids(table.drop(columns=names), table[names], str(file))
    if table.attrs.pop("indexed", False):
        return with_ids(table, table.index, str(file))
    table.attrs[_WITHOUT_IDS] = True
    return table


def has_ids(table: pd.DataFrame) -> bool:
    """Return whether the rows of `table` carry ids (False: numbered rows of unknown order)."""
    return not table.attrs.get(_WITHOUT_IDS, False)


def _guess_id_column(table: pd.DataFrame) -> str | None:
    if "id" in table.columns:
        return "id"
    if table.attrs.get("indexed"):
        return None
    for name in table.columns:
        if not np.issubdtype(np.asarray(table[name]).dtype, np.number) and table[name].is_unique:
            return str(name)
    return None


def _read_parquet(file: Path) -> pd.DataFrame:
    import pandas as pd
    import pyarrow.parquet as pq

    stored = pq.read_table(file)
    metadata = stored.schema.metadata or {}
    table = stored.to_pandas()
    table.attrs = {SETTINGS_KEY: parse_settings(metadata.get(b"vqa_features"))}
    table.attrs["indexed"] = not isinstance(table.index, pd.RangeIndex)
    return table


def _read_csv(file: Path) -> pd.DataFrame:
    import pandas as pd

    table = pd.read_csv(file, dtype={"id": str, "vid": str})
    beside = _sidecar(file)
    table.attrs = {SETTINGS_KEY: parse_settings(beside.read_bytes() if beside.is_file() else None)}
    return table


def write_table(
    table: pd.DataFrame, path: str | os.PathLike[str], settings: dict[str, Any] | None = None
) -> Path:
    """Write a feature table with its settings; return the path. The file appears whole or not at all.

    If `path` is a symbolic link, the file it points to is replaced.

    Parameters
    ----------
    table : DataFrame
        One row per video, indexed by video id.
    path : path
        File ending in .parquet, .csv, .npz or .mat.
    settings : dict, optional
        JSON-able; default ``table.attrs["settings"]``.

    Raises
    ------
    TableError
        If the name ends in another suffix.

    See Also
    --------
    read_table : Read a table; its example writes one first.
    """
    file = Path(path)
    check_format(file)
    kind = file.suffix.lower()
    made = table.attrs.get(SETTINGS_KEY, {}) if settings is None else settings
    text = json.dumps(made, ensure_ascii=False, default=str)
    file.parent.mkdir(parents=True, exist_ok=True)
    real = Path(os.path.realpath(file))
    with atomic_path(real) as part:
        if kind == ".csv":
            table.to_csv(part, index_label="id")
        elif kind == ".parquet":
            _write_parquet(table, part, text)
        elif kind == ".npz":
            with part.open("wb") as stream:
                np.savez_compressed(stream, **to_arrays(table, text))
        else:
            write_mat(table, part, text)
        if (beside := settings_beside(file)) is not None:
            write_text(beside, text + "\n")
    return file


def check_format(path: str | os.PathLike[str], formats: Sequence[str] = FORMATS) -> None:
    """Refuse a name whose format is not known, or whose format's package is not installed.

    Parameters
    ----------
    path : path
        File to write.
    formats : sequence of str
        Suffixes that are allowed.

    Raises
    ------
    TableError
        Names the formats, or the package.
    """
    kind = Path(path).suffix.lower()
    if kind not in formats:
        raise TableError(f"cannot write {os.fspath(path)!r}: the name must end in {', '.join(formats)}")
    package = {".parquet": "pyarrow", ".mat": "scipy"}.get(kind)
    if package and find_spec(package) is None:
        raise TableError(
            f"cannot write {os.fspath(path)!r}: {kind} needs the package {package}, not installed"
        )


def remove_table(file: Path) -> None:
    """Remove a table that `write_table` wrote, with its settings."""
    file.unlink(missing_ok=True)
    if (beside := settings_beside(file)) is not None:
        beside.unlink(missing_ok=True)


def settings_beside(file: Path) -> Path | None:
    """Return the file of settings that is written beside a CSV table, None for other formats."""
    return _sidecar(file) if file.suffix.lower() == ".csv" else None


def _write_parquet(table: pd.DataFrame, part: Path, text: str) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    plain = table.rename_axis(index="id")
    plain.attrs = {}
    stored = pa.Table.from_pandas(plain)
    metadata = {**(stored.schema.metadata or {}), b"vqa_features": text.encode()}
    pq.write_table(stored.replace_schema_metadata(metadata), part)


def _sidecar(file: Path) -> Path:
    real = Path(os.path.realpath(file))  # beside the file itself, by whatever link it is read or written
    return real.with_name(real.name + ".settings.json")
