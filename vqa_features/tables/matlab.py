"""MATLAB v7.3 files (HDF5) read with h5py."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import TableError
from ..extras import require

SIGNATURE = b"\x89HDF\r\n\x1a\n"


def is_hdf5(path: str | os.PathLike[str]) -> bool:
    """Return whether a file is HDF5, plain or after the 512-byte header of MATLAB v7.3."""
    with Path(path).open("rb") as file:
        start = file.read(512 + len(SIGNATURE))
    return start.startswith(SIGNATURE) or start[512:] == SIGNATURE


def read_mat73(path: str | os.PathLike[str]) -> dict[str, Any]:
    """Return the arrays of a MATLAB v7.3 file in MATLAB's orientation.

    Cell arrays of text become object arrays of str.

    Raises
    ------
    TableError
        If the file is no HDF5.
    ExtraMissing
        If h5py is not installed.
    """
    require(f"{path}, a MATLAB v7.3 file,", ["h5py"])
    import h5py

    try:
        with Path(path).open("rb") as stream, h5py.File(stream, "r") as stored:
            return {
                name: _array(stored, item)
                for name, item in stored.items()
                if isinstance(item, h5py.Dataset) and not name.startswith("#")
            }
    except OSError as error:
        raise TableError(f"{path} cannot be read as a MATLAB v7.3 file: {error}") from error


def _array(stored: Any, item: Any) -> Any:
    values = item[()]
    if values.dtype == object:
        cells = [_text(stored[reference][()]) for reference in values.ravel()]
        return np.array(cells, dtype=object).reshape(values.shape).T
    if item.attrs.get("MATLAB_class") == b"char":
        return np.array(_text(values), dtype=np.str_)
    return values.T


def _text(codes: Any) -> str:
    return "".join(chr(code) for code in np.asarray(codes).ravel())
