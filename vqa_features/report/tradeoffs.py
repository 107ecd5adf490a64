"""Accuracy against extraction time, training size, data set and protocol, where a comparison holds them.

Extraction times are in the summary. The extras ``learning_curve`` (columns ``protocol, table, family,
regressor, n_train, srcc, srcc_low, srcc_high``) and ``cross`` (``train, test, table, family, regressor,
srcc, shift``) hold the learning curves and the cross-data-set scores.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from ..comparison.result import Comparison
from .view import Model, ProtocolView

MOST_CURVES = 20
"""Greatest number of learning curves."""
MOST_TRANSFERS = 12
"""Greatest number of models whose cross-data-set scores are shown."""
MOST_DATASETS = 20
"""Greatest number of data sets in them."""


class Cost(NamedTuple):
    """Accuracy and extraction time of one model."""

    model: Model
    seconds: float
    """Extraction time per video."""
    srcc: float
    """As `ProtocolView.statistic` says."""
    low: float
    high: float
    on_front: bool = True
    """No other model is both as fast and as accurate, and better in one of the two."""


def costs(view: ProtocolView) -> list[Cost]:
    """Return the best model of every table whose extraction time is known, with the Pareto front marked."""
    found = []
    for model in view.best_of_tables:
        row = view.rows[model]
        seconds = float(row.get("seconds_per_video", np.nan))
        if seconds > 0:
            srcc, low, high = (float(row[name]) for name in ("srcc", "srcc_low", "srcc_high"))
            found.append(Cost(model, seconds, srcc, low, high))
    fronts = pareto_front([one.seconds for one in found], [one.srcc for one in found])
    return [one._replace(on_front=bool(on)) for one, on in zip(found, fronts, strict=True)]


def pareto_front(seconds: ArrayLike, srcc: ArrayLike) -> NDArray[np.bool_]:
    """Return which models no other dominates; equal ones do not dominate each other.

    Parameters
    ----------
    seconds, srcc : (models,)
        Time, less is better, and accuracy, more is better. A model without accuracy (nan) is not on the
        front.

    Examples
    --------
    >>> pareto_front([1.0, 2.0, 3.0], [0.5, 0.4, 0.6]).tolist()
    [True, False, True]
    """
    time, score = np.asarray(seconds, dtype=float), np.asarray(srcc, dtype=float)
    on_front = np.isfinite(score)
    for k in np.flatnonzero(on_front):
        as_good = (time <= time[k]) & (score >= score[k])
        on_front[k] = not (as_good & ((time < time[k]) | (score > score[k]))).any()
    return on_front


class Curve(NamedTuple):
    """SRCC of one model by the number of training videos; arrays of shape (sizes,)."""

    model: Model
    n_train: NDArray[np.int64]
    srcc: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]


def curves(view: ProtocolView) -> list[Curve]:
    """Return the learning curves of one protocol, each in rising order of training size."""
    rows = view.comparison.extras.get("learning_curve", pd.DataFrame())
    if rows.empty:
        return []
    found = []
    for (table, regressor, family), part in rows[rows["protocol"] == view.protocol].groupby(
        ["table", "regressor", "family"], sort=False
    ):
        part = part.sort_values("n_train")
        values = (part[name].to_numpy(dtype=float) for name in ("srcc", "srcc_low", "srcc_high"))
        model = Model(str(table), str(regressor), str(family))
        found.append(Curve(model, part["n_train"].round().to_numpy(dtype=int), *values))
    return found


def best_curves(view: ProtocolView) -> list[Curve]:
    """Return the learning curves that are drawn: `MOST_CURVES` of those that end highest."""
    found = curves(view)
    ends = np.array([curve.srcc[-1] for curve in found])
    kept = np.sort(np.argsort(-np.nan_to_num(ends, nan=-1), kind="stable")[:MOST_CURVES])
    return [found[k] for k in kept]


class CrossScores(NamedTuple):
    """SRCC of one model, trained on the data set of the row and tested on that of the column."""

    model: Model
    trained: list[str]
    """Data sets, and sets of several, that were trained on."""
    datasets: list[str]
    """Data sets that were tested on."""
    srcc: NDArray[np.float64]
    """Shape (trained, datasets); nan where a pair was not run."""
    shift: NDArray[np.float64]
    """AUC of distinguishing the two data sets by their features, .5 to 1, same shape."""


def cross_scores(comparison: Comparison) -> list[CrossScores]:
    """Return the cross-data-set scores of every model."""
    rows = comparison.extras.get("cross", pd.DataFrame())
    if rows.empty:
        return []
    trained, datasets = (list(dict.fromkeys(rows[key].astype(str))) for key in ("train", "test"))
    found = []
    for (table, regressor, family), part in rows.groupby(["table", "regressor", "family"], sort=False):
        srcc, shift = (
            part.pivot_table(index="train", columns="test", values=value).reindex(
                index=trained, columns=datasets
            )
            for value in ("srcc", "shift")
        )
        model = Model(str(table), str(regressor), str(family))
        arrays = (one.to_numpy(dtype=float) for one in (srcc, shift))
        found.append(CrossScores(model, trained, datasets, *arrays))
    return found


def shown_transfers(comparison: Comparison) -> tuple[list[CrossScores], str]:
    """Return the cross-data-set scores that a page shows, and a sentence on the others.

    These are those of the first `MOST_TRANSFERS` models on the first `MOST_DATASETS` data sets.
    """
    found = cross_scores(comparison)
    room = slice(MOST_DATASETS)
    kept = [
        CrossScores(
            one.model, one.trained[room], one.datasets[room], one.srcc[room, room], one.shift[room, room]
        )
        for one in found[:MOST_TRANSFERS]
    ]
    counts = {
        "models": len(found) - MOST_TRANSFERS,
        "training sets": len(found[0].trained) - MOST_DATASETS if found else 0,
        "data sets": len(found[0].datasets) - MOST_DATASETS if found else 0,
    }
    listed = [f"{count:,} {what}" for what, count in counts.items() if count > 0]
    return kept, f"{' and '.join(listed)} are not shown; all are in cross.csv." if listed else ""


class ProtocolEffect(NamedTuple):
    """Scores of one model by the strict protocol and by that of the literature."""

    model: Model
    srcc: tuple[float, float]
    """Median SRCC, strict and literature."""
    plcc: tuple[float, float]
    """Median PLCC of the strict protocol, logistic map fitted on the training part and on the test part."""


def protocol_effects(views: Mapping[str, ProtocolView]) -> list[ProtocolEffect]:
    """Return the models that both protocols ran: the best of each table by the strict one."""
    if not {"strict", "literature"} <= views.keys():
        return []
    strict, literature = views["strict"], views["literature"]
    found = []
    for model in strict.best_of_tables:
        if model in literature.rows:
            row = strict.rows[model]
            srcc = (strict.median_srcc(model), literature.median_srcc(model))
            found.append(ProtocolEffect(model, srcc, (float(row["plcc"]), float(row["plcc_test_mapped"]))))
    return found
