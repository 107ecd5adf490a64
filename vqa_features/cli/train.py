"""`train`: keep a regressor on feature tables as a model that predicts the MOS of new videos."""

from __future__ import annotations

import os
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ._jobs import jobs_option
from ._json import json_option
from ._tables import duplicates_option, read_tables

if TYPE_CHECKING:
    from ..models import QualityModel


@click.command("train")
@click.option(
    "--features",
    "specs",
    multiple=True,
    required=True,
    metavar="FILE[:NAME[:FAMILY]]",
    help="Feature table; repeat for more: joined, each table with an equal share of the variance.",
)
@click.option("--mos", required=True, help="CSV or other text, Parquet or VSFA .mat file with ids and MOS.")
@click.option("--id", "id_column", help="Column of ids; by default the first with unique values.")
@click.option("--mos-column", help="Column of MOS; by default one of a usual name: mos, MOSFull ...")
@click.option("--group", "group_column", help="Column of source content, kept on one side of every fold.")
@click.option(
    "--ids", multiple=True, metavar="NAME=CSV:COL", help="Ids in the row order of a table without ids."
)
@click.option(
    "--regressor", default="svr-rbf", show_default=True, help="Name or import path of a scikit-learn class."
)
@click.option(
    "--search",
    type=click.Choice(["refine", "random10", "full"]),
    default="refine",
    show_default=True,
    help="Search of hyperparameters.",
)
@click.option("--seed", type=int, default=0, show_default=True, help="Seed of folds and searches.")
@click.option(
    "--repetitions",
    type=click.IntRange(min=1, max=100),
    default=3,
    show_default=True,
    help="Repetitions of the 5-fold cross-validation.",
)
@click.option(
    "--level",
    type=click.FloatRange(0, 1, min_open=True, max_open=True),
    default=0.9,
    show_default=True,
    help="Coverage of the interval.",
)
@click.option("--lower-is-better", is_flag=True, help="The scores are DMOS: the card says so.")
@click.option("--scale", metavar="LOW,HIGH", help="Ends of the MOS scale, to which predictions are held.")
@click.option("--trust", "trusted", multiple=True, metavar="COLUMN", help="As for compare; repeat for more.")
@duplicates_option
@jobs_option()
@click.option("-o", "--output", required=True, help="Model to write: .skops.")
@json_option
@click.option("--quiet", is_flag=True, help="Print only the card.")
def train_command(
    specs: tuple[str, ...],
    mos: str,
    id_column: str | None,
    mos_column: str | None,
    group_column: str | None,
    ids: tuple[str, ...],
    lower_is_better: bool,
    scale: str | None,
    output: str,
    as_json: bool,
    quiet: bool,
    **options: Any,
) -> int:
    """Train a model on feature tables and MOS, and print its card.

    The checks are those of compare. The card has the cross-validated scores, and what the model needs.
    """
    from ..files.writable import check_distinct, check_file
    from ..models import QualityModel
    from ..models.card_text import card_text
    from ..models.model_file import check_name
    from ..progress import say
    from ..tables.labels import read_labels
    from ..tables.reading import parse_spec

    check_name(output)
    check_distinct({"the model": output}, (*(str(parse_spec(text).path) for text in specs), mos))
    check_file(output)
    options |= {"direction": "lower" if lower_is_better else "higher", "scale": _scale(scale)}
    model = QualityModel(**options)
    model.check_savable()
    tables = read_tables(specs, ids)
    labels = read_labels(mos, id_column=id_column, mos_column=mos_column, group_column=group_column)
    _fit(model, tables, labels, quiet)
    if os.path.exists(output):
        say(f"note: {output} is replaced", quiet)
    place, code = _saved(model, output)
    click.echo(model.card_.to_json() if as_json else card_text(model.card_))
    say(f"model: {place}", quiet)
    return code


def _fit(model: QualityModel, tables: dict[str, Any], labels: Any, quiet: bool) -> None:
    """Fit with a progress bar; the warnings are those of the card."""
    from ..comparison.notices import ValidityNotice
    from ..models.training import FOLDS
    from ..progress import Progress

    with Progress("train", FOLDS * model.repetitions + 1, quiet) as progress, warnings.catch_warnings():
        warnings.simplefilter("ignore", ValidityNotice)
        model.progress = lambda done, _: progress.step()
        model.fit(tables, labels)


def _saved(model: QualityModel, output: str) -> tuple[Path, int]:
    """Save the model, somewhere else if it cannot be written where it was asked for."""
    from ..files.writable import write_somewhere
    from ..progress import say
    from .failures import NOT_AS_ASKED
    from .signals import undisturbed

    with undisturbed():
        place, problem = write_somewhere(model.save, Path(os.path.abspath(output)), failures=OSError)
    if problem is not None:
        say(f"warning: {output} could not be written ({problem}): the model is in {place}")
    return place, 0 if problem is None else NOT_AS_ASKED


def _scale(text: str | None) -> tuple[float, float] | None:
    if text is None:
        return None
    try:
        low, high = (float(part) for part in text.split(","))
    except ValueError:
        raise click.UsageError(f"--scale is LOW,HIGH, e.g. 1,5, got {text!r}") from None
    return low, high
