"""Contribution of groups of features by ablation: without each group, and with it alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import ParameterError
from ..evaluation.parallel import HERE, Workers
from ..evaluation.regressors import Regressor
from ..evaluation.significance import corrected_t
from ..pooling import parse_column
from ..tables.columns import feature_columns
from ..tables.feature_table import FeatureTable
from .blocks import Block, Prepared
from .options import ModelOptions
from .protocol import Plan, run
from .statuses import status_columns

if TYPE_CHECKING:
    import pandas as pd

ALL = "all"


def groups_of(columns: Iterable[str]) -> dict[str, list[str]]:
    """Return the columns of each extractor; a column that names no extractor is its own group."""
    groups: dict[str, list[str]] = {}
    for name in columns:
        column = parse_column(name)
        groups.setdefault(name if column is None else column.label, []).append(name)
    return groups


def extractor_groups(table: pd.DataFrame) -> dict[str, list[str]]:
    """Return the feature columns of each extractor, see `groups_of`."""
    return groups_of(str(name) for name in feature_columns(table).names)


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
    chosen = check_groups(table, groups)
    features = [str(name) for name in feature_columns(table).names]
    status = status_columns(table)  # a failed video is to be left out of every part
    found = {ALL: table[[*features, *status]]}
    for group, columns in chosen.items():
        kept = [name for name in features if name not in set(columns)]
        found[f"without {group}"] = table[[*kept, *status]]
        found[f"only {group}"] = table[[*columns, *status]]
    return found


def check_groups(
    table: pd.DataFrame, groups: Mapping[str, Sequence[str]] | None
) -> Mapping[str, Sequence[str]]:
    """Return groups of columns of a table, by default those of the extractors; refuse what it lacks."""
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


def ablation_of(
    plan: Plan,
    prepared: Prepared,
    block: Block,
    regressor: Regressor,
    groups: Mapping[str, Sequence[str]],
    workers: Workers = HERE,
) -> pd.DataFrame:
    """Return the scores of one table without each group of columns, and with each alone.

    Parameters
    ----------
    plan : Plan
        Splits; its models are not used.
    prepared : Prepared
        Labels, in the row order that the splits mean.
    block, regressor
        Table and model.
    groups : mapping of str to column names
        Columns left out together.
    workers : Workers
        Where the splits run.

    Returns
    -------
    DataFrame
        One row per test part and set of columns: ``protocol, part, table, regressor, kept`` (``all``,
        ``without <group>``, ``only <group>``), ``columns, splits, srcc`` (median), ``difference`` (mean SRCC
        minus that of ``all``), ``low, high, p`` (corrected resampled t test; nan for one split).
    """
    import pandas as pd

    features = range(len(block.columns))
    position = {name: number for number, name in enumerate(block.columns)}
    kept = {ALL: list(features)}
    for group, columns in groups.items():
        alone = {position[name] for name in columns}
        kept[f"without {group}"] = [number for number in features if number not in alone]
        kept[f"only {group}"] = sorted(alone)
    blocks = [_only(block, name, numbers) for name, numbers in kept.items()]
    models = ModelOptions((regressor,), plan.models.search)
    scores, _ = run(plan._replace(models=models), Prepared(blocks, prepared.videos), workers)
    rows = []
    for part, mine in scores.groupby("part", sort=False):
        wide = mine.pivot_table(index="split", columns="table", values="srcc", sort=False)
        ratio = float((mine["n_test"] / mine["n_train"]).mean())
        known = {"protocol": plan.protocol, "part": part, "table": block.name, "regressor": regressor.name}
        for name, numbers in kept.items():
            size = {"kept": name, "columns": len(numbers), "splits": len(wide)}
            rows.append({**known, **size, "srcc": wide[name].median(), **_against_all(wide, name, ratio)})
    return pd.DataFrame(rows)


def _only(block: Block, name: str, columns: list[int]) -> Block:
    return Block(name, block.family, [block.columns[k] for k in columns], block.values[:, columns])


def _against_all(wide: pd.DataFrame, name: str, ratio: float) -> dict[str, Any]:
    """Return difference, interval and p of one set of columns minus all."""
    difference = wide[name] - wide[ALL]
    found = {"difference": float(difference.mean()), "low": np.nan, "high": np.nan, "p": np.nan}
    if name != ALL and len(wide) > 1:
        test = corrected_t(difference, ratio)
        found |= {"low": test.low, "high": test.high, "p": test.p}
    return found
