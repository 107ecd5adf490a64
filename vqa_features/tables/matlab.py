"""MATLAB files of any version, read in a process of their own: scipy and HDF5 crash on some damaged ones."""

from __future__ import annotations

import os
from typing import Any

import numpy as np

from ..extras import require
from ..files.regular import open_regular
from ..processes.limits import memory_allowed, no_other_file

SIGNATURE = b"\x89HDF\r\n\x1a\n"


def is_hdf5(path: str | os.PathLike[str]) -> bool:
    """Return whether a file is HDF5, plain or after the 512-byte header of MATLAB v7.3."""
    with open_regular(path) as file:
        start = file.read(512 + len(SIGNATURE))
    return start.startswith(SIGNATURE) or start[512:] == SIGNATURE


def read_mat(path: str | os.PathLike[str]) -> dict[str, Any]:
    """Return the arrays of a MATLAB file in MATLAB's orientation.

    Cell arrays are object arrays. Of version 7.3 (HDF5), matrices, texts and cell arrays of them are read.
    No other file is opened on behalf of this one.

    Parameters
    ----------
    path : path
        A regular file.

    Raises
    ------
    ExtraMissing
        If h5py is not installed and the file is of version 7.3.
    vqa_features.processes.isolation.ReadingFailed
        If the library that reads it crashes, hangs or takes too much memory.
    Exception
        Whatever the library raises: call it inside `vqa_features.files.reading.reading`.
    """
    from ..processes.isolation import read_isolated

    hdf5 = is_hdf5(path)
    if hdf5:
        require(f"{os.fspath(path)}, a MATLAB v7.3 file,", ["h5py"])
    found: dict[str, Any] = read_isolated(_read_hdf5 if hdf5 else _read_mat5, path)
    return found


def _read_hdf5(path: str) -> dict[str, Any]:
    os.environ["HDF5_PLUGIN_PRELOAD"] = "::"  # no filter plug-ins
    import h5py

    from .hdf5 import arrays_of

    with open_regular(path) as stream, no_other_file(), h5py.File(stream, "r") as stored:
        return arrays_of(stored, memory_allowed(os.fstat(stream.fileno()).st_size))


def _read_mat5(path: str) -> dict[str, Any]:
    from scipy.io import loadmat

    with open_regular(path) as stream, no_other_file():
        most = memory_allowed(os.fstat(stream.fileno()).st_size)
        arrays = loadmat(stream)  # type: ignore[arg-type]  # the stubs know no open file
        return {name: _dense(value, name, most) for name, value in arrays.items() if name[:2] != "__"}


def _dense(value: Any, name: str, most: int) -> Any:
    """Return an array, also of a sparse matrix."""
    if not hasattr(value, "toarray"):
        return np.asarray(value)
    rows, columns = (int(side) for side in value.shape)
    if rows * columns * value.dtype.itemsize > most:
        raise ValueError(f"the sparse matrix {name!r} has {rows} x {columns} cells, more than are read")
    return value.toarray()
