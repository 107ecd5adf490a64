"""`weights`: list, fetch, verify and import checkpoints."""

from __future__ import annotations

import click

from ..weights import check, fetch, import_file, table
from ._columns import aligned
from ._completion import extractor_names
from ._json import json_option, print_json


@click.group("weights")
def weights_command() -> None:
    """List, fetch, verify and import checkpoints."""


@weights_command.command("list")
@json_option
def list_weights(as_json: bool) -> None:
    """List every official checkpoint: presence, what is pinned, licence, origin, where that was seen."""
    rows = table()
    if as_json:
        print_json(rows)
        return
    click.echo(aligned(rows, ["name", "tag", "present", "pinned", "size", "licence", "url", "seen"]))


@weights_command.command("fetch")
@click.argument("name", shell_complete=extractor_names)
@json_option
@click.option("--quiet", is_flag=True, help="Suppress progress.")
def fetch_weights(name: str, as_json: bool, quiet: bool) -> None:
    """Download the checkpoint NAME (or NAME/TAG), resuming, and verify it."""
    _print({"name": name, "path": fetch(name, None if quiet else _report)}, as_json)


def _print(found: dict[str, object], as_json: bool) -> None:
    """Print what a command gives for a checkpoint: its second value alone, or all as JSON."""
    if as_json:
        print_json(found)
    else:
        click.echo([*found.values()][1])


def _report(done: int, total: int | None) -> None:
    """Write the progress in MiB over the same line of stderr."""
    of = f" of {total / 2**20:.0f}" if total else ""
    click.echo(f"\r{done / 2**20:.0f}{of} MiB", nl=done == total, err=True)


@weights_command.command("verify")
@click.argument("name", shell_complete=extractor_names)
@json_option
def verify_weights(name: str, as_json: bool) -> None:
    """Compare the cached checkpoint NAME with its pinned or recorded SHA-256."""
    _print({"name": name, "sha256": check(name)}, as_json)


@weights_command.command("import")
@click.argument("name", shell_complete=extractor_names)
@click.argument("file", type=click.Path(exists=True, dir_okay=False))
@json_option
def import_weights(name: str, file: str, as_json: bool) -> None:
    """Copy FILE, fetched by hand, into the cache as the checkpoint NAME."""
    _print({"name": name, "path": import_file(name, file)}, as_json)
