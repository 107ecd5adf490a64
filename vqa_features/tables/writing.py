"""Feature tables written as Parquet, CSV, JSON, MATLAB .mat and NumPy .npz files, with their settings."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import TableError
from ..files.atomic import atomic_path, write_text
from ..files.names import plain_text
from .arrays import to_arrays, write_mat
from .csv_style import CsvStyle, Excel
from .formulas import CSV_SAFE_KEY
from .json_table import write_json
from .settings import SETTINGS_KEY, settings_beside

if TYPE_CHECKING:
    import pandas as pd

#: Suffixes of the formats that are written; all of them are read too.
FORMATS = (".parquet", ".csv", ".npz", ".mat", ".json")


def write_table(
    table: pd.DataFrame,
    path: str | os.PathLike[str],
    settings: dict[str, Any] | None = None,
    *,
    csv_safe: bool = False,
    excel: Excel | None = None,
) -> Path:
    """Write a feature table with its settings; return the path. The file appears whole or not at all.

    If `path` is a symbolic link, the file it points to is replaced.

    Parameters
    ----------
    table : DataFrame
        One row per video, indexed by video id.
    path : path
        File ending in .parquet, .csv, .json, .npz or .mat.
    settings : dict, optional
        JSON-able; default ``table.attrs["settings"]``.
    csv_safe : bool
        In a CSV file, write an apostrophe before ids and texts that a spreadsheet would run as a formula;
        `read_table` takes it away again.
    excel : {"comma", "semicolon"}, optional
        Write a CSV file as Excel opens it, see `vqa_features.tables.csv_style`; it implies `csv_safe`.

    Raises
    ------
    TableError
        If the name ends in another suffix, or the settings hold a NaN, an infinity or half a surrogate pair.

    See Also
    --------
    read_table : Read a table; its example writes one first.
    """
    file = Path(path)
    check_format(file)
    kind = file.suffix.lower()
    made = table.attrs.get(SETTINGS_KEY, {}) if settings is None else settings
    style = CsvStyle(csv_safe, excel)
    if style.quotes and kind == ".csv":
        made = {**made, CSV_SAFE_KEY: True}
    text = json_settings(made, file)
    file.parent.mkdir(parents=True, exist_ok=True)
    real = Path(os.path.realpath(file))
    with atomic_path(real) as part:
        if kind == ".csv":
            part.write_text(style.text(table, index_label="id"), encoding="utf-8", newline="")
        elif kind == ".parquet":
            _write_parquet(table, part, text)
        elif kind == ".json":
            write_json(table, part, text)
        elif kind == ".npz":
            with part.open("wb") as stream:
                np.savez_compressed(stream, **to_arrays(table, text))
        else:
            write_mat(table, part, text)
        if (beside := settings_beside(file)) is not None:
            write_text(beside, text + "\n")
    return file


def json_settings(settings: dict[str, Any], file: str | os.PathLike[str]) -> str:
    """Return the settings of a table as JSON text.

    Raises
    ------
    TableError
        If they hold a NaN, an infinity or half a surrogate pair; `file` names the table.
    """
    try:
        return plain_text(json.dumps(settings, ensure_ascii=False, default=str, allow_nan=False))
    except ValueError as error:
        raise TableError(
            f"{os.fspath(file)} cannot be written: its settings are no JSON ({error})"
        ) from error


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


def _write_parquet(table: pd.DataFrame, part: Path, text: str) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    plain = table.rename_axis(index="id")
    plain.attrs = {}
    stored = pa.Table.from_pandas(plain)
    metadata = {**(stored.schema.metadata or {}), b"vqa_features": text.encode()}
    with part.open("wb") as stream:
        pq.write_table(stored.replace_schema_metadata(metadata), stream)
