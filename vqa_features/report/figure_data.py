"""The data of every figure of the page as CSV files in the folder of its figures.

Each file holds every protocol and test part, and every video and split of the models that are drawn. Texts
that a spreadsheet would run as a formula begin with an apostrophe.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pandas as pd

from ..comparison.result import result_csv
from ..files.atomic import atomic_path
from ..files.names import ESCAPE
from ..tables.csv_style import CsvStyle
from .figure_folder import DATA, DATA_ENDING
from .sections import ProtocolSection
from .tradeoffs import shown_transfers
from .view import METRIC_NAMES, Contrast, Model, ProtocolView

Rows = list[dict[str, Any]]


def write_figure_data(sections: Sequence[ProtocolSection], folder: Path, all_or_none: ExitStack) -> list[str]:
    """Write the data of every figure that there is data for into temporary files beside their names.

    Parameters
    ----------
    sections : sequence of ProtocolSection
        Every protocol and test part of one comparison.
    folder : Path
        Folder of the figures; it exists.
    all_or_none : ExitStack
        The files get their names when it ends without an error.

    Returns
    -------
    list of str
        Names of the files written, without the ending.
    """
    tables = figure_tables(sections)
    for name, table in tables.items():
        part = all_or_none.enter_context(atomic_path(folder / f"{name}{DATA_ENDING}"))
        part.write_text(result_csv(table, CsvStyle(safe=True)), encoding="utf-8", errors=ESCAPE, newline="")
    return list(tables)


def figure_tables(sections: Sequence[ProtocolSection]) -> dict[str, pd.DataFrame]:
    """Return the data of every figure by name; `DATA` lists the columns. Empty ones are left out."""
    found: dict[str, pd.DataFrame] = {}
    for name, rows_of in _ROWS.items():
        parts = [_of_view(section.view, rows_of(section)) for section in sections]
        filled = [part for part in parts if len(part)]
        if filled:
            found[name] = _with_categories(pd.concat(filled, ignore_index=True)[list(DATA[name])])
    crossed = _crossed(sections[0].view)
    if crossed:
        found["cross"] = pd.DataFrame(crossed)[list(DATA["cross"])]
    return found


def _with_categories(table: pd.DataFrame) -> pd.DataFrame:
    """Return the table with texts as categories: names repeat in every row, and each is then read once."""
    texts = [name for name, kind in table.dtypes.items() if kind.kind not in "biuf"]
    return table.astype(dict.fromkeys(texts, "category"))


def _of_view(view: ProtocolView, rows: Rows | pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(rows).assign(protocol=view.protocol, part=view.part)


def _named(model: Model, ending: str = "") -> dict[str, str]:
    family = {} if ending else {"family": model.family}
    return {f"table{ending}": model.table, f"regressor{ending}": model.regressor, **family}


def _tested(contrasts: Iterable[Contrast]) -> Rows:
    return [
        {
            **_named(one.first, "_a"),
            **_named(one.second, "_b"),
            "difference": one.difference,
            "low": one.low,
            "high": one.high,
            "p_holm": one.p,
            "verdict_on_a": one.verdict,
        }
        for one in contrasts
    ]


def _contrasts(section: ProtocolSection) -> Rows:
    return _tested(section.headline.contrasts)


def _significance(section: ProtocolSection) -> Rows:
    tested, models = section.view.contrasts, section.matrix
    return _tested(tested[pair] for a in models for b in models if (pair := (a, b)) in tested)


def _boxes(section: ProtocolSection) -> pd.DataFrame:
    view = section.view
    parts = []
    for model, row in section.rows.items():
        scores = {name: view.split_scores(model, name) for name in METRIC_NAMES}
        ends = {"srcc_low": row["srcc_low"], "srcc_high": row["srcc_high"], "interval": view.interval}
        parts.append(pd.DataFrame({**scores, "split": view.split_numbers(model), **_named(model), **ends}))
    return pd.concat(parts) if parts else pd.DataFrame()


def _scatter(section: ProtocolSection) -> pd.DataFrame:
    view = section.view
    parts = [
        pd.DataFrame(
            {"id": view.videos.index, "mos": view.mos, "predicted": view.predicted(model), **_named(model)}
        )
        for model in section.drawn
    ]
    return pd.concat(parts) if parts else pd.DataFrame()


def _residuals(section: ProtocolSection) -> pd.DataFrame:
    if len(section.rivals) < 2:
        return pd.DataFrame()
    view, errors = section.view, section.view.residuals(section.rivals)
    return pd.concat(
        pd.DataFrame({"id": errors.index, "mos": view.mos, "residual": errors[model.key], **_named(model)})
        for model in section.rivals
    )


def _residual_correlation(section: ProtocolSection) -> Rows:
    models = section.singles
    if len(models) < 2:
        return []
    plain, partial = section.residual_correlation, section.residual_correlation_given_mos
    return [
        {
            **_named(a, "_a"),
            **_named(b, "_b"),
            "correlation": plain[i, j],
            "correlation_given_mos": partial[i, j],
        }
        for i, a in enumerate(models)
        for j, b in enumerate(models)
        if i != j
    ]


def _cost(section: ProtocolSection) -> Rows:
    if len(section.costs) < 2:
        return []
    return [
        {
            **_named(one.model),
            "seconds_per_video": one.seconds,
            "srcc": one.srcc,
            "srcc_low": one.low,
            "srcc_high": one.high,
            "statistic": section.view.statistic,
            "interval": section.view.interval,
            "on_front": one.on_front,
        }
        for one in section.costs
    ]


def _curve(section: ProtocolSection) -> Rows:
    return [
        {**_named(one.model), "n_train": size, "srcc": srcc, "srcc_low": low, "srcc_high": high}
        for one in section.curves
        for size, srcc, low, high in zip(one.n_train, one.srcc, one.low, one.high, strict=True)
    ]


def _crossed(view: ProtocolView) -> Rows:
    return [
        {
            **_named(one.model),
            "train": train,
            "test": test,
            "srcc": one.srcc[i, j],
            "shift": one.shift[i, j],
        }
        for one in shown_transfers(view.comparison)[0]
        for i, train in enumerate(one.trained)
        for j, test in enumerate(one.datasets)
    ]


_ROWS: dict[str, Callable[[ProtocolSection], Rows | pd.DataFrame]] = {
    "contrasts": _contrasts,
    "boxes": _boxes,
    "significance": _significance,
    "scatter": _scatter,
    "residuals": _residuals,
    "residual_correlation": _residual_correlation,
    "cost": _cost,
    "curve": _curve,
}
