"""The table of each analysis of `vqa_features.comparison.analyses`, from a finished protocol."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial
from typing import TYPE_CHECKING

from ..evaluation.noise_ceiling import noise_ceiling
from .ablation import ablation_of, groups_of
from .blocks import Block
from .checks import ValidityWarnings
from .diagnosis import error_by
from .fixed_set import pair_analysis
from .importance import importance_of
from .learning_curve import curve_of
from .notices import notices_of, with_notices
from .pair_ranking import pair_ranking
from .power import power_of
from .properties import in_ranges
from .shared_variance import shared_variance_of
from .similarity import similarity_of
from .study import Study
from .summary import MODEL

if TYPE_CHECKING:
    import pandas as pd

#: Ablation fits twice as many models as there are groups of columns.
MOST_ABLATED = 20
MOST_PERMUTED = 500


def learning_curves(study: Study) -> pd.DataFrame:
    """Return the learning curve of every model, see `vqa_features.comparison.learning_curve`."""
    return curve_of(study.first_splits, study.prepared, workers=study.workers)


def ablation(study: Study) -> pd.DataFrame:
    """Return the ablation of every table of 2 to `MOST_ABLATED` extractors, with its best regressor."""
    return _stacked(
        ablation_of(
            study.first_splits, study.prepared, block, regressor, groups_of(block.columns), study.workers
        )
        for block, regressor in study.best_models()
        if is_divided(block, MOST_ABLATED)
    )


def importance(study: Study) -> pd.DataFrame:
    """Return the importance of the extractors of every table, with its best regressor."""
    plan = study.first_splits
    found = []
    for block, regressor in study.best_models():
        if is_divided(block, MOST_PERMUTED):
            groups = groups_of(block.columns)
            table = importance_of(plan, study.prepared, block, regressor, groups, workers=study.workers)
            found.append(_keyed(table, protocol=plan.protocol, table=block.name, regressor=regressor.name))
    return _stacked(found)


def shared(study: Study) -> pd.DataFrame:
    """Return unique and shared parts of the explained variance and the Shapley values, one row each.

    Columns ``protocol, regressor, kind`` (unique, shared or shapley), ``tables, value, low, high, share``.
    The regressor is that of the best model.
    """
    plan = study.first_splits
    regressor = study.best_regressor()
    found = shared_variance_of(plan, study.prepared, regressor, workers=study.workers)
    shapley = found.shapley.rename(columns={"table": "tables"}).assign(kind="shapley")
    columns = ["kind", "tables", "value", "low", "high", "share"]
    both = _stacked([found.parts[columns], shapley[columns]])
    return _keyed(both, protocol=plan.protocol, regressor=regressor.name)


def similarity(study: Study) -> pd.DataFrame:
    """Return the similarity of every pair of tables; missing cells are the mean of their column."""
    import pandas as pd

    warnings, complete = ValidityWarnings(), {}
    for block in study.prepared.blocks:
        frame = pd.DataFrame(block.values, index=study.prepared.videos.ids).dropna(axis=1, how="all")
        complete[block.name] = frame.fillna(frame.mean())
    return with_notices(similarity_of(complete, warnings), warnings.all())


def pairs_in_order(study: Study) -> pd.DataFrame:
    """Return the ranking of pairs of videos: of all, of those whose MOS differ, of those of one content.

    Columns ``protocol, part, pairs_of`` (``all``, ``significant``: only with known deviations and numbers of
    opinions, ``content``: only with groups), then those of `vqa_features.comparison.pair_ranking`.
    """
    import pandas as pd

    videos, protocol, found = study.prepared.videos, study.plan.protocol, []
    within = None if videos.groups is None else pd.Series(videos.groups.astype(str), videos.ids)
    opinions = videos.std is not None and videos.counts is not None
    for part in study.parts:
        ranking = partial(pair_ranking, study.comparison, protocol=protocol, part=part)
        kinds = {"all": ranking}
        if opinions:
            kinds["significant"] = partial(ranking, study.labels)
        if within is not None:
            kinds["content"] = partial(ranking, within=within)
        for name, one in kinds.items():
            found.append(_keyed(one(), protocol=protocol, part=part, pairs_of=name))
    return _stacked(found)


def power(study: Study) -> pd.DataFrame:
    """Return the smallest difference that would be found, for every tested pair of the protocol."""
    table = power_of(study.comparison)
    return table[table["protocol"] == study.plan.protocol] if "protocol" in table.columns else table


def ceiling(study: Study) -> pd.DataFrame:
    """Return the noise ceiling of the compared videos; columns of `noise_ceiling`, and the reliability."""
    videos = study.prepared.videos
    assert videos.std is not None
    assert videos.counts is not None
    found = noise_ceiling(videos.mos, videos.std, videos.counts)
    return found.table().assign(reliability=found.reliability, videos=found.videos)


def different_pairs(study: Study) -> pd.DataFrame:
    """Return Krasula's areas of every model and part: medians over the first splits."""
    found = []
    plan = study.first_splits
    for number, split in enumerate(plan.splits):
        for part in split.parts:
            areas = pair_analysis(study.comparison, study.labels, number, plan.protocol, part)
            found.append(areas.assign(protocol=plan.protocol, part=part))
    areas = _stacked(found)
    key = ["protocol", "part", *MODEL]
    return areas.groupby(key, sort=False).median().assign(splits=len(plan.splits)).reset_index()


def errors_by(study: Study, by: Mapping[str, pd.Series]) -> pd.DataFrame:
    """Return the errors by properties of the videos, for every test part.

    Parameters
    ----------
    study : Study
        The protocol to read.
    by : mapping of str to Series
        Values by the name of the property.

    Returns
    -------
    DataFrame
        Columns ``property, protocol, part``, then those of `vqa_features.comparison.diagnosis.error_by`.
    """
    protocol, ids = study.plan.protocol, study.prepared.videos.ids
    found = []
    for name, values in by.items():
        for part in study.parts:
            table = error_by(study.comparison, in_ranges(values, ids), protocol=protocol, part=part)
            found.append(_keyed(table, property=name, protocol=protocol, part=part))
    return _stacked(found)


def is_divided(block: Block, most: int) -> bool:
    """Return whether a table has 2 to `most` groups of columns."""
    return 2 <= len(groups_of(block.columns)) <= most


def _keyed(frame: pd.DataFrame, /, **key: str) -> pd.DataFrame:
    """Return the table with columns of one value before its own."""
    return frame.assign(**key)[[*key, *frame.columns]]


def _stacked(tables: Iterable[pd.DataFrame]) -> pd.DataFrame:
    """Return tables one below the other, with the warnings of all."""
    import pandas as pd

    each = list(tables)
    told = list(dict.fromkeys(text for table in each for text in notices_of(table)))
    return with_notices(pd.concat(each, ignore_index=True), told)
