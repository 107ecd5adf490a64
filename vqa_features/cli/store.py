"""`store`: describe, export, check, clean and join the files of `extract --store`."""

from __future__ import annotations

import dataclasses
from typing import Any

import click

from ..files.names import escaped_name
from ..progress import say
from ._columns import aligned
from ._json import json_option, print_json
from ._store_export import export_command
from .failures import SOME_FAILED

#: Results that are named by groups; --json has them all.
_MOST_GROUPS = 100
_quiet_option = click.option("--quiet", is_flag=True, help="Suppress progress and messages.")


@click.group("store")
def store_command() -> None:
    """Describe, export, check, clean and join stores: the files of extract --store."""


store_command.add_command(export_command)


@store_command.command("info")
@click.argument("file", metavar="FILE")
@json_option
def info_command(file: str, as_json: bool) -> None:
    """Print what a store holds: results by extractor and computation, failures, videos, sizes, times."""
    from ..batch.store_info import store_info, told

    info = store_info(file)
    if as_json:
        print_json(dataclasses.asdict(info))
        return
    click.echo(
        f"{escaped_name(info.path)}: version {info.schema}, {_size(info.bytes)}, {info.videos} videos with "
        f"results, {info.files} remembered files, stored from {info.oldest or '-'} to {info.newest or '-'}"
    )
    rows = [
        {
            "extractor": group.label,
            "version": group.version,
            "installed": group.installed,
            "form": group.form,
            "results": group.results,
            "size": _size(group.bytes),
            "frames": told(group.computation),
        }
        for group in info.results[:_MOST_GROUPS]
    ]
    if rows:
        click.echo(aligned(rows, list(rows[0])))
    if len(info.results) > _MOST_GROUPS:
        click.echo(f"and {len(info.results) - _MOST_GROUPS} more: --json lists them")
    for status, count in info.failures.items():
        click.echo(f"{count} {status}")


@store_command.command("verify")
@click.argument("file", metavar="FILE")
@click.option(
    "--videos", is_flag=True, help="Hash the remembered files again; this opens local files that FILE names."
)
@json_option
@_quiet_option
def verify_command(file: str, videos: bool, as_json: bool, quiet: bool) -> int:
    """Read every row of a store and print what is damaged; exit code 1 if anything is.

    Checks SQLite's pages, and of every result its checksum, types, sizes and number of columns. Nothing is
    changed. A run computes again what cannot be read; store gc removes it.
    """
    from ..batch.store_verify import summary, verify_store

    check = verify_store(file, videos=videos, on_row=_rows_told("rows read", quiet))
    if as_json:
        print_json({"sound": check.sound, **dataclasses.asdict(check)})
    else:
        click.echo(summary(check, file))
    return 0 if check.sound else SOME_FAILED


@store_command.command("gc")
@click.argument("file", metavar="FILE")
@click.option(
    "--failures",
    "failures_days",
    type=click.FloatRange(min=0),
    metavar="DAYS",
    help="Remove failures stored more than DAYS days ago, 0: all, so that these videos are tried again.",
)
@click.option(
    "--other-versions",
    is_flag=True,
    help="Remove results of extractors that are installed in another version or with other weights.",
)
@click.option("--missing", is_flag=True, help="Forget remembered files that are not on this machine.")
@click.option("--dry-run", is_flag=True, help="Print what would be removed; change nothing.")
@json_option
def gc_command(
    file: str,
    failures_days: float | None,
    other_versions: bool,
    missing: bool,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Remove from a store what no run would use, and give the space back.

    Without options: results that cannot be read, and failures that every run tries again (crashes, timeouts,
    read errors, lack of memory, missing packages). No success of the installed version is ever removed.
    """
    from ..batch.store_gc import Rules, clean_store

    removal = clean_store(file, Rules(failures_days, other_versions, missing), dry_run=dry_run)
    if as_json:
        print_json({"dry_run": dry_run, **dataclasses.asdict(removal)})
        return
    word = "would be removed" if dry_run else "removed"
    parts = [f"{count} results ({reason})" for reason, count in removal.results.items()]
    parts += [f"{removal.files} remembered files"] * (removal.files > 0)
    click.echo(f"{word}: {', '.join(parts) or 'nothing'}, {_size(removal.bytes)}")
    if removal.after is not None:
        click.echo(f"{escaped_name(file)}: {_size(removal.before)} before, {_size(removal.after)} now")
    for label, count in removal.kept.items():
        say(f"note: {count} results of {label} are kept: it is not installed, or its version is not known")


@store_command.command("merge")
@click.argument("out", metavar="OUT")
@click.argument("stores", nargs=-1, required=True, metavar="IN...")
@click.option(
    "--prefer",
    type=click.Choice(["first"]),
    help="Of results that differ, keep that of the store that is named first.",
)
@json_option
@_quiet_option
def merge_command(out: str, stores: tuple[str, ...], prefer: str | None, as_json: bool, quiet: bool) -> int:
    """Join stores of several runs or machines into OUT, which is added to if it exists.

    Equal results are stored once, a success takes the place of a failure. Results that differ are listed,
    and nothing is written unless --prefer says which are kept: exit code 1. OUT is whole or as before.
    """
    from ..batch.store_merge import StoresDiffer, merge_stores

    try:
        merged = merge_stores(out, stores, prefer=prefer, on_row=_rows_told("results read", quiet))
        written, problem = True, ""
    except StoresDiffer as error:
        merged, written, problem = error.merged, False, str(error)
    if as_json:
        print_json({"written": written, **dataclasses.asdict(merged)})
    for one in merged.differences:
        say(
            f"differs: {one.label} ({one.form}) of video {one.video[:12]}: {one.what}, "
            f"in {escaped_name(one.second)} and {escaped_name(one.first)}"
        )
    if problem:
        say(f"error: {problem}")
        return SOME_FAILED
    for path in merged.damaged:
        say(f"warning: {escaped_name(path)} is damaged: what could be read of it is joined; see store verify")
    if not as_json:
        click.echo(_merged_text(merged, out))
    return SOME_FAILED if merged.unreadable or merged.damaged else 0


def _merged_text(merged: Any, out: str) -> str:
    """Return what was joined, in one line per kind."""
    counted = {
        "equal to one that was there": merged.equal,
        "failures beside a success, or a second failure: left out": merged.failures,
        "differ: the first is kept": merged.differing,
        "could not be read: left out": merged.unreadable,
    }
    lines = [f"{merged.results} results in {escaped_name(out)}: {merged.read} read, {merged.added} added"]
    lines += [f"{count} {words}" for words, count in counted.items() if count]
    if merged.paths:
        lines.append(f"{merged.paths} remembered files have another hash in another store: the first is kept")
    return "\n".join(lines)


def _rows_told(title: str, quiet: bool) -> Any:
    """Return a function that says on stderr how many rows were read, every 100 000 of them."""

    def tell(count: int) -> None:
        if count % 100_000 == 0:
            say(f"{count} {title}", quiet)

    return tell


def _size(count: int) -> str:
    """Return a number of bytes in a unit that suits it."""
    if count < 1 << 10:
        return f"{count} bytes"
    return f"{count / 2**10:.1f} KiB" if count < 1 << 20 else f"{count / 2**20:.1f} MiB"
