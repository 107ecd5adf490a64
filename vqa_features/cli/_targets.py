"""Several targets of `compare`: a folder of results for each, and the matrix of families by target."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ._json import print_json
from .results import ResultStyle, write_results

if TYPE_CHECKING:
    import pandas as pd

    from ..comparison.result import Comparison
    from ..tables.csv_style import CsvStyle

MATRIX, PAGE = "targets.csv", "targets.html"


def folders_of(names: Sequence[str], output: str) -> dict[str, str]:
    """Return a folder in `output` for each target, named like it.

    Raises
    ------
    click.UsageError
        If two targets would have the same folder.
    """
    found = {name: str(Path(output, re.sub(r"[^\w.-]+", "_", name).strip(".") or "_")) for name in names}
    if len({folder.lower() for folder in found.values()}) < len(found):
        raise click.UsageError(f"two targets have the same folder: {', '.join(found.values())}")
    return found


def write_targets(
    comparisons: Mapping[str, Comparison],
    folders: Mapping[str, str],
    output: str,
    write: Callable[[Comparison, str], tuple[dict[str, Any], int]],
    style: ResultStyle,
) -> int:
    """Write the results of every target and the matrix; print the matrix; return the exit code.

    With ``--json``, one object holds what `write` returned for each target, and the matrix.
    """
    from ..comparison.targets import target_differences, target_matrix
    from ..progress import printable, say
    from ..report.targets_page import render_targets

    written = {name: write(one, folders[name]) for name, one in comparisons.items()}
    matrix, warnings = target_matrix(comparisons), target_differences(comparisons)
    for warning in warnings:
        say(f"warning: {warning}", style.quiet)
    links = {name: f"{Path(folder).name}/report.html" for name, folder in folders.items()}
    page = render_targets(matrix, warnings, links)
    place, code = write_results(lambda folder: _save(matrix, page, folder, style.csv), output)
    key = ["protocol", "part", "table", "regressor"]
    wide = matrix.pivot_table(index=key, columns="target", values="srcc", sort=False)
    if style.as_json:
        each = {name: found for name, (found, _) in written.items()}
        print_json({"targets": each, "matrix": matrix, "warnings": warnings, "report": place / PAGE})
    else:
        text = wide.to_string(float_format=lambda value: f"{value:.3f}")
        click.echo(printable(f"SRCC by target\n{text}"))
    say(f"report: {place / PAGE}", style.quiet)
    return max(code, *(each for _, each in written.values()))


def _save(matrix: pd.DataFrame, page: str, folder: Path, csv: CsvStyle) -> None:
    from ..comparison.result import result_csv
    from ..files.atomic import atomic_path
    from ..files.names import ESCAPE

    folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as all_or_none:
        for name, text in ((MATRIX, result_csv(matrix, csv)), (PAGE, page)):
            part = all_or_none.enter_context(atomic_path(folder / name))
            part.write_text(text, encoding="utf-8", errors=ESCAPE, newline="")
