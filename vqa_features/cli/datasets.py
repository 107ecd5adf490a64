"""`datasets`: published labels, splits and feature tables, cached with their hashes."""

from __future__ import annotations

import json

import click


@click.group("datasets")
def datasets_command() -> None:
    """List and fetch published feature tables and labels."""


@datasets_command.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def list_datasets(as_json: bool) -> None:
    """List the datasets: videos, scale, tables, what is in the cache, licence."""
    from ..datasets import listing

    rows = listing()
    if as_json:
        click.echo(json.dumps(rows, indent=2))
        return
    keys = ["name", "videos", "scale", "tables", "groups", "official splits", "cached", "licence"]
    cells = [keys]
    for row in rows:
        row["cached"] = f"{row['present']} of {row['files']}"
        cells.append(
            [
                {True: "yes", False: "no"}.get(row[k], str(row[k]))
                if isinstance(row[k], bool)
                else str(row[k])
                for k in keys
            ]
        )
    widths = [max(len(line[k]) for line in cells) for k in range(len(keys))]
    for line in cells:
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())


@datasets_command.command("fetch")
@click.argument("name")
def fetch_dataset(name: str) -> None:
    """Bring every published file of the dataset NAME into the cache and print the paths."""
    from ..datasets import fetch

    for path in fetch(name):
        click.echo(path)
