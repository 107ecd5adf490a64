"""The splits of a comparison as one table, which a split file may hold."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..evaluation.splits import Positions
from ..tables.split_lists import TRAIN, VALIDATION
from .splitting import TestedSplit

if TYPE_CHECKING:
    import pandas as pd


def split_table(protocol: str, ids: Sequence[str], splits: Sequence[TestedSplit]) -> pd.DataFrame:
    """Return one row per video and one column per split, ``<protocol>-<number>``.

    A test part that shares videos with an earlier one of its split has a column of its own,
    ``<protocol>-<number>-<part>``, with the same training part.

    Parameters
    ----------
    protocol : str
        Name of the protocol.
    ids : sequence of str
        Video ids, in the order of the rows that the splits mean.
    splits : sequence of TestedSplit
        Row positions of the training part and of its test parts.

    Returns
    -------
    DataFrame
        Cells are ``train``, ``val`` (if searched), the name of a test part, or empty. The column ``id`` comes
        first.
    """
    import pandas as pd

    columns: dict[str, NDArray[np.object_]] = {}
    for number, (split, parts, validation) in enumerate(splits):
        column = f"{protocol}-{number}"
        columns[column] = _only_training(len(ids), split.train, validation)
        for name, rows in parts.items():
            tested = split.test[rows]
            if (columns[column][tested] != "").any():
                column = f"{protocol}-{number}-{name}"
                columns[column] = _only_training(len(ids), split.train, validation)
            columns[column][tested] = name
    return pd.DataFrame({"id": list(ids), **columns})


def _only_training(count: int, train: Positions, validation: Positions | None) -> NDArray[np.object_]:
    cells = np.full(count, "", dtype=object)
    cells[train] = TRAIN
    if validation is not None:
        cells[validation] = VALIDATION[0]
    return cells


def joined_splits(tables: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Return the tables of several protocols side by side, in the rows of the first."""
    first, *others = tables
    for other in others:
        first = first.merge(other, on="id", how="outer", sort=False)
    return first.fillna("")
