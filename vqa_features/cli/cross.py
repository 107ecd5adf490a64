"""`cross`: train on one dataset, test on another."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..errors import TableError
from ..progress import printable
from ._tables import duplicates_option, read_tables
from .results import check_results, write_results
from .spreadsheets import csv_safe_option, tell_formulas

if TYPE_CHECKING:
    import pandas as pd

    from ..comparison.checks import Duplicates

RESULT = "cross.csv"


@click.command("cross")
@click.option(
    "--dataset",
    "specs",
    multiple=True,
    required=True,
    metavar="NAME=FEATURES,MOS",
    help="FEATURES is FILE[:TABLE[:FAMILY]]; give the same name twice for a second table.",
)
@click.option(
    "--regressors", default="svr-rbf,ridge", show_default=True, help="Names of regressors, comma-separated."
)
@click.option("--seed", type=int, default=0, show_default=True, help="Seed of the splits.")
@click.option("-o", "--output", required=True, help="Folder to write cross.csv to.")
@click.option("--ignore-case", is_flag=True, help="Join ids that differ in upper and lower case only.")
@duplicates_option
@csv_safe_option
def cross_command(
    specs: tuple[str, ...],
    regressors: str,
    seed: int,
    output: str,
    ignore_case: bool,
    duplicates: Duplicates,
    csv_safe: bool,
) -> int:
    """Train on one dataset (rows), test on another (columns); the diagonal is a 5-fold within one."""
    from ..comparison.cross import Dataset, cross
    from ..comparison.notices import ValidityNotice, notices_of
    from ..comparison.result import result_csv
    from ..progress import say
    from ..tables.labels import read_labels
    from ..tables.reading import parse_spec

    features: dict[str, list[str]] = {}
    scores: dict[str, str] = {}
    for text in specs:
        name, equals, rest = text.partition("=")
        table, comma, mos = rest.rpartition(",")
        if not (equals and comma):
            raise TableError(f"--dataset is NAME=FEATURES,MOS, got {text!r}")
        if scores.setdefault(name, mos) != mos:
            raise TableError(f"dataset {name!r} is given two MOS files: {scores[name]} and {mos}")
        features.setdefault(name, []).append(table)
    read = [str(parse_spec(text).path) for texts in features.values() for text in texts]
    check_results(output, [RESULT], (*read, *scores.values()), quiet=False)
    datasets = {
        name: Dataset(read_tables(tuple(features[name]), ()), read_labels(scores[name])) for name in features
    }
    names = tuple(part.strip() for part in regressors.split(","))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ValidityNotice)  # printed below
        matrix = cross(datasets, regressors=names, seed=seed, ignore_case=ignore_case, duplicates=duplicates)
    for warning in notices_of(matrix):
        say(f"warning: {warning}")
    text = result_csv(matrix, csv_safe)
    if not csv_safe:
        tell_formulas(RESULT, matrix)
    try:
        _, code = write_results(lambda folder: _write(folder / RESULT, text), output)
    finally:
        _print(matrix)
    return code


def _write(file: Path, text: str) -> None:
    from ..files.atomic import write_text

    file.parent.mkdir(parents=True, exist_ok=True)
    write_text(file, text)


def _print(matrix: pd.DataFrame) -> None:
    for model, part in matrix.groupby(["table", "regressor"], sort=False):
        square = part.pivot(index="train", columns="test", values="srcc")
        click.echo(printable(f"{model[0]}, {model[1]}: SRCC, trained on the row"))
        click.echo(printable(square.to_string(float_format=lambda value: f"{value:.3f}")))
