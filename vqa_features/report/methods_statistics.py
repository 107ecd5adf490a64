"""Sentences on the metrics of a comparison, their intervals, and the tests between models."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ..comparison.options import recipe
from ..comparison.result import BASELINE
from ..comparison.summary import ALPHA, OVER_SPLITS, OVER_VIDEOS
from ..evaluation.metrics import METRICS, Metric
from .formatting import counted, listed, shown
from .view import ProtocolView

if TYPE_CHECKING:
    import pandas as pd

_LOGISTIC = {"logistic4": "four-parameter logistic map", "logistic5": "five-parameter logistic map"}


def metric_sentences(view: ProtocolView, *, maps_only: bool = False) -> list[str]:
    """Return sentences on what each metric is computed from and how it is summarised over the splits.

    Parameters
    ----------
    view : ProtocolView
        One protocol and test part.
    maps_only : bool
        Leave out how scores are summarised.
    """
    present = [metric for metric in METRICS if metric.name in view.scores]
    literature = recipe(view.protocol_name) == "literature"
    fitted = "predictions of the test part" if literature else "out-of-fold predictions of the training part"
    logistic = _LOGISTIC.get(str(view.comparison.settings.get("logistic")), "logistic map")
    how = {
        "raw": "from the predictions as they are",
        "mapped": f"after a {logistic} fitted on the {fitted}",
        "test-mapped": f"after a {logistic} fitted on the test part itself",
    }
    clauses = []
    for kind, text in how.items():
        mine = [metric for metric in present if metric.predictions == kind]
        if mine:
            clauses.append(f"{listed([_label(metric) for metric in mine])} {text}")
    told = [f"Metrics: {'; '.join(clauses)}."]
    if maps_only:
        return told
    told.append("The correlation of a constant prediction counts as 0.")
    bootstrap = view.comparison.settings.get("bootstrap")
    grouped = isinstance(view.comparison.settings.get("groups"), int)
    draws = f"{bootstrap:,} bootstrap resamples" if isinstance(bootstrap, int) else "bootstrap resamples"
    draws += f" of {'groups of videos' if grouped else 'videos'}"
    if view.over_videos:
        told.append(
            f"Scores are those of the one fitted model; the interval of SRCC is that of {draws} (95 %)."
        )
    else:
        told.append(
            f"Scores are medians over the {view.scores['split'].nunique():,} splits with their 2.5 and 97.5 "
            "percentiles; pooled SRCC is that of the mean prediction of each video over the splits that "
            f"tested it, with the 95 % interval of {draws}."
        )
    return told


def _label(metric: Metric) -> str:
    return f"“{metric.label}”" if "," in metric.label else metric.label


def significance_sentences(view: ProtocolView) -> list[str]:
    """Return sentences on the tests between models on one test part, or that there were none."""
    rows = view.significance
    if rows.empty:
        models = len(view.trained)
        why = (
            "there is one model" if models == 1 else "see the warnings" if models else "no model was trained"
        )
        return [f"Differences between models were not tested ({why})."]
    told = []
    for (test, metric), mine in rows.groupby(["test", "metric"], sort=False):
        label = _metric_label(str(metric))
        told.append(_TESTS.get(str(test), _Test("", _other)).sentence(view, mine, label))
        pairs = counted(len(mine), "pair")
        told.append(f"The p values are corrected by Holm's method over {pairs} of models, level {ALPHA:g}.")
        margin = _margin(mine)
        if margin:
            error = " and the standard error of the bootstrap" if test == OVER_VIDEOS else ""
            told.append(
                f"Models count as equal if two one-sided tests with the margin {margin} in {label}{error}, "
                "corrected by Holm's method, are significant."
            )
    if (view.scores["regressor"] == BASELINE).any():
        told.append("The training mean is not tested.")
    return told


def tested_by(view: ProtocolView) -> str:
    """Return the tests between models in one short sentence, for a caption."""
    rows = view.significance
    told = []
    for (test, metric), mine in rows.groupby(["test", "metric"], sort=False) if len(rows) else ():
        name = _TESTS[str(test)].name if test in _TESTS else shown(test)
        margin = f", margin of equality {_margin(mine)}" if _margin(mine) else ""
        told.append(
            f"{name} in {_metric_label(str(metric))}, Holm's correction over {counted(len(mine), 'pair')}, "
            f"level {ALPHA:g}{margin}"
        )
    return f"Test: {'; '.join(told)}." if told else "Differences between models were not tested."


def _metric_label(name: str) -> str:
    return next((one.label for one in METRICS if one.name == name), shown(name))


def _margin(rows: pd.DataFrame) -> str:
    """Return the margin of the equivalence tests, empty where there were none."""
    margins = rows.loc[np.isfinite(rows["p_equivalence"]), "margin"].unique()
    return f"{margins[0]:g}" if len(margins) else ""


def _over_splits(view: ProtocolView, rows: pd.DataFrame, label: str) -> str:
    scores = view.scores
    ratio = float((scores["n_test"] / scores["n_train"]).mean())
    degrees = sorted({int(df) for df in rows["df"].dropna()})
    freedom = f"{counted(degrees[0], 'degree')} of freedom, " if len(degrees) == 1 else ""
    return (
        f"Differences in mean {label} were tested over the same {scores['split'].nunique():,} splits by the "
        f"corrected resampled t-test of Nadeau and Bengio ({freedom}test-to-train ratio {ratio:.3g})."
    )


def _over_videos(view: ProtocolView, rows: pd.DataFrame, label: str) -> str:
    videos = int(view.summary["n"].max())
    error = (
        " Squared errors were compared by an F-test (ITU-T P.1401)." if np.isfinite(rows["f_p"]).any() else ""
    )
    return (
        f"Differences in {label} were tested over the {videos:,} videos of the test part, for the models as "
        "trained, by a z-test on Fisher-transformed rank correlations with the standard error of their "
        f"influence functions.{error}"
    )


def _other(view: ProtocolView, rows: pd.DataFrame, label: str) -> str:
    return f"Differences in {label} were tested ({shown(rows['test'].iloc[0])})."


class _Test(NamedTuple):
    """How a test of two models is described."""

    name: str
    sentence: Callable[[ProtocolView, pd.DataFrame, str], str]


_TESTS = {
    OVER_SPLITS: _Test("corrected resampled t-test over the splits", _over_splits),
    OVER_VIDEOS: _Test("z-test over the videos of the test part", _over_videos),
}
