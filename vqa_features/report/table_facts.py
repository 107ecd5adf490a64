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
        made = _made(one) if isinstance(one, Mapping) else ""
        seconds = float(row.get("seconds_per_video", float("nan")))
        found.append(TableFacts(model, int(row["columns"]), seconds, made))
    return found


def _made(table: Mapping[str, Any]) -> str:
    """Return in words what the settings of a comparison hold of a table that `extract` wrote."""
    parts = [_names(table.get("extractors"))]
    if pools := _names(table.get("pools")):
        parts.append(f"pools: {pools}")
    settings = table.get("settings")
    sampling = settings.get("sampling") if isinstance(settings, Mapping) else None
    if isinstance(sampling, Mapping) and parts[0]:
        chosen = [f"{name} {value}" for name, value in sampling.items() if value not in (None, 0, 0.0)]
        parts.append(f"sampling: {shown(', '.join(chosen)) if chosen else 'every frame'}")
    return "; ".join(part for part in parts if part)


def _names(value: Any) -> str:
    return first_few([shown(name) for name in value], MOST_NAMED) if isinstance(value, list) else ""
