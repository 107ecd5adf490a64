"""Judging a table without ids, whose rows were taken to be in the MOS file's order.

Published .mat files hold a bare matrix. Joined in a wrong order they still give numbers, and not always bad
ones: where the MOS file is sorted by MOS, as KoNViD-1k's published one is, any drift of features along rows
looks like quality.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..errors import TableError
from ..evaluation.kernel_solvers import Decomposition
from ..evaluation.metrics import srcc
from ..files.names import video_id
from .checks import Notes, standardised

Values = NDArray[np.float64]

#: Leave-one-out SRCC below which an assumed order is not believed. KoNViD-1k's PaQ-2-PiQ rows reach .17 in
#: a wrong order and .62 in the right one; NIQE alone reaches .54.
UNBELIEVABLE = 0.25
#: Correlation of each MOS with the next row's above which the file is sorted.
SORTED = 0.9


def check_order(
    name: str,
    values: Values,
    mos: Values,
    ids: Sequence[str],
    source: str,
    beside: Path | None,
    notes: Notes,
) -> None:
    """Raise TableError where the assumed order is contradicted; otherwise note the assumption.

    Parameters
    ----------
    ids : sequence of str
        Ids of all rows of the MOS file, in its order.
    beside : Path, optional
        The table's own file: a CSV in its folder that lists the same ids in another order contradicts.
    """
    remedy = f"say --ids {name}=CSV:COLUMN"
    if beside is not None:
        other = _list_in_another_order(beside, ids)
        if other is not None:
            raise TableError(
                f"{name} has no ids, and beside it {other.name} lists the same videos in another order than "
                f"{source}: {remedy} to tell whose order its rows are in"
            )
    notes.add(
        f"{name} has no ids: its rows are taken to be in the order of {source}; "
        f"if that is another file's order, {remedy}"
    )
    if len(mos) > 2 and np.corrcoef(mos[:-1], mos[1:])[0, 1] > SORTED:
        notes.add(
            f"{source} is sorted by MOS: a table joined in a wrong order can still seem to know something, "
            f"so make sure of the order of {name}"
        )
    solved = Decomposition.of_features(standardised(values), (mos - mos.mean()) / mos.std())
    rank = srcc(solved.out_of_block(float(len(mos))), mos)
    needed = max(UNBELIEVABLE, 3.0 / np.sqrt(len(mos)))
    if not rank > needed:
        raise TableError(
            f"{name} has no ids, and in the row order of {source} its features hardly know the MOS "
            f"(SRCC {rank:.3f}, {needed:.2f} is needed to believe it): "
            f"the rows are probably in another file's order; {remedy}"
        )


def _list_in_another_order(table: Path, ids: Sequence[str]) -> Path | None:
    """Return a CSV in the table's folder with a column of the same ids in another order."""
    import pandas as pd

    for file in sorted(table.parent.glob("*.csv")):
        try:
            frame = pd.read_csv(file, dtype=str)
        except (OSError, ValueError):
            continue  # not a list of videos, so it contradicts nothing
        if len(frame) != len(ids):
            continue
        for column in frame.columns:
            listed = [video_id(cell) for cell in frame[column]]
            if set(listed) == set(ids) and listed != list(ids):
                return file
    return None
