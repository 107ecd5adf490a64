"""Several opinion scores of the same videos: one comparison each, and one matrix of families by target."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from ..errors import ParameterError
from ..evaluation.metrics import METRICS
from ..tables.given import GivenTable
from ..tables.labels import Labels
from .compare_tables import compare
from .result import Comparison

if TYPE_CHECKING:
    import pandas as pd


class Targets(NamedTuple):
    """Comparisons by target, and their scores side by side."""

    comparisons: dict[str, Comparison]
    matrix: pd.DataFrame
    """One row per target and row of its summary: ``target``, ``protocol, part, table, family, regressor, n,
    splits``, the median of every metric and ``srcc_low, srcc_high``."""
    warnings: tuple[str, ...]
    """What limits the comparison between targets; those of each target are in its comparison."""


def compare_targets(
    tables: Mapping[str, GivenTable],
    targets: Mapping[str, Labels | pd.Series],
    groups: pd.Series | Mapping[str, object] | None = None,
    **options: Any,
) -> Targets:
    """Compare feature tables by the prediction of several scores: overall quality, blur, noise.

    The same seed gives targets of the same videos the same splits.

    Parameters
    ----------
    tables : mapping of str to DataFrame or (DataFrame, family)
        Feature tables indexed by video id.
    targets : mapping of str to Labels or Series
        Opinion scores by video id, by the name of the target.
    groups : Series or mapping, optional
        Source content of each video, by id.
    **options
        Of `vqa_features.compare`.

    Raises
    ------
    ParameterError
        If there is no target.
    """
    if not isinstance(targets, Mapping) or not targets:
        raise ParameterError(f"targets must be opinion scores by name, at least one, got {targets!r}")
    found = {str(name): compare(tables, mos, groups, **options) for name, mos in targets.items()}
    return Targets(found, target_matrix(found), tuple(target_differences(found)))


def target_matrix(comparisons: Mapping[str, Comparison]) -> pd.DataFrame:
    """Return the summaries of several targets in one table, see `Targets.matrix`.

    Parameters
    ----------
    comparisons : mapping of str to Comparison
        By the name of the target.
    """
    import pandas as pd

    key = ["protocol", "part", "table", "family", "regressor", "n", "splits"]
    metrics = [metric.name for metric in METRICS]
    columns = [*key, *metrics, "srcc_low", "srcc_high"]
    rows = [one.summary[columns].assign(target=name) for name, one in comparisons.items()]
    return pd.concat(rows, ignore_index=True)[["target", *columns]]


def target_differences(comparisons: Mapping[str, Comparison]) -> list[str]:
    """Return a warning if the targets were predicted on different videos."""
    videos = {
        name: frozenset(() if one.splits is None else one.splits["id"]) for name, one in comparisons.items()
    }
    first, *others = videos
    different = [name for name in others if videos[name] != videos[first]]
    if not different:
        return []
    counts = ", ".join(f"{name} {len(ids)}" for name, ids in videos.items())
    return [f"the targets were tested on different videos, so their splits differ ({counts})"]
