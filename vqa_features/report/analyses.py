"""The analyses of a comparison on the page: a table for each, numbers drawn as points with intervals.

`vqa_features.report.analysis_columns` says what is shown of each. A table that is not listed there is only in
its file.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import pandas as pd

from ..comparison.diagnosis import mean_ranks
from ..comparison.result import BASELINE
from .analysis_columns import COLUMNS, INTERVALS, SHOWN, Shown, compact
from .formatting import shown
from .view import ProtocolView

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


WIDTH = ("interval", "coverage")


def sections_of(view: ProtocolView) -> list[Section]:
    """Return the sections of the analyses that a comparison holds for one protocol and test part.

    Parameters
    ----------
    view : ProtocolView
        The protocol to show.
    """
    found = [_section(one, _rows_of(view, one.name)) for one in SHOWN]
    return [section for section in (_intervals(view), *found) if section.rows]


def _rows_of(view: ProtocolView, name: str) -> pd.DataFrame:
    """Return the rows of an extra table that belong to the protocol and part of the view."""
    table = view.comparison.extras.get(name, pd.DataFrame())
    for column, value in (("protocol", view.protocol), ("part", view.part)):
        if column in table.columns:
            table = table[table[column] == value]
    if name == "error_by" and len(table):
        table = table.rename(columns={"value": "value_of"})
    if name == "pair_ranking" and len(table):
        reach = 1.96 * table["error"]
        table = table.assign(low=table["accuracy"] - reach, high=table["accuracy"] + reach)
    return table


def _intervals(view: ProtocolView) -> Section:
    """Return the section of the conformal prediction intervals, from the scores of every split."""
    rows = []
    for model in view.trained if set(WIDTH) <= set(view.scores.columns) else ():
        width, coverage = (float(np.median(view.split_scores(model, name))) for name in WIDTH)
        rows.append(
            {"table": model.table, "regressor": model.regressor, "interval": width, "coverage": coverage}
        )
    found = _section(INTERVALS, pd.DataFrame(rows))
    return found if view.over_videos else found._replace(lead=f"{found.lead} Medians over the splits.")


def _section(one: Shown, table: pd.DataFrame) -> Section:
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


def ranks_of(view: ProtocolView) -> RankTable | None:
    """Return the mean ranks of one part over the splits; None for one split or fewer than three models."""
    scores = view.comparison.scores
    mine = scores[(scores["protocol"] == view.protocol) & (scores["regressor"] != BASELINE)]
    if view.over_videos or not 3 <= len(view.trained) <= MOST_ROWS or mine.empty:
        return None
    part = view.part if "part" in scores.columns else None
    table = mean_ranks(view.comparison, view.protocol, part=part)
    count = len(table)
    rows = [
        (
            shown(row["table"]),
            shown(row["regressor"]),
            compact(row["rank"]),
            100 * (row["rank"] - 1) / (count - 1),
        )
        for row in table.to_dict("records")
    ]
    cliques = [
        tuple(k in clique for k in range(count)) for clique in table.attrs["cliques"] if len(clique) > 1
    ]
    return RankTable(float(table.attrs["critical_difference"]), rows, cliques)
