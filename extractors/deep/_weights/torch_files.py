"""Content of files that ``torch.save`` wrote: only plain containers and tensors, no larger than the file."""

from __future__ import annotations

import argparse
import os
import pickletools
import re
import struct
import warnings
import zipfile
from collections.abc import Mapping
from typing import IO, Any, BinaryIO

import torch
from torch import Tensor

from .safetensors import TYPES

#: What a pickle may name: containers, storages, types, and the makers of tensors from storages. torch's own
#: list also has ``bytearray`` and codecs, which make gigabytes of a few bytes.
_NAMES = re.compile(
    r"collections (OrderedDict|Counter)|(__builtin__|builtins) (set|complex)|argparse Namespace"
    r"|torch (Size|device|Tensor|[A-Z]\w*Storage|[a-z]\w*)|torch\.storage \w*Storage"
    r"|torch\.nn\.parameter Parameter"
    r"|torch\._utils _rebuild_(tensor|tensor_v2|tensor_v3|parameter|parameter_with_state)"
    r"|torch\._tensor _rebuild_from_type_v2"
)
#: Greatest size in bytes of what is pickled beside the tensors; of 10 000 tensors it is 2 MB.
MOST_PICKLE = 32 << 20
#: At the start of a file that is no archive: two numbers, the machine, the object, the storages' keys.
_PICKLES_AT_START = 5


def load(stream: BinaryIO) -> Any:
    """Return what ``torch.save`` put into a file; code in it is refused before anything is made.

    Parameters
    ----------
    stream : binary file
        The open file.

    Returns
    -------
    object

    Raises
    ------
    Exception
        Of nearly any class, if the file is damaged or holds anything else.
    """
    stream.seek(0)
    is_archive = stream.read(4) == b"PK\3\4"  # as torch decides
    stream.seek(0)
    if is_archive:
        _check_archive(stream)
    else:
        for _ in range(_PICKLES_AT_START):
            _check_names(stream)
    stream.seek(0)
    with torch.serialization.safe_globals([argparse.Namespace]), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about versions of the pickle format, which a damaged file makes up
        return torch.load(stream, map_location="cpu", weights_only=True)


def check_tensors(tensors: Mapping[str, Tensor], size: int) -> None:
    """Raise unless the tensors are plain ones and hold no more than their file.

    Parameters
    ----------
    tensors : mapping
        Tensors by key.
    size : int
        Bytes of the file.

    Raises
    ------
    ValueError
        Naming the first tensor that is expanded, sparse, quantised or of a type that is no weight.
    """
    whole = 0
    for key, value in tensors.items():
        plain = type(value) in (Tensor, torch.nn.Parameter) and value.layout == torch.strided
        if not plain or value.device.type != "cpu" or value.dtype not in TYPES.values():
            raise ValueError(
                f"tensor {key!r} is no plain tensor: {value.layout}, {value.dtype}, {value.device}"
            )
        bytes_of_it = value.numel() * value.element_size()
        if bytes_of_it > value.untyped_storage().nbytes():
            raise ValueError(
                f"tensor {key!r} of shape {tuple(value.shape)} is expanded from "
                f"{value.untyped_storage().nbytes()} bytes"
            )
        whole += bytes_of_it
    if whole > 2 * size:  # tied weights are counted twice
        raise ValueError(f"its tensors have {whole} bytes, the file has {size}")


def _check_archive(stream: BinaryIO) -> None:
    """Raise unless the archive holds its members uncompressed, and its pickle names nothing but tensors."""
    size = stream.seek(0, os.SEEK_END)
    _check_directory(stream, size)
    with zipfile.ZipFile(stream) as archive:
        members = archive.infolist()
        if any(member.compress_type != zipfile.ZIP_STORED for member in members):
            raise ValueError("its archive is compressed, torch.save does not compress")
        if sum(member.file_size for member in members) > size:
            raise ValueError("the members of its archive are larger than the file")
        for member in members:
            if member.filename.endswith(".pkl"):
                with archive.open(member) as pickled:
                    _check_names(pickled)


def _check_directory(stream: BinaryIO, size: int) -> None:
    """Raise unless the archive's directory is where all readers look for it: directly before the end."""
    stream.seek(max(0, size - 98))
    tail = stream.read(98).rjust(98, b"\0")
    end = size - 22
    length, offset = struct.unpack_from("<LL", tail, 76 + 12)
    if tail[56:60] == b"PK\6\7":
        end = size - 98
        length, offset = struct.unpack_from("<QQ", tail, 40)
        if struct.unpack_from("<Q", tail, 64)[0] != end:
            raise ValueError("the directory of its archive is not at its end")
    if tail[76:80] != b"PK\5\6" or offset + length != end:
        raise ValueError("the directory of its archive is not at its end")


def _check_names(stream: IO[bytes]) -> None:
    """Raise unless the next pickle of a stream names nothing but containers, storages and tensors."""
    start = stream.tell()
    for opcode, argument, place in pickletools.genops(stream):
        if opcode.name in ("GLOBAL", "INST", "STACK_GLOBAL") and not _NAMES.fullmatch(str(argument)):
            raise ValueError(f"it names {str(argument).replace(' ', '.')!r}, which is no tensor")
        if place is not None and place - start > MOST_PICKLE:
            raise ValueError(f"its pickle has more than {MOST_PICKLE} bytes beside the tensors")
