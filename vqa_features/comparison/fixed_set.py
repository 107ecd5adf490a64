"""Significance of differences on one fixed test set, such as an official split."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import ParameterError
from ..evaluation.paired_tests import compare_correlations, compare_errors, krasula
from ..evaluation.significance import holm
from ..tables.ids import aligned
from ..tables.labels import Labels
from .result import BASELINE, Comparison
from .summary import MODEL

if TYPE_CHECKING:
    import pandas as pd


def significance_on_split(comparison: Comparison, split: int = 0, protocol: str = "strict") -> pd.DataFrame:
    """Return tests between all models on the test part of one split.

    The tests generalise to other test videos for the models as trained; the corrected t test over splits
    generalises to other training parts.

    Parameters
    ----------
    comparison : Comparison
        A finished comparison.
    split : int
        Number of the split, from 0.
    protocol : {"strict", "literature"}
        Which of its protocols.

    Returns
    -------
    DataFrame
        Columns ``table_a, regressor_a, table_b, regressor_b, z, p`` (Meng-Rosenthal-Rubin on ranks),
        ``p_holm``, ``f_ratio, f_p`` (residual variances after the logistic map, P.1401). Positive z: a
        ranks better.
    """
    import pandas as pd

    rows = _rows_of_split(comparison, split, protocol)
    models = {name: mine.set_index("id") for name, mine in rows.groupby(MODEL, sort=False)}
    found: list[dict[str, Any]] = []
    for a, b in itertools.combinations(models, 2):
        one, other = models[a], models[b].loc[models[a].index]
        z = compare_correlations(one["predicted"], other["predicted"], one["mos"])
        f = compare_errors(one["mapped"], other["mapped"], one["mos"])
        names = {"table_a": a[0], "regressor_a": a[1], "table_b": b[0], "regressor_b": b[1]}
        found.append({**names, "z": z.z, "p": z.p, "f_ratio": f.ratio, "f_p": f.p})
    columns = ["table_a", "regressor_a", "table_b", "regressor_b", "z", "p", "p_holm", "f_ratio", "f_p"]
    table = pd.DataFrame(found).assign(p_holm=holm([row["p"] for row in found]) if found else [])
    return table.reindex(columns=columns)


def pair_analysis(
    comparison: Comparison, labels: Labels, split: int = 0, protocol: str = "strict"
) -> pd.DataFrame:
    """Return the areas of Krasula's pair analysis of every model on one split.

    Parameters
    ----------
    comparison : Comparison
        A finished comparison.
    labels : Labels
        With standard deviations and numbers of opinions.
    split : int
        Number of the split, from 0.
    protocol : {"strict", "literature"}
        Which of its protocols.

    Returns
    -------
    DataFrame
        Columns ``table, regressor, different_similar, better_worse, correct, different_pairs,
        similar_pairs``.
    """
    import pandas as pd

    if labels.std is None or labels.counts is None:
        raise ParameterError(
            "the pair analysis needs the standard deviation and the number of opinions of each video"
        )
    rows = _rows_of_split(comparison, split, protocol)
    found = []
    for model, mine in rows.groupby(MODEL, sort=False):
        std, counts = aligned(labels.std, mine["id"]), aligned(labels.counts, mine["id"])
        areas = krasula(mine["predicted"], mine["mos"], np.asarray(std), np.asarray(counts))
        found.append({**dict(zip(MODEL, model, strict=True)), **areas._asdict()})
    return pd.DataFrame(found)


def _rows_of_split(comparison: Comparison, split: int, protocol: str) -> pd.DataFrame:
    """Return the predictions of all models but the baseline on one split."""
    rows = comparison.predictions
    rows = rows[(rows["protocol"] == protocol) & (rows["split"] == split) & (rows["regressor"] != BASELINE)]
    if rows.empty:
        raise ParameterError(f"the comparison holds no split {split} of the protocol {protocol!r}")
    return rows
