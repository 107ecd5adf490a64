"""The results as one HTML page without scripts: charts by dataset, matrices, shortcuts, and the rows."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from vqa_features.comparison.fusion import EARLY, LATE
from vqa_features.files.atomic import write_text
from vqa_features.report.formatting import p_text
from vqa_features.report.messages import warnings_context
from vqa_features.report.templates import render_template

from .cards import Card
from .results import Results
from .shortcuts import SHORTCUTS
from .text import interval, models, number, oriented, signed, titles

if TYPE_CHECKING:
    import pandas as pd

TEMPLATE = Path(__file__).parent / "page.html"
_NAMES = {EARLY: "fusion of columns", LATE: "fusion of predictions"}
#: Pixels of a chart from its lowest to its highest value.
WIDTH = 320.0


class Line(NamedTuple):
    """One model of a chart; places are in pixels from the left."""

    name: str
    regressor: str
    role: str
    columns: int
    learned: bool
    """Its features were made or chosen with opinion scores of this dataset."""
    srcc: str
    limits: str
    plcc: str
    literature: str
    at: float
    low: float
    high: float
    literature_at: float | None


class Chart(NamedTuple):
    """All models of one dataset."""

    name: str
    about: str
    lines: list[Line]
    ticks: list[tuple[float, str]]
    ceiling: str


class Heat(NamedTuple):
    """One cell of a matrix."""

    text: str
    below: str
    heat: float
    within: bool = False


def write_html(results: Results, cards: Sequence[Card], file: Path) -> None:
    """Write the page.

    Parameters
    ----------
    results : Results
        Saved or new results.
    cards : sequence of Card
        The rows, for their titles and what they learned from.
    file : Path
        The page.
    """
    charts = _charts(results.rows, results, cards)
    context = {
        "title": "Handcrafted and deep features on the same splits",
        "facts": _facts(results, cards),
        "width": WIDTH,
        "charts": charts,
        "families": _charts(results.families, results, cards) if len(results.families) else [],
        "gains": _gains(results.gains),
        "matrices": _matrices(results.cross, titles(cards)),
        "shortcuts": _shortcuts(results.shortcuts, titles(cards)),
        "ceilings": results.ceilings.to_dict("records"),
        "costs": {row["table"]: row["seconds"] for row in results.costs.to_dict("records")},
        "cards": cards,
        "run": results.run,
        "number": number,
        **warnings_context(list(results.run["warnings"])),
    }
    write_text(file, render_template("benchmark.html", context, TEMPLATE.read_text(encoding="utf-8")))


def _facts(results: Results, cards: Sequence[Card]) -> list[tuple[str, str]]:
    rows = results.rows
    shown = {card.name: card for card in cards if card.name in set(rows["table"])}
    videos = rows.groupby("dataset")["n"].max().sum()
    return [
        (str(rows["dataset"].nunique()), "datasets"),
        (f"{int(videos):,}", "videos"),
        (str(sum(card.family == "handcrafted" for card in shown.values())), "handcrafted rows"),
        (str(sum(card.family == "deep" for card in shown.values())), "deep rows"),
        (str(results.run["splits"]), "splits"),
    ]


def _charts(rows: pd.DataFrame, results: Results, cards: Sequence[Card]) -> list[Chart]:
    """Return one chart per dataset and test part; all charts have one scale."""
    named, by_name = titles(cards) | _NAMES, {card.name: card for card in cards}
    found = models(rows)
    bottom = math.floor(10 * min(found["low"].min(), found["literature_srcc"].min())) / 10
    top = math.ceil(10 * max(found["high"].max(), found["literature_srcc"].max())) / 10

    def place(value: float) -> float:
        return round(WIDTH * (value - bottom) / (top - bottom), 1)

    count = round((top - bottom) * 10)
    step = 1 if count <= 8 else 2
    ticks = [(place(bottom + i / 10), number(bottom + i / 10, 1)) for i in range(0, count + 1, step)]
    charts = []
    for (dataset, part), mine in found.groupby(["dataset", "part"], sort=False):
        lines = [_line(row, named, by_name, place) for row in mine.itertuples()]
        name = str(dataset) if part == "test" else f"{dataset}, {part}"
        about = f"{int(mine['n'].max()):,} videos, {int(mine['splits'].max())} splits"
        charts.append(Chart(name, about, lines, ticks, _ceiling(results.ceilings, str(dataset))))
    return charts


def _line(row: Any, named: Mapping[str, str], by_name: Mapping[str, Card], place: Any) -> Line:
    literature = row.literature_srcc
    return Line(
        name=named.get(row.table, row.table),
        regressor="no training" if row.regressor == "none" else row.regressor,
        role=row.family if row.family in ("handcrafted", "deep", "fusion") else "other",
        columns=row.columns,
        learned=row.table in by_name and by_name[row.table].knows(row.dataset),
        srcc=number(row.srcc),
        limits=interval(row.low, row.high),
        plcc=number(row.plcc),
        literature=number(literature),
        at=place(row.srcc),
        low=place(row.low),
        high=place(row.high),
        literature_at=place(literature) if literature == literature else None,
    )


def _ceiling(ceilings: pd.DataFrame, dataset: str) -> str:
    mine = ceilings[(ceilings["dataset"] == dataset)]
    if not len(mine) or not mine["known"].all():
        return "Noise ceiling: not known, no deviations of opinions are published with these labels."
    row = mine[mine["metric"] == "srcc"].iloc[0]
    return f"Noise ceiling: SRCC {number(row['ceiling'])} ({interval(row['low'], row['high'])})."


def _gains(gains: pd.DataFrame) -> list[dict[str, str]]:
    if not len(gains):
        return []
    return [
        {
            "dataset": row.dataset,
            "what": f"{_NAMES.get(row.table_a, row.table_a)} − {_NAMES.get(row.table_b, row.table_b)}",
            "regressor": row.regressor,
            "difference": signed(row.difference),
            "limits": interval(row.low, row.high),
            "p": p_text(row.p_holm),
            "verdict": {"a": "larger", "b": "smaller", "equivalent": "equivalent"}.get(row.verdict, "open"),
        }
        for row in oriented(gains).itertuples()
    ]


def _matrices(cross: pd.DataFrame, named: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return a matrix per row and regressor: trained on the row, tested on the column."""
    found = []
    for (table, regressor), mine in cross.groupby(["table", "regressor"], sort=False):
        names = list(dict.fromkeys(mine["train"]))
        cells = {(row.train, row.test): row for row in mine.itertuples()}
        lines = [
            (
                train,
                [
                    Heat(
                        number(one.srcc),
                        interval(one.srcc_low, one.srcc_high),
                        max(0.0, float(one.srcc)),
                        one.kind == "within",
                    )
                    if (one := cells.get((train, test))) is not None
                    else None
                    for test in names
                ],
            )
            for train in names
        ]
        found.append(
            {"name": named.get(table, table), "regressor": regressor, "names": names, "lines": lines}
        )
    return found


def _shortcuts(shortcuts: pd.DataFrame, named: Mapping[str, str]) -> dict[str, Any]:
    """Return a matrix of differences: a line per shortcut, a column per dataset and row."""
    if not len(shortcuts):
        return {"columns": [], "lines": []}
    real = shortcuts[shortcuts["shortcut"] != "noise-columns"]
    columns = list(dict.fromkeys(zip(real["dataset"], real["table"], strict=True)))
    cells = {(row.shortcut, row.dataset, row.table): row for row in shortcuts.itertuples()}
    noise = {row.dataset: row for row in shortcuts.itertuples() if row.shortcut == "noise-columns"}
    lines = []
    for one in SHORTCUTS:
        line = []
        for dataset, table in columns:
            row = noise.get(dataset) if one.key == "noise-columns" else cells.get((one.key, dataset, table))
            line.append(None if row is None else _difference(row))
        if any(line):
            lines.append((one.about, one.metric.upper(), line))
    head = [(dataset, named.get(table, table)) for dataset, table in columns]
    return {"columns": head, "lines": lines}


def _difference(row: Any) -> Heat:
    return Heat(
        signed(row.difference),
        f"{number(row.honest)} → {number(row.taken)}",
        min(1.0, max(0.0, 2 * row.difference)),
    )
