"""Handcrafted and deep features on the same splits: `compare`.

Neither this module nor its package is called ``compare``, so that ``vqa_features.compare`` stays the
function whatever is imported first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from numpy.typing import ArrayLike

from ..evaluation.many_rows import describe_subsample
from ..evaluation.splits import Scheme
from ..evaluation.training_part import Search
from ..tables.feature_table import FeatureTable, GivenTable, feature_tables
from ..tables.labels import Labels
from .blocks import Prepared
from .checks import Duplicates, ValidityWarnings, check_chance, check_splits
from .costs import seconds_per_video
from .fixed_set import significance_on_videos
from .leaks import check_plausible
from .options import (
    GivenRegressors,
    InputOptions,
    ModelOptions,
    Options,
    ProtocolChoice,
    ProtocolName,
    RunOptions,
    SplitOptions,
    StatisticsOptions,
    recipe,
)
from .preparation import prepare
from .protocol import Plan, run
from .result import BASELINE, Comparison
from .settings import settings_of
from .split_table import joined_splits, split_table
from .splitting import split_videos
from .summary import Pooled, edge_notes, significance_of_pairs, summarise_models

if TYPE_CHECKING:
    import pandas as pd


def compare(
    tables: Mapping[str, GivenTable],
    mos: pd.Series | Mapping[str, float] | Labels,
    groups: pd.Series | Mapping[str, object] | None = None,
    protocol: ProtocolChoice = "strict",
    splits: int | Iterable[tuple[ArrayLike, ArrayLike]] = 100,
    regressors: GivenRegressors | None = None,
    seed: int = 0,
    jobs: int = 1,
    *,
    fusion: bool = False,
    components: int | None = None,
    search: Search | None = None,
    grids: Mapping[str, Mapping[str, Sequence[object]]] | None = None,
    scheme: Scheme = "holdout",
    test_size: float = 0.2,
    folds: int = 5,
    margin: float = 0.01,
    bootstrap: int = 1000,
    duplicates: Duplicates = "error",
    use_metadata: bool = False,
    ignore_case: bool = False,
    trusted: Sequence[str] = (),
    progress: Callable[[int, int], None] | None = None,
) -> Comparison:
    """Return how well regressors on each feature table predict the MOS of unseen videos.

    Every table and regressor sees the same splits.

    Parameters
    ----------
    tables : mapping of str to DataFrame or (DataFrame, family)
        Feature tables indexed by video id. Without a family, the extractors in the column names decide.
    mos : Series, mapping or Labels
        MOS by video id; `Labels` may hold groups and opinion deviations. Literature mode splits in this
        row order.
    groups : Series or mapping, optional
        Source content of each video, by id; kept on one side of every strict split.
    protocol : {"strict", "literature", "both", "official"}
        See ``docs/comparing.md``; ``official`` needs `splits`.
    splits : int or iterable of (train, test)
        Number of splits, or the splits themselves as arrays of video ids. Pairs of the same training part
        are test parts of one model; `vqa_features.tables.split_lists.SplitList` names them.
    regressors : sequence or mapping of str, optional
        Names, import paths and estimators, see `vqa_features.evaluation.regressors.find`; a mapping names
        them. Default: svr-rbf, ridge and the baseline mean.
    seed : int
        Seed of strict splits, inner folds and bootstrap. Literature splits have published seeds.
    jobs : int
        Number of processes; results do not depend on it.
    fusion : bool
        Add the tables ``fusion`` (columns joined, families weighted by what each explains) and
        ``late-fusion`` (stacking).
    components : int, optional
        Equal-dimension control: add each table reduced to this many principal components inside the fold,
        as ``<name>/<components>d``.
    search : {"refine", "full", "random10"}, optional
        Search of hyperparameters, see `vqa_features.evaluation.model_search.fit_predict`.
    grids : mapping of str to mapping, optional
        Values to search, by regressor: ``{"gradient-boosting": {"max_iter": [100, 400]}}``.
    scheme : {"holdout", "kfold", "leave-one-group-out"}
        Kind of strict splits, see `vqa_features.evaluation.splits.strict_splits`.
    test_size : float
        Share of the videos (of the groups) in the test part of a hold-out.
    folds : int
        Number of folds of ``kfold``.
    margin : float
        Largest difference in SRCC that counts as none in the equivalence test.
    bootstrap : int
        Number of bootstrap resamples for intervals.
    duplicates : {"error", "warn", "group"}
        How to handle equal and nearly equal videos in no common group (a few of these are a warning).
    use_metadata : bool
        Use numeric metadata columns, such as width or bitrate, as features.
    ignore_case : bool
        Join ids that differ in upper and lower case only; see `vqa_features.tables.ids`.
    trusted : sequence of str
        Columns that are features whatever they are called (``score``) and however well they rank.
    progress : callable, optional
        Called with (splits done, splits in all).

    Returns
    -------
    Comparison
        Scores, summary, significance and predictions as DataFrames, settings and warnings.

    Raises
    ------
    TableError, ParameterError, UnknownName
        If tables and MOS do not match, a leak is found, or a parameter is not allowed.

    See Also
    --------
    write_report : Write the comparison as an HTML page.
    vqa_features.comparison.cross.cross : Train on one dataset, test on another.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> import vqa_features as vf
    >>> random = np.random.default_rng(0)
    >>> mos = pd.Series(random.uniform(1, 5, 60), index=[f"clip{i}" for i in range(60)])
    >>> def table(noise):
    ...     values = mos.to_numpy()[:, None] + random.normal(0, noise, (60, 4))
    ...     return pd.DataFrame(values, index=mos.index).add_prefix("f")
    >>> tables = {"good": (table(0.3), "handcrafted"), "poor": (table(3.0), "deep")}
    >>> comparison = vf.compare(tables, mos, splits=20, regressors=["ridge"], bootstrap=100)
    >>> comparison.summary.set_index("table")["srcc"].idxmax()
    'good'
    >>> comparison.significance["verdict"].item()
    'a'
    """
    options = Options(
        SplitOptions.of(protocol, splits, scheme, test_size, folds),
        ModelOptions.of(regressors, search, fusion, components, grids),
        StatisticsOptions(margin, bootstrap),
        InputOptions(duplicates, use_metadata, ignore_case, trusted),
        RunOptions(seed, jobs, progress),
    )
    return _compare(feature_tables(tables), Labels.of(mos, groups), options)


class _Results(NamedTuple):
    """The result tables of one protocol."""

    scores: pd.DataFrame
    summary: pd.DataFrame
    significance: pd.DataFrame
    predictions: pd.DataFrame
    splits: pd.DataFrame


def _compare(tables: Sequence[FeatureTable], labels: Labels, options: Options) -> Comparison:
    """Join, check, run every protocol, stack the results."""
    import pandas as pd

    warnings = ValidityWarnings()
    prepared = prepare(tables, labels, warnings, options.inputs)
    options.models.check(prepared)
    for note in options.models.notes():
        warnings.add(note)
    costs = seconds_per_video(tables)
    parts = [_run_protocol(one, prepared, options, costs, warnings) for one in options.splits.protocols]
    *stacked, splits = zip(*parts, strict=True)
    scores, summary, significance, predictions = (pd.concat(same, ignore_index=True) for same in stacked)
    results = _Results(scores, summary, significance, predictions, joined_splits(splits))
    settings = settings_of(options, tables, prepared, labels, scores)
    return Comparison(**results._asdict(), settings=settings, warnings=warnings.all())


def _run_protocol(
    protocol: ProtocolName,
    prepared: Prepared,
    options: Options,
    costs: Mapping[str, float],
    warnings: ValidityWarnings,
) -> _Results:
    """Split, fit and score every model, summarise and test."""
    import pandas as pd

    ordered, splits = split_videos(protocol, prepared, options, warnings)
    videos = ordered.videos
    check_splits([one.split for one in splits], videos.groups, protocol, warnings)
    plan = Plan(protocol, splits, options.models, options.run.seed)
    size = plan.most_training_rows(), ordered.most_columns()
    note = describe_subsample(plan.models.regressors, *size, recipe(protocol) == "strict")
    if note:
        warnings.add(f"{protocol}: hyperparameters of kernel methods are searched on a {note}")
    scores, predictions = run(plan, ordered, options.run.jobs, options.run.progress)
    for note in edge_notes(scores):
        warnings.add(note)
    parts = [
        _of_part(one, predictions[predictions["part"] == name], ordered, options, costs, warnings)
        for name, one in scores.groupby("part", sort=False)
    ]
    summary, significance = (pd.concat(same, ignore_index=True) for same in zip(*parts, strict=True))
    best = _best_of_tables(summary)
    if protocol != "literature":
        check_chance(best, warnings)
    check_plausible(best, ordered, options.inputs.trusted, protocol, warnings)
    return _Results(scores, summary, significance, predictions, split_table(protocol, videos.ids, splits))


def _of_part(
    scores: pd.DataFrame,
    predictions: pd.DataFrame,
    prepared: Prepared,
    options: Options,
    costs: Mapping[str, float],
    warnings: ValidityWarnings,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return summary and significance of one test part: over splits, or over videos if one was fitted."""
    videos, statistics = prepared.videos, options.statistics
    groups = None if videos.groups is None else dict(zip(videos.ids, videos.groups, strict=True))
    pooled = Pooled.of(predictions, groups, statistics.bootstrap, options.run.seed)
    summary = summarise_models(scores, predictions, pooled, costs, len(videos.ids))
    if scores["split"].nunique() == 1:
        return summary, significance_on_videos(predictions, pooled, statistics.margin, warnings)
    return summary, significance_of_pairs(scores, pooled, margin=statistics.margin)


def _best_of_tables(summary: pd.DataFrame) -> dict[str, float]:
    """Return the highest median SRCC of each table."""
    trained = summary[summary["regressor"] != BASELINE]
    best = trained.groupby("table", sort=False)["srcc"].max()
    return {str(name): float(value) for name, value in best.items()}
