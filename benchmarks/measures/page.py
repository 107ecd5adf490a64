"""Tables of the trial as Markdown, and their places in docs/measures.md."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.stability.own_measures import Above

from .events import Event
from .programs import Agreement
from .truth import Row


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return a Markdown table."""
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    lines += ["| " + " | ".join(str(cell).replace("|", "\\|") for cell in row) + " |" for row in rows]
    return "\n".join(lines)


def number(value: float) -> str:
    """Return a number with three significant digits, 0 as 0 and nan as missing."""
    if np.isnan(value):
        return "missing"
    if np.isinf(value):
        return "∞"
    return "0" if abs(value) < 5e-10 else f"{value:.3g}" if abs(value) < 1000 else f"{value:.0f}"


def truth_tables(rows: Sequence[Row]) -> str:
    """Return a table per extractor: the worst comparison of every column and kind of video by its bound.

    Rows with a stated limit are left to `limits_table`.
    """
    groups: dict[str, dict[tuple[str, str], list[Row]]] = {}
    for row in sorted(rows, key=lambda row: row.column):
        if not row.limit:
            extractor, _, column = row.column.partition(".")
            groups.setdefault(extractor, {}).setdefault((column, row.video), []).append(row)
    head = ("column", "unit", "video", "truth", "ours", "error", "bound", "at", "within bound")
    return "\n\n".join(
        f"### `{extractor}`\n\n{table(head, (_worst_cells(*where, found) for where, found in group.items()))}"
        for extractor, group in groups.items()
    )


def _worst_cells(column: str, video: str, found: Sequence[Row]) -> list[str]:
    """Return the cells of the comparison whose error is largest by its bound."""
    worst = max(found, key=_relative)
    missed = sum(row.missed for row in found)
    held = f"{len(found) - missed} of {len(found)}"
    numbers = (number(value) for value in (worst.truth, worst.ours, worst.error, worst.bound))
    at = worst.condition if worst.error > 0 else "–"
    return [f"`{column}`", worst.unit, video, *numbers, at, f"**{held}**" if missed else held]


def limits_table(rows: Sequence[Row]) -> str:
    """Return the comparisons beyond a stated limit: what is read there, and why."""
    limits = {(row.column, row.video): row for row in sorted(rows, key=_relative) if row.limit}
    lines = [
        [f"`{column}`", row.unit, video, number(row.truth), number(row.ours), row.limit]
        for (column, video), row in sorted(limits.items())
    ]
    return table(("column", "unit", "video", "truth", "ours", "why"), lines)


def programs_table(found: Sequence[Agreement]) -> str:
    """Return the agreement with independent programs."""
    lines = [
        [
            f"`{a.peer.column}`",
            a.peer.program,
            a.clips,
            f"{a.pearson:.3f}",
            f"**{a.spearman:.3f}**" if a.missed else f"{a.spearman:.3f}",
            number(a.largest) if np.isfinite(a.peer.factor) else "–",
            a.peer.reason or "equal",
        ]
        for a in found
    ]
    head = (
        "column",
        "program",
        "clips",
        "Pearson",
        "Spearman",
        "largest relative difference",
        "why they differ",
    )
    return table(head, lines)


def drift_table(drifts: pd.DataFrame) -> str:
    """Return the largest drift of every extractor under every change, and the column that has it."""
    lines = []
    for extractor, part in drifts.groupby(drifts.index.str.partition(".").get_level_values(0), sort=False):
        for change in drifts:
            drift = part[change].dropna()
            if drift.empty:
                continue
            lines.append(
                [
                    f"`{extractor}`",
                    change,
                    len(drift),
                    number(float(drift.median())),
                    number(float(drift.max())),
                    f"`{drift.idxmax()}`" if drift.max() > 0 else "–",
                ]
            )
    return table(("extractor", "change", "columns", "median drift", "largest", "column"), lines)


def reasons_table(above: Sequence[Above]) -> str:
    """Return the columns whose drift is above the bound, by reason."""
    lines = [
        [part.reason.change, part.columns, f"`{part.column}`", number(part.largest), part.reason.text]
        for part in above
    ]
    return table(("change", "columns above the bound", "largest", "drift", "reason"), lines)


def events_table(happened: Sequence[Event]) -> str:
    """Return what our columns and the filters say of events at known places."""
    lines = [
        [
            event.video,
            f"`{event.column}`",
            number(event.truth),
            f"**{number(event.ours)}**" if event.missed else number(event.ours),
            event.program,
            event.theirs,
            event.reason or "agree",
        ]
        for event in happened
    ]
    return table(("video", "column", "truth", "ours", "program", "theirs", "difference"), lines)


def put(page: Path, name: str, text: str, by: str = "measures") -> None:
    """Write `text` between the markers of `name` on the page, which a program of benchmarks/ has there."""
    begin, end = f"<!-- begin: {name}, written by benchmarks.{by} -->", f"<!-- end: {name} -->"
    before, found, rest = page.read_text(encoding="utf-8").partition(begin)
    if not found or end not in rest:
        raise SystemExit(f"{page} has no markers of {name!r}: {begin} … {end}")
    page.write_text(f"{before}{begin}\n{text}\n{end}{rest.partition(end)[2]}", encoding="utf-8")


def _relative(row: Row) -> float:
    return 0.0 if row.error == 0 else row.error / max(row.bound, 1e-12)
