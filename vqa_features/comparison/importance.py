"""Importance of groups of features: the loss of SRCC when the columns of a group are permuted together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ..evaluation import metrics
from ..evaluation.model_search import chosen_pipeline, fit_predict
from ..evaluation.parallel import HERE, Workers
from ..evaluation.regressors import GivenRegressor, Regressor
from ..evaluation.splits import strict_splits
from ..tables.feature_table import FeatureTable
from ..tables.given import GivenTable
from ..tables.labels import Labels
from .ablation import check_groups
from .blocks import Block, Prepared
from .checks import Duplicates, ValidityWarnings
from .notices import with_notices
from .options import InputOptions, ModelOptions, recipe
from .preparation import prepare
from .protocol import Plan
from .splitting import whole_tests

if TYPE_CHECKING:
    import pandas as pd

REPEATS = 5


def group_importance(
    table: GivenTable,
    mos: pd.Series | Labels,
    videos: pd.Series | Mapping[str, object] | None = None,
    *,
    groups: Mapping[str, Sequence[str]] | None = None,
    regressor: GivenRegressor = "ridge",
    splits: int = 20,
    repeats: int = 5,
    seed: int = 0,
    duplicates: Duplicates = "error",
) -> pd.DataFrame:
    """Return the loss of SRCC on test videos when a group's columns are permuted together.

    Columns of one group are permuted by the same order of rows. Correlated groups replace each other, so a
    small loss does not mean that a group holds no information; `ablation_tables` measures that.

    Parameters
    ----------
    table : DataFrame or (DataFrame, family)
        Feature table indexed by video id.
    mos : Series or Labels
        MOS by video id.
    videos : Series or mapping, optional
        Source content of each video, by id.
    groups : mapping of str to column names, optional
        Default: the columns of each extractor.
    regressor : str or estimator
        Name, import path or estimator, see `vqa_features.evaluation.regressors.find`.
    splits, repeats : int
        Number of strict splits, and of permutations per split and group.
    seed : int
        Decides splits and permutations.
    duplicates : {"error", "warn", "group"}
        How to handle equal videos, see `vqa_features.compare`.

    Returns
    -------
    DataFrame
        One row per group: ``group, columns, splits, loss`` (mean over splits and repeats), ``loss_low,
        loss_high`` (2.5 and 97.5 percentiles over splits), most important first. ``attrs["warnings"]`` holds
        the warnings about the input, which are shown as `vqa_features.comparison.notices.ValidityNotice` too.
    """
    given = FeatureTable.of("table", table)
    chosen = check_groups(given.frame, groups)
    warnings, models = ValidityWarnings(), ModelOptions.of([regressor])
    for note in models.notes():
        warnings.add(note)
    prepared = prepare([given], Labels.of(mos, videos), warnings, InputOptions(duplicates)).in_id_order()
    known = prepared.videos
    whole = whole_tests(strict_splits(len(known.ids), known.groups, splits, seed=seed))
    plan = Plan("strict", whole, models, seed)
    found = importance_of(plan, prepared, prepared.blocks[0], models.records[0], chosen, repeats)
    return with_notices(found, warnings.all())


def importance_of(
    plan: Plan,
    prepared: Prepared,
    block: Block,
    regressor: Regressor,
    groups: Mapping[str, Sequence[str]],
    repeats: int = REPEATS,
    workers: Workers = HERE,
) -> pd.DataFrame:
    """Return the importance of groups of columns of one table; columns are those of `group_importance`.

    Parameters
    ----------
    plan : Plan
        Splits; its models are not used.
    prepared : Prepared
        Labels, in the row order that the splits mean.
    block, regressor
        Table and model.
    groups : mapping of str to column names
        Columns permuted together.
    repeats : int
        Permutations per split and group.
    workers : Workers
        Where the splits run.
    """
    import pandas as pd

    position = {name: number for number, name in enumerate(block.columns)}
    places = {group: [position[name] for name in columns] for group, columns in groups.items()}
    shared = _Shared(plan, prepared, block, regressor, list(places.values()), repeats)
    losses = workers.results(_losses, shared, range(len(plan.splits)))
    rows = []
    for group, values in zip(groups, np.array(losses).T, strict=True):
        low, high = np.quantile(values, [0.025, 0.975])
        size = {"group": group, "columns": len(groups[group]), "splits": len(values)}
        rows.append({**size, "loss": float(np.mean(values)), "loss_low": low, "loss_high": high})
    return pd.DataFrame(rows).sort_values("loss", ascending=False, kind="stable", ignore_index=True)


class _Shared(NamedTuple):
    """What all splits read."""

    plan: Plan
    prepared: Prepared
    block: Block
    regressor: Regressor
    places: list[list[int]]
    """Columns of each group."""
    repeats: int


def _losses(shared: _Shared, number: int) -> list[float]:
    """Return the loss of every group on one split, the mean over the permutations."""
    model, test, truth = _fitted(shared, number)
    random = np.random.default_rng([shared.plan.seed, number])
    base, losses = _srcc(model.predict(test), truth), []
    for where in shared.places:
        permuted = []
        for _ in range(shared.repeats):
            shuffled = test.copy()
            shuffled[:, where] = test[random.permutation(len(test))][:, where]
            permuted.append(_srcc(model.predict(shuffled), truth))
        losses.append(base - float(np.mean(permuted)))
    return losses


def _fitted(shared: _Shared, number: int) -> tuple[Any, Any, Any]:
    """Return the model of one split, the features of its test videos and their MOS."""
    plan, prepared, block, regressor, *_ = shared
    videos, split, kind = prepared.videos, plan.splits[number].split, recipe(plan.protocol)
    seed = plan.seed_of(number)
    fit = fit_predict(
        regressor,
        block.values,
        videos.mos,
        split,
        videos.groups,
        protocol=kind,
        search=plan.models.search,
        seed=seed,
        validation=plan.splits[number].validation,
    )
    model = chosen_pipeline(regressor, fit.chosen, seed=seed, protocol=kind)
    model.fit(block.values[split.train], videos.mos[split.train])
    return model, block.values[split.test], videos.mos[split.test]


def _srcc(predicted: Any, mos: Any) -> float:
    found = metrics.srcc(predicted, mos)
    return 0.0 if np.isnan(found) else found
