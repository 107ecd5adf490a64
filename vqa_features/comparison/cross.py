"""Cross-dataset evaluation: train on one dataset, test on another."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..errors import ParameterError, TableError
from ..evaluation import metrics
from ..evaluation.kernel_solvers import Decomposition
from ..evaluation.model_search import fit_predict
from ..evaluation.paired_tests import auc
from ..evaluation.regressors import Regressor
from ..evaluation.scale_alignment import inlsa
from ..evaluation.splits import Split, fold_tests
from ..tables.feature_table import GivenTable, feature_tables
from ..tables.ids import aligned
from ..tables.labels import Labels
from .blocks import Block, Videos
from .checks import Duplicates, ValidityWarnings
from .cross_checks import check_direction, check_shared
from .notices import with_notices
from .options import GivenRegressors, InputOptions, ModelOptions
from .preparation import prepare

if TYPE_CHECKING:
    import pandas as pd

Values = NDArray[np.float64]
WITHIN_FOLDS = 5


class Dataset(NamedTuple):
    """Feature tables (the same names in every dataset) and labels of one dataset."""

    tables: Mapping[str, GivenTable]
    mos: pd.Series | Labels
    groups: pd.Series | Mapping[str, object] | None = None
    measurements: pd.Series | None = None
    """By id: a score with the same meaning in every dataset (such as NIQE), to map MOS onto one scale."""


class _Ready(NamedTuple):
    blocks: dict[str, Block]
    videos: Videos
    mos: Values
    warnings: tuple[str, ...]


def cross(
    datasets: Mapping[str, Dataset],
    *,
    regressors: GivenRegressors = ("svr-rbf", "ridge"),
    reference: str | None = None,
    seed: int = 0,
    ignore_case: bool = False,
    duplicates: Duplicates = "error",
) -> pd.DataFrame:
    """Return the scores of every pair of training and test dataset.

    The diagonal holds the pooled strict 5-fold scores inside a dataset. `Comparison.with_extra` adds the
    matrix to a comparison under the name ``cross``.

    Parameters
    ----------
    datasets : mapping of str to Dataset
        At least two, with the same table names and columns.
    regressors : sequence or mapping
        Names, import paths and estimators, as for `vqa_features.compare`.
    reference : str, optional
        Dataset whose scale all MOS are mapped to (INLSA; every dataset needs `measurements`). Without it
        only correlations are comparable, and ``rmse`` is nan off the diagonal.
    seed : int
        Seed of inner folds.
    ignore_case : bool
        Join ids that differ in upper and lower case only.
    duplicates : {"error", "warn", "group"}
        How to handle equal videos of one dataset, see `vqa_features.compare`.

    Returns
    -------
    DataFrame
        Columns ``train, test, table, family, regressor, srcc, krcc, plcc_raw, plcc_test_mapped, rmse,
        n_train, n_test`` and ``shift`` (area under the ROC curve of a linear classifier between the two
        datasets: .5 is no shift, 1 is complete). ``attrs["warnings"]`` lists what limits the validity, which
        is shown as a `vqa_features.comparison.notices.ValidityNotice` too: warnings of every dataset, videos
        that two share, models that rank in the opposite order.

    Raises
    ------
    ParameterError, TableError
        If there are fewer than two datasets, or their tables or columns differ.
    """
    import pandas as pd

    if len(datasets) < 2:
        raise ParameterError(f"need at least two datasets, got {len(datasets)}")
    models = ModelOptions.of(regressors)
    options = InputOptions(duplicates, ignore_case=ignore_case)
    ready = {name: _ready(dataset, options) for name, dataset in datasets.items()}
    _check_same(ready)
    told = (f"{name}: {text}" for name, one in ready.items() for text in one.warnings)
    warnings = ValidityWarnings([*models.notes(), *told])
    check_shared({name: (one.blocks, one.videos) for name, one in ready.items()}, warnings)
    if reference is not None:
        ready = _aligned(datasets, ready, reference)
    rows = []
    for (train, test), table, regressor in itertools.product(
        itertools.product(ready, repeat=2), next(iter(ready.values())).blocks, models.records
    ):
        source, target = ready[train], ready[test]
        block = source.blocks[table]
        if train == test:
            predicted, shift = _within(block, source, regressor, seed), 0.5
        else:
            predicted = _across(source, target, table, regressor, seed)
            shift = distinguishability(block.values, target.blocks[table].values)
        mapped = metrics.fit_logistic(predicted, target.mos)(predicted)
        comparable = train == test or reference is not None
        rows.append(
            {
                "train": train,
                "test": test,
                "table": table,
                "family": block.family,
                "regressor": regressor.name,
                "srcc": metrics.srcc(predicted, target.mos),
                "krcc": metrics.krcc(predicted, target.mos),
                "plcc_raw": metrics.plcc(predicted, target.mos),
                "plcc_test_mapped": metrics.plcc(mapped, target.mos),
                "rmse": metrics.rmse(predicted, target.mos) if comparable else np.nan,
                "n_train": len(source.mos),
                "n_test": len(target.mos),
                "shift": shift,
            }
        )
    found = pd.DataFrame(rows)
    check_direction(found, warnings)
    return with_notices(found, warnings.all())


def _ready(dataset: Dataset, options: InputOptions) -> _Ready:
    labels, warnings = Labels.of(dataset.mos, dataset.groups), ValidityWarnings()
    blocks, videos = prepare(feature_tables(dataset.tables), labels, warnings, options).in_id_order()
    return _Ready({block.name: block for block in blocks}, videos, videos.mos, warnings.all())


def _check_same(ready: Mapping[str, _Ready]) -> None:
    first, *others = ready
    for other in others:
        if set(ready[first].blocks) != set(ready[other].blocks):
            raise ParameterError(
                f"every dataset needs the same tables; {first} has {', '.join(ready[first].blocks)}, "
                f"{other} has {', '.join(ready[other].blocks)}"
            )
        for name, block in ready[first].blocks.items():
            if block.columns != ready[other].blocks[name].columns:
                raise TableError(f"the columns of {name} differ between {first} and {other}")


def _aligned(
    datasets: Mapping[str, Dataset], ready: Mapping[str, _Ready], reference: str
) -> dict[str, _Ready]:
    measured = {}
    for name, one in ready.items():
        given = datasets[name].measurements
        if given is None:
            raise ParameterError(
                f"bringing MOS onto one scale needs measurements of every dataset; {name} has none"
            )
        values = aligned(given, one.videos.ids).to_numpy(dtype=np.float64)
        if not np.isfinite(values).all():
            raise TableError(f"{name}: {(~np.isfinite(values)).sum()} video(s) have no measurement")
        measured[name] = (one.mos, values)
    maps = inlsa(measured, reference)
    return {name: one._replace(mos=maps[name](one.mos)) for name, one in ready.items()}


def _within(block: Block, source: _Ready, regressor: Regressor, seed: int) -> Values:
    rows = np.arange(len(source.mos))
    predicted = np.empty(len(rows))
    for test in fold_tests(len(rows), source.videos.groups, WITHIN_FOLDS, seed):
        split = Split(np.setdiff1d(rows, test), test)
        predicted[test] = fit_predict(
            regressor, block.values, source.mos, split, source.videos.groups, seed=seed
        ).predicted
    return predicted


def _across(source: _Ready, target: _Ready, table: str, regressor: Regressor, seed: int) -> Values:
    values = np.vstack([source.blocks[table].values, target.blocks[table].values])
    mos = np.concatenate([source.mos, target.mos])
    count = len(source.mos)
    split = Split(np.arange(count), np.arange(count, len(mos)))
    groups = None
    if source.videos.groups is not None:
        groups = np.concatenate([source.videos.groups.astype(str), np.full(len(target.mos), "")])
    return fit_predict(regressor, values, mos, split, groups, seed=seed).predicted


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
