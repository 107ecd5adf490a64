"""Significance of differences on one fixed test set, such as an official split."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import ParameterError, UnknownName
from ..evaluation.paired_tests import FTest, ZTest, compare_correlations, compare_errors, krasula
from ..evaluation.significance import holm
from ..tables.ids import aligned
from ..tables.labels import Labels
from .checks import ValidityWarnings
from .result import BASELINE, Comparison
from .summary import MODEL, OVER_VIDEOS, Pooled, pair_row, part_of, with_verdicts

if TYPE_CHECKING:
    import pandas as pd


#: A test part of fewer videos is not tested.
FEWEST_TESTED = 10


def significance_on_videos(
    predictions: pd.DataFrame, pooled: Pooled, margin: float, warnings: ValidityWarnings
) -> pd.DataFrame:
    """Return the ``significance`` on the videos of one test part: every pair of models but the baseline.

    Parameters
    ----------
    predictions : DataFrame
        The ``predictions`` of one protocol, split and test part.
    pooled : Pooled
        Bootstrap over the videos of the part.
    margin : float
        Largest difference in SRCC that counts as none. The standard error of the equivalence test is that of
        the bootstrap.
    warnings : ValidityWarnings
        Receives a test part of too few videos.
    """
    from scipy.stats import norm

    rows: list[dict[str, Any]] = []
    videos = predictions["id"].nunique()
    common = {**part_of(predictions), "metric": "srcc", "test": OVER_VIDEOS}
    if videos < FEWEST_TESTED:
        warnings.add(
            f"{common['part']}: differences are not tested on {videos} video(s), {FEWEST_TESTED} are needed"
        )
        return with_verdicts([], common)
    trained = predictions[predictions["regressor"] != BASELINE]
    for a, b, rank, error in _tested_pairs(trained):
        row = pair_row(a, b, pooled, margin)
        difference = row["pooled_difference"]
        draws = pooled.draws[a] - pooled.draws[b]
        width = max(float(np.std(draws)), np.finfo(float).tiny)
        equal = max(norm.sf((difference + margin) / width), norm.cdf((difference - margin) / width))
        row |= {"difference": difference, "low": row["pooled_low"], "high": row["pooled_high"]}
        row |= {"t": rank.z, "p": rank.p, "p_equivalence": float(equal)}
        rows.append(row | {"f_ratio": error.ratio, "f_p": error.p})
    return with_verdicts(rows, common)


def significance_on_split(
    comparison: Comparison, split: int = 0, protocol: str = "strict", part: str | None = None
) -> pd.DataFrame:
    """Return tests between all models on the test part of one split.

    The tests generalise to other test videos for the models as trained; the corrected t test over splits
    generalises to other training parts. Where one split was fitted, `vqa_features.compare` has made them.

    Parameters
    ----------
    comparison : Comparison
        A finished comparison.
    split : int
        Number of the split, from 0.
    protocol : {"strict", "literature", "official"}
        Which of its protocols.
    part : str, optional
        Name of the test part; it may be left out if the split has one.

    Returns
    -------
    DataFrame
        Columns ``table_a, regressor_a, table_b, regressor_b, z, p`` (SRCC, `compare_correlations`),
        ``p_holm``, ``f_ratio, f_p`` (residual variances after the logistic map, P.1401). Positive z: a
        ranks better.
    """
    import pandas as pd

    found = [
        dict(zip(("table_a", "regressor_a", "table_b", "regressor_b"), (*a, *b), strict=True))
        | {"z": rank.z, "p": rank.p, "f_ratio": error.ratio, "f_p": error.p}
        for a, b, rank, error in _tested_pairs(_rows_of_split(comparison, split, protocol, part))
    ]
    columns = ["table_a", "regressor_a", "table_b", "regressor_b", "z", "p", "p_holm", "f_ratio", "f_p"]
    table = pd.DataFrame(found).assign(p_holm=holm([row["p"] for row in found]) if found else [])
    return table.reindex(columns=columns)


_Key = tuple[str, str]


def _tested_pairs(predictions: pd.DataFrame) -> Iterator[tuple[_Key, _Key, ZTest, FTest]]:
    """Yield every pair of models ``(table, regressor)`` with the tests of SRCC and of squared errors."""
    models = {
        (str(name[0]), str(name[1])): mine.set_index("id")
        for name, mine in predictions.groupby(MODEL, sort=False)
    }
    for a, b in itertools.combinations(models, 2):
        one, other = models[a], models[b].loc[models[a].index]
        rank = compare_correlations(one["predicted"], other["predicted"], one["mos"])
        yield a, b, rank, compare_errors(one["mapped"], other["mapped"], one["mos"])


def pair_analysis(
    comparison: Comparison,
    labels: Labels,
    split: int = 0,
    protocol: str = "strict",
    part: str | None = None,
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
    protocol : {"strict", "literature", "official"}
        Which of its protocols.
    part : str, optional
        Name of the test part; it may be left out if the split has one.

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
    rows = _rows_of_split(comparison, split, protocol, part)
    found = []
    for model, mine in rows.groupby(MODEL, sort=False):
        std, counts = aligned(labels.std, mine["id"]), aligned(labels.counts, mine["id"])
        areas = krasula(mine["predicted"], mine["mos"], np.asarray(std), np.asarray(counts))
        found.append({**dict(zip(MODEL, model, strict=True)), **areas._asdict()})
    return pd.DataFrame(found)


def _rows_of_split(comparison: Comparison, split: int, protocol: str, part: str | None) -> pd.DataFrame:
    """Return the predictions of all models but the baseline on one test part of one split."""
    rows = comparison.predictions
    rows = rows[(rows["protocol"] == protocol) & (rows["split"] == split) & (rows["regressor"] != BASELINE)]
    if rows.empty:
        raise ParameterError(f"the comparison holds no split {split} of the protocol {protocol!r}")
    parts = [str(name) for name in rows["part"].unique()]
    if part is None and len(parts) > 1:
        raise ParameterError(f"split {split} has several test parts, name one: {', '.join(parts)}")
    if part is not None and part not in parts:
        raise UnknownName("test part", part, parts, f"split {split} has {', '.join(parts)}")
    return rows[rows["part"] == (part or parts[0])]
