"""Compute the public table, check a row, or write its pages from saved results.

python -m benchmarks.table run [--tables FOLDER] [--rows FOLDER ...] [--datasets NAME ...] [-o FOLDER]
python -m benchmarks.table check FOLDER
python -m benchmarks.table pages [--results FOLDER]
"""

from __future__ import annotations

import argparse
import os
import sys
import time
import warnings
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from vqa_features.comparison.notices import ValidityNotice
from vqa_features.comparison.result import Comparison
from vqa_features.datasets.catalogue import DATASETS
from vqa_features.errors import TableError, VqaError
from vqa_features.report import write_report

from .. import record
from . import measure, page, text
from .cards import ROWS, Card, read_rows
from .check import check_row
from .datasets import Ready, ready_datasets
from .results import COMMITTED, Results, read_results
from .shortcuts import shortcuts_of


def main(arguments: Sequence[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    if getattr(options, "tables", None) is not None:
        os.environ["VQA_FEATURES_DATASETS"] = str(options.tables)
        os.environ["VQA_FEATURES_OFFLINE"] = "1"
    warnings.simplefilter("ignore", ValidityNotice)  # they are kept in the results
    try:
        return int(options.run(options))
    except VqaError as error:
        print(error, file=sys.stderr)
        return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.table", description=__doc__.partition("\n")[0]
    )
    commands = parser.add_subparsers(required=True)
    run = commands.add_parser("run", help="compute every result, and write the pages")
    run.add_argument("--tables", type=Path, help="folder with published tables; nothing is downloaded then")
    run.add_argument("--rows", type=Path, action="append", default=[], help="further folder of rows")
    run.add_argument("--datasets", nargs="+", metavar="NAME", help="only these datasets")
    run.add_argument("--splits", type=int, default=100)
    run.add_argument("--shortcut-splits", type=int, default=20, help="0 leaves the shortcuts out")
    run.add_argument("--no-costs", action="store_true", help="do not measure the package's extractors")
    run.add_argument("--seed", type=int, default=0)
    run.add_argument("--jobs", type=int, default=2)
    run.add_argument("-o", "--output", type=Path, default=Path("build/tables"))
    run.add_argument("--publish", action="store_true", help="also into the results and the page of the docs")
    run.set_defaults(run=_run)
    check = commands.add_parser("check", help="check the folder of one row")
    check.add_argument("folder", type=Path)
    check.add_argument("--tables", type=Path, help="folder with published tables; nothing is downloaded then")
    check.set_defaults(run=lambda options: check_row(options.folder))
    pages = commands.add_parser("pages", help="write docs/benchmark.md and the HTML page from saved results")
    pages.add_argument("--results", type=Path, default=COMMITTED)
    pages.add_argument("-o", "--output", type=Path, default=Path("build/tables"))
    pages.set_defaults(run=_pages)
    return parser


def _run(options: argparse.Namespace) -> int:
    """Compute everything; what is left out is printed and kept in the results."""
    started = time.perf_counter()
    cards = read_rows(ROWS, *options.rows)
    named = options.datasets or [name for name in DATASETS if any(name in one.places for one in cards)]
    ready, left_out = ready_datasets(cards, named)
    for one in left_out:
        print(f"left out: {one}", file=sys.stderr)
    if not ready:
        raise TableError("no dataset is at hand: give a folder with --tables, or let them be downloaded")
    work = measure.Work(options.splits, options.jobs, options.seed)
    short = measure.Work(options.shortcut_splits, options.jobs, options.seed)
    measured = [] if options.no_costs else [one for one in cards if any(one in row.cards for row in ready)]
    results = _results(ready, measured, work, short, options.output)
    run = {
        "surroundings": record.surroundings(),
        "splits": options.splits,
        "shortcut_splits": options.shortcut_splits,
        "seed": options.seed,
        "seconds": round(time.perf_counter() - started),
        "left_out": left_out,
        "warnings": results.run["warnings"],
    }
    results = replace(results, run=run)
    results.save(options.output / "results")
    if options.publish:
        results.save(COMMITTED)
        text.write_page(results, cards)
    page.write_html(results, cards, options.output / "benchmark.html")
    print(options.output / "benchmark.html")
    return 0


def _results(
    ready: Sequence[Ready], measured: Sequence[Card], work: measure.Work, short: measure.Work, folder: Path
) -> Results:
    """Return all results; every comparison is also written into a folder of its own, with its report."""
    import pandas as pd

    rows, families, gains, shortcuts, told = [], [], [], [], []

    def keep(comparison: Comparison, name: str, dataset: str) -> None:
        comparison.save(folder / name)
        write_report(comparison, folder / name / "report.html")
        told.extend(f"{dataset}: {one}" for one in comparison.warnings if f"{dataset}: {one}" not in told)

    for one in ready:
        print(f"{one.name}: {', '.join(card.name for card in one.cards)}", file=sys.stderr)
        found = measure.rows_of(one, work)
        keep(found, one.name, one.name)
        rows.append(measure.summary_of(one.name, found))
        both = measure.families_of(one, work)
        if both is not None:
            keep(both, f"{one.name}-families", one.name)
            families.append(measure.summary_of(one.name, both))
            gains.append(measure.gains_of(one.name, both))
        if short.splits:
            shortcuts.append(shortcuts_of(one, short))
    print("across datasets, cost", file=sys.stderr)
    return Results(
        rows=pd.concat(rows, ignore_index=True),
        families=pd.concat(families, ignore_index=True) if families else pd.DataFrame(),
        gains=pd.concat(gains, ignore_index=True) if gains else pd.DataFrame(),
        cross=measure.across(ready, work),
        shortcuts=pd.concat(shortcuts, ignore_index=True) if shortcuts else pd.DataFrame(),
        ceilings=measure.ceilings(ready),
        costs=measure.costs(measured, measure.demo_clips()),
        run={"warnings": told},
    )


def _pages(options: argparse.Namespace) -> int:
    results, cards = read_results(options.results), read_rows(ROWS)
    if options.results == COMMITTED:
        text.write_page(results, cards)
    options.output.mkdir(parents=True, exist_ok=True)
    page.write_html(results, cards, options.output / "benchmark.html")
    print(options.output / "benchmark.html")
    return 0


if __name__ == "__main__":
    sys.exit(main())
