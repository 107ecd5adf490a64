"""Checks across datasets: shared videos, scales of opposite direction, results beyond the plausible."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from ..errors import first_few
from ..tables.ids import match
from .blocks import Block, Prepared, Videos
from .checks import ValidityWarnings
from .leaks import check_plausible
from .near_duplicates import FEWEST_COLUMNS, Standardised, equal_pairs, near_pairs

if TYPE_CHECKING:
    import pandas as pd

#: Share of the smaller dataset's ids that occur in the other one too, from which on they are told.
MANY_IDS = 0.1
#: Deviations below 0, of Fisher's z of a rank correlation, that are no chance.
CLEARLY_NEGATIVE = 3.0

Datasets = Mapping[str, tuple[Mapping[str, Block], Videos]]


def check_shared(datasets: Datasets, warnings: ValidityWarnings) -> None:
    """Warn of pairs of datasets that share videos, by their features or by their ids."""
    for (one, (blocks, videos)), (other, (others, more)) in itertools.combinations(datasets.items(), 2):
        pairs = _shared([blocks[name] for name in blocks], [others[name] for name in blocks])
        if pairs:
            listed = first_few([f"{videos.ids[i]} ~ {more.ids[j]}" for i, j in pairs])
            warnings.add(
                f"{one} and {other} share {len(pairs)} video(s) by their features ({listed}): a model "
                "that is trained on one has seen them in the other"
            )
        same = int(match(videos.ids, more.ids).found.sum())
        if not pairs and same >= MANY_IDS * min(len(videos.ids), len(more.ids)):
            warnings.add(
                f"{same} id(s) of {one} occur in {other} too, with other features: are they the same videos?"
            )


def _shared(blocks: Sequence[Block], others: Sequence[Block]) -> list[tuple[int, int]]:
    """Return pairs (row of the one, row of the other) that are equal or nearly equal."""
    count = len(blocks[0].values)
    scores = [
        Standardised.of(np.vstack([one.values, other.values]))
        for one, other in zip(blocks, others, strict=True)
    ]
    if sum(table.values.shape[1] for table in scores) < FEWEST_COLUMNS:
        return []
    pairs = {*equal_pairs(scores), *near_pairs(scores)}
    return sorted((i, j - count) for i, j in pairs if i < count <= j)


def check_direction(matrix: pd.DataFrame, warnings: ValidityWarnings) -> None:
    """Warn of pairs of datasets whose models rank the other's videos in the opposite order.

    Parameters
    ----------
    matrix : DataFrame
        Rows of `vqa_features.comparison.cross.cross`.
    warnings : ValidityWarnings
        Receives one text per pair.
    """
    for (train, test), rows in matrix.groupby(["train", "test"], sort=False):
        srcc = max(rows["srcc"].fillna(0).tolist(), key=abs)
        limit = np.tanh(CLEARLY_NEGATIVE / np.sqrt(max(int(rows["n_test"].iloc[0]) - 3, 1)))
        if rows["kind"].iloc[0] != "within" and srcc < -limit:
            warnings.add(
                f"models trained on {train} rank the videos of {test} in the opposite order (SRCC "
                f"{srcc:.2f}): is one of the scores a DMOS, where lower is better?"
            )


def check_results(
    matrix: pd.DataFrame,
    datasets: Mapping[str, Prepared],
    trusted: Collection[str],
    warnings: ValidityWarnings,
) -> None:
    """Warn of tables that predict a dataset better than is plausible, as `check_plausible` does.

    Parameters
    ----------
    matrix : DataFrame
        Rows of `vqa_features.comparison.cross.cross`.
    datasets : mapping of str to Prepared
        Tables and labels of every dataset.
    trusted : collection of str
        Columns that may rank like the MOS.
    warnings : ValidityWarnings
        Receives one text per pair of datasets and table.
    """
    for (train, test), rows in matrix.groupby(["train", "test"], sort=False):
        found = rows.dropna(subset="srcc").groupby("table", sort=False)["srcc"]
        scores = {str(name): max(map(float, values), key=abs) for name, values in found}
        where = f"trained on {train}, tested on {test}" if train != test else f"within {test}"
        check_plausible(scores, datasets[str(test)], trusted, where, warnings, score="SRCC")
