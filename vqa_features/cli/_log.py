"""What a run tells while it works and at its end: the option ``--log``, progress, and the summary."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import click

from ..batch.events import Event
from ..batch.inputs import Input
from ..batch.public_text import public_id, public_text
from ..batch.run_log import RunLog, check_log, command_words
from ..batch.run_summary import RunSummary, why
from ..errors import ParameterError
from ..files.names import escaped_name, escaped_text, shown
from ..files.writable import check_distinct, check_file
from ..pace import rate_text, span_text
from ..progress import Progress, say
from ..remote.addresses import is_remote
from ..video_task import VideoResult
from .failures import sentence_of

F = TypeVar("F", bound=Callable[..., Any])

#: Videos of a run whose files are looked at for their sizes.
MOST_SIZES = 10_000
#: A run that takes longer is summed up on stderr.
LONG_RUN_S = 60.0
#: Characters of an example's error in the summary on stderr; the table has the whole.
_MOST_ERROR = 300

log_option = click.option(
    "--log",
    metavar="FILE",
    callback=lambda context, option, value: None if value is None else _log_file(value),
    help="Append what happens to every video to a file, one line of JSON per event (docs/run-log.md).",
)


class Watch:
    """What a command hears of its run: it shows progress, sums up, and writes the log.

    Parameters
    ----------
    title : str
        Name of the command.
    videos : sequence of Input
        The videos. Of a few the sizes of the files tell how much work is left.
    rounds : int
        Results of each video: one per extraction.
    quiet : bool
        Show no progress, and no summary.
    log : str, optional
        File of the log.
    about : mapping
        What the log tells of the run.
    """

    def __init__(
        self,
        title: str,
        videos: Sequence[Input],
        *,
        rounds: int = 1,
        quiet: bool = False,
        log: str | None = None,
        about: Mapping[str, Any],
    ) -> None:
        self._quiet = quiet
        self._log: RunLog | None = None
        self._file = log
        self._about = {"videos": len(videos), **about}
        self._unit = "videos" if rounds == 1 else "extractions"
        listed = "the table" if log is None else "the table or the log"
        self._sizes = _sizes(videos)
        work = rounds * (sum(self._sizes.values()) or len(videos))
        steps = len(videos) * rounds
        self.progress = Progress(title, steps, quiet, unit=self._unit, work=work, listed=listed)
        self.summary = RunSummary()

    def begin(self) -> None:
        """Open the log, just before the work.

        Raises
        ------
        ParameterError
            If it cannot be written.
        """
        if self._file is not None:
            context = click.get_current_context(silent=True)
            words = command_words(context.find_root().obj or [] if context else [])
            told = {"command": words, **self._about}
            self._log = RunLog(self._file, told, lambda text: say(f"warning: {text}"))

    def on_event(self, event: Event) -> None:
        """Hear of an event."""
        if event.kind == "start":
            self.progress.begin()
        self.summary.on_event(event)
        if self._log is not None:
            self._log.write(event)

    def on_result(self, result: VideoResult) -> None:
        """Hear of a result."""
        was_done = not self.summary.on_result(result)
        kind = "" if result.status == "ok" else result.status
        work = self._sizes.get(result.id, 1)
        self.progress.step(note_of(result), kind=kind, work=work, was_done=was_done)

    def end(self, problem: BaseException | None) -> None:
        """Write the last line of the log, and sum up a run that was long or has a log; call it undisturbed.

        Parameters
        ----------
        problem : BaseException or None
            What ended the run.
        """
        self.summary.end()
        status, error = "complete", ""
        if problem is not None:
            interrupted = isinstance(problem, KeyboardInterrupt)
            status, error = ("interrupted", "") if interrupted else ("ended early", sentence_of(problem))
        if self._log is not None:
            self._log.close(status, error, self.summary.as_dict())
        if self._log is not None or self.summary.seconds > LONG_RUN_S:
            for line in summary_lines(self.summary, self._unit):
                say(line, self._quiet)


def check_log_of_videos(
    log: str | None, store: str | None, named: Sequence[str], videos: Sequence[Input] | None
) -> None:
    """Refuse a log that cannot be written, has no use, or is another file that was named.

    Parameters
    ----------
    log, store : str or None
        Files.
    named : sequence of str
        Inputs as they were named.
    videos : sequence of Input, optional
        The videos; None if the input is a feature table.
    """
    if log is None:
        return
    if videos is None:
        raise ParameterError(
            "--log tells of the work on videos, and the input is a feature table: leave it out"
        )
    files = {"the log": log} | ({"the store": os.path.abspath(store)} if store else {})
    check_distinct(files, (*named, *(video.path for video in videos)))
    check_file(log)


def summary_lines(summary: RunSummary, unit: str) -> list[str]:
    """Return what a run came to, for the terminal.

    Parameters
    ----------
    summary : RunSummary
        Of a run that has ended.
    unit : str
        What its results are, in the plural.
    """
    lines = [
        f"{summary.status[status]} {status}, such as {shown(public_id(example.id))}: "
        f"{shown(public_text(example.error), _MOST_ERROR)}"
        for status, example in summary.examples.items()
    ]
    if slowest := summary.slowest:
        told = [
            f"{shown(public_id(name))} {span_text(seconds)}{'' if status == 'ok' else f', {status}'}"
            for seconds, name, status in slowest
        ]
        lines.append(f"slowest: {'; '.join(told)}")
    done = summary.results - summary.stored
    parts = [f"{done} {unit} in {span_text(summary.seconds)}"]
    parts += [rate_text(summary.rate_per_s, unit)] if done else []
    parts += [f"{summary.stored} from the store"] if summary.stored else []
    workers = f"workers: {summary.workers} started, {summary.workers_lost} lost"
    parts = [", ".join(parts), f"retries: {summary.retries}", workers]
    if summary.peak_memory_mb is not None:
        parts.append(f"at most {summary.peak_memory_mb:.0f} MiB in a worker")
    return [*lines, "; ".join(parts)]


def note_of(result: VideoResult) -> str:
    """Return the line printed for a video whose status is not ok."""
    if result.status == "ok":
        return ""
    return f"{result.status}: {escaped_name(result.path)}: {escaped_text(why(result))}"


def _sizes(videos: Sequence[Input]) -> dict[str, int]:
    """Return the sizes of the files by id; none where they are many, or do not stand for the work."""
    if len(videos) > MOST_SIZES or any(is_remote(video.path) for video in videos):
        return {}
    sizes = {video.id: os.path.getsize(video.path) if os.path.isfile(video.path) else 0 for video in videos}
    return sizes if any(sizes.values()) else {}


def _log_file(value: str) -> str:
    """Return the path of a log, which a working folder that vanishes does not change."""
    check_log(value)
    return os.path.abspath(value)
