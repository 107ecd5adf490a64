"""`datasets`: list and download published labels, splits and feature tables."""

from __future__ import annotations

import click

from ._columns import aligned
from ._json import json_option, print_json


@click.group("datasets")
def datasets_command() -> None:
    """List and download published feature tables and labels."""


@datasets_command.command("list")
@json_option
def list_datasets(as_json: bool) -> None:
    """List the datasets: videos, scale, tables, cached files; `show` has the other facts."""
    from ..datasets.loading import listing

    rows = listing()
    if as_json:
        print_json(rows)
        return
    shown = [{**row, "cached": f"{row['present']} of {row['files']}"} for row in rows]
    keys = ["name", "videos", "scale", "tables", "groups", "official splits", "cached"]
    click.echo(aligned(shown, keys))


@datasets_command.command("show")
@click.argument("name")
@json_option
def show_dataset(name: str, as_json: bool) -> None:
    """Print what is known of the dataset NAME: content, scale, protocol, licence, where labels are."""
    from ..datasets.loading import described

    facts = described(name)
    if as_json:
        print_json(facts)
        return
    width = max(map(len, facts))
    for fact, text in facts.items():
        click.echo(f"{fact:{width}}  {text}")


@datasets_command.command("fetch")
@click.argument("name")
@json_option
def fetch_dataset(name: str, as_json: bool) -> None:
    """Download every published file of the dataset NAME and print the paths."""
    from ..datasets.loading import fetch

    paths = fetch(name)
    if as_json:
        print_json({"name": name, "files": paths})
        return
    for path in paths:
        click.echo(path)
