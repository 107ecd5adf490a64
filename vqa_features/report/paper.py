"""Files for a paper: the summary as a table for LaTeX and for Markdown, and the methods as text."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

import numpy as np

from .. import __version__
from ..comparison.result import Comparison
from ..errors import ParameterError
from ..evaluation.metrics import METRICS, Metric
from ..files.atomic import atomic_path
from ..files.names import ESCAPE
from ..files.writable import check_file
from .escaping import latex, markdown
from .formatting import decimal, shown
from .methods import caption_of, methods_of
from .view import Model, ProtocolView, views_of

FILES = ("summary.tex", "summary.md", "methods.txt")
"""Files that `write_paper` writes."""
_OPEN, _EQUAL, _UNTESTED = "open", "equal", "untested"


def write_paper(comparison: Comparison, folder: str | os.PathLike[str]) -> list[Path]:
    """Write the summary as ``summary.tex`` and ``summary.md``, and the methods as ``methods.txt``.

    Parameters
    ----------
    comparison : Comparison
        Result of :func:`vqa_features.compare`.
    folder : path
        Made if it does not exist. Files of these names are replaced, together or not at all.

    Returns
    -------
    list of Path
        The files.

    Raises
    ------
    ParameterError
        The comparison holds no scores, or a file cannot be written.

    See Also
    --------
    vqa_features.report.write_report : The same results as a page.
    """
    if comparison.scores.empty:
        raise ParameterError("the comparison holds no scores, so there is nothing to report")
    target = Path(folder)
    views = views_of(comparison)
    texts = (summary_tex(views), summary_md(views), methods_text(views))
    for name in FILES:
        check_file(target / name)
    target.mkdir(parents=True, exist_ok=True)
    with ExitStack() as all_or_none:
        for name, text in zip(FILES, texts, strict=True):
            part = all_or_none.enter_context(atomic_path(target / name))
            part.write_text(text, encoding="utf-8", errors=ESCAPE, newline="")
    return [target / name for name in FILES]


def methods_text(views: Mapping[str, ProtocolView]) -> str:
    """Return the methods as plain text, paragraphs apart by an empty line."""
    return "\n\n".join(methods_of(views)) + "\n"


class Cell(NamedTuple):
    """One score of one model."""

    text: str
    best: bool
    """The best of its column, to the digits that are printed."""
    mark: str = ""
    """``open``: not significantly different from the model of best SRCC; ``equal``: equal within the margin;
    ``untested``; empty: different, or the best itself."""


class SummaryTable(NamedTuple):
    """Models by metrics of one protocol and test part."""

    metrics: list[Metric]
    rows: list[tuple[Model, int, list[Cell]]]
    """Model, number of its columns, cells in the order of `metrics`."""
    tested: str
    """Sentence on the marks."""


def summary_table(view: ProtocolView) -> SummaryTable:
    """Return the scores of every model, highest SRCC first, with the best and the untold from it marked."""
    metrics = [metric for metric in METRICS if metric.name in view.summary]
    best = {metric.name: _best(view, metric) for metric in metrics}
    rows = []
    for model, row in view.rows.items():
        cells = []
        for metric in metrics:
            text = decimal(float(row[metric.name]))
            mark = _mark(view, model) if metric.name == "srcc" else ""
            cells.append(Cell(text, text == best[metric.name], mark))
        rows.append((model, int(row["columns"]), cells))
    return SummaryTable(metrics, rows, _legend(rows, metrics))


def _best(view: ProtocolView, metric: Metric) -> str:
    """Return the best value of a metric as it is printed, empty if no model has one."""
    values = [float(row[metric.name]) for row in view.rows.values()]
    finite = [value for value in values if np.isfinite(value)]
    return decimal((max if metric.higher_is_better else min)(finite)) if finite else ""


def _mark(view: ProtocolView, model: Model) -> str:
    """Return how the test tells a model from that of best SRCC."""
    trained = [one for one in view.trained if np.isfinite(view.median_srcc(one))]
    if not trained or model == trained[0] or model not in view.trained:
        return ""
    found = view.contrasts.get((trained[0], model))
    if found is None or not np.isfinite(found.p):
        return _UNTESTED
    return {"open": _OPEN, "equal": _EQUAL}.get(found.verdict, "")


def _legend(rows: list[tuple[Model, int, list[Cell]]], metrics: list[Metric]) -> str:
    """Return which mark means what, with {open}, {equal} and {untested} in place of the marks."""
    used = {cell.mark for _, _, cells in rows for cell in cells}
    told = ["Bold: best of the column, ties at the printed digits included."]
    if used & {_OPEN, _EQUAL}:
        told.append("In the column SRCC, compared with the model of best SRCC:")
        ends = [
            *(["{open} the difference is not significant"] if _OPEN in used else []),
            *(["{equal} equal within the margin"] if _EQUAL in used else []),
            *(["{untested} not tested"] if _UNTESTED in used else []),
        ]
        told[-1] += f" {', '.join(ends)}."
    elif _UNTESTED in used:
        told.append("{untested} The difference from the model of best SRCC was not tested.")
    return " ".join(told)


class _Notation(NamedTuple):
    """How a format writes texts, the best, and the marks."""

    escape: Callable[[str], str]
    bold: str
    number: Callable[[str], str]
    marks: dict[str, str]


_TEX = _Notation(
    latex,
    r"\textbf{%s}",
    latex,
    {
        _OPEN: r"\textsuperscript{\textdagger}",
        _EQUAL: r"\textsuperscript{\textdaggerdbl}",
        _UNTESTED: r"\textsuperscript{n}",
    },
)
_MD = _Notation(markdown, "**%s**", str, {_OPEN: "†", _EQUAL: "‡", _UNTESTED: "ⁿ"})


def _cell(cell: Cell, notation: _Notation) -> str:
    text = notation.number(cell.text)
    return (notation.bold % text if cell.best else text) + notation.marks.get(cell.mark, "")


def _caption(view: ProtocolView, table: SummaryTable, notation: _Notation) -> str:
    """Return the caption: protocol, tests and marks."""
    told = notation.escape(" ".join(filter(None, caption_of(view))))
    legend = table.tested
    for name, mark in notation.marks.items():
        legend = legend.replace(f"{{{name}}}", mark)
    return f"{told} {legend}"


def summary_tex(views: Mapping[str, ProtocolView]) -> str:
    """Return one LaTeX table of each protocol and test part; it needs the package booktabs."""
    lines = [
        f"% Written by vqa-features {__version__}. Needs \\usepackage{{booktabs}}.",
        "% Characters outside ASCII that are no accented Latin letters are written as [U+number].",
    ]
    for number, (_, view) in enumerate(views.items(), start=1):
        lines += ["", *_tex_table(view, number)]
    return "\n".join(lines) + "\n"


def _tex_table(view: ProtocolView, number: int) -> Iterator[str]:
    table = summary_table(view)
    heads = [_arrow(metric, r"$\uparrow$", r"$\downarrow$", latex) for metric in table.metrics]
    yield from (r"\begin{table}", r"\centering", r"\small", r"\setlength{\tabcolsep}{4pt}")
    yield f"\\caption{{{_caption(view, table, _TEX)}}}"
    yield f"\\label{{tab:summary-{number}}}"
    yield f"\\begin{{tabular}}{{llr{'r' * len(heads)}}}"
    yield r"\toprule"
    yield " & ".join(["Features", "Regressor", "Columns", *heads]) + r" \\"
    yield r"\midrule"
    for model, columns, cells in table.rows:
        names, count = _model(model, columns)
        yield " & ".join([*map(latex, names), count, *(_cell(cell, _TEX) for cell in cells)]) + r" \\"
    yield from (r"\bottomrule", r"\end{tabular}", r"\end{table}")


def summary_md(views: Mapping[str, ProtocolView]) -> str:
    """Return one table of GitHub's Markdown of each protocol and test part."""
    return "\n\n".join("\n".join(_md_table(name, view)) for name, view in views.items()) + "\n"


def _md_table(name: str, view: ProtocolView) -> Iterator[str]:
    table = summary_table(view)
    heads = [_arrow(metric, "↑", "↓", markdown) for metric in table.metrics]
    yield f"## {markdown(shown(name))}"
    yield ""
    yield f"| {' | '.join(['Features', 'Regressor', 'Columns', *heads])} |"
    yield f"|---|---|{'--:|' * (len(heads) + 1)}"
    for model, columns, cells in table.rows:
        names, count = _model(model, columns)
        yield f"| {' | '.join([*map(markdown, names), count, *(_cell(cell, _MD) for cell in cells)])} |"
    yield ""
    yield _caption(view, table, _MD)


def _arrow(metric: Metric, up: str, down: str, escape: Callable[[str], str]) -> str:
    return f"{escape(metric.label)} {up if metric.higher_is_better else down}"


def _model(model: Model, columns: int) -> tuple[tuple[str, str], str]:
    """Return names and number of columns of a model; the training mean uses none."""
    return model.parts, "" if model.role == "baseline" else f"{columns}"
