"""The analyses of a comparison on the page: a table for each, numbers drawn as points with intervals.

A new analysis is one more line of `SHOWN`: the name of its table in `Comparison.extras`, a title, a sentence,
and the columns to show. A table without a line is only in its file.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from ..comparison.diagnosis import mean_ranks
from ..comparison.result import BASELINE
from .formatting import decimal, p_text, shown, signed
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


SHOWN: tuple[Shown, ...] = (
    Shown(
        "ablation",
        "Ablation of extractors",
        "SRCC of each table without the columns of an extractor, and with them alone, by the table’s best "
        "regressor. The difference is to all columns, with the interval and p of the corrected resampled "
        "t-test; p is not corrected for the number of extractors.",
        ("table", "kept", "columns", "srcc", "difference", "p"),
        ("difference", "low", "high"),
    ),
    Shown(
        "importance",
        "Importance of extractors",
        "Loss of SRCC on the test videos when all columns of an extractor are permuted together; the line "
        "marks the 2.5 and 97.5 percentiles over the splits. Extractors that hold the same information "
        "replace each other, so a small loss does not mean that one holds none; the ablation measures that.",
        ("table", "group", "columns", "loss"),
        ("loss", "loss_low", "loss_high"),
    ),
    Shown(
        "shared_variance",
        "Unique and shared variance",
        "R² on the test part, divided among the tables: what each explains that no other does (unique), "
        "what several explain alike (shared; negative where tables need each other), and Shapley values, "
        "which credit each table with its part of what is shared. Unique and shared parts sum to the R² of "
        "all tables, and so do the Shapley values. Intervals by the corrected resampled t over splits.",
        ("kind", "tables", "value", "share"),
        ("value", "low", "high"),
    ),
    Shown(
        "similarity",
        "Similarity of tables",
        "Centred kernel alignment (CKA, debiased) of the columns: 1 where two tables arrange the videos "
        "alike, 0 where not at all. The MOS is not used.",
        ("table_a", "table_b", "videos", "cka"),
        ("cka", "cka", "cka"),
    ),
    Shown(
        "pair_ranking",
        "Pairs in the right order",
        "Share of pairs of videos that a model puts in the order of the MOS: of all pairs, of those whose "
        "MOS differ significantly, and of pairs inside one content. Half would be right by chance. Equal "
        "predictions count half. The line is ± 1.96 standard errors over videos, or over contents.",
        ("pairs_of", "table", "regressor", "pairs", "accuracy"),
        ("accuracy", "low", "high"),
    ),
    Shown(
        "power",
        "Power",
        "The true difference in SRCC that this comparison would find in 80 % of cases, the probability of "
        "finding a difference of .02, and the number of videos that this would take, if errors fall with "
        "the root of the number.",
        ("table_a", "regressor_a", "table_b", "regressor_b", "detectable", "power", "videos_needed"),
        ("detectable", "detectable", "detectable"),
    ),
    Shown(
        "noise_ceiling",
        "Noise ceiling",
        "The correlation that a predictor of the true quality (truth), and the MOS of a second panel of the"
        " same size, would reach with these MOS, from the standard deviation and number of the opinions. A "
        "model above the interval is better than the opinions allow.",
        ("metric", "predictor", "formula", "simulated"),
        ("simulated", "low", "high"),
    ),
    Shown(
        "pair_analysis",
        "Krasula’s pair analysis",
        "Area under the ROC curve of telling significantly different pairs from similar ones, and the "
        "better from the worse video of a different pair; medians over the splits.",
        ("table", "regressor", "different_similar", "better_worse", "correct"),
        ("better_worse", "better_worse", "better_worse"),
    ),
    Shown(
        "error_by",
        "Errors by property",
        "SRCC, RMSE and bias (prediction − MOS) of every model by a property of the videos. SRCC within a "
        "range of MOS is lower than over all videos, because the range is small.",
        ("property", "value_of", "table", "regressor", "videos", "srcc", "bias", "rmse"),
        ("rmse", "rmse", "rmse"),
    ),
)


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


WIDTH = ("interval", "coverage")
INTERVALS = Shown(
    "intervals",
    "Prediction intervals",
    "Half-width of the 90 % conformal prediction interval, in MOS units, and the share of test videos whose"
    " MOS it holds. Coverage far from 90 % means that test videos differ from "
    "training videos.",
    ("table", "regressor", "coverage", "interval"),
    ("interval", "interval", "interval"),
)


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
            _compact(row["rank"]),
            100 * (row["rank"] - 1) / (count - 1),
        )
        for row in table.to_dict("records")
    ]
    cliques = [
        tuple(k in clique for k in range(count)) for clique in table.attrs["cliques"] if len(clique) > 1
    ]
    return RankTable(float(table.attrs["critical_difference"]), rows, cliques)
