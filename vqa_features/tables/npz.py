"""Arrays of NumPy .npz files; what a file declares is checked before memory is taken for it."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..files.regular import open_regular
from ..processes.limits import memory_allowed

#: What `numpy.savez` writes; the others of zip take memory by themselves.
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_SUFFIX = ".npy"


def read_npz(path: str | os.PathLike[str]) -> dict[str, Any]:
    """Return the arrays of a .npz file by name.

    Parameters
    ----------
    path : path
        A regular file.

    Raises
    ------
    ValueError
        If a member is no array, occurs twice, is packed in another way than NumPy does, is encrypted, or
        declares a larger array than it holds; if all take too much memory for a file of this size.
    Exception
        Whatever zipfile and NumPy raise: call it inside `vqa_features.files.reading.reading`.
    """
    with open_regular(path) as stream, zipfile.ZipFile(stream) as archive:
        members = checked_members(archive, os.fstat(stream.fileno()).st_size)
        return {member.filename.removesuffix(_SUFFIX): _array(archive, member) for member in members}


def checked_members(archive: zipfile.ZipFile, size: int, others: Sequence[str] = ()) -> list[zipfile.ZipInfo]:
    """Return the members of an archive of arrays, after a check of what they declare; nothing is read.

    Parameters
    ----------
    archive : ZipFile
        The open archive.
    size : int
        Its size in bytes.
    others : sequence of str
        Names of the members that are no arrays.

    Raises
    ------
    ValueError
        As for `read_npz`, but for the sizes that the arrays' own headers declare (`check_header`).
    """
    members = archive.infolist()
    if len({member.filename for member in members}) < len(members):
        raise ValueError("two of its members have one name")
    for member in members:
        _check(member, others)
    declared = sum(member.file_size for member in members)
    most = memory_allowed(size)
    if declared > most:
        raise ValueError(f"its arrays would take {declared} bytes; a file of its size may take {most}")
    return members


def _check(member: zipfile.ZipInfo, others: Sequence[str]) -> None:
    if not member.filename.endswith(_SUFFIX) and member.filename not in others:
        raise ValueError(f"its member {member.filename!r} is no array")
    if member.compress_type not in _METHODS or member.flag_bits & 1:
        raise ValueError(f"its member {member.filename!r} is packed or encrypted in a way NumPy does not use")


def check_header(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> None:
    """Raise ValueError if the array of a member declares more values than the member holds."""
    with archive.open(member) as stored:
        shape, dtype = _header(stored)
    size = int(np.prod(shape, dtype=object))
    if size * max(dtype.itemsize, 1) > member.file_size:
        raise ValueError(
            f"its member {member.filename!r} declares {size} values of {dtype}, and has {member.file_size} B"
        )


def _array(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Any:
    check_header(archive, member)
    with archive.open(member) as stored:
        return np.lib.format.read_array(stored, allow_pickle=False)


def _header(stored: Any) -> tuple[tuple[int, ...], np.dtype[Any]]:
    """Return shape and type of a member's array."""
    version = np.lib.format.read_magic(stored)
    read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
    shape, _, dtype = read(stored)
    return shape, dtype
