"""Training: out-of-fold predictions, what follows from them, and the pipeline fitted on all videos.

Every video is predicted by models that did not see its fold (groups are kept whole), in each of several
repetitions with other folds. From these predictions follow the strict SRCC, PLCC and RMSE, the map to MOS
and the half-width of the interval. Error and interval use maps fitted on the other folds, so that no
MOS helps to predict itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..comparison.blocks import Prepared
from ..errors import ParameterError
from ..evaluation import metrics
from ..evaluation.conformal import half_width
from ..evaluation.model_search import chosen_pipeline, fit_predict
from ..evaluation.parallel import HERE, OnProgress, Workers
from ..evaluation.regressors import Regressor
from ..evaluation.splits import Positions, Split, fold_tests
from ..evaluation.training_part import Fit, Search
from .monotone_map import MonotoneMap, fit_map

if TYPE_CHECKING:
    from sklearn.pipeline import Pipeline

Values = NDArray[np.float64]
FOLDS = 5


@dataclass(frozen=True)
class Recipe:
    """What is trained, and how."""

    regressor: Regressor
    search: Search
    seed: int
    repetitions: int
    level: float
    """Coverage of the interval."""
    workers: Workers = HERE
    progress: OnProgress | None = None


class Performance(NamedTuple):
    """Strict cross-validated scores: means over the repetitions."""

    srcc: float
    srcc_lowest: float
    srcc_highest: float
    plcc: float
    rmse: float
    """In MOS units, after maps fitted on the other folds."""
    half_width: float
    """Of the interval, in MOS units."""


class Trained(NamedTuple):
    """A fitted pipeline and what was learned of its errors."""

    pipeline: Pipeline
    chosen: dict[str, Any]
    curve: MonotoneMap
    performance: Performance
    out_of_fold: Values
    """(videos,): on the MOS scale, mean over the repetitions."""


class _Data(NamedTuple):
    values: Values
    mos: Values
    groups: NDArray[np.generic] | None
    blocks: tuple[int, ...]


def train(prepared: Prepared, recipe: Recipe) -> Trained:
    """Return a pipeline fitted on all videos, with its out-of-fold scores.

    Parameters
    ----------
    prepared : Prepared
        Joined and checked tables. The columns of several are put side by side; each table is scaled by itself
        and has one equal share of the variance, as in early fusion with equal weights.
    recipe : Recipe
        Regressor and protocol.

    Raises
    ------
    ParameterError
        If all videos are in one group, or a kernel matrix would not fit into memory.
    """
    from threadpoolctl import threadpool_limits

    videos, parts = prepared.videos, [len(block.columns) for block in prepared.blocks]
    data = _Data(
        np.hstack([block.values for block in prepared.blocks]),
        videos.mos,
        videos.groups,
        tuple(parts) if len(parts) > 1 else (),
    )
    if data.groups is not None and len(np.unique(data.groups)) < 2:
        raise ParameterError("all videos are in one group, so no fold can keep groups apart: give no groups")
    rows = np.arange(len(data.mos))
    repetitions = [
        fold_tests(len(rows), data.groups, FOLDS, recipe.seed + number)
        for number in range(recipe.repetitions)
    ]
    splits = [Split(np.setdiff1d(rows, test), test) for tests in repetitions for test in tests]
    width = data.values.shape[1]
    recipe.workers.check_memory([recipe.regressor.name], len(rows), width, len(splits) + 1)
    with threadpool_limits(limits=1):
        *inside, whole = _fits(data, recipe, [*splits, Split(rows, rows[:1])])
        pipeline = chosen_pipeline(recipe.regressor, whole.chosen, seed=recipe.seed, blocks=data.blocks)
        pipeline.fit(data.values, data.mos)
    left = iter(inside)
    predicted = [_pooled(tests, [next(left) for _ in tests], len(rows)) for tests in repetitions]
    curve = fit_map(np.concatenate(predicted), np.tile(data.mos, len(predicted)))
    mapped = [cross_mapped(tests, one, data.mos) for tests, one in zip(repetitions, predicted, strict=True)]
    performance = _performance(predicted, mapped, data.mos, recipe.level)
    return Trained(pipeline, whole.chosen, curve, performance, np.mean(mapped, axis=0))


def _fits(data: _Data, recipe: Recipe, splits: list[Split]) -> list[Fit]:
    """Return the fit of every split, in their order."""
    shared = data, recipe.regressor, recipe.search, recipe.seed
    return recipe.workers.results(_fit, shared, splits, recipe.progress)


def _fit(shared: tuple[_Data, Regressor, Search, int], split: Split) -> Fit:
    data, regressor, search, seed = shared
    return fit_predict(
        regressor,
        data.values,
        data.mos,
        split,
        data.groups,
        search=search,
        seed=seed,
        blocks=data.blocks,
    )


def _pooled(tests: list[Positions], fits: list[Fit], rows: int) -> Values:
    """Return the prediction of every row by the model of the fold that left it out."""
    found = np.full(rows, np.nan)
    for test, fit in zip(tests, fits, strict=True):
        found[test] = fit.predicted
    return found


def cross_mapped(tests: list[Positions], predicted: Values, mos: Values) -> Values:
    """Return predictions on the MOS scale, each fold by the map of the other folds, (rows,).

    Parameters
    ----------
    tests : list of (rows of a fold,)
        Every row is in one fold.
    predicted, mos : (rows,)
        Out-of-fold predictions and MOS.
    """
    found = np.full(len(mos), np.nan)
    for test in tests:
        others = np.setdiff1d(np.arange(len(mos)), test)
        found[test] = fit_map(predicted[others], mos[others])(predicted[test])
    return found


def _performance(predicted: list[Values], mapped: list[Values], mos: Values, level: float) -> Performance:
    ranks = [metrics.srcc(one, mos) for one in predicted]
    return Performance(
        float(np.mean(ranks)),
        float(np.min(ranks)),
        float(np.max(ranks)),
        float(np.mean([metrics.plcc(one, mos) for one in mapped])),
        float(np.mean([metrics.rmse(one, mos) for one in mapped])),
        float(np.mean([half_width(one, mos, level) for one in mapped])),
    )
