"""`datasets`: published labels, splits and feature tables, cached with their hashes."""

from __future__ import annotations

import json

import click

from ._columns import aligned


@click.group("datasets")
def datasets_command() -> None:
    """List and fetch published feature tables and labels."""


@datasets_command.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def list_datasets(as_json: bool) -> None:
    """List the datasets: videos, scale, tables, what is in the cache, licence."""
    from ..datasets.loading import listing

    rows = listing()
    if as_json:
        click.echo(json.dumps(rows, indent=2))
        return
    shown = [{**row, "cached": f"{row['present']} of {row['files']}"} for row in rows]
    keys = ["name", "videos", "scale", "tables", "groups", "official splits", "cached", "licence"]
    click.echo(aligned(shown, keys))


@datasets_command.command("fetch")
@click.argument("name")
def fetch_dataset(name: str) -> None:
    """Download every published file of the dataset NAME to the cache and print the paths."""
    from ..datasets.loading import fetch

    for path in fetch(name):
        click.echo(path)
