"""An explanation as text for the terminal, and as HTML for notebooks."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING, Any

import numpy as np

from ..files.names import shown

if TYPE_CHECKING:
    import pandas as pd

    from .explanation import Explanation

_WORDS = {"exact": "exact, the model is linear", "sampled": "estimated by sampling"}


def _heading(one: Explanation) -> list[str]:
    """Return a sentence on the prediction, then what limits it."""
    score = one.score
    head = (
        f"{one.name}: MOS {score.mos:.3f}, interval {score.low:.3f} to {score.high:.3f}; "
        f"mean of the training {score.mean:.3f}; {len(one.table)} columns, {_WORDS[one.method]}"
    )
    outside = ["the video lies outside the training range"] if score.extrapolates else []
    return [head, *outside, *one.notes]


def explanation_text(one: Explanation) -> str:
    """Return an explanation as lines for the terminal."""
    head, *notes = _heading(one)
    found = [head]
    if len(one.by_extractor) > 1:
        sums = ", ".join(
            f"{shown(name, 40)} {value:+.3f}" for name, value in one.by_extractor["contribution"].items()
        )
        found.append(f"  by extractor: {sums}")
    for title, part in zip(("up", "down"), one.pulls(), strict=True):
        found += [f"  {title:<4} {line}" for line in _pull_lines(part)]
    if one.seconds is not None:
        found += _second_lines(one.seconds)
    return "\n".join([*found, *(f"  note: {note}" for note in notes)])


def explanation_html(one: Explanation) -> str:
    """Return an explanation as HTML, for notebooks."""
    up, down = one.pulls()
    head, *notes = _heading(one)
    parts = [f"<p>{html.escape(head)}</p>", _html_table(one.by_extractor.reset_index(), "By extractor")]
    parts += [_html_table(part.reset_index(), title) for part, title in ((up, "Up"), (down, "Down"))]
    return "\n".join([*parts, *(f"<p>{html.escape(note)}</p>" for note in notes)])


def _pull_lines(part: pd.DataFrame) -> list[str]:
    found = []
    for name, value, median, rank, pull in part.reset_index()[
        ["column", "value", "median", "percentile", "contribution"]
    ].itertuples(index=False):
        place = "" if np.isnan(median) else f", training median {median:.4g}"
        place += "" if np.isnan(rank) else f", percentile {rank:.0f}"
        told = "missing" if np.isnan(value) else f"{value:.4g}"
        found.append(f"{pull:+.3f}  {shown(name)} = {told}{place}")
    return found


def _second_lines(seconds: pd.DataFrame) -> list[str]:
    """Return the seconds that pull most, in words."""
    pulls = seconds.reset_index()[["start_s", "end_s", "pull"]]
    up, down = pulls[pulls["pull"] > 0].nlargest(3, "pull"), pulls[pulls["pull"] < 0].nsmallest(3, "pull")
    found = []
    for title, part in (("up", up), ("down", down)):
        if len(part):
            rows = part.itertuples(index=False)
            told = ", ".join(f"{start:g}-{end:g} s {pull:+.3f}" for start, end, pull in rows)
            found.append(f"  {title:<4} by moments: {told}")
    return found


def _html_table(table: Any, title: str) -> str:
    rows = table.to_html(index=False, float_format=lambda value: f"{value:.4g}", border=0)
    return f"<p>{html.escape(title)}</p>\n{rows}"
