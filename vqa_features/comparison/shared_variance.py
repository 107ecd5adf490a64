"""Unique and shared contributions of feature families: what each explains alone, and what several do."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, get_args

import numpy as np
from numpy.typing import NDArray

from ..errors import ParameterError
from ..evaluation.metrics import srcc
from ..evaluation.model_search import fit_predict
from ..evaluation.on_cluster import Cluster, chosen_workers
from ..evaluation.parallel import HERE, Workers
from ..evaluation.regressors import GivenRegressor, Regressor
from ..evaluation.significance import corrected_t
from ..evaluation.splits import strict_splits
from ..evaluation.training_part import Fit
from ..evaluation.variance_shares import commonality, members, shapley
from ..tables.feature_table import feature_tables
from ..tables.given import GivenTable
from ..tables.labels import Labels
from . import fusion
from .blocks import Prepared, joined
from .checks import Duplicates, ValidityWarnings
from .notices import with_notices
from .options import InputOptions, ModelOptions, recipe
from .preparation import prepare
from .protocol import Plan
from .splitting import whole_tests

if TYPE_CHECKING:
    import pandas as pd

Values = NDArray[np.float64]
Fusion = Literal["early", "late"]
Value = Literal["r2", "srcc2"]

#: All subsets are fitted: 63 models of six tables.
MOST_TABLES = 6
#: What the intervals mean.
BASIS = "mean over splits, 95 % interval by the corrected resampled t"


@dataclass(frozen=True)
class SharedVariance:
    """What every subset of the tables explains, divided in two ways; `BASIS` is that of all intervals."""

    subsets: pd.DataFrame
    """One row per subset: ``tables`` (``a + b``), ``number`` (of tables), ``value, low, high``.
    ``attrs["warnings"]`` holds the warnings about the input."""
    parts: pd.DataFrame
    """Commonality analysis, one row per subset: ``tables, number, kind`` (unique or shared), ``value, low,
    high, share`` (of the value of all tables). The values sum to that of all tables."""
    shapley: pd.DataFrame
    """One row per table: ``table, value, low, high, share``. The values sum to that of all tables."""
    value: Value
    """``r2`` or ``srcc2``."""
    splits: int


def shared_variance(
    tables: Mapping[str, GivenTable],
    mos: pd.Series | Labels,
    groups: pd.Series | Mapping[str, object] | None = None,
    *,
    regressor: GivenRegressor = "ridge",
    fused: Fusion = "early",
    value: Value = "r2",
    splits: int = 20,
    seed: int = 0,
    jobs: int = 1,
    cluster: Cluster | None = None,
    duplicates: Duplicates = "error",
) -> SharedVariance:
    """Return the unique and shared variance of feature tables, and their Shapley values.

    Every subset of the tables predicts the test part of every strict split. A table whose unique part is
    about 0 adds nothing to the others; its Shapley value still credits it with half of what it shares with
    one other table.

    Parameters
    ----------
    tables : mapping of str to DataFrame or (DataFrame, family)
        Two to six feature tables indexed by video id.
    mos : Series or Labels
        MOS by video id.
    groups : Series or mapping, optional
        Source content of each video, by id.
    regressor : str or estimator
        Name, import path or estimator, see `vqa_features.evaluation.regressors.find`.
    fused : {"early", "late"}
        How a subset is fused, see `vqa_features.comparison.fusion`: columns joined, or stacking, which fits
        each table once.
    value : {"r2", "srcc2"}
        ``r2``: 1 - squared error / squared distance from the training mean, on the test part. ``srcc2``: the
        squared SRCC, negative if the SRCC is. No table has the value 0.
    splits : int
        Number of strict splits, at least 2.
    seed : int
        Seed of splits and inner folds.
    jobs, cluster
        Where the splits run, as for `vqa_features.compare`.
    duplicates : {"error", "warn", "group"}
        How to handle equal videos, see `vqa_features.compare`.

    Returns
    -------
    SharedVariance
        Values of the subsets, their parts and the Shapley values, with intervals over splits.

    Raises
    ------
    TableError, ParameterError, UnknownName
        As `vqa_features.compare`, or if there are fewer than two or more than six tables.
    """
    if not 2 <= len(tables) <= MOST_TABLES:
        raise ParameterError(f"shared variance needs 2 to {MOST_TABLES} tables, got {len(tables)}")
    if fused not in get_args(Fusion) or value not in get_args(Value):
        raise ParameterError(f"fused must be early or late, value r2 or srcc2, got {fused!r} and {value!r}")
    if splits < 2:
        raise ParameterError(f"intervals need at least 2 splits, got {splits}")
    warnings, models = ValidityWarnings(), ModelOptions.of([regressor])
    for note in models.notes():
        warnings.add(note)
    prepared = prepare(feature_tables(tables), Labels.of(mos, groups), warnings, InputOptions(duplicates))
    prepared = prepared.in_id_order()
    drawn = strict_splits(len(prepared.videos.ids), prepared.videos.groups, splits, seed=seed)
    plan = Plan("strict", whole_tests(drawn), models, seed)
    with chosen_workers(jobs, cluster) as workers:
        found = shared_variance_of(plan, prepared, models.records[0], fused, value, workers)
    return replace(found, subsets=with_notices(found.subsets, warnings.all()))


def shared_variance_of(
    plan: Plan,
    prepared: Prepared,
    regressor: Regressor,
    fused: Fusion = "early",
    value: Value = "r2",
    workers: Workers = HERE,
) -> SharedVariance:
    """Return the same on the splits of a plan, over all their test videos.

    Parameters
    ----------
    plan : Plan
        At least two splits, and the search of hyperparameters.
    prepared : Prepared
        Two to six tables and labels, in the row order that the splits mean.
    regressor : Regressor
        The model of every subset.
    fused, value
        As for `shared_variance`.
    workers : Workers
        Where the splits run.
    """
    splits = [one.split for one in plan.splits]
    shared = _Shared(plan, prepared, regressor, fused, value)
    values = np.array(workers.results(_of_split, shared, range(len(splits))))
    ratio = float(np.mean([len(split.test) / len(split.train) for split in splits]))
    names = [block.name for block in prepared.blocks]
    return SharedVariance(*_tables(values, names, ratio), value, len(splits))


class _Shared(NamedTuple):
    """What all splits read."""

    plan: Plan
    prepared: Prepared
    regressor: Regressor
    fused: Fusion
    value: Value

    def fit(self, number: int, tables: Sequence[int], single: Sequence[Fit] = ()) -> Fit:
        """Fit some tables together on one split; `single` holds the fits of each table alone."""
        blocks, videos = self.prepared
        split = self.plan.splits[number].split
        train = videos.mos[split.train]
        alone = [single[i] for i in tables] if single else []
        if self.fused == "late" and len(tables) > 1:
            return fusion.stack(alone, train)
        chosen = [blocks[i] for i in tables]
        several = len(tables) > 1
        block = joined(chosen) if several else chosen[0]
        return fit_predict(
            self.regressor,
            block.values,
            videos.mos,
            split,
            videos.groups,
            protocol=recipe(self.plan.protocol),
            search=self.plan.models.search,
            seed=self.plan.seed_of(number),
            validation=self.plan.splits[number].validation,
            blocks=block.parts,
            weights=fusion.shares(alone, train) if several else (),
        )


def _of_split(shared: _Shared, number: int) -> Values:
    """Return the value of every subset of the tables on one split, (2**tables,)."""
    mos, (train, test) = shared.prepared.videos.mos, shared.plan.splits[number].split
    measure, centre = _MEASURES[shared.value], float(mos[train].mean())
    count = len(shared.prepared.blocks)
    found = np.zeros(1 << count)
    single = [shared.fit(number, [i]) for i in range(count)]
    for subset in range(1, 1 << count):
        tables = members(subset)
        fit = single[tables[0]] if len(tables) == 1 else shared.fit(number, tables, single)
        found[subset] = measure(fit.predicted, mos[test], centre)
    return found


def _r2(predicted: Values, mos: Values, centre: float) -> float:
    return 1 - float(np.sum((mos - predicted) ** 2) / np.sum((mos - centre) ** 2))


def _srcc2(predicted: Values, mos: Values, centre: float) -> float:
    r = float(np.nan_to_num(srcc(predicted, mos), nan=0.0))
    return abs(r) * r


_MEASURES: dict[Value, Callable[[Values, Values, float], float]] = {"r2": _r2, "srcc2": _srcc2}


def _tables(
    values: Values, names: Sequence[str], ratio: float
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Return subsets, parts and Shapley values from the values (splits, subsets)."""
    import pandas as pd

    def over_splits(columns: Values) -> list[dict[str, Any]]:
        tests = [corrected_t(column, ratio) for column in columns.T]
        return [{"value": one.difference, "low": one.low, "high": one.high} for one in tests]

    whole = float(values[:, -1].mean())
    chosen = [members(subset) for subset in range(1, values.shape[1])]
    keys = [{"tables": " + ".join(names[i] for i in one), "number": len(one)} for one in chosen]
    subsets = pd.DataFrame([k | v for k, v in zip(keys, over_splits(values[:, 1:]), strict=True)])
    parts = pd.DataFrame(
        [
            key | {"kind": "unique" if key["number"] == 1 else "shared"} | found
            for key, found in zip(keys, over_splits(commonality(values)[:, 1:]), strict=True)
        ]
    )
    shares = pd.DataFrame(
        [{"table": name} | found for name, found in zip(names, over_splits(shapley(values)), strict=True)]
    )
    for table in (parts, shares):
        table["share"] = table["value"] / whole if whole > 0 else np.nan
    subsets, parts = (one.sort_values("number", kind="stable", ignore_index=True) for one in (subsets, parts))
    return subsets, parts, shares
