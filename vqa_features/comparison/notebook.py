"""A comparison in few lines: as text for a terminal, and as HTML for a notebook of any background."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

from ..files.names import visible_text

if TYPE_CHECKING:
    import pandas as pd

    from .result import Comparison

#: Models shown as text and as HTML, and warnings; the others are counted.
MOST_LINES = 6
MOST_MODELS = 20
MOST_WARNINGS = 20
_HEADS = ("table", "family", "regressor", "columns", "SRCC", "95 % of splits", "PLCC", "RMSE")
_NEEDED = {"protocol", "table", "family", "regressor", "splits", "videos", "srcc"}
#: Colours are those of the notebook: none is named, lines take the text's.
_CELL = (
    "padding:.15em .7em;border:0;border-bottom:1px solid;border-color:rgba(128,128,128,.35);background:none"
)


def as_text(comparison: Comparison) -> str:
    """Return one sentence, one line per model, and the number of warnings.

    Parameters
    ----------
    comparison : Comparison
        From `vqa_features.compare`.
    """
    rows = [_HEADS, *_rows(comparison.summary, MOST_LINES)]
    widths = [max(len(row[k]) for row in rows) for k in range(len(_HEADS))]
    lines = [" ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows]
    told = [_sentence(comparison), *(f"  {line.rstrip()}" for line in lines)]
    told += [f"{_count(comparison)} in .warnings"] * bool(comparison.warnings)
    return "\n".join([*told[: len(rows) + 1], *_hidden(comparison, MOST_LINES), *told[len(rows) + 1 :]])


def as_html(comparison: Comparison) -> str:
    """Return the same as HTML, with the warnings folded.

    Parameters
    ----------
    comparison : Comparison
        From `vqa_features.compare`.
    """
    head = "".join(f'<th style="{_cell(k)}">{escape(name)}</th>' for k, name in enumerate(_HEADS))
    body = "".join(f"<tr>{_cells(row)}</tr>" for row in _rows(comparison.summary, MOST_MODELS))
    shown = [visible_text(text) for text in comparison.warnings[:MOST_WARNINGS]]
    left_out = len(comparison.warnings) - len(shown)
    shown += [f"and {left_out} more in .warnings"] * (left_out > 0)
    items = "".join(f"<li>{escape(text)}</li>" for text in shown)
    folded = f"<details><summary>{_count(comparison)}</summary><ul>{items}</ul></details>" if items else ""
    more = "".join(f"<div>{escape(text)}</div>" for text in _hidden(comparison, MOST_MODELS))
    return (
        f"<div><div>{escape(_sentence(comparison))}</div>"
        f'<table style="border-collapse:collapse;background:none;margin:.5em 0">'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{more}{folded}</div>"
    )


def _cells(row: tuple[str, ...]) -> str:
    return "".join(f'<td style="{_cell(k)}">{escape(cell)}</td>' for k, cell in enumerate(row))


def _cell(column: int) -> str:
    return f"{_CELL};text-align:{'left' if column < 3 else 'right'}"


def _sentence(comparison: Comparison) -> str:
    summary = comparison.summary
    if not set(summary) >= _NEEDED or not len(summary):
        return "Comparison without a model"
    names = [_plain(name) for name in summary["protocol"].unique()]
    tables, regressors = summary["table"].nunique(), summary["regressor"].nunique()
    splits = " and ".join(
        f"{_number(rows['splits'].max(), 0)} {name} split(s)"
        for name, (_, rows) in zip(names, summary.groupby("protocol", sort=False), strict=True)
    )
    videos = _number(summary["videos"].max(), 0)
    models = f"{tables} table(s) and {regressors} regressor(s)"
    return f"Comparison of {models} on {videos} videos, medians of {splits}"


def _rows(summary: pd.DataFrame, most: int) -> list[tuple[str, ...]]:
    """Return the cells of the models, best median SRCC first in each protocol and part."""
    if not set(summary) >= _NEEDED:
        return []
    order = [name for name in ("protocol", "part") if name in summary]
    best = summary.sort_values("srcc", ascending=False, kind="stable")
    places = summary.groupby(order, sort=False).ngroup()
    ranked = best.loc[places.loc[best.index].sort_values(kind="stable").index]
    several = [name for name in order if summary[name].nunique() > 1]
    found: list[tuple[str, ...]] = []
    for row in ranked.head(most).to_dict("records"):
        where = [_plain(row[name]) for name in several]
        table = " · ".join([*where, _plain(row["table"])])
        spread = f"{_number(row.get('srcc_low'))} to {_number(row.get('srcc_high'))}"
        found.append(
            (
                table,
                _plain(row["family"]),
                _plain(row["regressor"]),
                _number(row.get("columns"), 0),
                _number(row["srcc"]),
                spread,
                _number(row.get("plcc")),
                _number(row.get("rmse")),
            )
        )
    return found


def _hidden(comparison: Comparison, most: int) -> list[str]:
    """Return a line that counts the models that are not shown."""
    hidden = len(comparison.summary) - most
    return [f"and {hidden} more model(s) in .summary"] if hidden > 0 else []


def _count(comparison: Comparison) -> str:
    count = len(comparison.warnings)
    return f"{count} warning{'s' * (count != 1)} about validity"


def _plain(value: object) -> str:
    return visible_text(str(value))


def _number(value: Any, digits: int = 3) -> str:
    return "" if value is None or value != value else f"{float(value):.{digits}f}"
