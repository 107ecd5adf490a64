"""Tables of results on a page: numbers as text, drawn as points with intervals, and mean ranks."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from .formatting import decimal, p_text, shown, signed

MOST_ROWS = 40
"""Greatest number of rows of one table on the page."""


class Mark(NamedTuple):
    """A number with its interval, in per cent of the width of its column; nan where there is none."""

    at: float
    low: float
    high: float


class Section(NamedTuple):
    """One analysis on the page."""

    name: str
    title: str
    lead: str
    labels: list[tuple[str, bool]]
    """Headings of the columns, and whether they hold text."""
    rows: list[list[str]]
    """Cells as text."""
    marks: list[Mark]
    """Drawn in the last column, one per row; none if nothing is drawn."""
    zero: float
    """Place of the number 0 in that column, in per cent; nan if it is outside."""
    rest: str
    """What is left out, in a sentence."""


Writer = Callable[[Any], str]


def _whole(value: float) -> str:
    return f"{value:,.0f}" if math.isfinite(value) else "–"


def _percent(value: float) -> str:
    return f"{100 * value:.1f} %" if math.isfinite(value) else "–"


def _p(value: float) -> str:
    return p_text(value).removeprefix("p = ").removeprefix("p ") if math.isfinite(value) else "–"


def _compact(value: float) -> str:
    return f"{value:.3g}" if math.isfinite(value) else "–"


#: How the columns of extras are headed and written.
COLUMNS: Mapping[str, tuple[str, Writer]] = {
    "property": ("Property", shown),
    "value_of": ("Value", shown),
    "table": ("Table", shown),
    "regressor": ("Regressor", shown),
    "kept": ("Columns kept", shown),
    "group": ("Extractor", shown),
    "kind": ("Part", shown),
    "tables": ("Tables", shown),
    "table_a": ("Table", shown),
    "regressor_a": ("Regressor", shown),
    "table_b": ("Other table", shown),
    "regressor_b": ("Regressor", shown),
    "pairs_of": ("Pairs", shown),
    "metric": ("Metric", shown),
    "predictor": ("Predictor", shown),
    "columns": ("Columns", _whole),
    "videos": ("Videos", _whole),
    "pairs": ("Number", _whole),
    "videos_needed": ("Videos needed", _whole),
    "srcc": ("SRCC", decimal),
    "rmse": ("RMSE", decimal),
    "bias": ("Bias", signed),
    "difference": ("Difference", signed),
    "loss": ("Loss of SRCC", signed),
    "p": ("p", _p),
    "value": ("R²", decimal),
    "share": ("Share", _percent),
    "cka": ("CKA", decimal),
    "accuracy": ("In order", _percent),
    "detectable": ("Detectable", decimal),
    "power": ("Power for .02", _percent),
    "formula": ("Ceiling", decimal),
    "simulated": ("Simulated", decimal),
    "different_similar": ("Different or similar", decimal),
    "better_worse": ("Better or worse", decimal),
    "correct": ("Correct", _percent),
    "better": ("Better", _percent),
    "equivalent": ("Equivalent", _percent),
    "worse": ("Worse", _percent),
    "rank": ("Mean rank", _compact),
    "interval": ("Half-width", decimal),
    "coverage": ("Coverage", _percent),
}


@dataclass(frozen=True)
class Shown:
    """How one analysis is shown."""

    name: str
    title: str
    lead: str
    columns: Sequence[str]
    drawn: tuple[str, str, str] | None = None
    """Columns drawn as a point and its interval."""


def section_of(one: Shown, table: pd.DataFrame) -> Section:
    """Return the section of a table of results: its first `MOST_ROWS` rows."""
    kept = table.head(MOST_ROWS)
    columns = [name for name in one.columns if name in kept.columns]
    rows = [[COLUMNS[name][1](row[name]) for name in columns] for row in kept.to_dict("records")]
    marks, zero = _marks(kept, one.drawn) if one.drawn and len(kept) else ([], math.nan)
    count = len(table) - len(kept)
    rest = f"{count:,} further rows are in {one.name}.csv." if count > 0 else ""
    return Section(
        one.name,
        one.title,
        one.lead,
        [(COLUMNS[name][0], COLUMNS[name][1] is shown) for name in columns],
        rows,
        marks,
        zero,
        rest,
    )


def _marks(table: pd.DataFrame, drawn: tuple[str, str, str]) -> tuple[list[Mark], float]:
    """Return the marks of every row on one scale, and the place of 0 on it if it is near."""
    values = table[list(drawn)].to_numpy(dtype=float)
    finite = values[np.isfinite(values)]
    if not finite.size:
        return [], math.nan
    low, high = float(finite.min()), float(finite.max())
    if low > 0 and low < (high - low):
        low = 0.0
    if high < 0 and -high < (high - low):
        high = 0.0
    span = (high - low) or 1.0

    def place(value: float) -> float:
        return 100 * (value - low) / span

    return [Mark(*(place(float(one)) for one in row)) for row in values], place(
        0.0
    ) if low <= 0 <= high else math.nan


class RankTable(NamedTuple):
    """Mean ranks of the models and the sets that Nemenyi's test does not separate."""

    critical_difference: float
    rows: list[tuple[str, str, str, float]]
    """Table, regressor, mean rank as text, and its place in per cent, best first."""
    cliques: list[tuple[bool, ...]]
    """For each set, whether the model of the row is in it; sets of one model are left out."""


def rank_table(
    models: pd.DataFrame, cliques: Sequence[Collection[int]], critical_difference: float
) -> RankTable:
    """Return models with their mean ranks as they are shown.

    Parameters
    ----------
    models : DataFrame
        Columns ``table, regressor, rank``, at least two rows, best first.
    cliques : sequence of sets of int
        Rows whose ranks are not separated.
    critical_difference : float
        Nemenyi's.
    """
    count = len(models)
    rows = [
        (
            shown(row["table"]),
            shown(row["regressor"]),
            _compact(row["rank"]),
            100 * (row["rank"] - 1) / (count - 1),
        )
        for row in models.to_dict("records")
    ]
    found = [tuple(k in clique for k in range(count)) for clique in cliques if len(clique) > 1]
    return RankTable(critical_difference, rows, found)
