"""`compare`: compare feature tables on the same splits."""

from __future__ import annotations

from typing import Any

import click

from ..errors import TableError
from ._tables import read_splits, read_tables


@click.command("compare")
@click.option(
    "--features",
    "specs",
    multiple=True,
    metavar="FILE[:NAME[:FAMILY]]",
    help="Feature table; may be given several times.",
)
@click.option(
    "--dataset", help="Use the labels, groups and tables of a published dataset (vqa-features datasets list)."
)
@click.option("--mos", help="CSV, Parquet or VSFA .mat file with ids and MOS.")
@click.option("--id", "id_column", help="Column of ids; by default the first with unique values.")
@click.option("--mos-column", help="Column of MOS; by default the one named mos, MOS or MOSFull.")
@click.option(
    "--group", "group_column", help="Column of source content; a strict split keeps each group on one side."
)
@click.option(
    "--ids",
    multiple=True,
    metavar="NAME=CSV:COL",
    help="Row order of the table NAME without ids: column COL of CSV.",
)
@click.option(
    "--split-file", help="Official splits: VSFA .mat, or CSV with id and one train/test column per split."
)
@click.option(
    "--protocol",
    type=click.Choice(["strict", "literature", "both"]),
    default="strict",
    show_default=True,
    help="Evaluation protocol.",
)
@click.option("--search", type=click.Choice(["refine", "random10", "full"]), help="Hyperparameter search.")
@click.option(
    "--splits",
    type=click.IntRange(min=1),
    default=100,
    show_default=True,
    help="Number of train/test splits.",
)
@click.option(
    "--test-size",
    type=click.FloatRange(0, 1, min_open=True, max_open=True),
    default=0.2,
    show_default=True,
    help="Fraction of videos or groups in the test part.",
)
@click.option(
    "--scheme",
    type=click.Choice(["holdout", "kfold", "leave-one-group-out"]),
    default="holdout",
    show_default=True,
    help="How splits are drawn.",
)
@click.option("--seed", type=int, default=0, show_default=True, help="Seed of the splits.")
@click.option(
    "--regressors",
    default="svr-rbf,ridge,mean",
    show_default=True,
    help="Names of regressors, comma-separated.",
)
@click.option("--fusion", is_flag=True, help="Add early and late fusion of all tables.")
@click.option("--use-metadata", is_flag=True, help="Use columns such as width or bitrate as features.")
@click.option(
    "--duplicates",
    type=click.Choice(["error", "warn", "group"]),
    default="error",
    show_default=True,
    help="Videos with equal features: refuse, warn, or keep on one side of a split.",
)
@click.option("--jobs", type=click.IntRange(min=1), default=1, show_default=True, help="Worker processes.")
@click.option("-o", "--output", required=True, help="Folder for scores, tables, settings and report.html.")
@click.option("--quiet", is_flag=True, help="Print only the summary.")
def compare_command(**options: Any) -> int:
    """Compare feature tables by the prediction of the MOS of unseen videos."""
    from ..comparison import compare
    from ..progress import Progress, say
    from ..report import write_report
    from ._summary import summary_text

    quiet = options["quiet"]
    tables, labels = _inputs(options)
    splits: Any = options["splits"]
    if options["split_file"]:
        splits = read_splits(options["split_file"], options["test_size"])
    n = len(splits) if not isinstance(splits, int) else splits
    total = n * (2 if options["protocol"] == "both" else 1)
    with Progress("compare", total, quiet) as progress:
        comparison = compare(
            tables,
            labels,
            protocol=options["protocol"],
            splits=splits,
            regressors=[name.strip() for name in options["regressors"].split(",")],
            seed=options["seed"],
            jobs=options["jobs"],
            fusion=options["fusion"],
            search=options["search"],
            scheme=options["scheme"],
            test_size=options["test_size"],
            duplicates=options["duplicates"],
            use_metadata=options["use_metadata"],
            progress=lambda done, _: progress.step(),
        )
    folder = comparison.save(options["output"])
    report = write_report(comparison, folder / "report.html")
    for warning in comparison.warnings:
        say(f"warning: {warning}", quiet)
    click.echo(summary_text(comparison))
    say(f"report: {report}", quiet)
    return 0


def _inputs(options: dict[str, Any]) -> tuple[dict[str, Any], Any]:
    """Return the tables and the labels of a published dataset, of the given files, or of both."""
    from ..tables.labels import read_labels

    tables: dict[str, Any] = {}
    labels: Any = None
    if options["dataset"]:
        from ..datasets.loading import load

        published = load(options["dataset"])
        tables, labels = dict(published.tables), published.labels
    if options["mos"]:
        labels = read_labels(
            options["mos"],
            id_column=options["id_column"],
            mos_column=options["mos_column"],
            group_column=options["group_column"],
        )
    if labels is None:
        raise click.UsageError(
            "name the opinion scores with --mos FILE, or a published set with --dataset NAME"
        )
    for name, table in read_tables(options["specs"], options["ids"]).items():
        if name in tables:
            raise TableError(f"two feature tables are called {name!r}: write FILE:NAME")
        tables[name] = table
    if not tables:
        raise click.UsageError("name at least one feature table with --features FILE")
    return tables, labels
