"""A Comparison boiled down to what the page and the figures show.

Everything is per *model*: one feature table with one regressor. Predictions are averaged per video over the
splits in which the video was in the test part, so that the size of a page depends on the number of videos,
not of splits.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..comparison.result import BASELINE, FUSION, Comparison
from ..comparison.summary import pooled_predictions

METRIC_NAMES = {
    "srcc": "SRCC",
    "krcc": "KRCC",
    "plcc_raw": "PLCC, raw",
    "plcc": "PLCC",
    "plcc_test_mapped": "PLCC, test map",
    "rmse": "RMSE",
    "mae": "MAE",
}
ERRORS = ("rmse", "mae")
"""Metrics of which less is better; the others are correlations."""


class Model(NamedTuple):
    """One feature table with one regressor."""

    table: str
    regressor: str
    family: str

    @property
    def role(self) -> str:
        """``baseline`` for the training mean, else the family: what decides the colour."""
        return "baseline" if self.regressor == BASELINE else self.family

    @property
    def label(self) -> str:
        """Name on the page."""
        return "training mean" if self.role == "baseline" else f"{self.table} · {self.regressor}"

    @property
    def parts(self) -> tuple[str, str]:
        """Name on two lines: the table, then how it was used."""
        return ("training mean", "baseline") if self.role == "baseline" else (self.table, self.regressor)


def protocols(comparison: Comparison) -> list[str]:
    """Return the protocols that were run, strict first."""
    present = [str(name) for name in comparison.scores["protocol"].unique()]
    return sorted(present, key=lambda name: (name != "strict", name))


def summarise(comparison: Comparison) -> pd.DataFrame:
    """Return the comparison's summary as the page shows it.

    Strict rows come first, then falling median SRCC. The training mean does not depend on the table, so only
    its first row per protocol is kept; as it ranks nothing, its correlations are missing rather than 0.
    """
    table = comparison.summary.copy()
    baseline = table["regressor"] == BASELINE
    ranks = [name for name in table.columns if str(name).startswith(("srcc", "krcc", "plcc"))]
    table[ranks] = table[ranks].mask(baseline)
    table = table[~(baseline & table.duplicated(["protocol", "regressor"]))]
    order = {name: position for position, name in enumerate(protocols(comparison))}
    return (
        table.assign(_order=table["protocol"].map(order))
        .sort_values(["_order", "srcc"], ascending=[True, False], na_position="last", kind="stable")
        .drop(columns="_order")
        .reset_index(drop=True)
    )


def models(summary: pd.DataFrame, protocol: str) -> list[Model]:
    """Return the models of one protocol in the summary's order (best first)."""
    rows = summary[summary["protocol"] == protocol]
    triples = zip(rows["table"], rows["regressor"], rows["family"], strict=True)
    return [Model(str(table), str(regressor), str(family)) for table, regressor, family in triples]


def best_of_each(summary: pd.DataFrame, protocol: str, by: str = "table") -> list[Model]:
    """Return the model of highest median SRCC for every table (or ``by="family"``), the baseline left out."""
    best: dict[str, Model] = {}
    for model in models(summary, protocol):
        if model.role != "baseline":
            best.setdefault(getattr(model, by), model)
    return list(best.values())


def rivals(summary: pd.DataFrame, protocol: str) -> list[Model]:
    """Return who is held against whom: the best model of each family, or of each table where there is one
    family.

    Fusions are left out: they are made of the rivals.
    """
    by_family = [model for model in best_of_each(summary, protocol, "family") if model.family != FUSION]
    by_table = [model for model in best_of_each(summary, protocol) if model.family != FUSION]
    return by_family if len(by_family) > 1 else by_table


def per_video(comparison: Comparison, protocol: str, chosen: Sequence[Model]) -> pd.DataFrame:
    """Return each video's MOS and its mean out-of-split prediction by every chosen model.

    Returns
    -------
    DataFrame
        Index ``id`` (str, sorted by MOS), columns ``mos`` and the positions 0, 1, … of the chosen models;
        predictions are on the MOS scale, before any logistic map.
    """
    rows = comparison.predictions
    mine = [rows_of(rows, protocol, model) for model in chosen]
    wide = pooled_predictions(pd.concat(mine) if mine else rows[rows["protocol"] == protocol])
    result = wide["mos", ""].to_frame("mos")
    for position, model in enumerate(chosen):
        result[position] = wide[model.table, model.regressor]
    result.index = result.index.astype(str)
    return result.sort_values("mos", kind="stable")


def rows_of(table: pd.DataFrame, protocol: str, model: Model) -> pd.DataFrame:
    """Return the rows of one model in scores, summary or predictions."""
    chosen = (table["protocol"] == protocol) & (table["table"] == model.table)
    return table[chosen & (table["regressor"] == model.regressor)]


def split_scores(comparison: Comparison, protocol: str, model: Model, metric: str) -> NDArray[np.float64]:
    """Return one metric of one model, one value per split in their order.

    A constant prediction ranks nothing: the training mean's correlations are missing (nan).
    """
    values = rows_of(comparison.scores, protocol, model).sort_values("split")[metric].to_numpy(dtype=float)
    return np.full_like(values, np.nan) if model.role == "baseline" and metric not in ERRORS else values


def residual_correlation(videos: pd.DataFrame, *, given_mos: bool = False) -> NDArray[np.float64]:
    """Return the correlation between the models' residuals (prediction − MOS), shape (models, models).

    Near 1: both err on the same videos and fusing them can gain little. Near 0: they err differently.

    Parameters
    ----------
    given_mos : bool
        Hold MOS fixed (partial correlation). Every regressor predicts towards the middle of the scale, so
        that residuals fall with MOS for all models alike; this takes that common part out.
    """
    predicted = videos.drop(columns="mos")
    complete = videos.dropna()
    mos = complete["mos"].to_numpy(dtype=float)
    residuals = complete[predicted.columns].to_numpy(dtype=float) - mos[:, None]
    if given_mos and len(complete):
        line = np.column_stack([np.ones_like(mos), mos])
        residuals = residuals - line @ np.linalg.lstsq(line, residuals, rcond=None)[0]
    return np.asarray(pd.DataFrame(residuals).corr().to_numpy(), dtype=float)


class Failure(NamedTuple):
    """One video worth looking at."""

    id: str
    mos: float
    predicted: tuple[float, ...]
    """By each of the chosen models, in their order."""


def failures(videos: pd.DataFrame, count: int = 6) -> dict[int | str, list[Failure]]:
    """Return the videos of largest error.

    Returns
    -------
    dict
        Under each model's position its ``count`` largest absolute residuals; under ``"disagree"``, when
        there are at least two models, the largest distances between the first two.
    """
    predicted = videos.drop(columns="mos")
    mos = dict(zip(videos.index.astype(str), videos["mos"].to_numpy(float).tolist(), strict=True))

    def pick(size: pd.Series) -> list[Failure]:
        top = size.dropna().sort_values(ascending=False, kind="stable").index[:count]
        return [
            Failure(str(name), mos[str(name)], tuple(predicted.loc[name].to_numpy(float))) for name in top
        ]

    found: dict[int | str, list[Failure]] = {
        position: pick((predicted[position] - videos["mos"]).abs()) for position in predicted.columns
    }
    if len(predicted.columns) >= 2:
        found["disagree"] = pick((predicted[0] - predicted[1]).abs())
    return found
