"""Feature tables as named arrays: NumPy .npz and MATLAB .mat files.

The arrays are ``feats_mat`` (videos, columns), ``feature_names``, ``id``, ``settings`` (JSON) and one array
per other column. Arrays of another size and records are left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import NoRows, TableError
from ..files.names import plain_text
from ..processes.limits import memory_allowed
from .columns import check_width
from .matlab import read_mat
from .npz import read_npz
from .numbers import complex_refused
from .settings import SETTINGS_KEY, parse_settings

if TYPE_CHECKING:
    import pandas as pd

MATRIX_KEY = "feats_mat"
NAMES_KEY = "feature_names"
#: Bytes that a number and a text take in a table.
_CELL, _TEXT_CELL = 8, 128


def read_arrays(file: Path) -> pd.DataFrame:
    """Return the table of a .npz or .mat file."""
    return from_arrays(read_npz(file) if file.suffix.lower() == ".npz" else read_mat(file), file)


def from_arrays(arrays: Mapping[str, Any], file: Path) -> pd.DataFrame:
    """Return the table of named arrays; the one matrix stands in for a missing ``feats_mat``."""
    import pandas as pd

    _check_memory(arrays, file)
    key = _matrix_key(arrays, file)
    values = _matrix(arrays[key], key, file)
    rows, columns = values.shape
    check_width(columns, file)
    numbered = [f"feature_{i:04d}" for i in range(columns)]
    names = texts(arrays[NAMES_KEY], NAMES_KEY) if NAMES_KEY in arrays else numbered
    table = pd.DataFrame(values, columns=names)
    for name, value in arrays.items():
        if name not in (key, NAMES_KEY, SETTINGS_KEY) and value.size == rows and not _is_record(value):
            table[_column_name(plain_text(name))] = column_values(value, name)
    stored = arrays.get(SETTINGS_KEY)
    text = "" if stored is None else "".join(texts(stored, SETTINGS_KEY)[:1])
    table.attrs = {SETTINGS_KEY: parse_settings(text.encode(), file)}
    return table


def _check_memory(arrays: Mapping[str, Any], file: Path) -> None:
    """Refuse arrays that would take more memory as a table than a file of this size may take."""
    cells = [(value.size, _TEXT_CELL if value.dtype.kind in "OUS" else _CELL) for value in arrays.values()]
    needed, most = sum(count * size for count, size in cells), memory_allowed(file.stat().st_size)
    if needed > most:
        raise ValueError(f"its arrays would take {needed} bytes; a file of its size may take {most}")


def column_values(value: Any, name: str) -> Any:
    """Return an array as the cells of one column: numbers or texts.

    Parameters
    ----------
    value : array
        Any shape.
    name : str
        Its name in messages.

    Raises
    ------
    ValueError
        If a number is complex, or a text holds half a character.
    """
    _refuse_complex(value, name)
    return texts(value, name) if value.dtype.kind in "OUS" else np.asarray(value).ravel()


def _matrix_key(arrays: Mapping[str, Any], file: Path) -> str:
    if MATRIX_KEY in arrays:
        return MATRIX_KEY
    matrices = [key for key, value in arrays.items() if _is_matrix(value)]
    if len(matrices) != 1:
        raise TableError(f"{file} holds no matrix {MATRIX_KEY} but {', '.join(arrays) or 'nothing'}")
    return matrices[0]


def _is_matrix(value: Any) -> bool:
    numeric = value.dtype.kind in "fiub" or is_complex(value)
    return value.ndim == 2 and numeric and min(value.shape) > 1


def _matrix(value: Any, key: str, file: Path) -> Any:
    """Return the cells of a matrix: float64, or objects where a cell may be text."""
    if is_complex(value):
        raise TableError(complex_refused(file, key))
    if value.ndim != 2:
        raise TableError(
            f"{file}: {key} must have a row per video and a column per feature, got {value.shape}"
        )
    if not value.size:
        raise NoRows(f"{file}: {key} has no cells, its shape is {value.shape}")
    if value.dtype.kind in "fiub":
        return value.astype(np.float64, copy=False)
    cells = [_cell(item) for item in value.ravel()]
    return np.fromiter(cells, dtype=object, count=len(cells)).reshape(value.shape)


def is_complex(value: Any) -> bool:
    """Return whether an array is complex, as NumPy or as HDF5 of MATLAB stores it."""
    return value.dtype.kind == "c" or value.dtype.names == ("real", "imag")


def _is_record(value: Any) -> bool:
    """Return whether an array holds records, such as a MATLAB struct."""
    return value.dtype.kind == "V" and not is_complex(value)


def _refuse_complex(value: Any, name: str) -> None:
    if is_complex(value):
        raise ValueError(f"{name!r} holds complex numbers: store the real part or the magnitude")


def real_numbers(value: Any, name: str) -> Any:
    """Return an array as float64; raise ValueError if it holds anything else than finite real numbers."""
    _refuse_complex(value, name)
    if value.dtype.kind not in "fiub" or not np.isfinite(value).all():
        raise ValueError(f"{name!r} is to hold finite numbers")
    return value.astype(np.float64)


def texts(value: Any, name: str) -> list[str]:
    """Return the strings of a MATLAB cell array or a NumPy text array, without trailing padding.

    Parameters
    ----------
    value : array
        Texts, numbers, or cells of them.
    name : str
        Its name in messages.

    Raises
    ------
    ValueError
        If a number is complex, or a text holds half a character.
    """
    _refuse_complex(value, name)
    return [_text(_cell(item), name) for item in np.asarray(value).ravel()]


def _text(cell: Any, name: str) -> str:
    _refuse_complex(np.asarray(cell), name)
    return plain_text(cell.decode() if isinstance(cell, bytes) else str(cell)).rstrip()


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
