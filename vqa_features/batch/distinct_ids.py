"""Ids of the videos of one run: file names, made distinct where they repeat."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from ..errors import ParameterError
from ..files.names import escaped_name, id_text, without_suffix
from ..remote.addresses import is_remote, parts_of


@dataclass
class _File:
    """A path, and how much of it is in the id."""

    parts: tuple[str, ...]
    given: str
    folders: int = 0
    suffix: bool = False

    def written(self, folders: int) -> str:
        """Return the name with its last `folders` folders."""
        name = self.parts[-1] if self.suffix else without_suffix(self.parts[-1])
        return id_text("/".join((*self.parts[-1 - folders : -1], name)))

    @property
    def whole(self) -> str:
        return self.written(len(self.parts) - 1)

    @property
    def id(self) -> str:
        return self.given or self.written(self.folders)


def path_parts(path: str) -> tuple[str, ...]:
    """Return the folders and the name of a file, or the scheme, bucket, folders and name of an address."""
    if is_remote(path):
        return tuple(map(escaped_name, parts_of(path)))
    return tuple(escaped_name(os.path.abspath(path)).split("/"))[1:]


def distinct_ids(paths: Sequence[str], given: Sequence[str]) -> list[str]:
    """Return one id per file, each distinct.

    Parameters
    ----------
    paths : sequence of str
        Names of the files.
    given : sequence of str
        Ids that the user gave, "" for none. They stay as they are.

    Returns
    -------
    list of str
        The given id, else the name without folder and video suffix. Equal ones get as many folders as they
        need; files that differ by suffix only keep it.

    Raises
    ------
    ParameterError
        If two given ids, or two paths, are equal.

    Examples
    --------
    >>> distinct_ids(["/v/a/clip.mp4", "/v/b/clip.mp4", "/v/b/x.mp4", "/v/b/x.m4v"], [""] * 4)
    ['a/clip', 'b/clip', 'x.mp4', 'x.m4v']
    """
    files = [_File(path_parts(path), name) for path, name in zip(paths, given, strict=True)]
    while clashing := _clashes(files):
        for same in clashing:
            _set_apart(same)
    return [file.id for file in files]


def _clashes(files: list[_File]) -> list[list[_File]]:
    """Return the files of every id that occurs more than once."""
    groups: dict[str, list[_File]] = {}
    for file in files:
        groups.setdefault(file.id, []).append(file)
    return [same for same in groups.values() if len(same) > 1]


def _set_apart(same: list[_File]) -> None:
    """Put a folder into equal ids, and the suffix where the whole paths are equal without it."""
    wholes = Counter(file.given or file.whole for file in same)
    changed = False
    for file in (one for one in same if not one.given):
        twin = wholes[file.whole] > 1 and not file.suffix
        deeper = len(wholes) > 1 and file.folders + 1 < len(file.parts)
        changed |= twin or deeper
        file.suffix |= twin
        file.folders += deeper
    if not changed:
        raise ParameterError(f"two inputs have the id {same[0].id!r}: give each its own in a CSV")
