"""Learning curves: scores against the number of training videos."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..errors import ParameterError
from ..evaluation.on_cluster import Cluster, chosen_workers
from ..evaluation.parallel import HERE, Workers
from ..evaluation.splits import Split, strict_splits
from ..tables.feature_table import feature_tables
from ..tables.given import GivenTable
from ..tables.labels import Labels
from .blocks import Prepared
from .checks import Duplicates, ValidityWarnings
from .notices import with_notices
from .options import GivenRegressors, InputOptions, ModelOptions
from .preparation import prepare
from .protocol import Plan, run
from .splitting import TestedSplit, whole_tests

if TYPE_CHECKING:
    import pandas as pd

FRACTIONS = (0.1, 0.2, 0.4, 0.7, 1.0)
KEY = ["protocol", "part", "table", "family", "regressor"]


def learning_curve(
    tables: Mapping[str, GivenTable],
    mos: pd.Series | Labels,
    groups: pd.Series | Mapping[str, object] | None = None,
    *,
    fractions: Sequence[float] = FRACTIONS,
    splits: int = 20,
    regressors: GivenRegressors = ("ridge",),
    seed: int = 0,
    jobs: int = 1,
    cluster: Cluster | None = None,
    duplicates: Duplicates = "error",
) -> pd.DataFrame:
    """Return SRCC against training size, on the same test parts.

    Every smaller training part is a subset of the next larger one; groups stay whole.
    `Comparison.with_extra` adds the curve to a comparison under the name ``learning_curve``.

    Parameters
    ----------
    tables : mapping of str to DataFrame or (DataFrame, family)
        Feature tables indexed by video id.
    mos : Series or Labels
        MOS by video id.
    groups : Series or mapping, optional
        Source content of each video, by id.
    fractions : sequence of float
        Shares of the training part, in (0, 1].
    splits : int
        Number of strict splits.
    regressors : sequence or mapping
        Names, import paths and estimators, as for `vqa_features.compare`.
    seed : int
        Seed of splits, training parts and inner folds.
    jobs, cluster
        Where the splits run, as for `vqa_features.compare`.
    duplicates : {"error", "warn", "group"}
        How to handle equal videos, see `vqa_features.compare`.

    Returns
    -------
    DataFrame
        Columns ``protocol, part, table, family, regressor, n_train`` (mean over splits), ``splits``, ``srcc``
        (median), ``srcc_low, srcc_high`` (2.5 and 97.5 percentiles over splits). ``attrs["warnings"]`` holds
        the warnings about the input, which are shown as `vqa_features.comparison.notices.ValidityNotice` too.
    """
    if not fractions or not all(0 < fraction <= 1 for fraction in fractions):
        raise ParameterError(f"fractions must lie in (0, 1], got {fractions}")
    models = ModelOptions.of(regressors)
    warnings = ValidityWarnings()
    for note in models.notes():
        warnings.add(note)
    options = InputOptions(duplicates)
    prepared = prepare(feature_tables(tables), Labels.of(mos, groups), warnings, options).in_id_order()
    videos = prepared.videos
    whole = whole_tests(strict_splits(len(videos.ids), videos.groups, splits, seed=seed))
    with chosen_workers(jobs, cluster) as workers:
        found = curve_of(Plan("strict", whole, models, seed), prepared, fractions, workers)
    return with_notices(found, warnings.all())


def curve_of(
    plan: Plan,
    prepared: Prepared,
    fractions: Sequence[float] = FRACTIONS,
    workers: Workers = HERE,
) -> pd.DataFrame:
    """Return the learning curve on the splits of a plan; its columns are those of `learning_curve`.

    Parameters
    ----------
    plan : Plan
        Splits and models.
    prepared : Prepared
        Features and labels, in the row order that the splits mean.
    fractions : sequence of float
        Shares of the training part, in (0, 1].
    workers : Workers
        Where the splits run.
    """
    import pandas as pd

    plan = plan._replace(models=replace(plan.models, scores=()))  # a given score learns nothing
    groups = prepared.videos.groups if plan.protocol == "strict" else None
    rows = []
    for fraction in sorted(fractions):
        smaller = []
        for number, (split, parts, validation) in enumerate(plan.splits):
            rest = split.train if validation is None else np.setdiff1d(split.train, validation)
            train = smaller_part(rest, groups, fraction, plan.seed + number)
            train = train if validation is None else np.concatenate([train, validation])
            smaller.append(TestedSplit(Split(train, split.test), parts, validation))
        scores, _ = run(plan._replace(splits=smaller), prepared, workers)
        for _, mine in scores.groupby(["part", "table", "regressor"], sort=False):
            low, middle, high = np.quantile(mine["srcc"], [0.025, 0.5, 0.975])
            size = {"n_train": float(mine["n_train"].mean()), "splits": len(mine)}
            spread = {"srcc": middle, "srcc_low": low, "srcc_high": high}
            key = {name: mine[name].iloc[0] for name in KEY}
            rows.append(key | size | spread)
    return pd.DataFrame(rows)


def smaller_part(
    train: NDArray[np.intp], groups: NDArray[np.generic] | None, fraction: float, seed: int
) -> NDArray[np.intp]:
    """Return about `fraction` of the rows, or of whole groups, drawn by the seed.

    The part of a smaller fraction is a subset of that of a larger one. At least three rows (groups) remain,
    for inner folds.

    Parameters
    ----------
    train : (rows,)
        Row positions of the training part.
    groups : (videos,), optional
        Source content of every video.
    fraction : float
        Share to keep.
    seed : int
        Decides the order.
    """
    labels = train if groups is None else groups[train]
    order = np.random.default_rng(seed).permutation(np.unique(labels))
    kept = order[: max(3, round(fraction * len(order)))]
    return train[np.isin(labels, kept)]
