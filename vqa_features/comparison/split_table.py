"""The splits of a comparison as one table, which a split file may hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from ..evaluation.splits import Positions

if TYPE_CHECKING:
    import pandas as pd

TRAIN = "train"


def split_table(
    protocol: str, ids: Sequence[str], splits: Sequence[tuple[Positions, Mapping[str, Positions]]]
) -> pd.DataFrame:
    """Return one row per video and one column per split, ``<protocol>-<number>``.

    Parameters
    ----------
    protocol : str
        Name of the protocol.
    ids : sequence of str
        Video ids, in the order of the rows that the splits mean.
    splits : sequence of (train, tests)
        Row positions of the training part, and of each test part by its name.

    Returns
    -------
    DataFrame
        Cells are ``train``, the name of a test part, or empty. The column ``id`` comes first.
    """
    import pandas as pd

    columns = {}
    for number, (train, tests) in enumerate(splits):
        cells = np.full(len(ids), "", dtype=object)
        cells[train] = TRAIN
        for name, rows in tests.items():
            cells[rows] = name
        columns[f"{protocol}-{number}"] = cells
    return pd.DataFrame({"id": list(ids), **columns})


def joined_splits(tables: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Return the tables of several protocols side by side, in the rows of the first."""
    first, *others = tables
    for other in others:
        first = first.merge(other, on="id", how="outer", sort=False)
    return first.fillna("")
