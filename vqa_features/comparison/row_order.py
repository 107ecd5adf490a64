"""Check of the row order of a table without ids, assumed to be that of the MOS file.

Published .mat files hold a bare matrix. Joined in a wrong order they still give a score. If the MOS file is
sorted by MOS, as the published one of KoNViD-1k is, any drift of the features along the rows correlates with
the MOS.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..errors import TableError
from ..evaluation.kernel_solvers import Decomposition
from ..evaluation.metrics import srcc
from ..tables.ids import match
from ..tables.labels import Labels
from ..tables.text import read_text
from .blocks import Block
from .checks import ValidityWarnings
from .near_duplicates import standardised

Values = NDArray[np.float64]

#: Leave-one-out SRCC below which an assumed order is refused. KoNViD-1k's PaQ-2-PiQ rows reach .17 in a
#: wrong order and .62 in the right one; NIQE alone reaches .54.
LEAST_SRCC = 0.25
#: Correlation of each MOS with that of the next row above which the file counts as sorted.
SORTED = 0.9


def check_order(
    block: Block, mos: Values, labels: Labels, file: Path | None, warnings: ValidityWarnings
) -> None:
    """Raise TableError if the assumed row order is contradicted; otherwise warn that it was assumed.

    Parameters
    ----------
    block : Block
        A table without ids, joined in the order of the labels.
    mos : (videos,)
        MOS of the joined videos.
    labels : Labels
        All labels, in the order of the MOS file.
    file : Path, optional
        File of the table. A CSV file in its folder that lists the same ids in another order is a
        contradiction.
    warnings : ValidityWarnings
        Receives the assumption.
    """
    name, values = block.name, block.values
    ids, source = [str(video) for video in labels.mos.index], labels.source or "the MOS"
    remedy = f"say --ids {name}=CSV:COLUMN"
    if file is not None:
        other = _list_in_another_order(file, ids)
        if other is not None:
            raise TableError(
                f"{name} has no ids, and beside it {other.name} lists the same videos in another order than "
                f"{source}: {remedy} to name the list in the order of its rows"
            )
    warnings.add(
        f"{name} has no ids: its rows are taken to be in the order of {source}; "
        f"if that is another file's order, {remedy}"
    )
    if len(mos) > 2 and np.corrcoef(mos[:-1], mos[1:])[0, 1] > SORTED:
        warnings.add(
            f"{source} is sorted by MOS: a table in a wrong row order can still correlate with it, "
            f"so verify the order of {name}"
        )
    solved = Decomposition.of_centred(standardised(values), (mos - mos.mean()) / mos.std())
    rank = srcc(solved.out_of_block(float(len(mos))), mos)
    needed = max(LEAST_SRCC, 3.0 / np.sqrt(len(mos)))
    if not rank > needed:
        raise TableError(
            f"{name} has no ids, and in the row order of {source} its features do not predict the MOS "
            f"(SRCC {rank:.3f}, at least {needed:.2f} is required): "
            f"the rows are probably in another file's order; {remedy}"
        )


def _list_in_another_order(table: Path, ids: Sequence[str]) -> Path | None:
    """Return a CSV file in the table's folder that holds the same ids in another order."""
    for file in sorted(table.parent.glob("*.csv")):
        try:
            frame = read_text(file, "a list of videos").frame
        except (OSError, TableError):
            continue  # not a list of videos, so it contradicts nothing
        if len(frame) != len(ids):
            continue
        for column in frame.columns:
            rows = match(frame[column], ids).rows
            if (rows >= 0).all() and (np.diff(rows) < 0).any():
                return file
    return None
