"""Summary of every model over the splits, and tests between models."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..errors import first_few
from ..evaluation import metrics
from ..evaluation.significance import bootstrap_srcc, corrected_t, holm, percentile_interval
from ..tables.split_lists import TEST
from .result import BASELINE

if TYPE_CHECKING:
    import pandas as pd

MODEL = ["table", "regressor"]
ALPHA = 0.05


def pooled_predictions(predictions: pd.DataFrame) -> pd.DataFrame:
    """Return the mean prediction of each video over the splits that tested it.

    One row per video, sorted by id; one column per model ``(table, regressor)``, and ``("mos", "")``.
    """
    import pandas as pd

    wide = predictions.pivot_table(index="id", columns=MODEL, values="predicted", aggfunc="mean", sort=False)
    wide = wide.sort_index()
    mos = predictions.groupby("id")["mos"].first().reindex(wide.index)
    return pd.concat([mos.rename(("mos", "")), wide], axis=1)


def edge_notes(scores: pd.DataFrame) -> list[str]:
    """Return a sentence on every hyperparameter that was chosen at an end of its grid, with counts.

    Parameters
    ----------
    scores : DataFrame
        The ``scores`` of one protocol.
    """
    counts: dict[tuple[str, str], dict[str, int]] = {}
    scores = scores.drop_duplicates(["split", *MODEL])  # one model is scored on every test part
    for regressor, table, cell in zip(scores["regressor"], scores["table"], scores["at_edge"], strict=True):
        for end in filter(None, cell.split(", ")):
            of_tables = counts.setdefault((regressor, end), {})
            of_tables[table] = of_tables.get(table, 0) + 1
    protocol, splits = scores["protocol"].iloc[0], scores["split"].nunique()
    return [
        f"{protocol}: {regressor} chose the {end.rpartition(' ')[2]} {end.rpartition(' ')[0]} of its grid on "
        + first_few([f"{count} of {splits} splits of {table}" for table, count in of_tables.items()])
        for (regressor, end), of_tables in counts.items()
    ]


class Pooled(NamedTuple):
    """SRCC of pooled predictions of every trained model, and its bootstrap draws."""

    srcc: dict[tuple[str, str], float]
    draws: dict[tuple[str, str], NDArray[np.float64]]

    @classmethod
    def of(
        cls, predictions: pd.DataFrame, groups: Mapping[str, object] | None, samples: int, seed: int
    ) -> Pooled:
        """Return the pooled scores of `samples` resamples of videos or groups, without the baseline."""
        trained = predictions[predictions["regressor"] != BASELINE]
        if trained.empty:
            return cls({}, {})
        videos = pooled_predictions(trained)
        mos, wide = videos["mos", ""].to_numpy(), videos.drop(columns=[("mos", "")])
        labels = None if groups is None else [str(groups[video]) for video in videos.index]
        models = [(str(model[0]), str(model[1])) for model in wide.columns.tolist()]
        found = {model: metrics.srcc(wide[model], mos) for model in models}
        drawn = bootstrap_srcc(wide.to_numpy(), mos, labels, samples, seed)
        return cls(found, dict(zip(models, drawn.T, strict=True)))


def summarise_models(
    scores: pd.DataFrame,
    predictions: pd.DataFrame,
    pooled: Pooled,
    costs: Mapping[str, float] | None = None,
    joined: int | None = None,
) -> pd.DataFrame:
    """Return the ``summary`` of one protocol and test part, in the order of the scores.

    `vqa_features.comparison.result` lists the columns.
    """
    import pandas as pd

    tested = predictions["id"].nunique()
    rows = []
    for (table, regressor), mine in scores.groupby(MODEL, sort=False):
        first = mine.iloc[0]
        row: dict[str, Any] = {
            **part_of(mine),
            "table": table,
            "family": first["family"],
            "regressor": regressor,
            "columns": first["columns"],
            "n": tested,
            "videos": tested if joined is None else joined,
            "splits": len(mine),
        }
        for metric in (one.name for one in metrics.METRICS):
            values = mine[metric].to_numpy()
            low, high = np.quantile(values, [0.025, 0.975])
            row |= {metric: np.median(values), f"{metric}_mean": values.mean(), f"{metric}_std": values.std()}
            row |= {f"{metric}_low": low, f"{metric}_high": high}
        model = (str(table), str(regressor))
        interval = percentile_interval(pooled.draws.get(model, [np.nan]))
        row |= {
            "srcc_pooled": pooled.srcc.get(model, np.nan),
            "srcc_pooled_low": interval.low,
            "srcc_pooled_high": interval.high,
            "seconds_per_video": (costs or {}).get(str(table), np.nan),
        }
        rows.append(row)
    return pd.DataFrame(rows)


def significance_of_pairs(
    scores: pd.DataFrame, pooled: Pooled, metric: str = "srcc", margin: float = 0.01
) -> pd.DataFrame:
    """Return the ``significance`` of one protocol and test part over splits: every pair of models but the
    baseline."""
    wide = scores[scores["regressor"] != BASELINE].pivot_table(
        index="split", columns=MODEL, values=metric, sort=False
    )
    ratio = float((scores["n_test"] / scores["n_train"]).mean())
    rows: list[dict[str, Any]] = []
    models = [(str(model[0]), str(model[1])) for model in wide.columns.tolist()]
    for a, b in itertools.combinations(models, 2):
        if len(wide) < 2:
            break
        found = corrected_t(wide[a] - wide[b], ratio, margin)
        rows.append(pair_row(a, b, pooled, margin) | {"test": OVER_SPLITS, **found._asdict()})
    return with_verdicts(rows, {**part_of(scores), "metric": metric})


#: What a test of a pair generalises over: the column ``test``.
OVER_SPLITS, OVER_VIDEOS = "splits", "videos"


def part_of(table: pd.DataFrame) -> dict[str, Any]:
    """Return the protocol and the test part of the rows of one part."""
    first = table.iloc[0]
    return {"protocol": first["protocol"], "part": first.get("part", TEST)}


def pair_row(a: Sequence[str], b: Sequence[str], pooled: Pooled, margin: float) -> dict[str, Any]:
    """Return names, margin and bootstrap of one tested pair of models ``(table, regressor)``."""
    one, other = (str(a[0]), str(a[1])), (str(b[0]), str(b[1]))
    interval = percentile_interval(pooled.draws[one] - pooled.draws[other])
    return {
        "table_a": one[0],
        "regressor_a": one[1],
        "table_b": other[0],
        "regressor_b": other[1],
        "margin": margin,
        "pooled_difference": pooled.srcc[one] - pooled.srcc[other],
        "pooled_low": interval.low,
        "pooled_high": interval.high,
    }


def with_verdicts(rows: Sequence[Mapping[str, Any]], common: Mapping[str, Any]) -> pd.DataFrame:
    """Return tested pairs with Holm's p and the verdict; `common` holds the columns equal in all rows."""
    import pandas as pd

    table = pd.DataFrame([{**common, **row} for row in rows]).reindex(columns=SIGNIFICANCE)
    if len(table):
        table["p_holm"] = holm(table["p"])
        table["p_equivalence_holm"] = holm(table["p_equivalence"])
        table["equivalent"] = table["p_equivalence_holm"] < ALPHA
        table["verdict"] = [_verdict(row) for row in table.to_dict("records")]
    return table


SIGNIFICANCE = [
    "protocol",
    "part",
    "metric",
    "table_a",
    "regressor_a",
    "table_b",
    "regressor_b",
    "test",
    "difference",
    "low",
    "high",
    "t",
    "df",
    "p",
    "p_holm",
    "p_equivalence",
    "p_equivalence_holm",
    "margin",
    "equivalent",
    "pooled_difference",
    "pooled_low",
    "pooled_high",
    "f_ratio",
    "f_p",
    "verdict",
]


def _verdict(row: Mapping[Any, Any]) -> str:
    if row["p_holm"] < ALPHA and not row["equivalent"]:
        return "a" if row["difference"] > 0 else "b"
    return "equivalent" if row["equivalent"] else "open"
