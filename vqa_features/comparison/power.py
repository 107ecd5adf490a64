"""Power of a finished comparison: which difference in SRCC its videos and splits would have shown."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import ParameterError
from ..evaluation.paired_tests import rank_difference
from ..evaluation.power import (
    ALPHA,
    POWER,
    detectable_on_videos,
    detectable_over_splits,
    error_needed_on_videos,
    power_on_videos,
    power_over_splits,
)
from .fixed_set import FEWEST_TESTED
from .result import BASELINE, Comparison
from .summary import MODEL, OVER_SPLITS, OVER_VIDEOS, part_of

if TYPE_CHECKING:
    import pandas as pd

#: Splits beyond which a test over splits gains nothing.
MANY = 1_000_000
COLUMNS = [
    "protocol",
    "part",
    "table_a",
    "regressor_a",
    "table_b",
    "regressor_b",
    "test",
    "videos",
    "splits",
    "deviation",
    "detectable",
    "detectable_any_splits",
    "difference",
    "power",
    "videos_needed",
]


def power_of(
    comparison: Comparison, difference: float = 0.02, *, power: float = POWER, alpha: float = ALPHA
) -> pd.DataFrame:
    """Return the smallest difference in SRCC that the comparison would see, for every pair of models.

    The test is that of ``significance``: over splits, or over videos where one split was fitted. It is taken
    for one pair; Holm's correction for many pairs asks for larger differences.

    Parameters
    ----------
    comparison : Comparison
        Result of `vqa_features.compare`.
    difference : float
        True difference in SRCC whose power is asked for, above 0.
    power : float
        Probability of seeing the smallest detectable difference.
    alpha : float
        Two-sided level of the test.

    Returns
    -------
    DataFrame
        One row per protocol, test part and pair of models but the baseline: ``protocol, part, table_a,
        regressor_a, table_b, regressor_b, test`` (splits or videos), ``videos`` (tested), ``splits``,
        ``deviation`` (over splits: of the differences in SRCC; over videos: standard error of the
        difference of Fisher's z), ``detectable`` (difference seen with `power`), ``detectable_any_splits``
        (its limit for any number of splits; nan over videos), ``difference, power`` (probability of seeing
        this difference), ``videos_needed`` (to see it with `power`, if errors fall with the root of the
        number of videos and all else stays). Nan where a model ranks a test part perfectly.

    Raises
    ------
    ParameterError
        If `difference`, `power` or `alpha` is out of range.
    """
    import pandas as pd

    if not 0 < difference < 2:
        raise ParameterError(f"the difference in SRCC must lie between 0 and 2, got {difference}")
    rows: list[dict[str, Any]] = []
    trained = comparison.scores[comparison.scores["regressor"] != BASELINE]
    tested = comparison.predictions[comparison.predictions["regressor"] != BASELINE]
    for (protocol, part), scores in trained.groupby(["protocol", "part"], sort=False):
        mine = tested[(tested["protocol"] == protocol) & (tested["part"] == part)]
        found = _over_splits if scores["split"].nunique() > 1 else _over_videos
        for row in found(scores, mine, difference, power, alpha):
            needed = np.ceil(row["videos"] * row.pop("factor") - 1e-9)
            common = {**part_of(scores), "splits": scores["split"].nunique(), "difference": difference}
            rows.append({**common, **row, "videos_needed": needed})
    return pd.DataFrame(rows).reindex(columns=COLUMNS)


def _names(a: Sequence[str], b: Sequence[str]) -> dict[str, str]:
    return dict(zip(("table_a", "regressor_a", "table_b", "regressor_b"), (*a, *b), strict=True))


def _over_splits(
    scores: pd.DataFrame, predictions: pd.DataFrame, difference: float, power: float, alpha: float
) -> list[dict[str, Any]]:
    """Return the power of the corrected resampled t test of every pair."""
    wide = scores.pivot_table(index="split", columns=MODEL, values="srcc", sort=False)
    ratio, splits = float((scores["n_test"] / scores["n_train"]).mean()), len(wide)
    rows = []
    for a, b in itertools.combinations(wide.columns.tolist(), 2):
        deviation = float((wide[a] - wide[b]).std(ddof=1))
        detectable = detectable_over_splits(deviation, splits, ratio, power, alpha)
        rows.append(
            {
                **_names(a, b),
                "test": OVER_SPLITS,
                "videos": predictions["id"].nunique(),
                "deviation": deviation,
                "detectable": detectable,
                "detectable_any_splits": detectable_over_splits(deviation, MANY, ratio, power, alpha),
                "power": power_over_splits(difference, deviation, splits, ratio, alpha),
                "factor": (detectable / difference) ** 2,
            }
        )
    return rows


def _over_videos(
    scores: pd.DataFrame, predictions: pd.DataFrame, difference: float, power: float, alpha: float
) -> list[dict[str, Any]]:
    """Return the power of the z test of two rank correlations of every pair, on one test part."""
    wide = predictions.pivot_table(index="id", columns=MODEL, values="predicted", sort=False)
    mos = predictions.groupby("id")["mos"].first().reindex(wide.index)
    if len(wide) < FEWEST_TESTED:
        return []
    rows = []
    for a, b in itertools.combinations(wide.columns.tolist(), 2):
        found = rank_difference(wide[a], wide[b], mos)
        row = {**_names(a, b), "test": OVER_VIDEOS, "videos": len(wide), "deviation": found.error}
        row |= dict.fromkeys(("detectable", "detectable_any_splits", "power", "factor"), np.nan)
        if max(abs(found.srcc_a), abs(found.srcc_b)) < 1 - 1e-12:
            middle = float(np.tanh((np.arctanh(found.srcc_a) + np.arctanh(found.srcc_b)) / 2))
            row["detectable"] = detectable_on_videos(middle, found.error, power, alpha)
            row["power"] = power_on_videos(difference, middle, found.error, alpha)
            row["factor"] = (found.error / error_needed_on_videos(difference, middle, power, alpha)) ** 2
        rows.append(row)
    return rows
