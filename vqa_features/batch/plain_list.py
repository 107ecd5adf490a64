"""Plain lists of inputs: a text file with one path per line, told from a table by its first line."""

from __future__ import annotations

import glob
import os
import re
from pathlib import Path

from ..errors import TableError
from ..files.names import escaped_name, visible_text
from ..files.reading import reading
from ..files.regular import open_regular
from ..remote.addresses import beside, scheme_of
from ..remote.redaction import public_address
from ..tables.layout import SEPARATORS, encoding_of
from .folders import is_video_name

PLAIN_SUFFIX = ".txt"
_KIND = "a list of paths"
#: Greatest size in bytes: a million long paths.
_MOST = 256 << 20
#: Characters of a line that a message repeats.
_SHOWN = 200


def plain_list(path: Path, address: str = "") -> list[str] | None:
    """Return the inputs that a plain list names, None for a table, which has a column ``path``.

    A line is a file, a folder or a pattern, relative to the folder of the list, or an address. Empty lines
    and lines that begin with ``#`` are left out; blanks around a path are, too. Bytes that are no text are
    kept as those of the name.

    Parameters
    ----------
    path : Path
        File ending in .txt.
    address : str
        Where the list comes from, if that is an address, of which `path` is a copy.

    Raises
    ------
    TableError
        If it cannot be read, names nothing, or a line names no file and is no name of a video.
    """
    encoding, kept = _lines(path)
    if _is_header(kept):
        return None
    if not kept:
        raise TableError(f"{escaped_name(path)} names no video: write one path per line")
    found = []
    for number, line in kept:
        named = _named(path, line, encoding, address)
        if named is None:
            raise TableError(
                f"line {number} of '{escaped_name(path)}' is no path of a video or folder: "
                f"'{visible_text(public_address(line))[:_SHOWN]}'; a table of videos has a column path in "
                "its first line"
            )
        found.append(named)
    return found


def is_plain_list(path: Path) -> bool:
    """Return whether the first line of a text file is an input, and not the header of a table."""
    encoding, kept = _lines(path)
    return bool(kept) and not _is_header(kept) and _named(path, kept[0][1], encoding) is not None


def _lines(path: Path) -> tuple[str, list[tuple[int, str]]]:
    """Return the encoding of a file, and its lines that say something, with their numbers."""
    with reading(path, _KIND):
        encoding = encoding_of(path, _KIND)
        with open_regular(path) as stream:
            data = stream.read(_MOST + 1)
        if len(data) > _MOST:
            raise ValueError(f"it has more than {_MOST} bytes")
        # names as the system gives them, with bytes that are no UTF-8
        text = os.fsdecode(data) if encoding in ("utf-8", "cp1252") else data.decode(encoding)
    lines = [(number, line.strip()) for number, line in enumerate(re.split("\r\n|\n|\r", text), start=1)]
    return encoding, [(number, line) for number, line in lines if line and not line.startswith("#")]


def _is_header(lines: list[tuple[int, str]]) -> bool:
    """Return whether the first line has a cell ``path``, or says how cells are separated."""
    first = lines[0][1].lower() if lines else ""
    cells = re.split(f"[{re.escape(''.join(SEPARATORS))}]", first)
    return first.startswith("sep=") or "path" in (cell.strip(" \"'") for cell in cells)


def _named(path: Path, line: str, encoding: str, address: str = "") -> str | None:
    """Return one line as an input, seen from the current folder; None if it cannot be one."""
    if scheme_of(line):
        return line
    if address and not line.startswith("/"):
        return beside(address, line)
    found = os.path.join(path.parent, line)
    if encoding == "cp1252" and not os.path.lexists(found):  # Windows wrote the list, not the name
        other = os.path.join(path.parent, os.fsencode(line).decode("cp1252", "replace"))
        found = other if os.path.lexists(other) else found
    if os.path.lexists(found) or glob.has_magic(line):
        return found
    return found if is_video_name(line) else None
