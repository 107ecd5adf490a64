"""The work of `extract`: what was computed is written, however the work ends."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from ..batch.failures import is_failure
from ..batch.inputs import Input
from ..batch.many_videos import ExtractionRun, VideoFailed
from ..batch.options import Extraction, Reporting, Workers
from ..batch.run_summary import RunSummary
from ..batch.shards import Shard
from ..errors import StoreError
from ..processes.shared_memory import check_semaphores
from ..progress import say
from ._json import print_json
from ._log import Watch
from ._shard import of_shard
from .collected import Collected
from .failures import NOT_AS_ASKED, SOME_FAILED, UNEXPECTED, EndedEarly, is_unexpected, sentence_of
from .outputs import STDOUT, Outputs, Written
from .signals import undisturbed


@dataclass(frozen=True)
class Run:
    """One extraction with its outputs.

    Parameters
    ----------
    videos : list of Input
        Inputs.
    extraction : Extraction
        What is computed.
    workers : Workers
        Processes and limits.
    outputs : Outputs
        Files to write, already checked.
    on_error : {"row", "stop"}
        What a failed video does.
    quiet : bool
        Say only what went wrong.
    log : str, optional
        File to which the events of the run are appended.
    shard : Shard, optional
        The part of the videos to extract from.
    """

    videos: list[Input]
    extraction: Extraction
    workers: Workers
    outputs: Outputs
    on_error: str
    quiet: bool
    log: str | None = None
    shard: Shard | None = None

    @cached_property
    def mine(self) -> list[Input]:
        """The videos to extract from."""
        return of_shard(self.shard, self.videos)

    def execute(self) -> int:
        """Extract, write the tables and return the exit code.

        Raises
        ------
        VqaError
            Before the work, if worker processes cannot be started or the store cannot be used.
        EndedEarly, KeyboardInterrupt
            If an error or a signal ended the work, after the finished rows have been written.
        """
        check_semaphores()
        for extractor in self.extraction.extractors:
            for warning in extractor.warnings():
                self._say(f"warning: {warning}")
        self.outputs.tell_replaced(self.quiet)
        problem: BaseException | None = None
        labels = [extractor.label for extractor in self.extraction.extractors]
        about = {"extractors": labels, "jobs": self.workers.jobs}
        watch = Watch("extract", self.mine, quiet=self.quiet, log=self.log, about=about)
        rows = Collected(self.extraction, self.outputs)
        run = self._prepared(watch, rows)
        watch.begin()
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
            written = rows.write(rows.tally.rows == len(self.mine))
        self._conclude(rows, written, problem, watch.summary)
        if isinstance(problem, Exception):
            code = SOME_FAILED if isinstance(problem, VideoFailed) else NOT_AS_ASKED
            code = UNEXPECTED if is_unexpected(problem) else code
            raise EndedEarly(sentence_of(problem), code) from problem
        if problem is not None:
            raise problem
        if written.notes or run.store_failed:
            return NOT_AS_ASKED
        return SOME_FAILED if any(map(is_failure, rows.tally.statuses)) else 0

    def _prepared(self, watch: Watch, rows: Collected) -> ExtractionRun:
        """Return the run, which reports to `watch` and passes its rows to `rows`."""
        reporting = Reporting(
            self.on_error,
            on_result=watch.on_result,
            on_event=watch.on_event,
            on_row=rows.on_row,
            on_rows=rows.on_rows,
            on_message=watch.progress.note,
            on_stored=self._tell_stored,
            on_trouble=lambda text: say(f"warning: {text}"),
        )
        run = ExtractionRun(
            self.videos,
            self.extraction,
            workers=self.workers,
            reporting=reporting,
            store=self.outputs.store,
            exclusive=True,
            shard=self.shard,
        )
        rows.open(run)
        return run

    def _conclude(
        self, rows: Collected, written: Written, problem: BaseException | None, found: RunSummary
    ) -> None:
        """Say what was computed and where it is."""
        tally = rows.tally
        summary = ", ".join(f"{count} {status}" for status, count in tally.statuses.most_common()) or "none"
        finished = f"{tally.rows}"
        if problem is not None:
            word = "interrupted" if isinstance(problem, KeyboardInterrupt) else "ended early"
            finished = f"{word}: {tally.rows} of {len(self.mine)}"
        for note in written.notes:
            say(f"warning: {note}")
        if self.outputs.as_json and self.outputs.table is not None:
            print_json({**self._summary(rows, written, problem), "summary": found.as_dict()})
        place = f"{rows.columns} columns in {written.place}"
        if written.place is None:
            place = f"no video was finished, {self.outputs.table or STDOUT} is not written"
        self._say(f"{finished} videos: {summary}; {place}")
        for text in tally.missing_values():
            self._say(text)

    def _summary(self, rows: Collected, written: Written, problem: BaseException | None) -> dict[str, Any]:
        """Return what ``--json`` prints of a run."""
        return {
            "videos": len(self.mine),
            "finished": rows.tally.rows,
            "complete": problem is None,
            "status": dict(rows.tally.statuses.most_common()),
            "columns": rows.columns,
            "table": written.place,
            "notes": [*written.notes, *rows.tally.missing_values()],
        }

    def _tell_stored(self, count: int) -> None:
        self._say(f"{count} of {len(self.mine)} videos are complete in the store {self.outputs.store}")

    def _say(self, text: str) -> None:
        say(text, self.quiet)
