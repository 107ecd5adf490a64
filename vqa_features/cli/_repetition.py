"""What a repeated run gave, held against the run that it repeats."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import TableError
from ..files.names import visible_text
from ..tables.text import read_text

if TYPE_CHECKING:
    import pandas as pd

    from ..comparison.result import Comparison

#: Difference of a score, relative to 1 or to the score, that the rounding of sums in another order makes.
ROUNDING = 1e-6
EQUAL = "note: splits, scores and predictions are those of the run that is repeated"


def held_to_run(comparison: Comparison, before: Mapping[str, Any], scores: Path) -> tuple[Comparison, str]:
    """Return the comparison and a note; where results differ, a warning in it in place of the note.

    Parameters
    ----------
    comparison : Comparison
        The repeated run.
    before : mapping
        Settings of the run that is repeated.
    scores : Path
        Its ``scores.csv``.
    """
    results = before.get("results")
    known = results if isinstance(results, dict) else {}
    other = [name for name, digest in comparison.digests().items() if known.get(name) != digest]
    if not other:
        return comparison, EQUAL
    if "splits" not in other and _equal_scores(comparison.scores, scores):
        return comparison, f"{EQUAL}, to six digits"
    versions = _changed(before, comparison.settings) or "versions and platform are the same"
    text = f"{' and '.join(other)} differ from those of the run that is repeated ({versions})"
    return replace(comparison, warnings=(*comparison.warnings, text)), ""


def _equal_scores(scores: pd.DataFrame, file: Path) -> bool:
    """Return whether a file holds the same scores, up to rounding."""
    import pandas as pd

    try:
        old = read_text(file, "the scores of a run").frame
    except TableError:
        return False
    if list(old.columns) != list(scores.columns) or len(old) != len(scores):
        return False
    for name in scores.columns.drop("seconds"):
        if scores[name].dtype.kind != "f":
            if list(old[name]) != list(scores[name].astype(str)):
                return False
            continue
        new, past = scores[name].to_numpy(), pd.to_numeric(old[name], errors="coerce").to_numpy()
        if not np.allclose(new, past, rtol=ROUNDING, atol=ROUNDING, equal_nan=True):
            return False
    return True


def _changed(before: Mapping[str, Any], now: Mapping[str, Any]) -> str:
    """Return the versions and parts of the platform that differ."""
    changed = []
    for group in ("versions", "platform"):
        old = before.get(group)
        for name, value in now[group].items():
            was = old.get(name) if isinstance(old, dict) else None
            if was != value:
                changed.append(f"{name} {visible_text(str(was))[:100]} then, {value} now")
    return "; ".join(changed)
