"""The page of a cross-dataset evaluation: matrices of scores, and how far the datasets lie apart."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from ..comparison.cross import SETTINGS_KEY
from ..comparison.fusion import LATE
from ..comparison.notices import notices_of
from ..comparison.result import BASELINE, FUSION
from ..errors import ParameterError
from ..extras import require
from ..files.atomic import write_text
from ..files.writable import check_file
from .formatting import counted, decimal, shown
from .messages import warnings_context
from .provenance import MOST_TITLE
from .settings_words import command_line_of, settings_in_words
from .templates import render_template
from .tradeoffs import MOST_DATASETS, MOST_TRANSFERS
from .view import Model

#: Metrics of the page: name, sentence, and whether a larger value is better.
METRICS = {
    "srcc": (
        "SRCC",
        "Below it, the 95 % interval over the videos of the test data set, or over their contents.",
        True,
    ),
    "plcc_test_mapped": (
        "PLCC, test map",
        "After a logistic map fitted on the test data set. The map may turn a reversed order around: the "
        "sign of a model is that of its SRCC.",
        True,
    ),
    "rmse_test_mapped": ("RMSE, test map", "After the same map, in units of the test data set’s MOS.", False),
    "rmse": (
        "RMSE on one scale",
        "Predictions as they are; below it, the data set whose units it has.",
        False,
    ),
}


class Cell(NamedTuple):
    """One score of a matrix."""

    value: float
    heat: float
    """Strength of its colour, 0 .. 1."""
    below: str
    within: bool
    """It is the score inside one data set."""


class Matrix(NamedTuple):
    """Scores of one model, or the shift of one table: trained on the row, tested on the column."""

    model: Model
    trained: list[str]
    tested: list[str]
    cells: list[list[Cell | None]]
    """None where a pair was not run: the test data set is part of the training set."""


class MetricSection(NamedTuple):
    """All matrices of one metric."""

    key: str
    name: str
    about: str
    matrices: list[Matrix]


def write_cross(matrix: pd.DataFrame, path: str | os.PathLike[str], *, title: str | None = None) -> Path:
    """Write the result of `vqa_features.comparison.cross.cross` as one HTML page; return the page.

    Parameters
    ----------
    matrix : DataFrame
        Result of `cross`, with its attributes.
    path : path
        File to write, ending in ``.html``.
    title : str, optional
        Heading; by default the names of the datasets.

    Raises
    ------
    ParameterError
        If the path does not end in ``.html`` or cannot be written, or there are no rows.
    ExtraMissing
        If the packages of the extra ``report`` are not installed.
    """
    target = Path(path)
    if target.suffix.lower() not in (".html", ".htm"):
        raise ParameterError(f"the report is a web page: its name must end in .html, got {target.name!r}")
    require("the report", ("jinja2",))
    check_file(target)
    text = render_cross(matrix, title=title)
    target.parent.mkdir(parents=True, exist_ok=True)
    write_text(target, text)
    return target


def render_cross(matrix: pd.DataFrame, *, title: str | None = None) -> str:
    """Return the page of a cross-dataset evaluation as text, see `write_cross`."""
    if matrix.empty:
        raise ParameterError("the cross-dataset evaluation holds no scores, so there is nothing to report")
    settings, warnings = matrix.attrs.get(SETTINGS_KEY, {}), notices_of(matrix)
    datasets = list(dict.fromkeys(matrix["test"]))
    headline, detail = finding(matrix)
    sections = sections_of(matrix)
    context = {
        "title": shown(title or ", ".join(map(str, datasets)), MOST_TITLE),
        "headline": headline,
        "detail": detail,
        "facts": _facts(matrix, settings),
        **warnings_context(warnings, {*datasets, *matrix["table"].astype(str)}),
        "sections": sections,
        "places": _places(sections, bool(settings.get("datasets"))),
        "shifts": _shifts(matrix),
        "left_out": _left_out(matrix),
        "datasets": settings.get("datasets", {}),
        "aligned": settings.get("align") == "inlsa",
        "settings": settings_in_words({key: settings[key] for key in settings if key != "datasets"}),
        "command_line": command_line_of(settings),
    }
    return render_template("cross.html", context)


def _places(sections: list[MetricSection], with_datasets: bool) -> list[tuple[str, str]]:
    """Return the address on the page and the name of every section."""
    found = [(section.key, section.name) for section in sections] + [("shift", "Shift of the features")]
    found += [("datasets", "Data sets")] if with_datasets else []
    return [*found, ("protocol", "Protocol and settings")]


def finding(matrix: pd.DataFrame) -> tuple[str, str]:
    """Return the result in one sentence, and what it rests on: mean SRCC on other datasets and within."""
    trained = matrix[matrix["regressor"] != BASELINE]
    if trained.empty:
        return "Only the baseline was run.", ""
    by_model = {
        Model(*map(str, key)): rows
        for key, rows in trained.groupby(["table", "regressor", "family"], sort=False)
    }
    means = {model: _mean(rows, "across") for model, rows in by_model.items()}
    best = max(means, key=lambda model: means[model] if math.isfinite(means[model]) else -math.inf)
    mine = by_model[best]
    sentence = (
        f"{best.label} reaches a mean SRCC of {decimal(means[best])} on other data sets, "
        f"{decimal(_mean(mine, 'within'))} within one."
    )
    across = mine[mine["kind"] == "across"].sort_values("srcc")
    pairs = counted(len(across), "pair")
    detail = [f"Of {counted(len(means), 'model')} it transfers best, by the mean over {pairs} of data sets."]
    if across["srcc"].notna().any():
        low, high = across.iloc[0], across.iloc[across["srcc"].notna().sum() - 1]
        detail.append(f"Its lowest score is {_pair(low)}, its highest {_pair(high)}.")
    if (mine["kind"] == "joint").any():
        detail.append(f"Trained on several data sets its mean SRCC is {decimal(_mean(mine, 'joint'))}.")
    return sentence, " ".join(detail)


def _mean(rows: pd.DataFrame, kind: str) -> float:
    return float(rows.loc[rows["kind"] == kind, "srcc"].mean())


def _pair(row: pd.Series[Any]) -> str:
    return f"{decimal(float(row['srcc']))} ({shown(row['train'])} → {shown(row['test'])})"


def sections_of(matrix: pd.DataFrame) -> list[MetricSection]:
    """Return one section for every metric that has a value."""
    found = []
    for key, (name, about, higher) in METRICS.items():
        # Within one data set the scale is always known; the section is on errors across data sets.
        rows = matrix[matrix["kind"] != "within"] if key == "rmse" else matrix
        if rows[key].notna().any():
            squares = [
                _matrix(rows, model, key, higher)
                for model, rows in _models(matrix)[:MOST_TRANSFERS]
                if rows[key].notna().any()
            ]
            found.append(MetricSection(key, name, about, squares))
    return found


def _models(matrix: pd.DataFrame) -> list[tuple[Model, pd.DataFrame]]:
    """Return the rows of each model; the training mean does not depend on the table and is there once."""
    groups = matrix.groupby(["table", "regressor", "family"], sort=False)
    found = [(Model(*map(str, key)), rows) for key, rows in groups]
    baselines = [one for one in found if one[0].role == "baseline"]
    return [*(one for one in found if one[0].role != "baseline"), *baselines[:1]]


def _axes(matrix: pd.DataFrame) -> tuple[list[str], list[str]]:
    """Return training sets and test datasets, at most `MOST_DATASETS` of each."""
    rows, columns = (list(dict.fromkeys(matrix[key].astype(str))) for key in ("train", "test"))
    return rows[:MOST_DATASETS], columns[:MOST_DATASETS]


def _matrix(rows: pd.DataFrame, model: Model, key: str, higher: bool) -> Matrix:
    trained, tested = _axes(rows)
    by_pair = {(str(row["train"]), str(row["test"])): row for row in rows.to_dict("records")}
    cells = [
        [_cell(by_pair[pair], key, higher) if (pair := (train, test)) in by_pair else None for test in tested]
        for train in trained
    ]
    return Matrix(model, trained, tested, cells)


def _cell(row: Mapping[Any, Any], key: str, higher: bool) -> Cell:
    value, below = float(row[key]), ""
    if key == "srcc" and math.isfinite(row["srcc_low"]):
        below = f"{decimal(row['srcc_low'])} – {decimal(row['srcc_high'])}"
    if key == "rmse" and row["scale"]:
        below = shown(row["scale"])
    heat = max(value, 0.0) if higher and math.isfinite(value) else 0.0
    return Cell(value, heat, below, row["kind"] == "within")


def _shifts(matrix: pd.DataFrame) -> list[Matrix]:
    """Return the shift by table; within a dataset there is none, and both fusions have the same."""
    found = []
    one_model = matrix[matrix["table"] != LATE].drop_duplicates(["train", "test", "table"])
    for (table, family), rows in one_model.groupby(["table", "family"], sort=False):
        square = _matrix(rows, Model(str(table), "", str(family)), "shift", higher=True)
        cells = [
            [None if cell is None or cell.within else cell._replace(heat=2 * cell.value - 1) for cell in line]
            for line in square.cells
        ]
        found.append(square._replace(cells=cells))
    return found[:MOST_TRANSFERS]


def _facts(matrix: pd.DataFrame, settings: Mapping[str, Any]) -> list[tuple[str, str]]:
    tested = matrix.drop_duplicates("test")
    joint = matrix.loc[matrix["kind"] == "joint", "train"].nunique()
    counts = {
        "data set": len(tested),
        "video": int(tested["n_test"].sum()),
        "feature table": matrix.loc[matrix["family"] != FUSION, "table"].nunique(),
        "regressor": matrix.loc[matrix["regressor"] != BASELINE, "regressor"].nunique(),
        **({"joint training set": joint} if joint else {}),
    }
    facts = [(f"{count:,}", name if count == 1 else f"{name}s") for name, count in counts.items()]
    return [*facts, (str(settings.get("align", "none")), "alignment of MOS")]


def _left_out(matrix: pd.DataFrame) -> str:
    """Return a sentence on what the page leaves out."""
    counts = {
        "models": len(_models(matrix)) - MOST_TRANSFERS,
        "training sets": matrix["train"].nunique() - MOST_DATASETS,
        "data sets": matrix["test"].nunique() - MOST_DATASETS,
    }
    listed = [f"{count:,} {what}" for what, count in counts.items() if count > 0]
    return f"{' and '.join(listed)} are not shown; all are in cross.csv." if listed else ""
