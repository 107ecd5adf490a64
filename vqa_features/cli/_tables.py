"""Feature tables and split files given on the command line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from ..errors import TableError, UnknownName

duplicates_option = click.option(
    "--duplicates",
    type=click.Choice(["error", "warn", "group"]),
    default="error",
    show_default=True,
    help="Treatment of equal and nearly equal videos.",
)


def read_tables(specs: tuple[str, ...], orders: tuple[str, ...]) -> dict[str, Any]:
    """Return every table by name, as `vqa_features.compare` takes it.

    Parameters
    ----------
    specs : tuple of str
        ``FILE[:NAME[:FAMILY]]`` of each table.
    orders : tuple of str
        ``NAME=CSV:COL``: file and column whose ids are in the row order of a table without ids. Without an
        entry such a table is in the order of the MOS file.
    """
    from ..tables.labels import give_ids, read_ids
    from ..tables.reading import parse_spec, read_table

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


def read_splits(path: str, test_size: float) -> list[tuple[Any, Any]]:
    """Return official splits (VSFA .mat, or CSV of train/test columns) as pairs of id arrays."""
    if Path(path).suffix.lower() == ".mat":
        from ..datasets.loading import official_splits

        return official_splits(path, test_size)
    return _csv_splits(path)


def _csv_splits(path: str) -> list[tuple[Any, Any]]:
    from ..files.names import id_text
    from ..tables.text import read_text

    table = read_text(Path(path), "a split file").frame
    ids = table.iloc[:, 0].map(id_text)
    found = []
    for name in table.columns[1:]:
        side = table[name].str.strip().str.lower()
        wrong = side[~side.isin(["train", "test", "", "none"])]
        if len(wrong):
            line, cell = wrong.index[0], wrong.iloc[0]
            raise TableError(f"line {line} of {path}: column {name!r} must hold train or test, got {cell!r}")
        found.append((ids[side == "train"].to_numpy(), ids[side == "test"].to_numpy()))
    if not found:
        raise TableError(f"{path} needs a column of ids and at least one column of train/test")
    return found
