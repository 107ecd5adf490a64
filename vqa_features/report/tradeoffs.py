"""What accuracy costs and how far it reaches: seconds per video, training size, other data sets, shortcuts.

Each is shown when the comparison carries it: seconds come with the summary, the others with the extras
``learning_curve`` (columns ``protocol, table, family, regressor, n_train, srcc, srcc_low, srcc_high``) and
``cross`` (``train, test, table, family, regressor, srcc, shift``).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..comparison.result import Comparison
from .view import Model, best_of_each, rows_of


class Cost(NamedTuple):
    """Accuracy of one model beside the time that its features take."""

    model: Model
    seconds: float
    srcc: float
    low: float
    high: float


def costs(summary: pd.DataFrame, protocol: str) -> list[Cost]:
    """Return the best model of every table whose extraction time is known."""
    if "seconds_per_video" not in summary:
        return []
    found = []
    for model in best_of_each(summary, protocol):
        row = rows_of(summary, protocol, model).iloc[0]
        seconds = float(row["seconds_per_video"])
        if seconds > 0:
            found.append(
                Cost(model, seconds, *(float(row[name]) for name in ("srcc", "srcc_low", "srcc_high")))
            )
    return found


class Curve(NamedTuple):
    """SRCC of one model as its training part grows."""

    model: Model
    n_train: NDArray[np.int64]
    srcc: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]


def curves(comparison: Comparison, protocol: str) -> list[Curve]:
    """Return the learning curves of one protocol, in order of training size."""
    rows = comparison.extras.get("learning_curve", pd.DataFrame())
    if rows.empty:
        return []
    found = []
    for (table, regressor, family), part in rows[rows["protocol"] == protocol].groupby(
        ["table", "regressor", "family"], sort=False
    ):
        part = part.sort_values("n_train")
        values = (part[name].to_numpy(dtype=float) for name in ("srcc", "srcc_low", "srcc_high"))
        model = Model(str(table), str(regressor), str(family))
        found.append(Curve(model, part["n_train"].round().to_numpy(dtype=int), *values))
    return found


class Reach(NamedTuple):
    """SRCC of one model trained on the data set of each row and tested on that of each column."""

    model: Model
    datasets: list[str]
    srcc: NDArray[np.float64]
    """Shape (datasets, datasets); nan where a pair was not run."""
    shift: NDArray[np.float64]
    """How well the features tell the two data sets apart, .5 (not at all) to 1, same shape."""


def reaches(comparison: Comparison) -> list[Reach]:
    """Return the cross-data-set matrix of every model."""
    rows = comparison.extras.get("cross", pd.DataFrame())
    if rows.empty:
        return []
    names = list(dict.fromkeys([*rows["train"].astype(str), *rows["test"].astype(str)]))
    found = []
    for (table, regressor, family), part in rows.groupby(["table", "regressor", "family"], sort=False):
        srcc, shift = (
            part.pivot_table(index="train", columns="test", values=value).reindex(index=names, columns=names)
            for value in ("srcc", "shift")
        )
        model = Model(str(table), str(regressor), str(family))
        found.append(Reach(model, names, srcc.to_numpy(dtype=float), shift.to_numpy(dtype=float)))
    return found


class Shortcut(NamedTuple):
    """What the literature's protocol adds to a model's scores."""

    model: Model
    srcc: tuple[float, float]
    """Median SRCC, strict and literature."""
    plcc: tuple[float, float]
    """Median PLCC of the strict protocol, logistic map fitted on the training part and on the test part."""


def shortcuts(summary: pd.DataFrame) -> list[Shortcut]:
    """Return the models that both protocols ran, best of each table by the strict one."""
    found = []
    for model in best_of_each(summary, "strict"):
        strict, literature = (rows_of(summary, name, model) for name in ("strict", "literature"))
        if not strict.empty and not literature.empty:
            one, other = strict.iloc[0], literature.iloc[0]
            srcc = (float(one["srcc"]), float(other["srcc"]))
            found.append(Shortcut(model, srcc, (float(one["plcc"]), float(one["plcc_test_mapped"]))))
    return found
