"""`predict`: the MOS of videos, or of the rows of a feature table, by a trained model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from ..progress import Progress, say
from ._explain import Explainer, explain_options
from ._json import json_option, print_json, rows_of
from .failures import NOT_AS_ASKED, SOME_FAILED, UNEXPECTED, EndedEarly, is_unexpected, sentence_of
from .outputs import STDOUT, Outputs, print_csv
from .run import note_of
from .spreadsheets import csv_options

if TYPE_CHECKING:
    import pandas as pd

    from ..batch.inputs import Input
    from ..batch.options import Workers
    from ..models import QualityModel
    from ..specs import VideoResult
    from ..tables.csv_style import CsvStyle


@click.command("predict")
@click.argument("inputs", nargs=-1, metavar="INPUT...")
@click.option("--model", "model_file", required=True, help="Model that train wrote: .skops.")
@click.option(
    "-o",
    "--output",
    help="Table to write: .csv, .parquet, .npz, .mat or .json; by default CSV on stdout (-).",
)
@click.option("--jobs", type=click.IntRange(min=1), default=1, show_default=True, help="Worker processes.")
@click.option("--deadline", "deadline_s", type=float, help="Time limit per video, in seconds.")
@click.option("--max-memory", "max_memory_mb", type=float, help="Memory limit per worker process, in MiB.")
@explain_options
@json_option
@csv_options
@click.option("--quiet", is_flag=True, help="Suppress progress and messages.")
def predict_command(
    inputs: tuple[str, ...],
    model_file: str,
    output: str | None,
    jobs: int,
    deadline_s: float | None,
    max_memory_mb: float | None,
    explain: bool,
    explain_plot: str | None,
    as_json: bool,
    csv: CsvStyle,
    quiet: bool,
) -> int:
    """Predict the MOS of videos: files, folders, quoted globs, a CSV of paths; or of one feature table.

    The features are extracted as in training. Writes one row per video: id, path, status, mos, low, high,
    extrapolates, error. With --explain, stdout says what pulls each prediction. Exit code 1 means that some
    have no prediction; their rows say why.
    """
    from ..batch.inputs import find_inputs
    from ..batch.options import Workers
    from ..models import QualityModel
    from ..models.tables import feature_table_of

    if not inputs:
        raise click.UsageError("name at least one video, folder, pattern or CSV, or a feature table")
    model = QualityModel.load(model_file)
    named = feature_table_of(inputs, model.card_)
    videos = [] if named is not None else find_inputs(inputs, tell=lambda text: say(f"warning: {text}"))
    outputs = None
    if output not in (None, STDOUT):
        outputs = Outputs.of(output, None, None, csv)
        outputs.check((*inputs, model_file), videos)
        outputs.tell_replaced(quiet)
    count = len(videos) if named is None else len(named)
    explainer = Explainer.of(model, outputs, explain, explain_plot, (*inputs, model_file), count, as_json)
    writer = _Writer(outputs, as_json, csv, quiet, explainer)
    if named is not None:
        return writer.of_table(model, inputs[0], named)
    return writer.of_videos(model, videos, Workers(jobs, True, deadline_s, max_memory_mb))


@dataclass(frozen=True)
class _Writer:
    """Where predictions go."""

    outputs: Outputs | None
    as_json: bool
    csv: CsvStyle
    quiet: bool
    explainer: Explainer | None = None

    def of_table(self, model: QualityModel, name: str, table: pd.DataFrame) -> int:
        """Predict the rows of a feature table, write them and return the exit code."""
        from ..models.videos import predictions

        found = predictions(model, {name: table})
        for text in found.attrs["notes"]:
            say(f"note: {text}", self.quiet)
        code = self._write(found, len(table))
        if self.explainer is not None:
            self.explainer.tell(found, {name: table})
        return code

    def of_videos(self, model: QualityModel, videos: Sequence[Input], workers: Workers) -> int:
        """Extract, predict, write what is finished however it ends, and return the exit code."""
        from ..batch.options import Reporting
        from ..models.videos import VideoPredictions
        from ..processes.shared_memory import check_semaphores
        from .signals import undisturbed

        check_semaphores()
        steps = len(model.card_.sources) * len(videos)
        progress = Progress("predict", steps, self.quiet)
        keep = None if self.explainer is None else self.explainer.keep

        def on_result(result: VideoResult) -> None:
            progress.step(note_of(result))
            if keep is not None:
                keep(result)

        reporting = Reporting(on_result=on_result, on_message=progress.note)
        run = VideoPredictions(model, videos, workers, reporting)
        problem: BaseException | None = None
        try:
            with progress:
                run.work()
        except (Exception, KeyboardInterrupt) as error:  # whatever it is, the finished rows are kept
            problem = error
        with undisturbed():
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
        return code

    def _write(self, table: pd.DataFrame, asked: int) -> int:
        code = SOME_FAILED if table["mos"].isna().any() else 0
        if self.explainer is None:
            if self.as_json:
                print_json(rows_of(table, "id"))
            elif self.outputs is None and len(table):
                print_csv(table, self.csv)
        if self.outputs is not None:
            written = self.outputs.write(table, [], len(table) == asked)
            for note in written.notes:
                say(f"warning: {note}")
            say(f"{len(table)} of {asked} rows in {written.place or 'no file'}", self.quiet)
            code = NOT_AS_ASKED if written.notes else code
        outside = int(table["extrapolates"].astype(bool).sum()) if len(table) else 0
        if outside:
            say(
                f"{outside} video(s) lie outside the training range: their intervals promise nothing",
                self.quiet,
            )
        return code
