"""Tables of docs/stability.md."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from ..measures import ROOT
from ..measures.page import number, table
from .versions import Change

PAGE = ROOT / "docs" / "stability.md"


def tables(drifts: pd.DataFrame, moved: Mapping[str, list[str]], changes: Sequence[Change]) -> dict[str, str]:
    """Return both tables by the names of their places on the page."""
    exact = [change.name for change in changes if change.exact]
    others = [change.name for change in changes if not change.exact]
    return {"exact": exact_table(drifts, moved, exact), "drift": drift_table(drifts, others)}


def exact_table(drifts: pd.DataFrame, moved: Mapping[str, list[str]], names: Sequence[str]) -> str:
    """Return how many columns differ in a bit under each change that should move none, and which."""
    alike: dict[tuple[str, ...], list[str]] = {}
    for name in names:
        found = moved[name]
        cells = (
            f"{len(drifts) - len(found)} of {len(drifts)}",
            ", ".join(_features(found)) or "–",
            _largest(drifts.loc[found, name], whole=True) if found else "–",
        )
        alike.setdefault(cells, []).append(name)
    lines = [(", ".join(those), *cells) for cells, those in alike.items()]
    return table(("change", "columns equal bit for bit", "others", "largest drift"), lines)


def drift_table(drifts: pd.DataFrame, names: Sequence[str]) -> str:
    """Return the median drift and the largest one of each extractor, with its column, for each change."""
    lines = []
    for label, part in drifts.groupby([_label(column) for column in drifts.index], sort=False):
        cells: list[object] = [f"`{label}`", len(part)]
        for name in names:
            cells.append(f"{number(float(part[name].median()))}; {_largest(part[name])}")
        lines.append(cells)
    return table(("extractor", "columns", *names), lines)


def shown(column: str) -> str:
    """Return the name of a column without the parameters of its extractor."""
    return f"{_label(column)}.{'.'.join(column.rsplit('.', 2)[1:])}"


def _largest(drift: pd.Series[float], whole: bool = False) -> str:
    """Return the largest finite drift with its column, whole or without extractor, and how many have none."""
    finite = drift[drift < np.inf]
    worst = shown(str(finite.idxmax())) if len(finite) else ""
    worst = worst if whole else worst.partition(".")[2]
    cell = f"{number(float(finite.max()))} `{worst}`" if worst and finite.max() > 0 else "0"
    without = len(drift) - len(finite)
    return f"{cell}, {without} ∞" if without else cell


def _label(column: str) -> str:
    return column.rsplit(".", 2)[0].partition("[")[0]


def _features(columns: Sequence[str]) -> list[str]:
    """Return the features of columns, pools left out; one entry for an extractor with many."""
    found: dict[str, dict[str, None]] = {}
    for column in columns:
        _, feature, _ = column.rsplit(".", 2)
        found.setdefault(_label(column), {})[feature] = None
    return [
        f"`{label}` ({len(features)} features)" if len(features) > 7 else f"`{label}`: {', '.join(features)}"
        for label, features in found.items()
    ]
