"""Feature tables among the inputs of `predict`, told from videos and from lists of videos."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ..batch.plain_list import PLAIN_SUFFIX, is_plain_list
from ..errors import ParameterError, TableError, first_few
from ..files.reading import reading
from ..tables.parts import holds_parts
from ..tables.reading import READ_FORMATS, read_table
from ..tables.text import TEXT_SUFFIXES, read_text
from .card import Card

if TYPE_CHECKING:
    import pandas as pd

_PATH = "path"


def feature_table_of(inputs: Sequence[str], card: Card) -> pd.DataFrame | None:
    """Return the feature table that is named, or None if the inputs are videos.

    A Parquet, JSON, .npz or .mat file is a feature table, and so is a folder of parts of one. A text file is
    one if it has a column of the model; else it is a list of videos, with a column ``path`` or, in a .txt
    file, one path per line.

    Parameters
    ----------
    inputs : sequence of str
        Names of files, folders and patterns.
    card : Card
        The model's.

    Raises
    ------
    ParameterError
        If a feature table is named among other inputs.
    TableError
        If it cannot be read, or a text file is neither.
    """
    found = None
    for name in inputs:
        file = Path(name)
        if not holds_parts(file) and not _is_table(file, card):
            continue
        if len(inputs) > 1:
            raise ParameterError(f"{name} is a feature table: name it alone, without other inputs")
        found = read_table(file)
    return found


def _is_table(file: Path, card: Card) -> bool:
    """Return whether a name is that of a file with a feature table."""
    if file.suffix.lower() not in READ_FORMATS or not file.is_file():
        return False
    if file.suffix.lower() == PLAIN_SUFFIX and is_plain_list(file):
        return False
    if file.suffix.lower() not in TEXT_SUFFIXES or (names := _header(file)) & set(card.columns):
        return True
    if _PATH not in names:
        raise TableError(
            f"{file} has none of the model's {len(card.columns)} columns "
            f"({first_few(card.columns, 3)}), and no column {_PATH!r} of videos"
        )
    return False


def _header(file: Path) -> set[str]:
    """Return the names of the columns of a text file."""
    with reading(file, "a feature table or a list of videos"):
        return {str(name) for name in read_text(file, "a feature table").frame.columns}
