"""The page of `respond`: displacement and columns against the strength of distortions, as small charts."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from ..distortion import LADDERS
from ..plots.palette import STYLES
from ..report.formatting import counted, decimal, shown, significant
from ..report.messages import warnings_context
from ..report.templates import render_template
from .statistics import NOTICED, Array, noticed_at

#: Columns of an extractor that are drawn.
MOST_COLUMNS = 4
_WIDTH, _HEIGHT, _MARGIN = 104.0, 46.0, 3.0


class Chart(NamedTuple):
    """A small chart of one curve; coordinates of an SVG of `_WIDTH` times `_HEIGHT`."""

    role: str
    line: str
    band: str
    zero: float
    told: str
    """What a reader of the screen hears."""
    value: str
    """The value at the greatest strength."""
    below: str


class Row(NamedTuple):
    """A row of small charts with the same scale, one per ladder."""

    name: str
    below: str
    charts: list[Chart | None]


def render_response(
    summary: pd.DataFrame,
    curves: pd.DataFrame,
    displacement: pd.DataFrame,
    warnings: Sequence[str],
    settings: Mapping[str, Any],
) -> str:
    """Return the page as text.

    Parameters
    ----------
    summary, curves, displacement, warnings, settings
        As in `vqa_features.response.Response`.
    """
    ladders = list(dict.fromkeys(summary["ladder"]))
    clips = len(settings["clips"])
    context = {
        "title": "Response to distortions",
        "headline": f"{counted(len(ladders), 'distortion')} of {counted(clips, 'clip')}",
        "size": (_WIDTH, _HEIGHT),
        "noticed": decimal(NOTICED, 2),
        "ladders": [(name, _strengths(LADDERS[name].parameter, curves, name)) for name in ladders],
        "displacement": _displacement_rows(displacement, ladders),
        "blind": _blind(displacement, ladders),
        "extractors": _column_sections(summary, curves, ladders),
        **warnings_context(warnings, ladders),
    }
    return render_template("response.html", context)


def _strengths(parameter: str, curves: pd.DataFrame, ladder: str) -> str:
    found = sorted(curves.loc[curves["ladder"] == ladder, "strength"].unique())
    return f"{parameter}: {', '.join(f'{one:g}' for one in found)}"


def _displacement_rows(displacement: pd.DataFrame, ladders: Sequence[str]) -> list[Row]:
    rows = []
    for (family, extractor), mine in displacement.groupby(["family", "extractor"], sort=False):
        top = float(mine["displacement"].max())
        charts: list[Chart | None] = []
        for ladder in ladders:
            curve = mine[mine["ladder"] == ladder].sort_values("strength")
            values = curve["displacement"].to_numpy(float)
            if not np.isfinite(values).all() or not len(values):
                charts.append(None)
                continue
            where = noticed_at(curve)
            below = "not noticed" if where is None else f"from {where:g}"
            charts.append(_chart(str(family), values, None, (0.0, top), f"{extractor}, {ladder}", below))
        rows.append(Row(shown(str(extractor)), str(family), charts))
    return rows


def _blind(displacement: pd.DataFrame, ladders: Sequence[str]) -> list[tuple[str, list[tuple[str, str]]]]:
    """Return for each ladder what each family sees of it: the extractor that is displaced most."""
    found = []
    for ladder in ladders:
        families = []
        mine = displacement[(displacement["ladder"] == ladder) & displacement["displacement"].notna()]
        for family, rows in mine.groupby("family", sort=False):
            best = rows.iloc[int(np.argmax(rows["displacement"].to_numpy(float)))]
            first = {
                str(extractor): where
                for extractor, one in rows.groupby("extractor", sort=False)
                if (where := noticed_at(one.sort_values("strength"))) is not None
            }
            text = f"at most {significant(best['displacement'], 2)} ({shown(best['extractor'])})"
            if first:
                earliest = min(first, key=lambda name: first[name])
                text += f", first noticed at {first[earliest]:g} by {shown(earliest)}"
            families.append((str(family), text))
        found.append((ladder, families))
    return found


def _column_sections(
    summary: pd.DataFrame, curves: pd.DataFrame, ladders: Sequence[str]
) -> list[tuple[str, str, int, list[Row]]]:
    """Return for each extractor its name, family, number of columns, and rows of its most sensitive ones."""
    by_curve = {key: one.sort_values("strength") for key, one in curves.groupby(["ladder", "column"])}
    sections = []
    for (family, extractor), mine in summary.groupby(["family", "extractor"], sort=False):
        score = mine["sensitivity"].abs() * mine["monotonicity"].abs()
        worth = score.groupby(mine["column"], sort=False).max().sort_values(ascending=False, kind="stable")
        rows = [
            _column_row(str(column), str(family), by_curve, mine, ladders)
            for column in worth.index[:MOST_COLUMNS]
        ]
        sections.append((shown(str(extractor)), str(family), int(mine["column"].nunique()), rows))
    return sections


def _column_row(
    column: str,
    family: str,
    by_curve: Mapping[Any, pd.DataFrame],
    summary: pd.DataFrame,
    ladders: Sequence[str],
) -> Row:
    mine = {str(ladder): by_curve[ladder, column] for ladder in ladders if (ladder, column) in by_curve}
    every = np.concatenate([one[["low", "high"]].to_numpy(float).ravel() for one in mine.values()])
    every = np.append(every[np.isfinite(every)], 0.0)
    charts: list[Chart | None] = []
    for ladder in ladders:
        curve = mine.get(ladder)
        if curve is None or not np.isfinite(curve["change"]).all():
            charts.append(None)
            continue
        facts = summary[(summary["ladder"] == ladder) & (summary["column"] == column)].iloc[0]
        apart = facts["told_apart"]
        below = f"ρ {decimal(facts['monotonicity'], 2)}" + (
            f", from {apart:g}" if math.isfinite(apart) else ""
        )
        band = curve[["low", "high"]].to_numpy(float)
        scale = (float(every.min()), float(every.max()))
        charts.append(
            _chart(family, curve["change"].to_numpy(float), band, scale, f"{column}, {ladder}", below)
        )
    return Row(shown(column), "", charts)


def _chart(
    role: str,
    values: Array,
    band: Array | None,
    scale: tuple[float, float],
    about: str,
    below: str,
) -> Chart:
    """Return a chart whose first point is the original, with no change."""
    bottom, top = scale
    span = top - bottom or 1.0
    steps = (_WIDTH - 2 * _MARGIN) / len(values)

    def points(heights: Any) -> list[str]:
        shares = [(y - bottom) / span for y in [0.0, *heights]]
        return [
            f"{_MARGIN + steps * x:.1f},{_HEIGHT - _MARGIN - share * (_HEIGHT - 2 * _MARGIN):.1f}"
            for x, share in enumerate(shares)
        ]

    outline = "" if band is None else " ".join([*points(band[:, 0]), *reversed(points(band[:, 1]))])
    zero = float(points([])[0].split(",")[1])
    value = significant(float(values[-1]), 2)
    return Chart(
        role if role in STYLES else "other",
        " ".join(points(values)),
        outline,
        zero,
        f"{about}: {', '.join(significant(float(one), 2) for one in values)}",
        value,
        below,
    )
