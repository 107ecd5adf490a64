"""The splits of one protocol: every table with every regressor, fitted and scored."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, cast

import numpy as np

from ..evaluation import conformal, metrics
from ..evaluation.grids import as_cell
from ..evaluation.many_rows import describe_subsample
from ..evaluation.model_search import fit_predict
from ..evaluation.parallel import HERE, OnProgress, Workers
from ..evaluation.regressors import Regressor
from ..evaluation.splits import Split
from ..evaluation.training_part import Fit
from . import fusion, result
from .blocks import Block, Prepared, Values, Videos, in_components, joined
from .given_scores import NONE, given_fit
from .options import Logistic, ModelOptions, ProtocolName, recipe
from .splitting import TestedSplit

if TYPE_CHECKING:
    import pandas as pd


class Plan(NamedTuple):
    """Splits and models of one protocol."""

    protocol: ProtocolName
    splits: list[TestedSplit]
    models: ModelOptions
    seed: int
    logistic: Logistic = "logistic4"

    def most_training_rows(self) -> int:
        """Return the number of rows of the largest training part."""
        return max(len(one.split.train) for one in self.splits)

    def seed_of(self, number: int) -> int:
        """Return the seed of one split: of its inner folds, drawn grid points and `random_state`.

        The public scripts count splits from 1; that number seeds the ten grid points.
        """
        return number + 1 if self.protocol == "literature" else self.seed + number


_Outcome = tuple[list[dict[str, Any]], "list[pd.DataFrame]"]


def run(
    plan: Plan,
    prepared: Prepared,
    workers: Workers = HERE,
    progress: OnProgress | None = None,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the ``scores`` and ``predictions`` of one protocol (columns: `vqa_features.comparison.result`).

    Every split is a task of the workers, so that the numbers do not depend on where it runs.

    Parameters
    ----------
    plan : Plan
        Splits and models.
    prepared : Prepared
        Features and labels, in the row order that the splits mean.
    workers : Workers
        Where the splits run.
    progress : callable, optional
        Called with (splits done, splits in all).

    Raises
    ------
    ParameterError
        If kernel matrices of so many training rows, in so many processes, exceed the available memory.
    """
    import pandas as pd

    size = plan.most_training_rows(), prepared.most_columns()
    workers.check_memory(plan.models.regressors, *size, len(plan.splits))
    outcomes = workers.results(_run_split, (plan, prepared), range(len(plan.splits)), progress)
    scores = pd.DataFrame([row for rows, _ in outcomes for row in rows])
    return scores, pd.concat([part for _, parts in outcomes for part in parts], ignore_index=True)


def searched(models: ModelOptions, scores: pd.DataFrame) -> dict[str, dict[str, str]]:
    """Return how hyperparameters were searched, by protocol and name of the regressor."""
    found = {}
    for protocol, mine in scores.groupby("protocol", sort=False):
        size = int(mine["n_train"].max()), int(mine["columns"].max())
        kind = recipe(cast("ProtocolName", protocol))
        found[str(protocol)] = {
            name: _with_subsample(text, describe_subsample([name], *size, kind == "strict"))
            for name, text in models.searched(kind).items()
        }
    return found


def _with_subsample(searched: str, subsample: str) -> str:
    return f"{searched}; {subsample}" if subsample else searched


def _run_split(shared: tuple[Plan, Prepared], number: int) -> _Outcome:
    """Return score rows and prediction tables of one split."""
    plan, (blocks, videos) = shared
    record = _Record(plan, number, videos)
    for regressor in plan.models.records:
        fits = [record.fit(block, regressor) for block in blocks]
        if plan.models.fusion and regressor.name != result.BASELINE:
            truth = videos.mos[plan.splits[number].split.train]
            record.fit(joined(blocks), regressor, fusion.shares(fits, truth))
            started = time.perf_counter()
            late = fusion.stack(fits, truth)
            columns = sum(len(block.columns) for block in blocks)
            record.add(fusion.LATE, result.FUSION, columns, regressor.name, late, started)
        if plan.models.components:
            for block in blocks:
                record.fit(in_components(block, plan.models.components), regressor)
    for given in plan.models.scores:
        started = time.perf_counter()
        fit = given_fit(given.oriented(videos.ids), videos.mos, plan.splits[number].split)
        record.add(given.name, given.family, 1, NONE, fit, started)
    return record.rows, record.parts


class _Record:
    """Score rows and prediction tables of one split, collected model by model."""

    def __init__(self, plan: Plan, number: int, videos: Videos) -> None:
        self.plan, self.number, self.videos = plan, number, videos
        self.rows: list[dict[str, Any]] = []
        self.parts: list[pd.DataFrame] = []

    def fit(self, block: Block, regressor: Regressor, weights: Sequence[float] = ()) -> Fit:
        """Fit one table with one regressor and score it."""
        plan = self.plan
        started = time.perf_counter()
        fit = fit_predict(
            regressor,
            block.values,
            self.videos.mos,
            plan.splits[self.number].split,
            self.videos.groups,
            protocol=recipe(plan.protocol),
            search=plan.models.search,
            seed=plan.seed_of(self.number),
            blocks=block.parts,
            weights=weights,
            components=block.components,
            validation=plan.splits[self.number].validation,
        )
        columns = block.components or len(block.columns)
        self.add(block.name, block.family, columns, regressor.name, fit, started)
        return fit

    def add(self, table: str, family: str, columns: int, regressor: str, fit: Fit, started: float) -> None:
        """Score one fit on every test part; `started` is the reading of time.perf_counter when it began."""
        seconds = time.perf_counter() - started
        (train, test), parts, _ = self.plan.splits[self.number]
        for part, rows in parts.items():
            split = Split(train, test[rows])
            on_part = fit._replace(predicted=fit.predicted[rows])
            found, mapped = score(on_part, self.videos, split, self.plan.protocol, self.plan.logistic)
            key = {"protocol": self.plan.protocol, "part": part, "split": self.number, "table": table}
            self.rows.append(
                {
                    **key,
                    "family": family,
                    "regressor": regressor,
                    **found,
                    "n_train": len(split.train),
                    "n_test": len(split.test),
                    "columns": columns,
                    "chosen": as_cell(fit.chosen),
                    "at_edge": ", ".join(fit.at_edge),
                    "seconds": seconds,
                }
            )
            self.parts.append(
                _predictions({**key, "regressor": regressor}, self.videos, split, on_part, mapped)
            )


def _predictions(key: dict[str, Any], videos: Videos, split: Split, fit: Fit, mapped: Values) -> pd.DataFrame:
    """Return the predictions of one model on one test part."""
    import pandas as pd

    tested = {"id": [videos.ids[row] for row in split.test], "mos": videos.mos[split.test]}
    return pd.DataFrame({**key, **tested, "predicted": fit.predicted, "mapped": mapped})


def score(
    fit: Fit, videos: Videos, split: Split, protocol: ProtocolName, logistic: Logistic = "logistic4"
) -> tuple[dict[str, float], Values]:
    """Return the metrics of one fit, and its test predictions after the protocol's logistic map."""
    mos, known = videos.mos[split.test], fit.left_out(videos.mos[split.train])
    on_test = mapped = fit.predicted
    if np.ptp(fit.predicted) > 0:  # a constant prediction cannot be mapped
        on_test = mapped = metrics.fit_logistic(fit.predicted, mos, logistic)(fit.predicted)
        if recipe(protocol) == "strict":
            mapped = metrics.fit_logistic(*known, logistic)(fit.predicted)
    width = conformal.half_width(*known)
    outliers = float("nan")
    if videos.std is not None:
        counts = None if videos.counts is None else videos.counts[split.test]
        outliers = metrics.outlier_ratio(mapped, mos, videos.std[split.test], counts)
    predictions = {"raw": fit.predicted, "mapped": mapped, "test-mapped": on_test}
    # The correlation of a constant prediction counts as 0; without the split the model would score higher.
    return {
        **{metric.name: metric.of(predictions, mos) for metric in metrics.METRICS},
        "outlier_ratio": outliers,
        "interval": width,
        "coverage": conformal.coverage(fit.predicted, mos, width),
    }, mapped
