"""`predict`: the MOS of videos, or of the rows of a feature table, by a trained model."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from ..models.shipped import DEFAULT, WIDER, shipped_of
from ..progress import say
from ._cluster import cluster_options
from ._explain import Explainer, explain_options
from ._jobs import jobs_option, tell_crowding, threads_option
from ._json import json_option, print_json, rows_of
from ._log import Watch, check_log_of_videos, log_option
from ._remote import access_of, remote_options
from ._shard import of_shard, shard_option, tell_shard
from .failures import NOT_AS_ASKED, SOME_FAILED, UNEXPECTED, EndedEarly, is_unexpected, sentence_of
from .outputs import STDOUT, Outputs
from .spreadsheets import csv_options
from .table_file import print_csv

if TYPE_CHECKING:
    import pandas as pd

    from ..batch.inputs import Input
    from ..batch.options import Workers
    from ..batch.shards import Shard
    from ..models import QualityModel
    from ..models.videos import VideoPredictions
    from ..tables.csv_style import CsvStyle
    from ..video_task import VideoResult


@click.command("predict")
@click.argument("inputs", nargs=-1, metavar="INPUT...")
@click.option(
    "--model",
    "model_name",
    default=DEFAULT,
    show_default=True,
    metavar="NAME|FILE",
    help="Model that comes with the package (vqa-features models list), or .skops file that train wrote.",
)
@click.option(
    "-o",
    "--output",
    help="Table to write: .csv, .parquet, .npz, .mat or .json, or - for CSV on stdout; by default lines on "
    "stdout.",
)
@click.option("--store", help="SQLite file that keeps finished features; run again with it to resume.")
@jobs_option()
@threads_option
@cluster_options
@click.option("--start", "start_s", type=float, default=0.0, help="Start of the part rated, in seconds.")
@click.option("--duration", "duration_s", type=float, help="Duration of the part rated, in seconds.")
@click.option("--deadline", "deadline_s", type=float, help="Time limit per video, in seconds.")
@click.option("--max-memory", "max_memory_mb", type=float, help="Memory limit per worker process, in MiB.")
@remote_options
@shard_option
@log_option
@explain_options
@json_option
@csv_options
@click.option("--quiet", is_flag=True, help="Suppress progress and messages.")
def predict_command(
    inputs: tuple[str, ...],
    model_name: str,
    output: str | None,
    store: str | None,
    jobs: int,
    threads: int | None,
    place: Mapping[str, Any],
    start_s: float,
    duration_s: float | None,
    deadline_s: float | None,
    max_memory_mb: float | None,
    shard: Shard | None,
    log: str | None,
    explain: bool,
    explain_plot: str | None,
    as_json: bool,
    csv: CsvStyle,
    quiet: bool,
    **_remote: Any,
) -> int:
    """Predict the MOS of videos: files, folders, quoted globs, a CSV of paths; or of one feature table.

    The features are extracted as in training. Prints or writes one row per video: its MOS with the interval,
    and whether it lies outside the training range. With --explain, stdout says what pulls each prediction.
    Exit code 1 means that some have no prediction; their rows say why. A run that is ended by a signal keeps
    its finished rows.
    """
    from ..batch.inputs import find_inputs, with_part
    from ..batch.options import Workers
    from ..models import QualityModel
    from ..models.tables import feature_table_of

    if not inputs:
        raise click.UsageError("name at least one video, folder, pattern or CSV, or a feature table")
    model = QualityModel.load(model_name)
    named = feature_table_of(inputs, model.card_)
    access = access_of(click.get_current_context())
    videos = []
    if named is None:
        videos = find_inputs(inputs, lambda text: say(f"warning: {text}"), access=access)
    if named is not None and (start_s or duration_s is not None):
        raise click.UsageError("--start and --duration are for videos, and the input is a feature table")
    if named is not None and shard is not None:
        raise click.UsageError("--shard is for videos, and the input is a feature table")
    videos = with_part(videos, start_s, duration_s)
    _check_store(store, named is not None, (*inputs, model_name, *filter(None, [output])), videos)
    check_log_of_videos(log, store, (*inputs, model_name), None if named is not None else videos)
    outputs = None
    if output not in (None, STDOUT):
        outputs = Outputs.of(output, None, None, csv)
        outputs.check((*inputs, model_name), videos, log)
        outputs.tell_replaced(quiet)
    tell_shard(shard, videos, quiet)
    count = len(of_shard(shard, videos)) if named is None else len(named)
    explainer = Explainer.of(model, outputs, explain, explain_plot, (*inputs, model_name), count, as_json)
    printed = "json" if as_json else "csv" if output == STDOUT else "" if outputs else "lines"
    run = _Run(model, model_name, outputs, printed, csv, quiet, explainer, log)
    if named is not None:
        return run.of_table(inputs[0], named)
    workers = Workers(jobs, True, deadline_s, max_memory_mb, threads=threads, **place)
    tell_crowding(workers.jobs, threads)
    return run.of_videos(videos, shard, workers, store)


def _check_store(store: str | None, of_table: bool, named: Sequence[str], videos: Sequence[Input]) -> None:
    """Refuse a store that has no use, or is another file that was named."""
    from ..batch.store_files import check_store_file
    from ..errors import ParameterError
    from ..files.writable import check_distinct, check_file

    if store is None:
        return
    if of_table:
        raise ParameterError(
            "--store keeps features of videos, and the input is a feature table: leave it out"
        )
    if not store:
        raise ParameterError("--store is empty: name a file")
    check_distinct({"--store": os.path.abspath(store)}, (*named, *(video.path for video in videos)))
    check_store_file(store)
    check_file(store)


@dataclass(frozen=True)
class _Run:
    """A model, and where its predictions go."""

    model: QualityModel
    name: str
    outputs: Outputs | None
    printed: str
    """What stdout has: json, csv, lines for a reader, or nothing."""
    csv: CsvStyle
    quiet: bool
    explainer: Explainer | None = None
    log: str | None = None
    """File to which the events of a run over videos are appended."""

    def of_table(self, name: str, table: pd.DataFrame) -> int:
        """Predict the rows of a feature table, write them and return the exit code."""
        from ..models.videos import predictions

        found = predictions(self.model, {name: table})
        for text in found.attrs["notes"]:
            say(f"note: {text}", self.quiet)
        code = self._write(found, len(table))
        if self.explainer is not None:
            self.explainer.tell(found, {name: table})
        return code

    def of_videos(self, named: list[Input], shard: Shard | None, workers: Workers, store: str | None) -> int:
        """Extract, predict, write what is finished however it ends, and return the exit code."""
        from ..errors import StoreError
        from ..processes.shared_memory import check_semaphores
        from .signals import undisturbed

        check_semaphores()
        sources = self.model.card_.sources
        labels = [label for source in sources for label in (source.settings or {}).get("extractors", ())]
        about = {"extractors": labels, "jobs": workers.jobs}
        videos = of_shard(shard, named)
        watch = Watch("predict", videos, rounds=len(sources), quiet=self.quiet, log=self.log, about=about)
        run = self._prepared(named, shard, workers, store, watch)
        watch.begin()
        problem: BaseException | None = None
        try:
            with watch.progress:
                run.work()
        except StoreError as error:  # refused before the work
            watch.end(error)
            raise
        except (Exception, KeyboardInterrupt) as error:  # whatever it is, the finished rows are kept
            problem = error
        with undisturbed():
            watch.end(problem)
            table = run.table()
            code = self._write(table, len(videos))
        if isinstance(problem, Exception):
            raise EndedEarly(
                sentence_of(problem), UNEXPECTED if is_unexpected(problem) else NOT_AS_ASKED
            ) from problem
        if problem is not None:
            raise problem
        if self.explainer is not None:
            self.explainer.tell(table, run.features(), run.extractions)
        return NOT_AS_ASKED if run.store_failed else code

    def _prepared(
        self, named: list[Input], shard: Shard | None, workers: Workers, store: str | None, watch: Watch
    ) -> VideoPredictions:
        from ..batch.options import Reporting
        from ..models.videos import VideoPredictions

        asked = len(of_shard(shard, named))

        def on_result(result: VideoResult) -> None:
            watch.on_result(result)
            if self.explainer is not None:
                self.explainer.keep(result)

        def on_stored(count: int) -> None:
            say(f"{count} of {asked} videos are complete in the store {store}", self.quiet)
            if count and self.explainer is not None:
                say("note: seconds are told of videos that are computed now, not of those in the store")

        reporting = Reporting(
            on_result=on_result,
            on_event=watch.on_event,
            on_message=watch.progress.note,
            on_stored=on_stored,
            on_trouble=lambda text: say(f"warning: {text}"),
        )
        return VideoPredictions(self.model, named, workers, reporting, store, shard)

    def _write(self, table: pd.DataFrame, asked: int) -> int:
        """Write or print the finished rows; return the exit code."""
        from ._predictions import scale_text

        code = SOME_FAILED if table["mos"].isna().any() else 0
        say(scale_text(self.model.card_, self.name), self.quiet)
        if self.explainer is None:
            self._print(table)
        if self.outputs is not None:
            written = self.outputs.write(table, [], len(table) == asked)
            for note in written.notes:
                say(f"warning: {note}")
            say(f"{len(table)} of {asked} rows in {written.place or 'no file'}", self.quiet)
            code = NOT_AS_ASKED if written.notes else code
        outside = int(table["extrapolates"].astype(bool).sum()) if len(table) else 0
        if outside:
            say(
                f"{outside} video(s) lie outside the training range: their intervals promise nothing"
                f"{self._other_model()}",
                self.quiet,
            )
        return code

    def _print(self, table: pd.DataFrame) -> None:
        """Print the finished rows on stdout, as was asked for."""
        from ._predictions import predictions_text

        if self.printed == "json":
            print_json(rows_of(table, "id"))
        elif self.printed == "csv" and len(table):
            print_csv(table, self.csv)
        elif self.printed == "lines" and len(table):
            click.echo(predictions_text(table, self.model.card_.level))

    def _other_model(self) -> str:
        """Return a word on the shipped model with the same features and a wider training range."""
        shipped = shipped_of(self.name)
        wider = WIDER.get(shipped.name) if shipped is not None else None
        return f"; --model {wider} has a wider range" if wider else ""
