"""Given scores on the command line: ``--score FILE:COLUMN:DIRECTION[:NAME]``."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import click

from ..errors import TableError, UnknownName

if TYPE_CHECKING:
    from ..comparison.given_scores import GivenScore

HIGHER, LOWER = "higher", "lower"

score_option = click.option(
    "--score",
    "scores",
    multiple=True,
    metavar="FILE:COLUMN:DIRECTION[:NAME]",
    help="Scores to test without training, such as VMAF: DIRECTION is higher or lower, what is better; "
    "repeat for more.",
)


class ScoreFile(NamedTuple):
    """What one ``--score`` names."""

    path: str
    column: str
    higher_is_better: bool
    name: str

    @property
    def role(self) -> str:
        """What the option says beside the file."""
        role = f"{self.column}:{HIGHER if self.higher_is_better else LOWER}"
        return role if self.name == self.column else f"{role}:{self.name}"


def parse_score(text: str) -> ScoreFile:
    """Return the parts of a value of ``--score``.

    The path may hold colons, and so may the column (``hf:MODEL.good_bad.mean``) of a file that is there.

    Raises
    ------
    TableError
        If a part or the direction is missing.
    """
    fields = text.split(":")
    places = (len(fields) - 2, len(fields) - 1)
    at = next((at for at in places if at >= 2 and fields[at] in (HIGHER, LOWER)), None)
    if at is None or not all(fields[at - 1 :]):
        raise TableError(f"--score is FILE:COLUMN:higher or lower[:NAME], got {text!r}")
    paths = (":".join(fields[:end]) for end in range(at - 1, 0, -1))
    path = next((path for path in paths if os.path.exists(path)), ":".join(fields[: at - 1]))
    column = ":".join(fields[:at])[len(path) + 1 :]
    return ScoreFile(path, column, fields[at] == HIGHER, [*fields, column][at + 1])


def read_scores(given: Sequence[str]) -> list[GivenScore]:
    """Return the scores of the values of ``--score``.

    Raises
    ------
    TableError, UnknownName
        If a file cannot be read, has no ids, or has no such column.
    """
    from ..comparison.given_scores import GivenScore
    from ..tables.reading import has_ids, read_table

    found = []
    for one in map(parse_score, given):
        table = read_table(one.path)
        if one.column not in table.columns:
            raise UnknownName(
                f"column of {one.path}", one.column, table.columns, f"it has {', '.join(table.columns[:20])}"
            )
        if not has_ids(table):
            raise TableError(f"{one.path} has no ids of videos: scores are joined by id")
        found.append(GivenScore(one.name, table[one.column], one.higher_is_better))
    return found
