"""Feature tables as named arrays: NumPy .npz and MATLAB .mat files.

The arrays are ``feats_mat`` (videos, columns), ``feature_names``, ``id``, ``settings`` (JSON) and one array
per other column.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import TableError
from .matlab import is_hdf5, read_mat73
from .numbers import complex_refused
from .settings import SETTINGS_KEY, parse_settings

if TYPE_CHECKING:
    import pandas as pd

MATRIX_KEY = "feats_mat"
NAMES_KEY = "feature_names"


def read_npz(file: Path) -> pd.DataFrame:
    """Return the table of a NumPy .npz file."""
    with np.load(file, allow_pickle=False) as stored:
        return from_arrays({key: stored[key] for key in stored.files}, file)


def read_mat(file: Path) -> pd.DataFrame:
    """Return the table of a MATLAB file of any version."""
    from scipy.io import loadmat

    if is_hdf5(file):
        return from_arrays(read_mat73(file), file)
    return from_arrays({key: value for key, value in loadmat(file).items() if key[:2] != "__"}, file)


def from_arrays(arrays: Mapping[str, Any], file: Path) -> pd.DataFrame:
    """Return the table of named arrays; the one matrix stands in for a missing ``feats_mat``."""
    import pandas as pd

    key = _matrix_key(arrays, file)
    values = _matrix(arrays[key], key, file)
    rows, columns = values.shape
    numbered = [f"feature_{i:04d}" for i in range(columns)]
    table = pd.DataFrame(values, columns=texts(arrays[NAMES_KEY]) if NAMES_KEY in arrays else numbered)
    for name, value in arrays.items():
        if name not in (key, NAMES_KEY, SETTINGS_KEY) and value.size == rows:
            table[_column_name(name)] = (
                texts(value) if value.dtype.kind in "OUS" else np.asarray(value).ravel()
            )
    stored = arrays.get(SETTINGS_KEY)
    table.attrs = {SETTINGS_KEY: parse_settings(None if stored is None else texts(stored)[0].encode())}
    return table


def _matrix_key(arrays: Mapping[str, Any], file: Path) -> str:
    if MATRIX_KEY in arrays:
        return MATRIX_KEY
    matrices = [key for key, value in arrays.items() if _is_matrix(value)]
    if len(matrices) != 1:
        raise TableError(f"{file} holds no matrix {MATRIX_KEY} but {', '.join(arrays) or 'nothing'}")
    return matrices[0]


def _is_matrix(value: Any) -> bool:
    return value.ndim == 2 and (value.dtype.kind in "fiub" or _is_complex(value)) and min(value.shape) > 1


def _matrix(value: Any, key: str, file: Path) -> Any:
    """Return the cells of a matrix: float64, or objects where a cell may be text."""
    if _is_complex(value):
        raise TableError(complex_refused(file, key))
    dense = value.toarray() if hasattr(value, "toarray") else np.asarray(value)
    if dense.ndim != 2:
        raise TableError(
            f"{file}: {key} must have a row per video and a column per feature, got {dense.shape}"
        )
    if dense.dtype.kind in "fiub":
        return dense.astype(np.float64)
    cells = [_cell(item) for item in dense.ravel()]
    return np.fromiter(cells, dtype=object, count=len(cells)).reshape(dense.shape)


def _is_complex(value: Any) -> bool:
    """Return whether an array is complex, as NumPy or as HDF5 of MATLAB stores it."""
    return value.dtype.kind == "c" or value.dtype.names == ("real", "imag")


def texts(value: Any) -> list[str]:
    """Return the strings of a MATLAB cell array or a NumPy text array, without trailing padding."""
    return [str(_cell(item)).rstrip() for item in np.asarray(value).ravel()]


def _cell(item: Any) -> Any:
    """Return the content of one cell of a MATLAB cell array, "" if it is empty."""
    while isinstance(item, np.ndarray):
        item = item.ravel()[0] if item.size else ""
    return item


def to_arrays(table: pd.DataFrame, settings: str) -> dict[str, Any]:
    """Return the named arrays of a table and its settings (JSON text)."""
    from .columns import feature_columns

    features = feature_columns(table).names
    arrays: dict[str, Any] = {
        MATRIX_KEY: table[features].to_numpy(dtype=np.float64),
        NAMES_KEY: np.array([str(name) for name in features], dtype=np.str_),
        "id": np.array([str(name) for name in table.index], dtype=np.str_),
        SETTINGS_KEY: np.array(settings, dtype=np.str_),
    }
    for name in table.columns.difference(features, sort=False):
        column = table[name]
        numeric = np.asarray(column).dtype.kind in "fiub"
        arrays[str(name)] = (
            column.to_numpy() if numeric else np.array(column.fillna("").astype(str), dtype=np.str_)
        )
    return arrays


def write_mat(table: pd.DataFrame, file: Path, settings: str) -> None:
    """Write a MATLAB 5 file; texts become cell arrays, ``seconds.brisque`` becomes ``seconds__brisque``."""
    from scipy.io import savemat

    arrays = to_arrays(table, settings)
    for name in list(arrays):
        if arrays[name].dtype.kind == "U" and name != SETTINGS_KEY:
            arrays[name] = np.array(arrays[name], dtype=object)
    named = {_variable_name(name): value for name, value in arrays.items()}
    savemat(str(file), named, appendmat=False, do_compression=True)


def _variable_name(column: str) -> str:
    """Return a name of letters, digits and underscores, as MATLAB requires."""
    return column.replace(".", "__")


def _column_name(variable: str) -> str:
    return variable.replace("__", ".")
