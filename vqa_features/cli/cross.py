"""`cross`: train on one dataset or several, test on another."""

from __future__ import annotations

import json
import warnings
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..progress import printable
from ._config import used
from ._datasets import DatasetOptions
from ._fit_cluster import cluster_options, open_cluster
from ._jobs import jobs_option
from ._json import json_option, print_json
from ._repeated import command_line
from ._tables import duplicates_option
from .results import check_results, write_results
from .spreadsheets import csv_options, tell_formulas

if TYPE_CHECKING:
    import pandas as pd

    from ..tables.csv_style import CsvStyle

RESULT = "cross.csv"
SETTINGS = "settings.json"
REPORT = "report.html"
RESULTS = (RESULT, SETTINGS, REPORT)
LEAVE_ONE_OUT = "leave-one-out"
#: Metrics that are printed, and their names.
PRINTED = {"srcc": "SRCC", "plcc_test_mapped": "PLCC, test map", "rmse": "RMSE on one scale"}


@click.command("cross")
@click.option(
    "--dataset",
    multiple=True,
    required=True,
    metavar="NAME=FEATURES,MOS",
    help="FEATURES is FILE[:TABLE[:FAMILY]]; name a dataset twice for a second table. NAME=FEATURES takes "
    "the labels of the published dataset NAME, NAME alone its tables too (datasets list).",
)
@click.option("--tables", help="Names of the tables to use, comma-separated; by default all.")
@click.option("--id", "id_column", multiple=True, metavar="[NAME=]COLUMN", help="Column of ids.")
@click.option("--mos-column", multiple=True, metavar="[NAME=]COLUMN", help="Column of MOS.")
@click.option(
    "--group",
    "group_column",
    multiple=True,
    metavar="[NAME=]COLUMN",
    help="Column of source content, kept together in folds.",
)
@click.option(
    "--ids",
    multiple=True,
    metavar="NAME/TABLE=CSV:COL",
    help="Ids in the row order of a table without ids.",
)
@click.option("--ignore-case", is_flag=True, help="Join ids that differ in upper and lower case only.")
@click.option(
    "--align",
    type=click.Choice(["none", "inlsa", "rank"]),
    help="Scale of the MOS that models learn: as given, mapped to one scale by INLSA (needs --measure), or "
    "ranks; by default inlsa with --reference, else none.",
)
@click.option("--reference", metavar="NAME", help="Dataset whose scale INLSA keeps; by default the first.")
@click.option(
    "--measure",
    multiple=True,
    metavar="COLUMN or NAME=FILE[:COLUMN]",
    help="Score of equal meaning in every dataset, such as NIQE: a column of the tables, or of a file each.",
)
@click.option(
    "--joint",
    multiple=True,
    metavar="A+B or leave-one-out",
    help="Train on several datasets together, test on the others; repeat for more sets.",
)
@click.option(
    "--regressors",
    default="svr-rbf,ridge",
    show_default=True,
    help="Names or import paths (package.module:Class), separated by commas.",
)
@click.option(
    "--grid", "grid_file", help="TOML file: per regressor, the values of hyperparameters to search."
)
@click.option(
    "--search", type=click.Choice(["refine", "random10", "full"]), help="Search of hyperparameters."
)
@click.option("--fusion", is_flag=True, help="Add early and late fusion of all tables.")
@click.option("--use-metadata", is_flag=True, help="Use columns such as width or bitrate as features.")
@click.option(
    "--trust",
    "trusted",
    multiple=True,
    metavar="COLUMN",
    help="Column that is a feature whatever it is called and however well it ranks; repeat for more.",
)
@duplicates_option
@click.option("--seed", type=int, default=0, show_default=True, help="Seed of folds and searches.")
@jobs_option()
@cluster_options
@click.option("-o", "--output", required=True, help="Folder for cross.csv, settings.json and report.html.")
@json_option
@csv_options
@click.option("--quiet", is_flag=True, help="Print only the result.")
def cross_command(
    joint: tuple[str, ...],
    regressors: str,
    grid_file: str | None,
    output: str,
    as_json: bool,
    csv: CsvStyle,
    quiet: bool,
    **options: Any,
) -> int:
    """Train on one dataset (rows), test on another (columns); the diagonal is a 5-fold within one."""
    from ..comparison.cross import SETTINGS_KEY, cross
    from ..comparison.notices import ValidityNotice, notices_of
    from ..comparison.result import COMMAND_LINE
    from ..evaluation.grids import read_grids
    from ..extras import require
    from ..progress import Progress, say

    inputs = DatasetOptions(**{one.name: options.pop(one.name) for one in fields(DatasetOptions)})
    require("the report", ("jinja2",))
    files = [*inputs.paths(), *([grid_file] if grid_file else [])]
    check_results(output, RESULTS, files, quiet)
    datasets, sets = inputs.read(), _sets(joint)
    names = [name.strip() for name in regressors.split(",")]
    open_cluster(options, quiet)
    trained = 2 * len(datasets) + len(datasets if sets == LEAVE_ONE_OUT else sets)
    with warnings.catch_warnings(), Progress("cross", trained * len(names), quiet) as progress:
        warnings.simplefilter("ignore", ValidityNotice)  # printed below
        matrix = cross(
            datasets,
            regressors=names,
            grids=read_grids(grid_file) if grid_file else None,
            joint=sets,
            progress=lambda done, _: progress.step(),
            **options,  # the other options have the names of the keywords of `cross`
        )
    matrix.attrs[SETTINGS_KEY] |= {COMMAND_LINE: command_line(click.get_current_context())}
    for warning in notices_of(matrix):
        say(f"warning: {warning}", quiet)
    tell_formulas(RESULT, csv, matrix)
    try:
        folder, code = write_results(lambda folder: _write(matrix, folder, files, csv), output)
    finally:
        print_json(matrix) if as_json else click.echo(printable(_as_text(matrix)))
    say(f"report: {folder / REPORT}", quiet)
    return code


def _sets(joint: tuple[str, ...]) -> Any:
    """Return the keyword ``joint`` of `cross`."""
    if LEAVE_ONE_OUT in joint:
        if len(joint) > 1:
            raise click.UsageError(f"--joint {LEAVE_ONE_OUT} stands alone: leave out the other sets")
        return LEAVE_ONE_OUT
    return [text.split("+") for text in joint]


def _write(matrix: pd.DataFrame, folder: Path, files: list[str], csv: CsvStyle) -> None:
    """Write the rows, the settings and the page; `files` are recorded with their SHA-256."""
    from contextlib import ExitStack

    from ..comparison.cross import SETTINGS_KEY
    from ..comparison.notices import notices_of
    from ..comparison.result import as_json, result_csv
    from ..files.atomic import atomic_path
    from ..files.names import ESCAPE
    from ..report.cross_page import render_cross
    from ..tables.parts import table_digest

    made = {
        **matrix.attrs[SETTINGS_KEY],
        **used(),
        "files": {path: table_digest(Path(path)) for path in files},
    }
    settings = as_json({**made, "warnings": list(notices_of(matrix))})
    texts = {
        RESULT: result_csv(matrix, csv),
        SETTINGS: json.dumps(settings, indent=2, ensure_ascii=False, allow_nan=False) + "\n",
        REPORT: render_cross(matrix),
    }
    folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as all_or_none:
        for name, text in texts.items():
            part = all_or_none.enter_context(atomic_path(folder / name))
            part.write_text(text, encoding="utf-8", errors=ESCAPE, newline="")


def _as_text(matrix: pd.DataFrame) -> str:
    """Return one matrix per model and metric; metrics without any value are left out."""
    blocks = []
    rows, columns = (list(dict.fromkeys(matrix[key])) for key in ("train", "test"))
    for model, part in matrix.groupby(["table", "regressor"], sort=False):
        for metric, name in PRINTED.items():
            # Within a dataset the scale is always known; across datasets it is only after an alignment.
            if (part if metric != "rmse" else part[part["kind"] != "within"])[metric].notna().any():
                square = part.pivot(index="train", columns="test", values=metric).loc[rows, columns]
                text = square.to_string(float_format=lambda value: f"{value:.3f}", na_rep="-")
                blocks.append(f"{model[0]}, {model[1]}: {name}, trained on the row\n{text}")
    return "\n".join(blocks)
