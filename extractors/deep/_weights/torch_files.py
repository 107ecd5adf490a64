"""Files that ``torch.save`` wrote: what they hold, and where the bytes of their tensors are."""

from __future__ import annotations

import functools
import os
import struct
import zipfile
from collections.abc import Callable
from typing import Any, BinaryIO

import torch
from torch import Tensor

from .pickled_names import Storage, Strided
from .pickles import read_pickle
from .stored import Stored, read_bytes

#: A file that is no archive begins with this number, the version, the machine, the object and the storages.
_MAGIC = 0x1950A86A20F9469CFC6C
_VERSION = 1001
#: Bytes of a local header of an archive before the name, and its signature.
_LOCAL, _SIGNATURE = 30, b"PK\3\4"
#: Byte places (begin, length) of a file's storages by key.
Places = dict[str, tuple[int, int]]


def load(stream: BinaryIO) -> Any:
    """Return what ``torch.save`` put into a file; its tensors are `Stored`, read when they are needed.

    Parameters
    ----------
    stream : binary file
        The open file, which must stay open until the tensors are read.

    Returns
    -------
    object
        Plain containers, numbers, texts and `Stored`.

    Raises
    ------
    Exception
        Of nearly any class, if the file is damaged or holds anything else.
    """
    stream.seek(0)
    content, places = _archive(stream) if stream.read(4) == _SIGNATURE else _old_file(stream)
    return _with_tensors(content, _Storages(stream, places).tensor)


class _Storages:
    """Storages of a file; one that several tensors view is read once."""

    def __init__(self, stream: BinaryIO, places: Places) -> None:
        self._stream, self._places = stream, places
        self._whole = functools.lru_cache(maxsize=1)(self._read)

    def tensor(self, view: Strided) -> Stored:
        """Return a view of a storage as a tensor that is not read yet."""
        storage = view.storage
        begin, length = self._places[storage.key]
        begin += storage.offset * storage.dtype.itemsize
        size = storage.numel * storage.dtype.itemsize
        if storage.offset * storage.dtype.itemsize + size > length:
            raise ValueError(f"storage {storage.key!r} has {length} bytes, its tensors need {size}")
        return Stored(view.shape, view.dtype, functools.partial(self._tensor, view, begin, size), size)

    def _tensor(self, view: Strided, begin: int, size: int) -> Tensor:
        """Read a tensor: its own bytes alone where they are together."""
        item = view.dtype.itemsize
        count = view.shape.numel()
        if torch.empty(view.shape, device="meta").stride() == view.stride or count <= 1:
            found = read_bytes(self._stream, begin + view.offset * item, count * item)
            return found.view(view.dtype).reshape(view.shape)
        whole = self._whole(begin, size)
        return whole.view(view.dtype).as_strided(view.shape, view.stride, view.offset).contiguous()

    def _read(self, begin: int, size: int) -> Tensor:
        return read_bytes(self._stream, begin, size)


def _with_tensors(content: Any, tensor: Callable[[Strided], Stored]) -> Any:
    """Replace every `Strided` in dictionaries, at any depth, by its tensor, in place."""
    if isinstance(content, Strided):
        return tensor(content)
    waiting, seen = [content], set()
    while waiting:
        one = waiting.pop()
        if not isinstance(one, dict) or id(one) in seen:
            continue
        seen.add(id(one))
        for key, value in one.items():
            if isinstance(value, Strided):
                one[key] = tensor(value)
            elif isinstance(value, dict):
                waiting.append(value)
    return content


def _archive(stream: BinaryIO) -> tuple[Any, Places]:
    """Return the object of an archive and the places of its storages."""
    size = stream.seek(0, os.SEEK_END)
    _check_directory(stream, size)
    with zipfile.ZipFile(stream) as archive:
        members = archive.infolist()
        names = [member.filename for member in members]
        pickled = [name for name in names if name.rpartition("/")[2] == "data.pkl"]
        if len(pickled) != 1:
            raise ValueError(f"its archive has {len(pickled)} members data.pkl, torch.save writes one")
        root = pickled[0].removesuffix("data.pkl")
        if f"{root}constants.pkl" in names:
            raise ValueError("it is a TorchScript program; code is not run: save its state dict")
        if any(member.compress_type != zipfile.ZIP_STORED or member.flag_bits & 1 for member in members):
            raise ValueError("its archive is compressed, torch.save does not compress")
        if sum(member.file_size for member in members) > size:
            raise ValueError("the members of its archive are larger than the file")
        if f"{root}byteorder" in names and archive.read(f"{root}byteorder") != b"little":
            raise ValueError("its numbers are big-endian; save it on a little-endian machine")
        with archive.open(pickled[0]) as content:
            found = read_pickle(content)
    data = f"{root}data/"
    places = {
        member.filename.removeprefix(data): (_begin(stream, member, size), member.file_size)
        for member in members
        if member.filename.startswith(data)
    }
    return found, places


def _begin(stream: BinaryIO, member: zipfile.ZipInfo, size: int) -> int:
    """Return where the bytes of a member of an archive begin."""
    stream.seek(member.header_offset)
    header = stream.read(_LOCAL)
    if len(header) < _LOCAL or header[:4] != _SIGNATURE:
        raise ValueError(f"its archive has no header at {member.filename!r}")
    name, extra = struct.unpack_from("<HH", header, 26)
    begin = member.header_offset + _LOCAL + name + extra
    if begin + member.file_size > size:
        raise ValueError(f"it ends within {member.filename!r}")
    return int(begin)


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


def _old_file(stream: BinaryIO) -> tuple[Any, Places]:
    """Return the object of a file as torch wrote it before version 1.6, and the places of its storages."""
    stream.seek(0)
    if read_pickle(stream) != _MAGIC or read_pickle(stream) != _VERSION:
        raise ValueError("it is no file of torch.save")
    machine = read_pickle(stream)
    if not isinstance(machine, dict) or machine.get("little_endian") is not True:
        raise ValueError("its numbers are big-endian; save it on a little-endian machine")
    found, keys = read_pickle(stream), read_pickle(stream)
    sizes = _item_sizes(found)
    places: Places = {}
    place, end = stream.tell(), os.fstat(stream.fileno()).st_size
    for key in keys if isinstance(keys, list) else []:
        stream.seek(place)
        count = int.from_bytes(stream.read(8), "little", signed=True)
        length = count * sizes.get(str(key), 1)
        place += 8
        if not 0 <= length <= end - place:
            raise ValueError("it ends before its tensors do")
        places[str(key)] = (place, length)
        place += length
    return found, places


def _item_sizes(content: Any) -> dict[str, int]:
    """Return the bytes of an element of each storage that an object's tensors view."""
    sizes: dict[str, int] = {}
    waiting, seen = [content], set()
    while waiting:
        one = waiting.pop()
        storage = one.storage if isinstance(one, Strided) else one
        if isinstance(storage, Storage):
            sizes[storage.key] = storage.dtype.itemsize
        elif isinstance(one, dict | list | tuple) and id(one) not in seen:
            seen.add(id(one))
            waiting.extend(one.values() if isinstance(one, dict) else one)
    return sizes
