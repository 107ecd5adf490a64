"""`summarise`: results of `compare` on several datasets together."""

from __future__ import annotations

import json
import os
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..progress import printable, say
from ._config import used
from ._json import json_option, print_json
from .results import check_results, write_results
from .spreadsheets import csv_options, tell_formulas

if TYPE_CHECKING:
    from ..comparison.over_datasets import OverDatasets
    from ..comparison.result import Comparison
    from ..tables.csv_style import CsvStyle

MODELS, DATASETS, PAIRS = "over_datasets.csv", "datasets.csv", "pairs.csv"
SETTINGS, REPORT = "settings.json", "report.html"
RESULTS = (MODELS, DATASETS, PAIRS, SETTINGS, REPORT)


@click.command("summarise")
@click.argument("folders", nargs=-1, required=True, metavar="NAME=FOLDER NAME=FOLDER...")
@click.option("--protocol", help="Protocol of each comparison; needed where one holds several.")
@click.option(
    "--metric", default="srcc", show_default=True, help="srcc, krcc, plcc, plcc_raw or plcc_test_mapped."
)
@click.option(
    "--rope",
    type=click.FloatRange(0, 1),
    default=0.01,
    show_default=True,
    help="Difference up to which two models count as equivalent.",
)
@click.option(
    "--seed",
    type=click.IntRange(0, 2**32 - 1),
    default=0,
    show_default=True,
    help="Seed of the Bayesian signed-rank test.",
)
@click.option("-o", "--output", required=True, help="Folder for the tables, settings.json and report.html.")
@json_option
@csv_options
@click.option("--quiet", is_flag=True, help="Print only the summary.")
def summarise_command(
    folders: tuple[str, ...], output: str, as_json: bool, csv: CsvStyle, quiet: bool, **options: Any
) -> int:
    """Summarise models over datasets: each FOLDER was written by compare on the dataset NAME."""
    from ..comparison.over_datasets import over_datasets
    from ..comparison.saved import FILES, read_comparison
    from ..extras import require

    named = parse_folders(folders)
    require("the report", ("jinja2",))
    inputs = [os.path.join(folder, name) for folder in named.values() for name in (*FILES, REPORT)]
    check_results(output, RESULTS, inputs, quiet)
    comparisons = {name: read_comparison(folder) for name, folder in named.items()}
    found = over_datasets(comparisons, **options)
    for warning in found.warnings:
        say(f"warning: {warning}", quiet)
    tell_formulas(output, csv, found.models, found.scores, found.pairs)
    made = {**options, **_settings(found, named, comparisons), **used()}
    try:
        place, code = write_results(lambda folder: _write(found, made, folder, csv), output)
    finally:
        print_json(_as_plain(found)) if as_json else click.echo(printable(_as_text(found)))
    say(f"report: {place / REPORT}", quiet)
    return code


def parse_folders(given: tuple[str, ...]) -> dict[str, str]:
    """Return the folders by the name of their dataset.

    Raises
    ------
    click.UsageError
        If there are fewer than two, one has no name, or a name or folder is given twice.
    """
    found: dict[str, str] = {}
    for text in given:
        name, _, folder = text.partition("=")
        if not (name.strip() and folder):
            raise click.UsageError(f"write NAME=FOLDER, the name of a dataset and its results, got {text!r}")
        if name.strip() in found:
            raise click.UsageError(f"two folders are called {name.strip()!r}: give each dataset its own name")
        same = [one for one, other in found.items() if os.path.realpath(other) == os.path.realpath(folder)]
        if same:
            raise click.UsageError(f"{same[0]} and {name.strip()} are the same folder {folder!r}")
        found[name.strip()] = folder
    if len(found) < 2:
        raise click.UsageError(f"a summary over datasets needs at least two folders, got {len(found)}")
    return found


def _settings(
    found: OverDatasets, folders: dict[str, str], comparisons: dict[str, Comparison]
) -> dict[str, Any]:
    """Return what made the summary, and the results that are no table."""
    from .. import __version__

    return {
        "datasets": {
            name: {"folder": folder, "results": comparisons[name].digests()}
            for name, folder in folders.items()
        },
        "friedman_p": found.friedman_p,
        "critical_difference": found.critical_difference,
        "cliques": found.cliques,
        "versions": {"vqa_features": __version__},
        "warnings": found.warnings,
    }


def _write(found: OverDatasets, settings: dict[str, Any], folder: Path, csv: CsvStyle) -> None:
    """Write the tables, the settings and the page."""
    from ..comparison.result import as_json, result_csv
    from ..files.atomic import atomic_path
    from ..files.names import ESCAPE
    from ..report.over_datasets_page import render_over_datasets

    tables = {MODELS: found.models, DATASETS: found.scores, PAIRS: found.pairs}
    texts = {name: result_csv(table, csv) for name, table in tables.items()}
    texts[SETTINGS] = json.dumps(as_json(settings), indent=2, ensure_ascii=False, allow_nan=False) + "\n"
    texts[REPORT] = render_over_datasets(found)
    folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as all_or_none:
        for name, text in texts.items():
            part = all_or_none.enter_context(atomic_path(folder / name))
            part.write_text(text, encoding="utf-8", errors=ESCAPE, newline="")


def _as_plain(found: OverDatasets) -> dict[str, Any]:
    """Return the tables and the tests as ``--json`` prints them."""
    return {
        "metric": found.metric,
        "models": found.models,
        "datasets": found.scores,
        "pairs": found.pairs,
        "friedman_p": found.friedman_p,
        "critical_difference": found.critical_difference,
        "warnings": found.warnings,
    }


def _as_text(found: OverDatasets) -> str:
    """Return one line per model, best rank first, and the tests of the ranks."""
    from ..report.view import METRIC_NAMES

    models = found.models.to_string(index=False, float_format=lambda value: f"{value:.3f}")
    return (
        f"{METRIC_NAMES[found.metric]} over {len(found.scores)} datasets\n{models}\n"
        f"Friedman p {found.friedman_p:.3g}, critical difference of mean ranks "
        f"{found.critical_difference:.3g}; pairs of models are in {PAIRS}"
    )
