"""Title and counts of a comparison, and what the videos were rated by."""

from __future__ import annotations

from collections.abc import Mapping

from ..comparison.given_scores import NONE
from ..comparison.result import BASELINE, FUSION, Comparison
from .formatting import shown

MOST_TITLE = 300
"""Greatest length of the heading, in characters."""


def title_of(comparison: Comparison) -> str:
    """Return the names of the tables, or their number."""
    scores = comparison.scores
    tables = scores.loc[scores["family"] != FUSION, "table"].unique()
    return " vs ".join(map(shown, tables)) if len(tables) <= 4 else f"{len(tables)} feature tables compared"


def facts_of(comparison: Comparison) -> list[tuple[str, str]]:
    """Return the counts below the headline, each with its name."""
    scores, predictions = comparison.scores, comparison.predictions
    given = scores["regressor"] == NONE
    counts = {
        _tested(comparison): predictions["id"],
        "splits": scores["split"],
        "feature tables": scores.loc[~given & (scores["family"] != FUSION), "table"],
        "regressors": scores.loc[~given & (scores["regressor"] != BASELINE), "regressor"],
    }
    if given.any():
        counts["given scores"] = scores.loc[given, "table"]
    if "part" in scores.columns and scores["part"].nunique() > 1:
        counts["test parts"] = scores["part"]
    found = [(values.nunique(), name) for name, values in counts.items()]
    return [(f"{count:,}", name.removesuffix("s") if count == 1 else name) for count, name in found]


def _tested(comparison: Comparison) -> str:
    """Return what the number of videos tested at least once counts, with the number of videos joined."""
    if "videos" not in comparison.summary:
        return "videos tested"
    return f"videos tested, of {int(comparison.summary['videos'].max()):,} joined"


def is_proxy(settings: Mapping[str, object]) -> bool:
    """Return whether any setting whose name starts with ``target`` contains the word "proxy"."""
    return any(
        "proxy" in str(value).lower() for key, value in settings.items() if str(key).startswith("target")
    )


def truth_of(settings: Mapping[str, object]) -> str:
    """Return what the videos were rated by, in the plural: ``opinion scores``, or ``proxy scores``."""
    return "proxy scores" if is_proxy(settings) else "opinion scores"
