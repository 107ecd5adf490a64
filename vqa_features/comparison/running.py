"""Run a comparison: join, check, fit and score every protocol, summarise, test, analyse."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from ..evaluation.many_rows import describe_subsample
from ..evaluation.parallel import Workers
from ..tables.feature_table import FeatureTable
from ..tables.labels import Labels
from .analyses import find, with_analyses
from .blocks import Prepared
from .checks import ValidityWarnings, check_chance, check_splits
from .costs import seconds_per_video
from .fixed_set import significance_on_videos
from .given_scores import NONE, direction_notes
from .leaks import check_given, check_plausible
from .options import Options, ProtocolName, recipe
from .preparation import prepare
from .properties import check_properties, properties
from .protocol import Plan, run
from .result import BASELINE, Comparison
from .settings import settings_of
from .split_table import joined_splits, split_table
from .splitting import split_videos
from .study import Study
from .summary import Pooled, edge_notes, significance_of_pairs, summarise_models

if TYPE_CHECKING:
    import pandas as pd


class _Results(NamedTuple):
    """The result tables of one protocol."""

    scores: pd.DataFrame
    summary: pd.DataFrame
    significance: pd.DataFrame
    predictions: pd.DataFrame
    splits: pd.DataFrame


def run_comparison(
    tables: Sequence[FeatureTable], labels: Labels, options: Options, workers: Workers
) -> Comparison:
    """Join, check, run every protocol, stack the results, add the analyses.

    Parameters
    ----------
    tables : sequence of FeatureTable
        Tables to compare.
    labels : Labels
        Opinion scores.
    options : Options
        Everything else.
    workers : Workers
        Where the splits run.
    """
    import pandas as pd

    warnings = ValidityWarnings()
    prepared = prepare(tables, labels, warnings, options.inputs)
    options.models.check(prepared)
    models = options.models.joined(prepared.videos.ids, options.inputs.ignore_case)
    options = replace(options, models=models)
    check_given(models.scores, prepared.videos, options.inputs.trusted, warnings)
    analyses, known = find(options.analyses.names), properties(tables, labels)
    check_properties(known, options.analyses.error_by)
    for analysis in analyses:
        analysis.check(prepared, options.splits.fitted)
    for note in options.models.notes():
        warnings.add(note)
    costs = seconds_per_video(tables)
    parts = [
        _run_protocol(one, prepared, options, workers, costs, warnings) for one in options.splits.protocols
    ]
    *stacked, splits = zip(*(one for one, _ in parts), strict=True)
    scores, summary, significance, predictions = (pd.concat(same, ignore_index=True) for same in stacked)
    results = _Results(scores, summary, significance, predictions, joined_splits(splits))
    settings = settings_of(options, tables, prepared, labels, scores)
    found = Comparison(**results._asdict(), settings=settings, warnings=warnings.all())
    study = Study(*parts[0][1], labels, found, workers)
    return with_analyses(study, analyses, {name: known[name] for name in options.analyses.error_by})


def _run_protocol(
    protocol: ProtocolName,
    prepared: Prepared,
    options: Options,
    workers: Workers,
    costs: Mapping[str, float],
    warnings: ValidityWarnings,
) -> tuple[_Results, tuple[Plan, Prepared]]:
    """Split, fit and score every model, summarise and test; return what the analyses continue with too."""
    import pandas as pd

    ordered, splits = split_videos(protocol, prepared, options, warnings)
    videos = ordered.videos
    check_splits([one.split for one in splits], videos.groups, protocol, warnings)
    plan = Plan(protocol, splits, options.models, options.run.seed, options.statistics.logistic)
    size = plan.most_training_rows(), ordered.most_columns()
    note = describe_subsample(plan.models.regressors, *size, recipe(protocol) == "strict")
    if note:
        warnings.add(f"{protocol}: hyperparameters of kernel methods are searched on a {note}")
    scores, predictions = run(plan, ordered, workers, options.run.progress)
    for note in edge_notes(scores):
        warnings.add(note)
    parts = [
        _of_part(one, predictions[predictions["part"] == name], ordered, options, costs, warnings)
        for name, one in scores.groupby("part", sort=False)
    ]
    summary, significance = (pd.concat(same, ignore_index=True) for same in zip(*parts, strict=True))
    for note in direction_notes(summary, options.models.scores):
        warnings.add(note)
    if protocol != "literature":
        check_chance(_best_of_tables(summary[summary["regressor"] != NONE]), warnings)
    check_plausible(_best_of_tables(summary, key=abs), ordered, options.inputs.trusted, protocol, warnings)
    listed = split_table(protocol, videos.ids, splits)
    return _Results(scores, summary, significance, predictions, listed), (plan, ordered)


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


def _best_of_tables(summary: pd.DataFrame, key: Callable[[float], float] = float) -> dict[str, float]:
    """Return the median SRCC of each table whose `key` is highest."""
    trained = summary[summary["regressor"] != BASELINE]
    found = trained.groupby("table", sort=False)["srcc"]
    return {str(name): max(map(float, values), key=key) for name, values in found}
