"""The page of several targets: which family predicts which opinion score, and how well."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import pandas as pd

from ..comparison.result import BASELINE
from ..errors import ParameterError
from .formatting import decimal, shown
from .messages import warnings_context
from .templates import render_template
from .view import Model

MOST_MODELS = 40
"""Greatest number of rows of the matrix on the page."""
MOST_TARGETS = 20


class Cell(NamedTuple):
    """SRCC of one model on one target."""

    value: float
    below: str
    """The 2.5 and 97.5 percentiles over the splits, empty for one split."""
    best: bool
    """Highest of its column."""


class Square(NamedTuple):
    """Models by target on one protocol and test part."""

    name: str
    targets: list[str]
    rows: list[tuple[Model, list[Cell | None]]]
    """Models in the order of their mean SRCC; None where a target lacks the model."""
    left_out: int


def render_targets(
    matrix: pd.DataFrame, warnings: Sequence[str] = (), links: Mapping[str, str] | None = None
) -> str:
    """Return the page of `vqa_features.comparison.targets.compare_targets` as text.

    Parameters
    ----------
    matrix : DataFrame
        `Targets.matrix`.
    warnings : sequence of str
        `Targets.warnings`.
    links : mapping, optional
        Address of the page of each target.

    Raises
    ------
    ParameterError
        If there are no scores.
    """
    trained = matrix[matrix["regressor"] != BASELINE]
    if trained.empty:
        raise ParameterError("no model was trained on the targets, so there is nothing to report")
    squares = [
        _square(f"{protocol}" if part == "test" else f"{protocol}: {part}", rows)
        for (protocol, part), rows in trained.groupby(["protocol", "part"], sort=False)
    ]
    targets = list(map(str, dict.fromkeys(trained["target"])))
    places = [(shown(name), (links or {}).get(name)) for name in targets]
    context = {
        "title": ", ".join(shown(name) for name in targets[:MOST_TARGETS]),
        "squares": squares,
        **warnings_context(warnings, targets),
        "targets": places,
        "best": _best(squares[0]),
    }
    return render_template("targets.html", context)


def _square(name: str, rows: pd.DataFrame) -> Square:
    targets = list(map(str, dict.fromkeys(rows["target"])))[:MOST_TARGETS]
    highest = rows.groupby("target")["srcc"].max()
    found = []
    for (table, regressor, family), mine in rows.groupby(["table", "regressor", "family"], sort=False):
        by_target = {str(row["target"]): row for row in mine.to_dict("records")}
        cells: list[Cell | None] = []
        for target in targets:
            row = by_target.get(target)
            if row is None:
                cells.append(None)
                continue
            spread = f"{decimal(row['srcc_low'])} – {decimal(row['srcc_high'])}" if row["splits"] > 1 else ""
            cells.append(Cell(float(row["srcc"]), spread, bool(row["srcc"] == highest[target])))
        found.append((float(mine["srcc"].mean()), Model(str(table), str(regressor), str(family)), cells))
    found.sort(key=lambda one: -one[0])
    kept = [(model, cells) for _, model, cells in found[:MOST_MODELS]]
    return Square(shown(name), [shown(one) for one in targets], kept, max(0, len(found) - MOST_MODELS))


def _best(square: Square) -> list[tuple[str, str, str]]:
    """Return target, name of its best model and its SRCC."""
    found = []
    for number, target in enumerate(square.targets):
        for model, cells in square.rows:
            cell = cells[number]
            if cell is not None and cell.best:
                found.append((target, model.label, decimal(cell.value)))
                break
    return found
