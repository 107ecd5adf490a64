"""`cross`: train on one dataset, test on another."""

from __future__ import annotations

from pathlib import Path

import click

from ..errors import TableError
from ._tables import read_tables


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
def cross_command(specs: tuple[str, ...], regressors: str, seed: int, output: str) -> int:
    """Train on one dataset (rows), test on another (columns); the diagonal is a 5-fold within one."""
    from ..comparison.cross import Dataset, cross
    from ..comparison.result import DIGITS
    from ..files.atomic import write_text
    from ..progress import say
    from ..tables.labels import read_labels

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
    datasets = {
        name: Dataset(read_tables(tuple(features[name]), ()), read_labels(scores[name])) for name in features
    }
    names = tuple(part.strip() for part in regressors.split(","))
    matrix = cross(datasets, regressors=names, seed=seed)
    for warning in matrix.attrs["warnings"]:
        say(f"warning: {warning}")
    folder = Path(output)
    folder.mkdir(parents=True, exist_ok=True)
    write_text(folder / "cross.csv", matrix.to_csv(index=False, float_format=DIGITS))
    for model, part in matrix.groupby(["table", "regressor"], sort=False):
        square = part.pivot(index="train", columns="test", values="srcc")
        click.echo(f"{model[0]}, {model[1]}: SRCC, trained on the row")
        click.echo(square.to_string(float_format=lambda value: f"{value:.3f}"))
    return 0
