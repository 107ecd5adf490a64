"""Objects below a prefix of a store and of glob patterns, by the rules for folders of this machine."""

from __future__ import annotations

import glob
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from ..errors import DecodeError, ParameterError
from ..video_task import RemoteFile
from .addresses import Access, filesystem_of, scheme_of
from .failures import MISSING
from .objects import mark_of
from .scratch import explained

#: Whether the names of a path below the fixed part of a pattern fit the rest of it.
Fits = Callable[[Sequence[str], Sequence[str]], bool]


def is_prefix(address: str) -> bool:
    """Tell whether an address without the suffix of a file is a prefix of objects; asks the store.

    A missing object is none: opening it reports what is wrong.

    Raises
    ------
    ParameterError
        If the store cannot be asked.
    """
    try:
        with explained(address):
            fs, path = filesystem_of(address)
            return str(fs.info(path)["type"]) == "directory"
    except DecodeError as error:
        if error.kind == MISSING:
            return False
        raise ParameterError(str(error)) from None


def objects_below(address: str, access: Access, tell: Callable[[str], None]) -> list[RemoteFile]:
    """Return the objects below a prefix whose names are not hidden, sorted folder by folder.

    Parameters
    ----------
    address : str
        With or without a slash at its end.
    access : Access
        The permission.
    tell : callable
        Told of the hidden ones.

    Raises
    ------
    ParameterError
        If they cannot be listed.
    """
    found, hidden = [], 0
    for names, file in _listed(address, access):
        if any(name.startswith(".") for name in names):
            hidden += 1
        else:
            found.append((names, file))
    if hidden:
        tell(f"'{address}': {hidden} hidden object(s) are left out")
    return [file for _, file in sorted(found, key=lambda one: one[0])]


def objects_matching(pattern: str, access: Access, fits: Fits) -> list[RemoteFile]:
    """Return the objects that match a glob pattern, or lie below a prefix that does, sorted.

    Parameters
    ----------
    pattern : str
        An address with ``*``, ``?``, ``[...]``, and ``**`` for any number of folders. The bucket has none.
    access : Access
        The permission.
    fits : callable
        Compares names with parts of the pattern.

    Raises
    ------
    ParameterError
        As for `objects_below`.
    """
    parts = pattern.split("/")
    fixed = next(number for number, part in enumerate(parts) if glob.has_magic(part))
    if fixed < 3:
        raise ParameterError(f"{pattern!r}: the name of a bucket is no pattern")
    wanted = parts[fixed:]
    found = [
        (names, file)
        for names, file in _listed("/".join(parts[:fixed]) + "/", access)
        if not any(_is_hidden(name, wanted) for name in names)
        and any(fits(names[:end], wanted) for end in range(1, len(names) + 1))
    ]
    return [file for _, file in sorted(found, key=lambda one: one[0])]


def _is_hidden(name: str, wanted: Sequence[str]) -> bool:
    return name.startswith(".") and not any(part.startswith(".") for part in wanted)


def _listed(address: str, access: Access) -> Iterator[tuple[list[str], RemoteFile]]:
    """Yield the names below a prefix, and the file, of every object."""
    base = address.rstrip("/") + "/"
    found: Mapping[str, Any] = {}
    try:
        with explained(address):
            fs, path = filesystem_of(base)
            prefix = path.rstrip("/") + "/"
            found = fs.find(path, detail=True)
    except DecodeError as error:
        if error.kind != MISSING or "bucket" in str(error):
            raise ParameterError(str(error)) from None
    scheme = scheme_of(address)
    for name, details in found.items():
        below = name.removeprefix(prefix)
        if details.get("type") == "file" and below and name.startswith(prefix) and not name.endswith("/"):
            file = access.file(f"{scheme}://{name}")
            yield below.split("/"), replace(file, mark=mark_of(details))
