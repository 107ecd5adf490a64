"""Feature tables to and from files: Parquet, CSV, MATLAB .mat, NumPy .npz, with the settings that made them
inside.

A feature table is a DataFrame indexed by video id. Settings live in ``table.attrs["settings"]``; in Parquet
they are the schema metadata key ``vqa_features``, in .npz and .mat a JSON text called ``settings``, beside
a CSV the file ``<name>.settings.json``. A file without ids (published .mat files hold only ``feats_mat``)
gives a table numbered from 0 whose ``attrs["without_ids"]`` is True; `labels.give_ids` says whose order it
is.
"""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, cast

import numpy as np

from ..errors import TableError
from ..files.atomic import atomic_path, write_text
from ..files.names import video_id
from ..specs import Family
from .matlab import is_hdf5, read_mat73

if TYPE_CHECKING:
    import pandas as pd

FORMATS = (".parquet", ".csv", ".npz", ".mat")
SETTINGS_KEY = "settings"
SOURCE_KEY = "source"
_WITHOUT_IDS = "without_ids"


class TableSpec(NamedTuple):
    """``FILE[:NAME[:FAMILY]]`` taken apart; `family` is None when the columns must tell."""

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
    """Read a feature table; see the module's docstring for formats.

    Parameters
    ----------
    id_column : str, optional
        Column holding ids. Default: ``id``, else the first text column with unique values (Parquet: the
        index).

    Raises
    ------
    TableError
        If the file is missing, unreadable, or holds no table.
    """
    file = Path(path)
    if not file.is_file():
        raise TableError(f"there is no feature table at {file}")
    reader = {".parquet": _read_parquet, ".csv": _read_csv, ".npz": _read_npz, ".mat": _read_mat}.get(
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
    """Return whether the rows of `table` carry ids (False: numbered, order to be told)."""
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
    table.attrs = {SETTINGS_KEY: _settings(metadata.get(b"vqa_features"))}
    table.attrs["indexed"] = not isinstance(table.index, pd.RangeIndex)
    return table


def _read_csv(file: Path) -> pd.DataFrame:
    import pandas as pd

    table = pd.read_csv(file, dtype={"id": str, "vid": str})
    beside = _sidecar(file)
    table.attrs = {SETTINGS_KEY: _settings(beside.read_bytes() if beside.is_file() else None)}
    return table


def _read_npz(file: Path) -> pd.DataFrame:
    with np.load(file, allow_pickle=False) as stored:
        return _from_arrays({key: stored[key] for key in stored.files}, file)


def _read_mat(file: Path) -> pd.DataFrame:
    from scipy.io import loadmat

    if is_hdf5(file):
        return _from_arrays(read_mat73(file), file)
    return _from_arrays({key: value for key, value in loadmat(file).items() if key[:2] != "__"}, file)


def _from_arrays(arrays: dict[str, Any], file: Path) -> pd.DataFrame:
    """Build a table from named arrays: ``feats_mat`` (or the one matrix), ``feature_names``, ``id``,
    ``settings``."""
    import pandas as pd

    matrices = [
        key
        for key, value in arrays.items()
        if value.ndim == 2 and value.dtype.kind in "fiu" and min(value.shape) > 1
    ]
    key = "feats_mat" if "feats_mat" in arrays else matrices[0] if len(matrices) == 1 else None
    if key is None:
        raise TableError(f"{file} holds no matrix feats_mat but {', '.join(arrays) or 'nothing'}")
    values = np.asarray(arrays[key], dtype=np.float64)
    names = (
        texts(arrays["feature_names"])
        if "feature_names" in arrays
        else [f"feature_{i:04d}" for i in range(values.shape[1])]
    )
    table = pd.DataFrame(values, columns=names)
    rows, reserved = len(table), {key, "feature_names", SETTINGS_KEY}
    for name, value in arrays.items():
        if name not in reserved and value.size == rows:
            column = texts(value) if value.dtype.kind in "OUS" else np.asarray(value).ravel()
            table[_plain(name)] = column
    stored = arrays.get(SETTINGS_KEY)
    table.attrs = {SETTINGS_KEY: _settings(None if stored is None else texts(stored)[0].encode())}
    return table


def texts(value: Any) -> list[str]:
    """Return the strings of a MATLAB cell array or a NumPy text array, trailing padding dropped."""
    found = []
    for item in np.asarray(value).ravel():
        while isinstance(item, np.ndarray):
            item = item.ravel()[0] if item.size else ""
        found.append(str(item).rstrip())
    return found


def write_table(
    table: pd.DataFrame, path: str | os.PathLike[str], settings: dict[str, Any] | None = None
) -> Path:
    """Write a feature table with its settings; the file appears whole or not at all.

    Parameters
    ----------
    settings : dict, optional
        JSON-able; default ``table.attrs["settings"]``.
    """
    file = Path(path)
    kind = file.suffix.lower()
    if kind not in FORMATS:
        raise TableError(f"cannot write {file}: the name must end in {', '.join(FORMATS)}")
    made = table.attrs.get(SETTINGS_KEY, {}) if settings is None else settings
    text = json.dumps(made, ensure_ascii=False, default=str)
    file.parent.mkdir(parents=True, exist_ok=True)
    if kind == ".csv":
        write_text(_sidecar(file), text + "\n")
    with atomic_path(file) as part:
        if kind == ".csv":
            table.to_csv(part, index_label="id")
        elif kind == ".parquet":
            _write_parquet(table, part, text)
        elif kind == ".npz":
            with part.open("wb") as stream:
                np.savez_compressed(stream, **_to_arrays(table, text))
        else:
            _write_mat(table, part, text)
    return file


def _write_parquet(table: pd.DataFrame, part: Path, text: str) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    plain = table.rename_axis(index="id")
    plain.attrs = {}
    stored = pa.Table.from_pandas(plain)
    metadata = {**(stored.schema.metadata or {}), b"vqa_features": text.encode()}
    pq.write_table(stored.replace_schema_metadata(metadata), part)


def _write_mat(table: pd.DataFrame, part: Path, text: str) -> None:
    from scipy.io import savemat

    arrays = _to_arrays(table, text)
    for name in list(arrays):
        if arrays[name].dtype.kind == "U" and name != SETTINGS_KEY:
            arrays[name] = np.array(arrays[name], dtype=object)
    # MATLAB's names take letters, digits and underscores: `seconds.brisque` becomes `seconds__brisque`.
    savemat(
        str(part),
        {name.replace(".", "__"): value for name, value in arrays.items()},
        appendmat=False,
        do_compression=True,
    )


def _to_arrays(table: pd.DataFrame, text: str) -> dict[str, Any]:
    from .columns import feature_columns

    features = feature_columns(table).names
    arrays: dict[str, Any] = {
        "feats_mat": table[features].to_numpy(dtype=np.float64),
        "feature_names": np.array([str(name) for name in features], dtype=np.str_),
        "id": np.array([str(name) for name in table.index], dtype=np.str_),
        SETTINGS_KEY: np.array(text, dtype=np.str_),
    }
    for name in table.columns.difference(features, sort=False):
        column = table[name]
        numeric = np.asarray(column).dtype.kind in "fiub"
        arrays[str(name)] = (
            column.to_numpy() if numeric else np.array(column.fillna("").astype(str), dtype=np.str_)
        )
    return arrays


def _plain(name: str) -> str:
    return name.replace("__", ".")


def _sidecar(file: Path) -> Path:
    return file.with_name(file.name + ".settings.json")


def _settings(text: bytes | None) -> dict[str, Any]:
    if not text:
        return {}
    try:
        found = json.loads(text)
    except ValueError as error:
        raise TableError(f"the settings stored with the table are no JSON: {error}") from error
    return found if isinstance(found, dict) else {SETTINGS_KEY: found}
