"""Models of a cross-dataset evaluation: fitted on a training set, scored on test datasets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..evaluation import metrics
from ..evaluation.grids import as_cell
from ..evaluation.kernel_solvers import Decomposition
from ..evaluation.model_search import fit_predict
from ..evaluation.paired_tests import auc, srcc_interval
from ..evaluation.parallel import HERE, OnProgress, Workers
from ..evaluation.regressors import Regressor
from ..evaluation.splits import Split, fold_tests
from ..evaluation.training_part import Fit
from . import fusion, result
from .blocks import Block, joined
from .cross_data import JOINED, Ready, Scales
from .options import ModelOptions

Values = NDArray[np.float64]
WITHIN_FOLDS = 5
Row = dict[str, Any]


class Task(NamedTuple):
    """One training set with one regressor, and the datasets it is tested on."""

    members: tuple[str, ...]
    tests: tuple[str, ...]
    """The training dataset itself for the score within it, else other datasets."""
    regressor: Regressor

    @property
    def within(self) -> bool:
        """Whether this is the score inside one dataset."""
        return self.members == self.tests


class Plan(NamedTuple):
    """Everything that the tasks share."""

    ready: Mapping[str, Ready]
    scales: Scales
    models: ModelOptions
    shifts: Mapping[tuple[tuple[str, ...], str, str], float]
    seed: int


def tasks_of(names: Sequence[str], joint: Sequence[tuple[str, ...]], models: ModelOptions) -> list[Task]:
    """Return the tasks: inside every dataset, on the others from every dataset, and from every joint set."""
    found = []
    for members in [*((name,) for name in names), *joint]:
        outside = tuple(name for name in names if name not in members)
        tests = [members, outside] if len(members) == 1 else [outside]
        found += [Task(members, one, regressor) for one in tests for regressor in models.records]
    return found


def shifts_of(
    ready: Mapping[str, Ready], sets: Sequence[tuple[str, ...]], fused: bool
) -> dict[tuple[tuple[str, ...], str, str], float]:
    """Return the shift between training set and test dataset, by (members, test, table)."""
    found = {}
    for members in sets:
        for test in (name for name in ready if name not in members):
            pairs = _stacked(ready, members, (test,), fused)
            rows = sum(len(ready[name].mos) for name in members)
            for block in pairs:
                found[members, test, block.name] = distinguishability(
                    block.values[:rows], block.values[rows:]
                )
            if fused:
                found[members, test, fusion.LATE] = found[members, test, fusion.EARLY]
    return found


def run_tasks(
    plan: Plan, tasks: Sequence[Task], workers: Workers = HERE, progress: OnProgress | None = None
) -> list[Row]:
    """Return the rows of all tasks, in their order.

    Raises
    ------
    ParameterError
        If kernel matrices of so many training rows, in so many processes, exceed the available memory.
    """
    most = max(sum(len(plan.ready[name].mos) for name in task.members) for task in tasks)
    columns = max(one.prepared.most_columns() for one in plan.ready.values())
    workers.check_memory(plan.models.regressors, most, columns, len(tasks))
    return [row for rows in workers.results(_run_task, plan, tasks, progress) for row in rows]


def _run_task(plan: Plan, task: Task) -> list[Row]:
    """Return the rows of one task: one per test dataset and table."""
    return _within(plan, task) if task.within else _across(plan, task)


def _within(plan: Plan, task: Task) -> list[Row]:
    """Return the scores inside one dataset: predictions of five folds, pooled."""
    (name,) = task.members
    one, mos = plan.ready[name], plan.scales.within(name)
    rows = np.arange(len(mos))
    predicted: dict[tuple[str, str], Values] = {}
    for test in fold_tests(len(rows), one.groups, WITHIN_FOLDS, plan.seed):
        split = Split(np.setdiff1d(rows, test), test)
        for key, fit in _fits(plan, task, one.prepared.blocks, mos, split, one.groups).items():
            predicted.setdefault(key, np.empty(len(rows)))[test] = fit.predicted
    return [_row(plan, task, name, *key, values, mos, "") for key, values in predicted.items()]


def _across(plan: Plan, task: Task) -> list[Row]:
    """Return the scores of one training set on other datasets."""
    blocks = _stacked(plan.ready, task.members, task.tests, fused=False)
    target = plan.scales.targets(task.members)
    tests = [plan.ready[name].mos for name in task.tests]
    mos = np.concatenate([target, *tests])
    split = Split(np.arange(len(target)), np.arange(len(target), len(mos)))
    groups = _groups(plan.ready, task.members, len(mos) - len(target))
    found = _fits(plan, task, blocks, mos, split, groups)
    ends = np.cumsum([len(one) for one in tests])[:-1]
    return [
        _row(plan, task, name, *key, values, plan.scales.truth(task.members, name), as_cell(fit.chosen))
        for key, fit in found.items()
        for name, values in zip(task.tests, np.split(fit.predicted, ends), strict=True)
    ]


def _fits(
    plan: Plan,
    task: Task,
    blocks: Sequence[Block],
    mos: Values,
    split: Split,
    groups: NDArray[np.generic] | None,
) -> dict[tuple[str, str], Fit]:
    """Return the fit of every table, and of their fusions if asked for, by (table, family)."""

    def fit(block: Block, weights: Sequence[float] = ()) -> Fit:
        return fit_predict(
            task.regressor,
            block.values,
            mos,
            split,
            groups,
            search=plan.models.search,
            seed=plan.seed,
            blocks=block.parts,
            weights=weights,
        )

    found = {(block.name, block.family): fit(block) for block in blocks}
    if plan.models.fusion and task.regressor.name != result.BASELINE:
        single, truth = list(found.values()), mos[split.train]
        early = fit(joined(blocks), fusion.shares(single, truth))
        found[fusion.EARLY, result.FUSION] = early
        found[fusion.LATE, result.FUSION] = fusion.stack(single, truth)
    return found


def _row(
    plan: Plan,
    task: Task,
    test: str,
    table: str,
    family: str,
    predicted: Values,
    truth: Values | None,
    chosen: str,
) -> Row:
    """Return one row of the result; `truth` is the MOS on the scale of the predictions, if it is known."""
    mos, groups = plan.ready[test].mos, plan.ready[test].groups
    # The best map of a constant prediction is the mean.
    constant = np.ptp(predicted) == 0
    mapped = np.full(len(mos), mos.mean()) if constant else metrics.fit_logistic(predicted, mos)(predicted)
    # The training mean ranks nothing: the order of five folds with five means is no result.
    ranked = predicted if task.regressor.name != result.BASELINE else np.zeros(len(mos))
    low, high = srcc_interval(ranked, mos, groups)
    return {
        "train": JOINED.join(task.members),
        "test": test,
        "kind": "within" if task.within else "joint" if len(task.members) > 1 else "across",
        "table": table,
        "family": family,
        "regressor": task.regressor.name,
        "srcc": metrics.srcc(ranked, mos),
        "srcc_low": low,
        "srcc_high": high,
        "krcc": metrics.krcc(ranked, mos),
        "plcc_raw": metrics.plcc(ranked, mos),
        "plcc_test_mapped": metrics.plcc(mapped if ranked is predicted else ranked, mos),
        "rmse": float("nan") if truth is None else metrics.rmse(predicted, truth),
        "rmse_test_mapped": metrics.rmse(mapped, mos),
        "scale": plan.scales.scale_of(task.members, within=task.within),
        "n_train": sum(len(plan.ready[name].mos) for name in task.members),
        "n_test": len(mos),
        "shift": 0.5 if task.within else plan.shifts[task.members, test, table],
        "chosen": chosen,
    }


def _stacked(
    ready: Mapping[str, Ready], members: Sequence[str], tests: Sequence[str], fused: bool
) -> list[Block]:
    """Return every table with the rows of all members, then of all test datasets."""
    names = [*members, *tests]
    blocks = [
        block._replace(values=np.vstack([ready[name].blocks[block.name].values for name in names]))
        for block in ready[names[0]].prepared.blocks
    ]
    return [*blocks, joined(blocks)] if fused else blocks


def _groups(ready: Mapping[str, Ready], members: Sequence[str], tested: int) -> NDArray[np.generic] | None:
    """Return contents of the training rows, apart in each dataset; None if no dataset has any."""
    if all(ready[name].groups is None for name in members):
        return None
    labels = []
    for name in members:
        contents = ready[name].groups
        each = ready[name].prepared.videos.ids if contents is None else contents.astype(str)
        labels += [f"{name}/{label}" for label in each]
    return np.array([*labels, *[""] * tested])


def distinguishability(a: Values, b: Values) -> float:
    """Return the area under the ROC curve of a linear score between two sets of videos, .5 .. 1.

    The score of each video comes from a ridge regression without that video.
    """
    pooled = np.vstack([a, b])
    centre, scale = np.nanmean(pooled, axis=0), np.nanstd(pooled, axis=0)
    standard = np.nan_to_num((pooled - centre) / np.where(scale > 0, scale, 1.0))
    side = np.concatenate([np.zeros(len(a)), np.ones(len(b))])
    score = Decomposition.of_features(standard, side).out_of_block(float(len(side)) / 10)
    return max(0.5, auc(score[len(a) :], score[: len(a)]))
