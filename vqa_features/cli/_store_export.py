"""`store export`: the results of a store as a feature table, without the videos."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from ..files.names import escaped_name
from ..progress import say
from ._given import given_options
from ._json import json_option, print_json
from ._request import Request
from ._request_options import extractors_option, request_options
from .failures import SOME_FAILED
from .spreadsheets import csv_options, tell_formulas

if TYPE_CHECKING:
    from ..batch.options import Extraction
    from ..tables.csv_style import CsvStyle

#: Options that choose among the results of a store.
_CHOOSING = frozenset("fps every offset frames start_s duration_s luma area pool".split())


@click.command("export")
@click.argument("file", metavar="FILE")
@click.argument("inputs", nargs=-1, metavar="[VIDEO]...")
@click.option(
    "-o", "--output", required=True, help="Feature table to write: .parquet, .csv, .json, .mat or .npz."
)
@extractors_option
@request_options
@json_option
@csv_options
@click.option("--quiet", is_flag=True, help="Suppress messages.")
def export_command(*, file: str, output: str, as_json: bool, csv: CsvStyle, quiet: bool, **asked: Any) -> int:
    """Write the results of a store as a feature table, without the videos.

    By default every extractor that is installed in the version of the store, and every video. VIDEO names
    files, a CSV or a .txt of paths, which need not exist any more; each gets a row. Where the store has
    results of several samplings or pools, options or --settings choose one. Exit code 1: some rows are
    failures. Per-frame tables are not exported: extract with the same store writes them.
    """
    from ..batch.failures import is_failure
    from ..batch.store_export import KINDS, StoreExport, named_videos, stored_videos
    from ..errors import TableError
    from ..files.writable import check_distinct, check_file
    from ..tables.streamed import table_stream
    from ..tables.writing import check_format

    check_format(output)
    check_distinct({"the table": output}, (file, *asked["inputs"]))
    check_file(output)
    request, extraction = _asked(file, click.get_current_context(), quiet)
    if asked["inputs"]:
        videos = named_videos(file, request.videos())
    else:
        videos = stored_videos(file, request.recorded)
    export = StoreExport(file, videos, extraction, everything=bool(asked["inputs"]))
    rows = failed = 0
    with table_stream(output, export.settings, KINDS, csv) as stream:
        for part in export.rows():
            stream.add(part)
            rows, failed = rows + len(part), failed + sum(map(is_failure, part["status"]))
            if output.lower().endswith(".csv"):
                tell_formulas(output, csv, part)
        if rows == failed:
            raise TableError(f"no good result of {file!r} is exported: {rows} rows, all of them failures")
    if export.unreadable:
        say(f"warning: {export.unreadable} in {escaped_name(file)} could not be read; see store verify")
    if videos.several:
        say(f"note: {videos.several} videos have several remembered paths: each has one row", quiet)
    if as_json:
        print_json({"table": output, "rows": rows, "failed": failed})
    say(f"{rows} videos, {failed} of them failed, in {escaped_name(output)}", quiet)
    return SOME_FAILED if failed else 0


def _asked(file: str, context: click.Context, quiet: bool) -> tuple[Request, Extraction]:
    """Return what is asked for, completed by the settings of a table or by what the store has."""
    from ..batch.store_contents import contents
    from ..batch.store_info import store_info
    from ..registry import make_all

    request = Request.of(context, whole=False)
    if context.params["settings"]:
        return request, request.extraction(False)
    labels = [one.label for one in make_all(request.extractors)] if request.extractors else []
    given = {name: context.params[name] for name in given_options(context) & _CHOOSING}
    found = contents(file, store_info(file).results, labels, given)
    for text in found.left_out:
        say(f"note: not exported: {text}", quiet)
    return request, found.extraction
