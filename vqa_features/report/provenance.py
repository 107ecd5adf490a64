"""Title, counts, settings and warnings of a comparison as texts of limited length."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from ..comparison.result import BASELINE, FUSION, Comparison, as_json
from .formatting import shown

MOST_TITLE = 300
"""Greatest length of the heading, in characters."""
MOST_TEXT = 600
"""Greatest length of one warning or one plain setting."""
MOST_NESTED = 100_000
"""Greatest length of one nested setting."""
MOST_ENTRIES = 100
"""Greatest number of warnings, and of settings."""


def title_of(comparison: Comparison) -> str:
    """Return the names of the tables, or their number."""
    scores = comparison.scores
    tables = scores.loc[scores["family"] != FUSION, "table"].unique()
    return " vs ".join(map(shown, tables)) if len(tables) <= 4 else f"{len(tables)} feature tables compared"


def facts_of(comparison: Comparison) -> list[tuple[str, str]]:
    """Return the counts below the headline, each with its name."""
    scores, predictions = comparison.scores, comparison.predictions
    counts = {
        _tested(comparison): predictions["id"],
        "splits": scores["split"],
        "feature tables": scores.loc[scores["family"] != FUSION, "table"],
        "regressors": scores.loc[scores["regressor"] != BASELINE, "regressor"],
    }
    if "part" in scores.columns and scores["part"].nunique() > 1:
        counts["test parts"] = scores["part"]
    found = [(values.nunique(), name) for name, values in counts.items()]
    return [(f"{count:,}", name.removesuffix("s") if count == 1 else name) for count, name in found]


def _tested(comparison: Comparison) -> str:
    """Return what the number of videos tested at least once counts, with the number of videos joined."""
    if "videos" not in comparison.summary:
        return "videos tested"
    return f"videos tested, of {int(comparison.summary['videos'].max()):,} joined"


def warnings_of(comparison: Comparison) -> list[str]:
    """Return the first `MOST_ENTRIES` warnings."""
    return warning_texts(comparison.warnings)


def warning_texts(warnings: Sequence[str]) -> list[str]:
    """Return the first `MOST_ENTRIES` of some warnings as they are shown."""
    return [shown(warning, MOST_TEXT) for warning in warnings[:MOST_ENTRIES]]


def settings_of(comparison: Comparison) -> dict[str, str]:
    """Return the first `MOST_ENTRIES` settings as texts, and a sentence on those left out."""
    return setting_texts(comparison.settings)


def setting_texts(settings: Mapping[str, object]) -> dict[str, str]:
    """Return the same of any settings."""
    found = {shown(key): _setting(settings[key]) for key in list(settings)[:MOST_ENTRIES]}
    if len(settings) > MOST_ENTRIES:
        found["not shown"] = f"{len(settings) - MOST_ENTRIES:,} more settings are in settings.json"
    return found


def is_proxy(settings: Mapping[str, object]) -> bool:
    """Return whether any setting whose name starts with ``target`` contains the word "proxy"."""
    return any(
        "proxy" in str(value).lower() for key, value in settings.items() if str(key).startswith("target")
    )


def truth_of(settings: Mapping[str, object]) -> str:
    """Return what the videos were rated by, in the plural: ``opinion scores``, or ``proxy scores``."""
    return "proxy scores" if is_proxy(settings) else "opinion scores"


def _setting(given: object) -> str:
    """Return a setting as text; several lines of JSON where it is nested."""
    value = as_json(given)
    if value is None or value in ("", [], {}):
        return "–"
    if isinstance(value, list):
        return shown(", ".join(map(str, value)), MOST_TEXT)
    if not isinstance(value, dict):
        return shown(value, MOST_TEXT)
    if not any(isinstance(inner, dict | list) for inner in value.values()):
        return shown(", ".join(f"{key} {inner}" for key, inner in value.items()), MOST_TEXT)
    text = json.dumps(value, ensure_ascii=False, indent=1)
    lines = "\n".join(shown(line, MOST_TEXT) for line in text[:MOST_NESTED].split("\n"))
    return lines if len(text) <= MOST_NESTED else f"{lines}\n… {len(text):,} characters are in settings.json"
