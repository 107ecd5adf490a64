"""`weights`: list, fetch, verify and import checkpoints."""

from __future__ import annotations

import json

import click

from ..weights import check, fetch, import_file, table
from ._columns import aligned


@click.group("weights")
def weights_command() -> None:
    """List, fetch, verify and import checkpoints."""


@weights_command.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def list_weights(as_json: bool) -> None:
    """List every official checkpoint: name, tag, presence, what of its SHA-256 is pinned, licence, origin."""
    rows = table()
    if as_json:
        click.echo(json.dumps(rows, indent=2, default=str))
        return
    click.echo(aligned(rows, ["name", "tag", "present", "pinned", "size", "licence", "url"]))


@weights_command.command("fetch")
@click.argument("name")
@click.option("--quiet", is_flag=True, help="Suppress progress.")
def fetch_weights(name: str, quiet: bool) -> None:
    """Download the checkpoint NAME (or NAME/TAG), resuming, and verify it."""
    click.echo(fetch(name, None if quiet else _report))


def _report(done: int, total: int | None) -> None:
    """Write the progress in MiB over the same line of stderr."""
    of = f" of {total / 2**20:.0f}" if total else ""
    click.echo(f"\r{done / 2**20:.0f}{of} MiB", nl=done == total, err=True)


@weights_command.command("verify")
@click.argument("name")
def verify_weights(name: str) -> None:
    """Compare the cached checkpoint NAME with its pinned or recorded SHA-256."""
    click.echo(check(name))


@weights_command.command("import")
@click.argument("name")
@click.argument("file", type=click.Path(exists=True, dir_okay=False))
def import_weights(name: str, file: str) -> None:
    """Copy FILE, fetched by hand, into the cache as the checkpoint NAME."""
    click.echo(import_file(name, file))
