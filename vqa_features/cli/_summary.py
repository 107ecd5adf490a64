"""The summary of a comparison as a plain table for the terminal, and as JSON."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..progress import printable

if TYPE_CHECKING:
    from ..comparison.result import Comparison


def summary_text(comparison: Comparison) -> str:
    """Return one line per protocol, test part and model, best SRCC first, and the baseline once per part."""
    from ..comparison.result import BASELINE
    from ..tables.split_lists import TEST

    named = (comparison.summary["part"] != TEST).any()
    key = ["protocol", "part"] if named else ["protocol"]
    columns = [*key, "table", "regressor", "columns", "srcc", "plcc", "rmse"]
    table = comparison.summary[columns].copy()
    baseline = table["regressor"] == BASELINE
    table.loc[baseline, "table"], table.loc[baseline, "columns"] = "-", 0
    table = table.drop_duplicates([*key, "table", "regressor"])
    table = table.sort_values([*key, "srcc"], ascending=False, kind="stable")
    names = {"srcc": "SRCC", "plcc": "PLCC", "rmse": "RMSE"}
    text = table.rename(columns=names).to_string(index=False, float_format=lambda value: f"{value:.3f}")
    return printable(text)


def summary_json(comparison: Comparison, report: Path | None) -> dict[str, Any]:
    """Return what ``--json`` prints of a comparison: its summary, its warnings and its page, if written."""
    return {"summary": comparison.summary, "warnings": comparison.warnings, "report": report}
