"""The feature tables of a comparison: columns, extraction time, and how they were made."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from ..comparison.given_scores import NONE
from ..comparison.result import FUSION
from ..errors import first_few
from .formatting import shown
from .view import Model, ProtocolView

MOST_TABLES = 100
"""Greatest number of tables that are listed."""
MOST_NAMED = 6
"""Greatest number of extractors of one table that are named."""


class TableFacts(NamedTuple):
    """One feature table."""

    model: Model
    """Its model of highest median SRCC."""
    columns: int
    seconds: float
    """To extract the features of one video, median; nan without times in the table."""
    made: str
    """By which extractors, pools and sampling; empty where the table does not say."""


def table_facts(view: ProtocolView) -> list[TableFacts]:
    """Return the tables of one protocol, highest median SRCC first, without fusions and given scores."""
    settings = view.comparison.settings.get("tables")
    found = []
    for model in view.best_of_tables:
        if model.family == FUSION or model.regressor == NONE:
            continue
        row = view.rows[model]
        one = settings.get(model.table) if isinstance(settings, Mapping) else None
        made = _made(one.get("settings")) if isinstance(one, Mapping) else ""
        seconds = float(row.get("seconds_per_video", float("nan")))
        found.append(TableFacts(model, int(row["columns"]), seconds, made))
    return found


def _made(settings: Any) -> str:
    """Return in words what `extract` recorded in a table."""
    if not isinstance(settings, Mapping) or settings.get("command") != "extract":
        return ""
    parts = [_names(settings.get("extractors"), MOST_NAMED)]
    if pools := _names(settings.get("pool"), MOST_NAMED):
        parts.append(f"pools: {pools}")
    sampling = settings.get("sampling")
    if isinstance(sampling, Mapping):
        chosen = [f"{name} {value}" for name, value in sampling.items() if value not in (None, 0, 0.0)]
        parts.append(f"sampling: {shown(', '.join(chosen)) if chosen else 'every frame'}")
    return "; ".join(part for part in parts if part)


def _names(value: Any, most: int) -> str:
    return first_few([shown(name) for name in value], most) if isinstance(value, list) else ""
