"""Arrays of a MATLAB v7.3 file (HDF5), and nothing from outside of it.

HDF5 can take the content of a dataset from any other file: by links, external storage, virtual datasets
and filter plug-ins. All of them are refused, and so are datasets that declare more than is stored.
"""

from __future__ import annotations

from typing import Any

import h5py
import numpy as np
from h5py import h5d, h5z

from ..files.reading import reason_of

_LAYOUTS = (h5d.COMPACT, h5d.CONTIGUOUS, h5d.CHUNKED)
#: Filters that are part of HDF5 or of h5py: others are loaded from a folder of plug-ins.
_FILTERS = (
    h5z.FILTER_DEFLATE,
    h5z.FILTER_SHUFFLE,
    h5z.FILTER_FLETCHER32,
    h5z.FILTER_SZIP,
    h5z.FILTER_NBIT,
    h5z.FILTER_SCALEOFFSET,
    h5z.FILTER_LZF,
)
#: Deflate makes at most 1032 bytes of one.
_MOST_EXPANSION = 1032
#: Bytes that a dataset of chunks may declare without storing any of them.
_MOST_UNSTORED = 1 << 20
_COMPLEX = ("real", "imag")


class UnsafeDataset(ValueError):
    """A dataset that is not plainly stored in the file itself."""


def arrays_of(stored: h5py.File, most: int) -> dict[str, Any]:
    """Return the datasets at the top of a file in MATLAB's orientation.

    Texts are arrays of str, cell arrays are object arrays of texts and numbers. Groups (structs) and types
    that MATLAB has no matrix of are left out.

    Parameters
    ----------
    stored : h5py.File
        The open file.
    most : int
        Bytes that all datasets may have together.

    Raises
    ------
    UnsafeDataset
        Naming the first link or dataset that is refused.
    """
    return _Reader(stored, most).arrays()


class _Reader:
    def __init__(self, stored: h5py.File, most: int) -> None:
        self._stored = stored
        self._left = most

    def arrays(self) -> dict[str, Any]:
        found = {}
        for name in self._stored:
            if name.startswith("#"):
                continue
            self._check_link(name)
            try:
                item = self._stored[name]
                if isinstance(item, h5py.Dataset):
                    array = self._array(item, f"the dataset {name!r}")
                    if array is not None:
                        found[name] = array
            except UnsafeDataset:
                raise
            except Exception as error:
                raise UnsafeDataset(f"the dataset {name!r} is damaged ({reason_of(error)})") from error
        return found

    def _check_link(self, name: str) -> None:
        # a name with a slash would be followed through other links
        plain = "/" not in name and name not in ("", ".")
        if not plain or not isinstance(self._stored.get(name, getlink=True), h5py.HardLink):
            raise UnsafeDataset(f"{name!r} is a link to another name or file, which is not followed")

    def _array(self, item: h5py.Dataset, name: str) -> Any:
        """Return the content of a dataset; None if it is no matrix, text or cell array."""
        self._check(item, name)
        if item.shape is None or "MATLAB_empty" in item.attrs:
            return np.empty((0, 0))
        if h5py.check_ref_dtype(item.dtype) is h5py.Reference:
            cells = [self._cell(reference, name) for reference in item[()].ravel()]
            return _objects(cells).reshape(item.shape).T
        if h5py.check_string_dtype(item.dtype) is not None:
            texts = [_decoded(text, name) for text in item[()].ravel()]
            return _objects(texts).reshape(item.shape).T
        if item.dtype.kind not in "fiubc" and item.dtype.names != _COMPLEX:
            return None
        values = item[()]
        if _is_char(item):
            rows = values.T if values.ndim == 2 and values.shape[1] > 1 else [values]
            return np.array([_text(row, name) for row in rows], dtype=np.str_)
        return values.T

    def _cell(self, reference: Any, name: str) -> Any:
        """Return the text or number of one cell, "" if it is empty."""
        if not reference:
            return ""
        item = self._stored[reference]
        cell = f"a cell of {name}"
        if not isinstance(item, h5py.Dataset):
            raise UnsafeDataset(f"{cell} refers to no dataset")
        self._check(item, cell)
        if item.shape is None or "MATLAB_empty" in item.attrs:
            return ""
        if item.dtype.kind not in "fiubc":
            raise UnsafeDataset(f"{cell} holds neither text nor numbers; cells in cells are not read")
        values = item[()]
        if _is_char(item) or values.dtype == np.uint16:
            return _text(values, cell)
        return values.ravel()[0] if values.size else ""

    def _check(self, item: h5py.Dataset, name: str) -> None:
        """Refuse a dataset that is stored elsewhere, or that declares more than is stored."""
        plan = item.id.get_create_plist()
        layout = plan.get_layout()
        if layout not in _LAYOUTS:
            raise UnsafeDataset(f"{name} is made of parts of other datasets (virtual), which are not read")
        if layout == h5d.CONTIGUOUS and plan.get_external_count():
            raise UnsafeDataset(f"{name} is stored in another file, which is not read")
        filters = [plan.get_filter(place)[0] for place in range(plan.get_nfilters())]
        if unknown := [code for code in filters if code not in _FILTERS]:
            raise UnsafeDataset(
                f"{name} is packed by the filter {unknown[0]}, which HDF5 itself does not have"
            )
        size, stored = item.size or 0, item.id.get_storage_size()
        declared = size * item.dtype.itemsize
        allowed = stored
        if layout == h5d.CHUNKED:
            declared = max(declared, int(np.prod(item.chunks, dtype=object)) * item.dtype.itemsize)
            allowed = _MOST_EXPANSION * stored + _MOST_UNSTORED
        if declared > min(allowed, self._left) or size > self._left:
            raise UnsafeDataset(f"{name} declares {declared} bytes, but {stored} are stored")
        self._left -= max(declared, size)


def _objects(cells: list[Any]) -> Any:
    return np.fromiter(cells, dtype=object, count=len(cells))


def _is_char(item: h5py.Dataset) -> bool:
    return bool(np.all(item.attrs.get("MATLAB_class") == b"char"))


def _text(codes: Any, name: str) -> str:
    """Return the text of an array of UTF-16 codes."""
    if codes.dtype.kind not in "iu" or not ((codes >= 0) & (codes < 1 << 16)).all():
        raise UnsafeDataset(f"{name} holds codes of no character")
    return _decoded(codes.astype("<u2").tobytes(), name, "utf-16-le")


def _decoded(text: Any, name: str, encoding: str = "utf-8") -> str:
    try:
        return text if isinstance(text, str) else bytes(text).decode(encoding)
    except UnicodeError as error:
        raise UnsafeDataset(f"{name} holds a text that is not {encoding.upper()}") from error
