"""Names of the files of a table in parts, and the list of parts in its file ``_SUCCESS``.

A part is called ``part-NNNNN-HASH.parquet`` after its number and the SHA-256 of its bytes, so that two runs
never write different content to one name. A shard of a run writes ``shard-03-of-20-part-…``, and a file
``_SUCCESS`` and settings of its own. The parts of a run that is to replace a table end in `STAGED` until it
is complete.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ..errors import TableError, first_few
from ..files.reading import MOST_JSON, parse_json

SUCCESS = "_SUCCESS"
SETTINGS = "_settings"
#: Ending of a part that is no part of the table yet.
STAGED = ".new"
#: Hexadecimal digits of a part's hash in its name.
HASH_DIGITS = 16
_SHARD = r"shard-(?P<number>\d+)-of-(?P<of>\d+)"
_PART = re.compile(
    rf"(?:(?P<shard>{_SHARD})-)?part-\d{{5,}}-(?P<hash>[0-9a-f]{{{HASH_DIGITS}}})\.parquet(?:\.new)?"
)
_MARK = re.compile(
    rf"(?:{SUCCESS}(?:-(?P<shard>{_SHARD}))?|{SETTINGS}(?:-{_SHARD.replace('?P<', '?P<s_')})?\.json)"
)


@dataclass(frozen=True)
class PartNames:
    """Names of the files that one run writes.

    Parameters
    ----------
    shard : (int, int) or None
        Number of the shard from 1, and the number of shards.
    """

    shard: tuple[int, int] | None = None

    @property
    def label(self) -> str:
        """The shard in words of a name; empty for a whole run."""
        if self.shard is None:
            return ""
        number, of = self.shard
        return f"shard-{number:0{len(str(of))}d}-of-{of}"

    @property
    def success(self) -> str:
        """Name of the file that lists the parts of a complete run."""
        return f"{SUCCESS}-{self.label}" if self.label else SUCCESS

    @property
    def settings(self) -> str:
        """Name of the file of settings."""
        return f"{SETTINGS}-{self.label}.json" if self.label else f"{SETTINGS}.json"

    def part(self, number: int, digest: str) -> str:
        """Return the name of a part by its number from 0 and the SHA-256 of its bytes."""
        prefix = f"{self.label}-" if self.label else ""
        return f"{prefix}part-{number:05d}-{digest[:HASH_DIGITS]}.parquet"

    def owns(self, name: str) -> bool:
        """Whether a file is a part of this run, or of an earlier one in its place."""
        found = _PART.fullmatch(name)
        return found is not None and (found["shard"] or "") == self.label

    def others(self) -> list[PartNames]:
        """Return the names of every shard of the run; those of a whole run alone."""
        if self.shard is None:
            return [self]
        return [PartNames((number, self.shard[1])) for number in range(1, self.shard[1] + 1)]


def is_part(name: str) -> bool:
    """Whether a file has the name of a part."""
    return _PART.fullmatch(name) is not None


def is_mark(name: str) -> bool:
    """Whether a file has the name of a list of parts or of settings."""
    return _MARK.fullmatch(name) is not None


def digest_in(name: str) -> str | None:
    """Return the first digits of the hash that a part's name has; None if it is no name of a part."""
    found = _PART.fullmatch(name)
    return None if found is None else found["hash"]


def shards_in(names: Iterable[str]) -> set[tuple[int, int] | None]:
    """Return the shards whose parts or marks are among the names of files; None stands for a whole run."""
    found: set[tuple[int, int] | None] = set()
    for name in names:
        match = _PART.fullmatch(name) or _MARK.fullmatch(name)
        if match is not None:
            shard = re.search(_SHARD, name)
            found.add((int(shard["number"]), int(shard["of"])) if shard else None)
    return found


def foreign(names: Iterable[str]) -> list[str]:
    """Return the names of files and folders that are neither parts, nor marks, nor hidden."""
    return sorted(name for name in names if not (name.startswith(".") or is_part(name) or is_mark(name)))


def success_text(rows: Mapping[str, int]) -> str:
    """Return the content of ``_SUCCESS``: the number of rows of every part by its name."""
    return json.dumps({"rows": sum(rows.values()), "parts": dict(rows)}, indent=1) + "\n"


def parts_of_success(text: bytes, source: str) -> dict[str, int] | None:
    """Return the number of rows of every part that ``_SUCCESS`` lists; None if it lists none.

    Parameters
    ----------
    text : bytes
        Its content. Other programs leave it empty.
    source : str
        The file, for messages.

    Raises
    ------
    TableError
        If it lists something else than parts.
    """
    if not text.strip():
        return None
    found: Any = parse_json(text, source, "a list of parts", most=MOST_JSON)
    parts = found.get("parts") if isinstance(found, dict) else None
    if not isinstance(parts, dict):
        return None
    wrong = [
        name
        for name, rows in parts.items()
        if not is_part(name) or name.endswith(STAGED) or not isinstance(rows, int) or isinstance(rows, bool)
    ]
    if wrong:
        raise TableError(f"{source} lists what is no part: {first_few(wrong, 3)}")
    return dict(parts)
