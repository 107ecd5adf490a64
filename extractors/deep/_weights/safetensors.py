"""Tensors of a safetensors file, from its open descriptor: the header is checked before a tensor is made."""

from __future__ import annotations

import math
import os
from typing import Any, BinaryIO, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from vqa_features.errors import ParameterError
from vqa_features.files.reading import parse_json

#: Greatest size of a header in bytes; that of a model of 10 000 tensors has 1.5 MB.
MOST_HEADER = 16 << 20
#: Types of the format that are weights by themselves. Its 4- to 8-bit floats need scales beside them.
TYPES = {
    "F64": torch.float64,
    "F32": torch.float32,
    "F16": torch.float16,
    "BF16": torch.bfloat16,
    "I64": torch.int64,
    "I32": torch.int32,
    "I16": torch.int16,
    "I8": torch.int8,
    "U8": torch.uint8,
    "BOOL": torch.bool,
}
_LENGTH = 8


class Entry(NamedTuple):
    """Where a tensor is in the file: its bytes are ``begin`` to ``end`` after the header."""

    dtype: torch.dtype
    shape: tuple[int, ...]
    begin: int
    end: int


def read_header(stream: BinaryIO) -> dict[str, Entry]:
    """Return the entries of a safetensors file; no tensor is read.

    Parameters
    ----------
    stream : binary file
        The open file.

    Returns
    -------
    dict
        Entries by key, in the order of their bytes.

    Raises
    ------
    ValueError, ParameterError
        If the header does not describe exactly the bytes of the file.
    """
    size = os.fstat(stream.fileno()).st_size
    stream.seek(0)
    length = _header_length(stream.read(_LENGTH), size)
    return _entries(stream.read(length), size - _LENGTH - length, str(stream.name))


def read_tensors(content: NDArray[np.uint8], source: str) -> dict[str, Tensor]:
    """Return the tensors of the bytes of a safetensors file; they share its memory.

    Parameters
    ----------
    content : ndarray, uint8
        The whole file, as `read_bytes` returns it.
    source : str
        Its name, for messages.

    Returns
    -------
    dict
        Tensors by key.

    Raises
    ------
    ValueError, ParameterError
        If the header does not describe exactly these bytes.
    """
    start = _LENGTH + _header_length(content[:_LENGTH].tobytes(), len(content))
    entries = _entries(content[_LENGTH:start].tobytes(), len(content) - start, source)
    return {key: _tensor(content[start + one.begin : start + one.end], one) for key, one in entries.items()}


def read_bytes(stream: BinaryIO) -> NDArray[np.uint8]:
    """Return the whole content of an open file, in memory of its own.

    Parameters
    ----------
    stream : binary file
        The open file.

    Returns
    -------
    ndarray, uint8
    """
    stream.seek(0)
    return np.fromfile(stream, dtype=np.uint8)


def _header_length(start: bytes, size: int) -> int:
    """Return the length of the header of a file of `size` bytes, from the file's first bytes."""
    length = int.from_bytes(start, "little")
    if len(start) < _LENGTH or length > size - _LENGTH:
        raise ValueError("it is shorter than its header says")
    if length > MOST_HEADER:
        raise ValueError(f"its header has {length} bytes, at most {MOST_HEADER} are read")
    return length


def _tensor(content: NDArray[np.uint8], entry: Entry) -> Tensor:
    """Return the tensor of these bytes, copied only where they begin at an odd address."""
    if content.ctypes.data % entry.dtype.itemsize:
        content = content.copy()
    return torch.from_numpy(content).view(entry.dtype).reshape(entry.shape)


def _entries(text: bytes, size: int, source: str) -> dict[str, Entry]:
    """Return the entries of a header whose tensors fill `size` bytes without gap or overlap."""
    header = parse_json(text, source, "the header of a safetensors file", ParameterError)
    if not isinstance(header, dict):
        raise ValueError("its header is no JSON object")
    found = {key: _entry(key, value) for key, value in header.items() if key != "__metadata__"}
    ordered = dict(sorted(found.items(), key=lambda item: (item[1].begin, item[1].end)))
    end = 0
    for key, one in ordered.items():
        if one.begin != end:
            raise ValueError(
                f"tensor {key!r} begins at byte {one.begin}, not where the one before ends ({end})"
            )
        end = one.end
    if end != size:
        raise ValueError(f"its tensors have {end} bytes, the file has {size} for them")
    return ordered


def _entry(key: str, value: Any) -> Entry:
    """Return one entry of a header, whose shape agrees with its number of bytes."""
    if not isinstance(value, dict) or set(value) != {"dtype", "shape", "data_offsets"}:
        raise ValueError(f"the entry of tensor {key!r} is not made of dtype, shape and data_offsets")
    dtype, shape, offsets = value["dtype"], value["shape"], value["data_offsets"]
    if dtype not in (known := list(TYPES)):
        raise ValueError(f"tensor {key!r} is of type {str(dtype)[:20]!r}; read are {', '.join(known)}")
    if not _counts(shape) or len(shape) > 64 or not _counts(offsets) or len(offsets) != 2:
        raise ValueError(f"tensor {key!r} has a shape or offsets that are no lists of counts")
    begin, end = offsets
    if math.prod(shape) * TYPES[dtype].itemsize != end - begin:
        raise ValueError(
            f"tensor {key!r} of shape {shape} and type {dtype} does not have {end - begin} bytes"
        )
    return Entry(TYPES[dtype], tuple(shape), begin, end)


def _counts(value: Any) -> bool:
    """Whether a value is a list of whole numbers that a file can have of bytes."""
    return isinstance(value, list) and all(type(one) is int and 0 <= one < 1 << 62 for one in value)
