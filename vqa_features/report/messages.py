"""Warnings and settings as they are read: repeated ones together, long paths cut to the name of the file."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from typing import NamedTuple

from .formatting import shown

MOST_TEXT = 600
"""Greatest length of one warning or one plain setting."""
MOST_FOLDED = 100
"""Greatest number of kinds of warnings on a page."""
MOST_ALIKE = 20
"""Greatest number of warnings of one kind that are listed beside the first."""
LONG_PATH = 40
"""A relative path is cut above this length."""
#: Folders and a last part, neither inside a word nor an address of the web.
_PART = r"[^\s/\\'\":,;()<>]+"
_PATH = re.compile(rf"(?<![\w/\\:.~-])(?:[A-Za-z]:|~|\.{{1,2}})?(?:[/\\]?{_PART})?(?:[/\\]{_PART})+")
_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"|“[^”]*”")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")


class Piece(NamedTuple):
    """Part of a text."""

    text: str
    whole: str = ""
    """The path that `text` is short for; empty if it is plain text."""


class Folded(NamedTuple):
    """Warnings that differ in names, files and numbers alone."""

    first: list[Piece]
    number: int
    """Number of all, equal ones included."""
    others: list[list[Piece]]
    """Those that differ from the first, each once and at most `MOST_ALIKE`."""
    unlisted: int
    """Number of different ones that are not in `others`."""


def pieces_of(text: str) -> list[Piece]:
    """Return a text with its long paths cut to their last part.

    Parameters
    ----------
    text : str
        A text as it is shown.

    Examples
    --------
    >>> [piece.text for piece in pieces_of("/home/me/tables/a.csv: 2 rows")]
    ['…/a.csv', ': 2 rows']
    """
    found: list[Piece] = []
    end = 0
    for match in _PATH.finditer(text):
        path = match[0].rstrip(".")
        parts = re.split(r"[/\\]", path)
        rooted = parts[0] in ("", "~", "..") or parts[0].endswith(":")
        if len(parts) < 3 or not (rooted or len(path) > LONG_PATH):
            continue
        if match.start() > end:
            found.append(Piece(text[end : match.start()]))
        found.append(Piece(f"…/{parts[-1]}", path))
        end = match.start() + len(path)
    return [*found, Piece(text[end:])] if end < len(text) else found


def folded(warnings: Sequence[str], names: Collection[str] = ()) -> list[Folded]:
    """Return warnings in the order of their first, those of one kind together.

    Parameters
    ----------
    warnings : sequence of str
        Any texts.
    names : collection of str
        Names, such as of tables, by which warnings of one kind differ.

    Returns
    -------
    list of Folded
        All kinds; pages show the first `MOST_FOLDED`.
    """
    known = sorted(filter(None, names), key=len, reverse=True)
    named = re.compile("|".join(rf"(?<!\w){re.escape(name)}(?!\w)" for name in known)) if known else None
    kinds: dict[str, list[str]] = {}
    for warning in warnings:
        kind = _PATH.sub("/", _QUOTED.sub("''", warning))
        kind = _NUMBER.sub("0", named.sub("''", kind) if named else kind)
        kinds.setdefault(kind, []).append(warning)
    found = []
    for alike in kinds.values():
        first, *others = dict.fromkeys(alike)
        listed = [_warning(text) for text in others[:MOST_ALIKE]]
        found.append(Folded(_warning(first), len(alike), listed, len(others) - len(listed)))
    return found


def warnings_context(warnings: Sequence[str], names: Collection[str] = ()) -> dict[str, object]:
    """Return what the template of the warnings is filled with."""
    kinds = folded(warnings, names)
    return {
        "warnings": kinds[:MOST_FOLDED],
        "warning_count": len(warnings),
        "kinds_left_out": max(0, len(kinds) - MOST_FOLDED),
    }


def _warning(text: str) -> list[Piece]:
    return pieces_of(shown(text, MOST_TEXT))
