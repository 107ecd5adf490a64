"""`compare`: feature tables against MOS, on the same splits."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from ..errors import TableError, UnknownName


@click.command("compare")
@click.option(
    "--features",
    "specs",
    multiple=True,
    required=True,
    metavar="FILE[:NAME[:FAMILY]]",
    help="A feature table.",
)
@click.option("--mos", required=True, help="CSV, Parquet or VSFA .mat file with ids and MOS.")
@click.option("--id", "id_column", help="Column of ids; by default the first with unique values.")
@click.option("--mos-column", help="Column of MOS; by default the one named mos, MOS or MOSFull.")
@click.option("--group", "group_column", help="Column of source content, kept on one side of a strict split.")
@click.option("--ids", multiple=True, metavar="NAME=CSV:COL", help="Whose row order a table without ids has.")
@click.option(
    "--split-file", help="Official splits: VSFA .mat, or CSV with id and one train/test column per split."
)
@click.option(
    "--protocol", type=click.Choice(["strict", "literature", "both"]), default="strict", show_default=True
)
@click.option(
    "--search", type=click.Choice(["refine", "random10", "full"]), help="How hyperparameters are searched."
)
@click.option("--splits", type=click.IntRange(min=1), default=100, show_default=True)
@click.option(
    "--test-size", type=click.FloatRange(0, 1, min_open=True, max_open=True), default=0.2, show_default=True
)
@click.option("--scheme", type=click.Choice(["holdout", "kfold", "leave-one-group-out"]), default="holdout")
@click.option("--seed", type=int, default=0, show_default=True)
@click.option("--regressors", default="svr-rbf,ridge,mean", show_default=True)
@click.option("--fusion", is_flag=True, help="Add early and late fusion of all tables.")
@click.option("--use-metadata", is_flag=True, help="Let columns such as width or bitrate be features.")
@click.option(
    "--duplicates", type=click.Choice(["error", "warn", "group"]), default="error", show_default=True
)
@click.option("--jobs", type=click.IntRange(min=1), default=1, show_default=True)
@click.option("-o", "--output", required=True, help="Folder for scores, tables, settings and report.html.")
@click.option("--quiet", is_flag=True, help="Only the summary.")
def compare_command(**options: Any) -> int:
    """Compare feature tables by how well regressors on them predict MOS of unseen videos."""
    from ..comparison import compare
    from ..labels import read_labels
    from ..progress import Progress, say
    from ._summary import summary_text

    quiet = options["quiet"]
    labels = read_labels(
        options["mos"],
        id_column=options["id_column"],
        mos_column=options["mos_column"],
        group_column=options["group_column"],
    )
    tables = _tables(options["specs"], options["ids"])
    splits = _splits(options["split_file"], options["test_size"]) or options["splits"]
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
    report = comparison.report(folder / "report.html")
    for warning in comparison.warnings:
        say(f"warning: {warning}", quiet)
    click.echo(summary_text(comparison))
    say(f"report: {report}", quiet)
    return 0


def _tables(specs: tuple[str, ...], orders: tuple[str, ...]) -> dict[str, Any]:
    """Read every table; `--ids` says whose row order one without ids has, else it is the MOS file's."""
    from ..labels import give_ids, read_ids
    from ..tables import parse_spec, read_table

    order_of: dict[str, tuple[str, str]] = {}
    for text in orders:
        name, equals, rest = text.partition("=")
        path, colon, column = rest.rpartition(":")
        if not (equals and colon):
            raise TableError(f"--ids is NAME=CSV:COL, got {text!r}")
        order_of[name] = (path, column)
    tables: dict[str, Any] = {}
    for text in specs:
        spec = parse_spec(text)
        if spec.name in tables:
            raise TableError(f"two feature tables are called {spec.name!r}: write FILE:NAME")
        table = read_table(spec.path)
        if spec.name in order_of:
            path, column = order_of.pop(spec.name)
            table = give_ids(table, read_ids(path, column), path)
        tables[spec.name] = (table, spec.family) if spec.family else table
    if order_of:
        raise UnknownName("table in --ids", next(iter(order_of)), tables, f"tables: {', '.join(tables)}")
    return tables


def _splits(path: str | None, test_size: float) -> list[tuple[Any, Any]] | None:
    """Read official splits as pairs of id arrays."""
    if path is None:
        return None
    if Path(path).suffix.lower() == ".mat":
        from ..hdf5 import read_mat73
        from ..labels import read_vsfa_info
        from ..splits import splits_from_index

        ids = read_vsfa_info(path)["id"].to_numpy()
        arrays = read_mat73(path)
        made = splits_from_index(arrays["index"], arrays["ref_ids"], test_size)
        return [(ids[train], ids[test]) for train, test in made]
    return _csv_splits(path)


def _csv_splits(path: str) -> list[tuple[Any, Any]]:
    import pandas as pd

    from ..tables import video_id

    try:
        table = pd.read_csv(path, dtype=str)
    except (OSError, ValueError) as error:
        raise TableError(f"{path} cannot be read as a split file: {error}") from error
    ids = table.iloc[:, 0].map(video_id)
    found = []
    for name in table.columns[1:]:
        side = table[name].str.strip().str.lower()
        wrong = side[~side.isin(["train", "test", "", "none"]) & side.notna()]
        if len(wrong):
            raise TableError(f"{path}: column {name!r} must hold train or test, got {wrong.iloc[0]!r}")
        found.append((ids[side == "train"].to_numpy(), ids[side == "test"].to_numpy()))
    if not found:
        raise TableError(f"{path} needs a column of ids and at least one column of train/test")
    return found
