"""Inputs at addresses: files, prefixes, patterns and lists, opened only with the user's permission."""

from __future__ import annotations

import glob
import os
from collections.abc import Sequence
from dataclasses import replace

from ..errors import ParameterError
from ..files.names import PICTURE_SUFFIXES, VIDEO_SUFFIXES
from ..remote.addresses import LISTED, Access, is_remote, refused, scheme_of, suffix_of
from ..remote.redaction import public_address
from ..tables.text import TEXT_SUFFIXES
from ..video_task import RemoteFile
from .folders import Tell, is_video_name, names_match, without_thumbnails
from .path_list import read_list
from .plain_list import PLAIN_SUFFIX, plain_list
from .video_input import Input

#: Suffixes of lists: text tables, plain lists, Parquet.
LIST_SUFFIXES = (*TEXT_SUFFIXES, ".parquet")


def located(videos: Sequence[Input], access: Access | None) -> list[Input]:
    """Return videos with the files at the addresses that their paths name, and paths without credentials.

    Parameters
    ----------
    videos : sequence of Input
        As they were named; those that have their file already stay as they are.
    access : Access, optional
        The permission.

    Raises
    ------
    ParameterError
        If there are addresses and no permission, or one cannot be opened.
    """
    named = [one for one in videos if one.remote is None and is_remote(one.path)]
    if named and access is None:
        raise refused(len(named), named[0].path)
    found = []
    for one in videos:
        if one.remote is not None or not scheme_of(one.path):
            found.append(one)
            continue
        file = access.file(one.path) if access is not None and is_remote(one.path) else None
        found.append(replace(one, path=public_address(file.address if file else one.path), remote=file))
    return found


def remote_inputs(address: str, access: Access | None, tell: Tell) -> list[Input]:
    """Return the videos that an address names: itself, those below it or that match it, or those of a list.

    Parameters
    ----------
    address : str
        For which `is_remote` is true.
    access : Access, optional
        The permission.
    tell : callable
        Told of what is left out.

    Raises
    ------
    ParameterError
        Without permission, or if a store cannot be listed or a prefix holds no video.
    TableError
        If a list cannot be fetched or read.
    """
    if access is None:
        raise refused(1, address)
    suffix = suffix_of(address)
    if suffix in LIST_SUFFIXES:
        return _list(address, access, tell)
    if scheme_of(address) not in LISTED:
        if not suffix and address.endswith("/"):
            raise ParameterError(
                f"{public_address(address)!r} is a folder, and only those of {' and '.join(LISTED)} can be "
                "listed: name files, or a list of them"
            )
        return [Input(address)]
    from ..remote.listing import is_prefix, objects_below, objects_matching

    plain = access.file(address).address
    magic = glob.has_magic(plain.replace("?versionId=", ""))
    if not magic and not plain.endswith("/") and suffix in VIDEO_SUFFIXES | PICTURE_SUFFIXES:
        return [Input(plain)]
    if magic and not _exists(plain):
        wanted = suffix if suffix and not glob.has_magic(suffix) else ""
        files = [
            file
            for file in objects_matching(plain, access, names_match)
            if is_video_name(file.address) or (wanted and file.address.endswith(wanted))
        ]
    elif plain.endswith("/") or is_prefix(plain):
        files = [file for file in objects_below(plain, access, tell) if is_video_name(file.address)]
    else:
        return [Input(plain)]
    return _nonempty(plain, files, tell)


def _exists(address: str) -> bool:
    """Tell whether there is an object of just this name, although it looks like a pattern."""
    from ..remote.addresses import filesystem_of
    from ..remote.scratch import explained

    try:
        with explained(address):
            fs, path = filesystem_of(address)
            return bool(fs.isfile(path))
    except OSError as error:
        raise ParameterError(str(error)) from None


def _nonempty(address: str, files: Sequence[RemoteFile], tell: Tell) -> list[Input]:
    """Return the videos among files, without thumbnails."""
    if not files:
        raise ParameterError(
            f"'{address}' holds no video and no picture: name objects with one of "
            f"{' '.join(sorted(VIDEO_SUFFIXES | PICTURE_SUFFIXES))}"
        )
    kept = set(without_thumbnails([file.address for file in files], tell))
    return [Input(file.address, remote=file) for file in files if file.address in kept]


def remote_lines(address: str, access: Access | None) -> list[str] | None:
    """Return the inputs that a plain list at an address names; None for anything else.

    Parameters
    ----------
    address : str
        For which `is_remote` is true.
    access : Access, optional
        The permission; without it nothing is read.
    """
    from ..remote.copies import local_copy

    if access is None or suffix_of(address) != PLAIN_SUFFIX:
        return None
    with local_copy(address, access) as file:
        return plain_list(file, address)


def _list(address: str, access: Access, tell: Tell) -> list[Input]:
    """Return the videos of a table at an address."""
    from ..remote.copies import local_copy

    with local_copy(address, access) as file:
        rows, notes = read_list(file, address)
    for note in notes:
        tell(note.replace(str(file), public_address(address)))
    return [Input(*row) for row in rows]


def sizes_of(videos: Sequence[Input]) -> dict[str, int | None]:
    """Return the size in bytes of every video by its path, None for one that is missing or cannot be read.

    Parameters
    ----------
    videos : sequence of Input
        Files, and addresses, which are asked for.
    """
    from ..remote.marks import marks_of

    found: dict[str, int | None] = {}
    marks = marks_of((one.remote, one.path) for one in videos)
    for one, mark in zip(videos, marks, strict=True):
        if one.remote is None:
            found[one.path] = os.path.getsize(one.path) if os.path.isfile(one.path) else None
        else:
            found[one.path] = mark[0] if isinstance(mark, tuple) else None
    return found
