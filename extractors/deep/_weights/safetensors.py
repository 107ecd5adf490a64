"""Tensors of a safetensors file, from its open descriptor: the header is checked before a tensor is made."""

from __future__ import annotations

import functools
import hashlib
import math
import os
from collections.abc import Collection, Mapping
from typing import Any, BinaryIO, NamedTuple

import torch
from torch import Tensor

from vqa_features.errors import ParameterError
from vqa_features.files.reading import parse_json

from .stored import Stored, read_bytes

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
#: Bytes that are read at a time of tensors that are hashed alone.
_CHUNK = 1 << 22


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


def load(stream: BinaryIO) -> dict[str, Stored]:
    """Return the tensors of a safetensors file, which are read when they are needed.

    Parameters
    ----------
    stream : binary file
        The open file, which must stay open until then.

    Returns
    -------
    dict
        Tensors by key, in the order of their bytes.

    Raises
    ------
    ValueError, ParameterError
        If the header does not describe exactly the bytes of the file.
    """
    entries = read_header(stream)
    start = data_start(stream, entries)
    return {
        key: Stored(
            torch.Size(one.shape),
            one.dtype,
            functools.partial(_tensor, stream, start + one.begin, one),
            one.end - one.begin,
        )
        for key, one in entries.items()
    }


def read_hashed(stream: BinaryIO, wanted: Collection[str]) -> tuple[dict[str, Tensor], str]:
    """Read some tensors of a safetensors file, and the SHA-256 of the whole, in one pass.

    What is returned has gone through the hash: a change of the file meanwhile changes the digest.

    Parameters
    ----------
    stream : binary file
        The open file.
    wanted : collection of str
        Keys of the tensors that are kept, as float32 where they are floating.

    Returns
    -------
    tensors : dict
        By key.
    digest : str
        64 hexadecimal digits.

    Raises
    ------
    ValueError, ParameterError
        If the header does not describe exactly the bytes of the file.
    """
    entries = read_header(stream)
    start = data_start(stream, entries)
    head = read_bytes(stream, 0, start)
    if _entries(head[_LENGTH:].numpy().tobytes(), os.fstat(stream.fileno()).st_size - start, "") != entries:
        raise ValueError("it was changed while it was read")
    digest = hashlib.sha256(head.numpy().data)
    found: dict[str, Tensor] = {}
    for key, one in entries.items():
        if key in wanted:
            value = _tensor(stream, start + one.begin, one)
            digest.update(value.reshape(-1).view(torch.uint8).numpy().data)
            found[key] = value.float() if value.is_floating_point() else value
            continue
        for begin in range(one.begin, one.end, _CHUNK):
            digest.update(read_bytes(stream, start + begin, min(one.end - begin, _CHUNK)).numpy().data)
    return found, digest.hexdigest()


def data_start(stream: BinaryIO, entries: Mapping[str, Entry]) -> int:
    """Return where the first tensor's bytes are in a file of these entries.

    Parameters
    ----------
    stream : binary file
        The open file.
    entries : mapping
        As `read_header` returns them.

    Returns
    -------
    int
    """
    return os.fstat(stream.fileno()).st_size - max((one.end for one in entries.values()), default=0)


def _tensor(stream: BinaryIO, begin: int, entry: Entry) -> Tensor:
    return read_bytes(stream, begin, entry.end - entry.begin).view(entry.dtype).reshape(entry.shape)


def _header_length(start: bytes, size: int) -> int:
    """Return the length of the header of a file of `size` bytes, from the file's first bytes."""
    length = int.from_bytes(start, "little")
    if len(start) < _LENGTH or length > size - _LENGTH:
        raise ValueError("it is shorter than its header says")
    if length > MOST_HEADER:
        raise ValueError(f"its header has {length} bytes, at most {MOST_HEADER} are read")
    return length


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
