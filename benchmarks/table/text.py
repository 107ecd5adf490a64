"""The results as Markdown: every table of docs/benchmark.md is written from the saved results."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vqa_features.comparison.fusion import EARLY, LATE
from vqa_features.comparison.result import BASELINE
from vqa_features.errors import TableError
from vqa_features.report.formatting import p_text

from .cards import Card
from .results import Results
from .shortcuts import SHORTCUTS

if TYPE_CHECKING:
    import pandas as pd

PAGE = Path(__file__).resolve().parents[2] / "docs" / "benchmark.md"
_BLOCK = re.compile(r"(<!-- (?P<name>[a-z]+) -->\n).*?(<!-- end -->)", re.DOTALL)
#: Words of a warning that the page of the documentation leaves to the HTML page.
AT_EDGE = "of its grid on"
LITERATURE, STRICT = "literature", ("strict", "official")


def number(value: float, digits: int = 3) -> str:
    """Return a correlation without its leading zero, ``-`` if there is none."""
    if value != value:
        return "–"
    text = f"{value:.{digits}f}"
    return re.sub(r"^(-?)0\.", r"\1.", text).replace("-", "−")


def signed(value: float) -> str:
    """Return a difference with its sign."""
    return number(value) if value < 0 else f"+{number(value)}"


def interval(low: float, high: float) -> str:
    """Return an interval of correlations."""
    return f"{number(low)} … {number(high)}"


def markdown(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return a Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines)


def write_page(results: Results, cards: Sequence[Card], page: Path = PAGE) -> None:
    """Write the tables into the blocks of a page.

    Raises
    ------
    TableError
        If the page has a block of an unknown name, or lacks one.
    """
    text = page.read_text(encoding="utf-8")
    page.write_text(filled(text, results, cards), encoding="utf-8")


def filled(text: str, results: Results, cards: Sequence[Card]) -> str:
    """Return a page with the tables of the results in its blocks."""
    found = [block["name"] for block in _BLOCK.finditer(text)]
    if sorted(found) != sorted(BLOCKS):
        raise TableError(f"the page must have the blocks {', '.join(BLOCKS)}, it has {', '.join(found)}")
    return _BLOCK.sub(
        lambda block: f"{block[1]}\n{BLOCKS[block['name']](results, cards)}\n\n{block[3]}", text
    )


def titles(cards: Sequence[Card]) -> dict[str, str]:
    """Return the title of every row by its name."""
    return {card.name: card.title for card in cards}


def models(rows: pd.DataFrame) -> pd.DataFrame:
    """Return one row per dataset, part, table and regressor, strict beside literature, best first."""
    keys = ["dataset", "part", "table", "family", "regressor", "columns"]
    rows = rows[rows["regressor"] != BASELINE]
    strict = rows[rows["protocol"].isin(STRICT)].set_index(keys)
    other = rows[rows["protocol"] == LITERATURE].set_index(keys)[["srcc", "plcc"]].add_prefix("literature_")
    found = strict.join(other).reset_index()
    order = {name: place for place, name in enumerate(dict.fromkeys(rows["dataset"]))}
    found["order"] = found["dataset"].map(order)
    best = found.groupby(["dataset", "part", "table"])["srcc"].transform("max")
    return (
        found.assign(best=best)
        .sort_values(["order", "part", "best", "table", "srcc"], ascending=[True, True, False, True, False])
        .drop(columns=["order", "best"])
    )


def _results(results: Results, cards: Sequence[Card]) -> str:
    named, by_name = titles(cards), {card.name: card for card in cards}
    found = []
    for (dataset, part), rows in models(results.rows).groupby(["dataset", "part"], sort=False):
        name = dataset if part == "test" else f"{dataset}, {part}"
        lines = [
            [
                named.get(row.table, row.table) + (" \\*" if by_name[row.table].knows(row.dataset) else ""),
                row.family,
                row.columns,
                "no training" if row.regressor == "none" else row.regressor,
                f"**{number(row.srcc)}**",
                interval(row.low, row.high),
                number(row.plcc),
                number(row.literature_srcc),
                number(row.literature_plcc),
            ]
            for row in rows.itertuples()
        ]
        head = "row|family|columns|regressor|SRCC|95 %|PLCC|literature: SRCC|PLCC".split("|")
        videos, splits = int(rows["n"].max()), int(rows["splits"].max())
        found.append(f"### {name}\n\n{videos} videos, {splits} splits.\n\n" + markdown(head, lines))
    return "\n\n".join(found)


def _rows(results: Results, cards: Sequence[Card]) -> str:
    lines = [
        [
            f"**{card.title}** (`{card.name}`)",
            card.family,
            card.about,
            ", ".join(card.learned_from) or "none",
            card.reference,
            f"{card.made_with}; licence: {card.licence}",
        ]
        for card in cards
    ]
    head = ["row", "family", "what", "learned from the opinions of", "reference", "features made with"]
    return markdown(head, lines)


def _families(results: Results, cards: Sequence[Card]) -> str:
    if not len(results.families):
        return "No dataset of this run has rows of both families."
    names = {EARLY: "fusion of columns", LATE: "fusion of predictions"}
    lines = [
        [
            row.dataset,
            names.get(row.table, row.table),
            row.columns,
            row.regressor,
            f"**{number(row.srcc)}**",
            interval(row.low, row.high),
            number(row.plcc),
        ]
        for row in models(results.families).itertuples()
    ]
    head = ["dataset", "table", "columns", "regressor", "SRCC", "95 %", "PLCC"]
    return markdown(head, lines) + "\n\n" + _gains(results, names)


def _gains(results: Results, names: dict[str, str]) -> str:
    lines = [
        [
            row.dataset,
            f"{names.get(row.table_a, row.table_a)} − {names.get(row.table_b, row.table_b)}",
            row.regressor,
            signed(row.difference),
            interval(row.low, row.high),
            p_text(row.p_holm),
            {"a": "larger", "b": "smaller", "equivalent": "equivalent"}.get(row.verdict, "open"),
        ]
        for row in oriented(results.gains).itertuples()
    ]
    head = ["dataset", "difference", "regressor", "SRCC", "95 %", "Holm", "verdict"]
    return markdown(head, lines)


def oriented(gains: pd.DataFrame) -> pd.DataFrame:
    """Return fusion minus family and handcrafted minus deep, without the differences of two fusions."""
    rank = {LATE: 3, EARLY: 2, "handcrafted": 1, "deep": 0}
    found = []
    for row in gains.to_dict("records"):
        a, b = str(row["table_a"]), str(row["table_b"])
        if {a, b} == {EARLY, LATE}:
            continue
        if rank.get(a, 0) < rank.get(b, 0):
            swapped = {"a": "b", "b": "a"}.get(str(row["verdict"]), row["verdict"])
            row |= {
                "table_a": b,
                "table_b": a,
                "difference": -row["difference"],
                "low": -row["high"],
                "high": -row["low"],
                "verdict": swapped,
            }
        found.append(row)
    import pandas as pd

    return pd.DataFrame(found, columns=gains.columns)


def _cross(results: Results, cards: Sequence[Card]) -> str:
    named = titles(cards)
    lines = [
        [
            named.get(row.table, row.table),
            row.regressor,
            row.train,
            row.test,
            f"**{number(row.srcc)}**",
            interval(row.srcc_low, row.srcc_high),
            "within" if row.kind == "within" else number(row.shift, 2),
        ]
        for row in results.cross.itertuples()
    ]
    return markdown(["row", "regressor", "trained on", "tested on", "SRCC", "95 %", "shift"], lines)


def _shortcuts(results: Results, cards: Sequence[Card]) -> str:
    if not len(results.shortcuts):
        return "Not computed in this run."
    named, about = titles(cards), {one.key: one for one in SHORTCUTS}
    order = {one.key: place for place, one in enumerate(SHORTCUTS)}
    found = results.shortcuts.assign(order=results.shortcuts["shortcut"].map(order))
    lines = [
        [
            about[row.shortcut].about,
            row.dataset,
            named.get(row.table, row.table),
            row.metric.upper(),
            number(row.honest),
            number(row.taken),
            f"**{signed(row.difference)}**",
            interval(row.low, row.high) if row.low == row.low else "not paired",
        ]
        for row in found.sort_values(["order"], kind="stable").itertuples()
    ]
    head = ["shortcut", "dataset", "row", "metric", "strict", "with it", "difference", "95 %"]
    return markdown(head, lines)


def _ceilings(results: Results, cards: Sequence[Card]) -> str:
    lines: list[list[Any]] = []
    for row in results.ceilings.itertuples():
        if not row.known:
            lines.append(
                [row.dataset, "–", "–", "–", "not known: no deviations of opinions are published here"]
            )
            continue
        limits = interval(row.low, row.high)
        about = f"{row.opinions:g} opinions a video: {row.source}"
        lines.append([row.dataset, row.metric.upper(), f"**{number(row.ceiling)}**", limits, about])
    return markdown(["dataset", "metric", "ceiling", "95 %", "from"], lines)


def _costs(results: Results, cards: Sequence[Card]) -> str:
    named = titles(cards)
    known = {row.table: row for row in results.costs.itertuples()}
    lines = [
        [
            named[card.name],
            f"`{card.extractor}`" if card.name in known else "none in this package",
            f"{known[card.name].seconds:.3f}" if card.name in known else "not measured",
        ]
        for card in cards
    ]
    head = ["row", "extractor", "processor seconds per second of video"]
    return markdown(head, lines)


def _run(results: Results, cards: Sequence[Card]) -> str:
    run = results.run
    where = run["surroundings"]
    packages = ", ".join(f"{name} {version}" for name, version in where["packages"].items() if version)
    lines = [
        f"Computed on {where['date'][:10]} by commit {where['commit']}: {run['splits']} splits, "
        f"{run['shortcut_splits']} for the shortcuts, seed {run['seed']}, {run['seconds'] / 60:.0f} minutes "
        f"on {where['cores']} cores. Python {where['python']}; {packages}.",
    ]
    if run["left_out"]:
        lines.append("Not in this run:\n\n" + "\n".join(f"- {one}" for one in run["left_out"]))
    told = [one for one in run["warnings"] if AT_EDGE not in one]
    if told:
        lines.append("Warnings of the comparisons:\n\n" + "\n".join(f"- {one}" for one in told))
    if len(told) < len(run["warnings"]):
        lines.append(
            "The HTML page also has those of hyperparameters that were chosen at an end of their grid."
        )
    return "\n\n".join(lines)


#: Tables of the page by the names of their blocks.
BLOCKS: dict[str, Callable[[Results, Sequence[Card]], str]] = {
    "results": _results,
    "families": _families,
    "cross": _cross,
    "shortcuts": _shortcuts,
    "ceilings": _ceilings,
    "costs": _costs,
    "rows": _rows,
    "run": _run,
}
