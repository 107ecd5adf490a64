"""Listed pairs of videos on the command line: ``--pairs FILE``."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    import pandas as pd

pairs_option = click.option(
    "--pairs",
    "pairs_file",
    help="CSV with the columns better and worse, the ids of the two videos of each pair: add the share of "
    "them in the right order.",
)


def read_pairs(path: str, ids: Iterable[str]) -> pd.DataFrame:
    """Return the pairs of a file, checked before the work.

    Parameters
    ----------
    path : str
        Text file with the columns ``better`` and ``worse``.
    ids : iterable of str
        Ids of the videos with a MOS.

    Raises
    ------
    TableError
        If the file cannot be read, lacks a column or an id, pairs a video with itself, or no pair has two
        of the videos.
    """
    from ..comparison.notices import KEY
    from ..comparison.pair_ranking import check_pairs
    from ..tables.text import read_text

    table = read_text(Path(path), "a list of pairs")
    check_pairs(table.frame, ids, path)
    pairs = table.frame[["better", "worse"]].copy()
    pairs.attrs[KEY] = tuple(f"{path}: {note}" for note in table.notes)
    return pairs
