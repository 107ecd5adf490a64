"""`compare`: compare feature tables on the same splits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..files.names import escaped_name
from ._analyses import analysis_options, chosen_analyses
from ._config import used
from ._fit_cluster import cluster_options, open_cluster
from ._inputs import Inputs, input_options
from ._jobs import jobs_option
from ._json import json_option, print_json
from ._pairs import pairs_option, read_pairs
from ._repeated import (
    CHANGED,
    KEY,
    REPEATED,
    SETTINGS,
    RepeatableCommand,
    command_line,
    recorded_command,
    settings_file,
)
from ._repetition import held_to_run
from ._scores import parse_score, read_scores, score_option
from ._splits import PROTOCOLS, SPLITS, SplitChoice
from ._tables import duplicates_option, video_files
from ._targets import folders_of, write_targets
from .results import ResultStyle, check_results, write_results
from .spreadsheets import csv_options, tell_formulas

if TYPE_CHECKING:
    from ..comparison.result import Comparison
    from ..tables.csv_style import CsvStyle
    from ..tables.labels import Labels

REPORT = "report.html"
#: Files that the command writes into its folder.
RESULTS = ("scores.csv", "summary.csv", "significance.csv", "predictions.csv", "splits.csv", SETTINGS, REPORT)


@click.command("compare", cls=RepeatableCommand)
@input_options
@click.option("--ignore-case", is_flag=True, help="Join ids that differ in upper and lower case only.")
@click.option(
    "--split-file",
    help="Splits: VSFA .mat, or CSV with id and one column of train/val/test, test2 ... per split.",
)
@click.option(
    "--protocol",
    type=click.Choice(PROTOCOLS),
    help="Splits, scaling and search, see docs/comparing.md; by default official for a dataset with official "
    "splits, else strict (random is another name for it).",
)
@click.option(
    "--search", type=click.Choice(["refine", "random10", "full"]), help="Search of hyperparameters."
)
@click.option(
    "--splits",
    type=click.IntRange(min=1),
    help=f"Number of splits, of given ones the first; by default {SPLITS}, or all of a file.",
)
@click.option(
    "--test-size",
    type=click.FloatRange(0, 1, min_open=True, max_open=True),
    default=0.2,
    show_default=True,
    help="Share of the videos in the test part.",
)
@click.option(
    "--scheme",
    type=click.Choice(["holdout", "kfold", "leave-one-group-out"]),
    default="holdout",
    show_default=True,
    help="Kind of strict splits.",
)
@click.option(
    "--folds", type=click.IntRange(min=2), default=5, show_default=True, help="Folds of --scheme kfold."
)
@click.option(
    "--validation",
    type=click.Choice(["join", "search"]),
    default="join",
    show_default=True,
    help="Validation videos of given splits: join them to the training videos, or search on them.",
)
@click.option("--seed", type=int, default=0, show_default=True, help="Seed of splits and searches.")
@click.option(
    "--regressors",
    default="svr-rbf,ridge,mean",
    show_default=True,
    help="Names or import paths (package.module:Class), separated by commas.",
)
@click.option(
    "--grid", "grid_file", help="TOML file: per regressor, the values of hyperparameters to search."
)
@click.option("--fusion", is_flag=True, help="Add early and late fusion of all tables.")
@click.option(
    "--components",
    type=click.IntRange(min=1),
    help="Add every table reduced to this many principal components.",
)
@click.option(
    "--margin",
    type=click.FloatRange(0, 1, min_open=True),
    default=0.01,
    show_default=True,
    help="Difference in SRCC that counts as none.",
)
@click.option(
    "--bootstrap",
    type=click.IntRange(min=1),
    default=1000,
    show_default=True,
    help="Resamples of the videos for intervals.",
)
@click.option(
    "--logistic",
    type=click.Choice(["logistic4", "logistic5"]),
    default="logistic4",
    show_default=True,
    help="Map from predictions to MOS before PLCC and RMSE.",
)
@score_option
@analysis_options
@pairs_option
@click.option("--use-metadata", is_flag=True, help="Use columns such as width or bitrate as features.")
@click.option(
    "--trust",
    "trusted",
    multiple=True,
    metavar="COLUMN",
    help="Column that is a feature whatever it is called and however well it ranks; repeat for more.",
)
@duplicates_option
@jobs_option()
@cluster_options
@click.option(
    "--settings",
    metavar="FOLDER",
    help="Repeat the run that wrote FOLDER: its options where none are given here, and its files, which are "
    "named again.",
)
@click.option(
    "--stills/--no-stills",
    default=True,
    show_default=True,
    help="Show stills of the videos of largest error, of the files in the tables' column path.",
)
@click.option("-o", "--output", required=True, help="Folder for scores, tables, settings and report.html.")
@json_option
@csv_options
@click.option("--quiet", is_flag=True, help="Print only the summary.")
def compare_command(
    split_file: str | None,
    splits: int | None,
    protocol: str | None,
    regressors: str,
    grid_file: str | None,
    settings: str | None,
    scores: tuple[str, ...],
    pairs_file: str | None,
    output: str,
    stills: bool,
    as_json: bool,
    csv: CsvStyle,
    quiet: bool,
    **options: Any,
) -> int:
    """Compare feature tables by the prediction of the MOS of unseen videos."""
    from ..comparison import compare
    from ..comparison.pair_ranking import with_listed_pairs
    from ..evaluation.grids import read_grids
    from ..extras import EXTRAS, require
    from ..files.names import visible_text
    from ..progress import Progress

    style = ResultStyle(as_json, csv, quiet)
    inputs = Inputs(**{one.name: options.pop(one.name) for one in fields(Inputs)})
    options |= chosen_analyses(options)
    require("the report", EXTRAS["report"])
    others = [split_file, grid_file, pairs_file, *(parse_score(text).path for text in scores)]
    others += [str(settings_file(settings))] if settings else []
    targets = folders_of(inputs.target_names(), output)
    named = [*inputs.paths(), *filter(None, others)]
    _check_folders([*targets.values()] or [output], options["analyses"], named, quiet)
    tables, labels, official = (inputs.of_target(next(iter(targets))) if targets else inputs).read()
    scored = {name: inputs.of_target(name).labels() for name in targets}
    videos = video_files(tables) if stills else None
    choice = SplitChoice(protocol, split_file, splits, options["test_size"], inputs.dataset)
    chosen, given = choice.decide(official)
    count = given if isinstance(given, int) else len(given.trainings())
    options |= {"protocol": chosen, "splits": given, "given_scores": read_scores(scores)}
    options |= {"regressors": [name.strip() for name in regressors.split(",")]}
    options |= {"grids": read_grids(grid_file) if grid_file else None}
    pairs = read_pairs(pairs_file, labels.mos.index) if pairs_file else None
    open_cluster(options, quiet)

    def run(labels: Labels, title: str) -> Comparison:
        with Progress(title, count * (2 if chosen == "both" else 1), quiet) as progress:
            found = compare(tables, labels, progress=lambda done, _: progress.step(), **options)
        return found if pairs is None else with_listed_pairs(found, pairs)

    command, found = recorded_command(click.get_current_context()), {}
    if targets:
        for name, each in scored.items():
            assert each is not None  # targets are columns of a MOS file
            mine = {**command, "options": {**command["options"], "mos_column": name}}
            found[name] = _recorded(run(each, f"compare {visible_text(name)}"), mine)
        each_one = partial(_written, style=replace(style, prints=not as_json), videos=videos)
        return write_targets(found, targets, output, each_one, style)
    comparison = _recorded(run(labels, "compare"), command)
    comparison = _held(comparison, settings, quiet) if settings else comparison
    return _written(comparison, output, style, videos)[1]


def _check_folders(
    folders: Sequence[str], analyses: Sequence[str], inputs: Sequence[str], quiet: bool
) -> None:
    """Refuse folders that cannot hold the results; see `check_results`."""
    from ..report.figure_folder import check_figures
    from ..report.paper import FILES

    written = (*RESULTS, *FILES, *(f"{name}.csv" for name in (*analyses, "error_by", "listed_pairs")))
    for folder in folders:
        check_figures(Path(folder, REPORT))
        check_results(folder, written, inputs, quiet)


def _held(comparison: Comparison, settings: str, quiet: bool) -> Comparison:
    """Return a repeated run, after a word on whether it is equal, or with a warning that it is not."""
    from ..progress import say

    meta = click.get_current_context().meta
    if changed := meta[CHANGED]:
        told = ", ".join(f"{option} (was {value!r})" for option, value in changed.items())
        say(f"note: not the run of {escaped_name(settings)} again: the command line changes {told}", quiet)
        return comparison
    before = meta[REPEATED]
    earlier = settings_file(settings).with_name(RESULTS[0])
    comparison, note = held_to_run(comparison, before, earlier)
    if note:
        say(note, quiet)
    return comparison


def _recorded(comparison: Comparison, command: dict[str, Any]) -> Comparison:
    """Return the comparison with the command that made it."""
    from ..comparison.result import COMMAND_LINE

    told = {KEY: command, COMMAND_LINE: command_line(click.get_current_context()), **used()}
    return replace(comparison, settings={**comparison.settings, **told})


def _written(
    comparison: Comparison, output: str, style: ResultStyle, videos: Mapping[str, str] | None
) -> tuple[dict[str, Any], int]:
    """Tell the warnings, write the results; return what ``--json`` prints, and the exit code."""
    from ..progress import say
    from ._summary import summary_json, summary_text

    for warning in comparison.warnings:
        say(f"warning: {warning}", style.quiet)
    report: Path | None = None
    try:
        folder, code = write_results(lambda folder: _save(comparison, folder, style.csv, videos), output)
        report = folder / REPORT
    finally:
        found = summary_json(comparison, report)
        if style.prints:
            print_json(found) if style.as_json else click.echo(summary_text(comparison))
    tell_formulas(str(folder), style.csv, *comparison.tables().values())
    say(f"report: {report}", style.quiet)
    return found, code


def _save(comparison: Comparison, folder: Path, csv: CsvStyle, videos: Mapping[str, str] | None) -> None:
    """Write the tables and the report of a comparison."""
    from ..report import write_paper, write_report

    comparison.save(folder, csv_safe=csv.safe, excel=csv.excel)
    write_paper(comparison, folder)
    write_report(comparison, folder / REPORT, videos=videos)
