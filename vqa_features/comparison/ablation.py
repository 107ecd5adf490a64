"""Contribution of groups of features: ablation, and importance by permutation of a whole group."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import ParameterError
from ..evaluation import metrics
from ..evaluation.model_search import chosen_pipeline, fit_predict
from ..evaluation.regressors import GivenRegressor
from ..evaluation.splits import strict_splits
from ..pooling import parse_column
from ..tables.columns import feature_columns
from ..tables.feature_table import FeatureTable, GivenTable
from ..tables.labels import Labels
from .checks import Duplicates, ValidityWarnings
from .notices import with_notices
from .options import InputOptions, ModelOptions
from .preparation import prepare
from .statuses import status_columns

if TYPE_CHECKING:
    import pandas as pd

ALL = "all"


def extractor_groups(table: pd.DataFrame) -> dict[str, list[str]]:
    """Return the feature columns of each extractor; a column that names no extractor is its own group."""
    groups: dict[str, list[str]] = {}
    for name in feature_columns(table).names:
        column = parse_column(str(name))
        groups.setdefault(str(name) if column is None else column.label, []).append(str(name))
    return groups


def ablation_tables(
    table: pd.DataFrame, groups: Mapping[str, Sequence[str]] | None = None
) -> dict[str, pd.DataFrame]:
    """Return the table itself (``all``) and, per group, ``without <group>`` and ``only <group>``.

    Parameters
    ----------
    table : DataFrame
        Feature table indexed by video id.
    groups : mapping of str to column names, optional
        Default: the columns of each extractor (`extractor_groups`).

    Returns
    -------
    dict of str to DataFrame
        Tables for `vqa_features.compare`.
    """
    table = FeatureTable.of("table", table).frame
    chosen = _check_groups(table, groups)
    features = [str(name) for name in feature_columns(table).names]
    status = status_columns(table)  # a failed video is to be left out of every part
    found = {ALL: table[[*features, *status]]}
    for group, columns in chosen.items():
        kept = [name for name in features if name not in set(columns)]
        found[f"without {group}"] = table[[*kept, *status]]
        found[f"only {group}"] = table[[*columns, *status]]
    return found


def _check_groups(
    table: pd.DataFrame, groups: Mapping[str, Sequence[str]] | None
) -> Mapping[str, Sequence[str]]:
    chosen = extractor_groups(table) if groups is None else groups
    if len(chosen) < 2:
        raise ParameterError(f"need at least two groups of columns, got {', '.join(chosen) or 'none'}")
    for group, columns in chosen.items():
        missing = [name for name in columns if name not in table.columns]
        if missing or not len(columns):
            raise ParameterError(
                f"group {group!r} names columns the table lacks: {', '.join(missing) or 'none'}"
            )
    return chosen


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
        One row per group: ``group, columns, loss`` (mean over splits and repeats), ``loss_low, loss_high``
        (2.5 and 97.5 percentiles over splits), most important first. ``attrs["warnings"]`` holds
        the warnings about the input, which are shown as `vqa_features.comparison.notices.ValidityNotice` too.
    """
    import pandas as pd

    given = FeatureTable.of("table", table)
    chosen = _check_groups(given.frame, groups)
    warnings, models = ValidityWarnings(), ModelOptions.of([regressor])
    (record,) = models.records
    for note in models.notes():
        warnings.add(note)
    prepared = prepare([given], Labels.of(mos, videos), warnings, InputOptions(duplicates))
    (block,), known = prepared.in_id_order()
    position = {name: number for number, name in enumerate(block.columns)}
    losses: dict[str, list[float]] = {group: [] for group in chosen}
    for number, split in enumerate(strict_splits(len(known.ids), known.groups, splits, seed=seed)):
        fit = fit_predict(record, block.values, known.mos, split, known.groups, seed=seed + number)
        model = chosen_pipeline(record, fit.chosen, seed=seed + number)
        model.fit(block.values[split.train], known.mos[split.train])
        random = np.random.default_rng([seed, number])
        test, truth = block.values[split.test], known.mos[split.test]
        base = _srcc(model.predict(test), truth)
        for group, columns in chosen.items():
            where = [position[name] for name in columns]
            permuted = []
            for _ in range(repeats):
                shuffled = test.copy()
                shuffled[:, where] = test[random.permutation(len(test))][:, where]
                permuted.append(_srcc(model.predict(shuffled), truth))
            losses[group].append(base - float(np.mean(permuted)))
    rows = [
        {
            "group": group,
            "columns": len(chosen[group]),
            "loss": float(np.mean(values)),
            "loss_low": float(np.quantile(values, 0.025)),
            "loss_high": float(np.quantile(values, 0.975)),
        }
        for group, values in losses.items()
    ]
    found = pd.DataFrame(rows).sort_values("loss", ascending=False, kind="stable", ignore_index=True)
    return with_notices(found, warnings.all())


def _srcc(predicted: Any, mos: Any) -> float:
    found = metrics.srcc(predicted, mos)
    return 0.0 if np.isnan(found) else found
