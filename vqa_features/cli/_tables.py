"""Feature tables and split files given on the command line."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..errors import TableError, UnknownName

if TYPE_CHECKING:
    from ..tables.split_lists import SplitList

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


def video_files(tables: dict[str, Any]) -> dict[str, str]:
    """Return the file of each video by id, from the columns ``path`` of tables of `read_tables`."""
    from ..report.stills import paths_of

    found: dict[str, str] = {}
    for table in tables.values():
        found = {**paths_of(table[0] if isinstance(table, tuple) else table), **found}
    return found


def read_splits(path: str, test_size: float) -> SplitList:
    """Return splits of a VSFA .mat file or of a text file, see `vqa_features.tables.split_lists`."""
    from ..tables.split_lists import SplitList, read_split_file

    if Path(path).suffix.lower() == ".mat":
        from ..datasets.loading import official_splits

        return SplitList(tuple(official_splits(path, test_size)), source=path)
    return read_split_file(Path(path))
