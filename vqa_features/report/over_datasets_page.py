"""The page of a summary over datasets: models by dataset, their mean ranks and pairs."""

from __future__ import annotations

import math

import pandas as pd

from ..comparison.over_datasets import OverDatasets
from ..comparison.summary import MODEL
from .analysis_tables import MOST_ROWS, Shown, rank_table, section_of
from .formatting import counted, decimal, listed, p_text, shown
from .messages import warnings_context
from .provenance import MOST_TITLE
from .targets_page import Cell
from .templates import render_template
from .tradeoffs import MOST_DATASETS
from .view import METRIC_NAMES, Model

MEANS = {"mean": ("Mean", ""), "weighted": ("Mean", "by videos"), "fisher_z": ("Mean", "Fisher z")}
"""Columns of `OverDatasets.models` beside the datasets, and their headings in two lines."""
LEVEL = 0.05


def render_over_datasets(found: OverDatasets) -> str:
    """Return the page of `vqa_features.comparison.over_datasets.over_datasets` as text."""
    metric = METRIC_NAMES[found.metric]
    datasets = [shown(name) for name in found.scores["dataset"]]
    best = listed(_first(found.models))
    headings = [*_headings(found.scores), *MEANS.values()]
    context = {
        "title": shown(", ".join(datasets[:MOST_DATASETS]), MOST_TITLE),
        "headline": f"{best}: best mean rank over {counted(len(datasets), 'data set')}",
        "detail": _detail(found),
        "metric": metric,
        **warnings_context(found.warnings, {*datasets, *found.models["table"].astype(str)}),
        "columns": [one for one, _ in headings],
        "below": [below for _, below in headings],
        "rows": _matrix(found),
        "left_out": max(0, len(found.models) - MOST_ROWS),
        "datasets_left_out": max(0, len(datasets) - MOST_DATASETS),
        "ranks": _ranks(found),
        "pairs": section_of(_pairs(found), found.pairs),
    }
    return render_template("over_datasets.html", context)


def _first(models: pd.DataFrame) -> list[str]:
    """Return the models of the best mean rank."""
    best = models[models["rank"] == models["rank"].min()]
    return [Model(table, regressor, "").label for table, regressor in best[MODEL].itertuples(index=False)]


def _detail(found: OverDatasets) -> str:
    """Return what the tests over the datasets say."""
    parts = []
    if math.isfinite(found.friedman_p):
        differ = "differ" if found.friedman_p < LEVEL else "do not differ significantly"
        parts.append(f"The ranks of the models {differ} (Friedman, {p_text(found.friedman_p)}).")
    ranks = found.models["rank"]
    separated = sum(
        abs(a - b) > found.critical_difference for k, a in enumerate(ranks) for b in ranks.iloc[k + 1 :]
    )
    parts.append(
        f"Nemenyi’s test separates {separated:,} of {counted(len(found.pairs), 'pair')} of models. "
        f"A test over {counted(len(found.scores), 'data set')} sees only what nearly every data set shows."
    )
    return " ".join(parts)


def _headings(scores: pd.DataFrame) -> list[tuple[str, str]]:
    """Return the datasets, and below each its protocol and number of videos."""
    kept = scores.head(MOST_DATASETS)
    return [
        (shown(name), f"{shown(protocol)}, {counted(videos, 'video')}")
        for name, protocol, videos in zip(kept["dataset"], kept["protocol"], kept["videos"], strict=True)
    ]


def _matrix(found: OverDatasets) -> list[tuple[Model, list[Cell | None]]]:
    """Return the scores of every model on every dataset, and its means; best rank first."""
    values = found.scores.drop(columns=["dataset", "protocol", "videos"]).head(MOST_DATASETS)
    highest = values.max(axis=1)
    means = {name: found.models[name].max() for name in MEANS}
    rows = []
    for model in found.models.head(MOST_ROWS).to_dict("records"):
        mine = values[f"{model['table']} ({model['regressor']})"]
        cells: list[Cell | None] = [
            Cell(float(one), "", bool(one == best)) for one, best in zip(mine, highest, strict=True)
        ]
        cells += [Cell(float(model[name]), "", bool(model[name] == best)) for name, best in means.items()]
        rows.append((Model(str(model["table"]), str(model["regressor"]), ""), cells))
    return rows


def _ranks(found: OverDatasets) -> object:
    """Return the mean ranks as they are drawn; None where there are too many models."""
    if len(found.models) > MOST_ROWS:
        return None
    return rank_table(found.models, found.cliques, found.critical_difference)


def _pairs(found: OverDatasets) -> Shown:
    rope = decimal(float(found.pairs["rope"].iloc[0]))
    return Shown(
        "pairs",
        "Pairs of models",
        f"Difference in {METRIC_NAMES[found.metric]}, first minus second, mean of the data sets, and the "
        "posterior probabilities of the Bayesian signed-rank test: on a further data set the first model is "
        f"most likely better, the same within ± {rope}, or worse.",
        (*(f"{name}_{one}" for one in "ab" for name in MODEL), "difference", "better", "equivalent", "worse"),
        ("difference", "difference", "difference"),
    )
