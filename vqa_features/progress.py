"""Progress on stderr: a bar on a terminal, plain lines elsewhere, nothing when quiet.

A stderr that is closed or full, e.g. of a terminal that is gone, ends no run: its messages are lost.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from types import TracebackType
from typing import Any, Self

from .files.names import visible_text
from .pace import Pace, rate_text, span_text

#: Notes of one kind that are printed.
MOST_NOTES = 20
#: Least and greatest time between two plain lines.
_LEAST_S, _MOST_S = 2.0, 300.0
#: A rate and the time that is left are told from this time on.
_RATE_AFTER_S = 5.0
#: Kinds of failures that a line names.
_NAMED = 4


class Progress:
    """Context manager that reports the progress of a task on stderr.

    On a terminal it shows a bar; elsewhere it prints a line after about every tenth of the steps, at most one
    in two seconds and at least one in five minutes in which steps are made, and one at the end. Both name
    the time that is left and the failures by kind.

    Parameters
    ----------
    title : str
        Name of the task.
    total : int
        Number of steps.
    quiet : bool
        Report nothing.
    unit : str
        What a step is, in the plural; its rate is told where it is given.
    work : float, optional
        The whole work, where steps differ in it; by default the number of steps.
    listed : str
        Where the failures are that are not printed.
    """

    def __init__(
        self,
        title: str,
        total: int,
        quiet: bool = False,
        *,
        unit: str = "",
        work: float | None = None,
        listed: str = "",
    ) -> None:
        self._title = title
        self._total = total
        self._done = 0
        self._quiet = quiet
        self._unit = unit
        self._listed = listed
        self._kinds: Counter[str] = Counter()
        self._bar: Any = None
        self._task: Any = None
        self._pace = Pace(total if work is None else work)
        self._start_s = self._last_line_s = time.monotonic()

    def __enter__(self) -> Self:
        if not self._quiet and sys.stderr is not None and sys.stderr.isatty():
            from rich.console import Console
            from rich.progress import BarColumn, MofNCompleteColumn, TextColumn
            from rich.progress import Progress as RichProgress
            from rich.table import Column

            rest = Column(ratio=1, no_wrap=True, overflow="ellipsis")
            self._bar = RichProgress(
                TextColumn("{task.description}"),
                BarColumn(20),
                MofNCompleteColumn(),
                TextColumn("{task.fields[told]}", markup=False, table_column=rest),
                console=Console(stderr=True),
                expand=True,
            )
            self._bar.start()
            self._task = self._bar.add_task(self._title, total=self._total, told=_Told(self))
        return self

    def begin(self) -> None:
        """Count rate and time left from now on, if no step was made before."""
        self._pace.begin()

    def note(self, text: str) -> None:
        """Print a message on its own line.

        Parameters
        ----------
        text : str
            The message.
        """
        if self._bar is None or self._quiet:
            say(text, self._quiet)
        else:
            with suppress(OSError, ValueError):
                self._bar.console.print(printable(text), markup=False, highlight=False)

    def step(self, note: str = "", *, kind: str = "", work: float = 1.0, was_done: bool = False) -> None:
        """Count one step.

        Parameters
        ----------
        note : str
            Message to print on its own line, for example a failure.
        kind : str
            Kind of the failure; after `MOST_NOTES` of one kind its notes are not printed.
        work : float
            Work of the step, in the unit of the whole.
        was_done : bool
            An earlier run has done it: it does not count for the rate.
        """
        self._done += 1
        self._pace.step(work, was_done=was_done)
        self._tell(note, kind)
        if self._quiet:
            return
        if self._bar is not None:
            with suppress(OSError, ValueError):
                self._bar.advance(self._task)
            return
        now = time.monotonic()
        tenth = max(1, self._total // 10)
        due = self._done % tenth == 0 and now - self._last_line_s > _LEAST_S
        if due or self._done == self._total or now - self._last_line_s > _MOST_S:
            self._last_line_s = now
            told = self.told(f"{now - self._start_s:.0f} s")
            say(f"{self._title}: {self._done}/{self._total} ({told})")

    def told(self, *first: str) -> str:
        """Return rate, time left and failures by kind after `first`; what says nothing is left out."""
        parts, left_s = [*first], self._pace.left_s
        if left_s is not None and time.monotonic() - self._start_s > _RATE_AFTER_S:
            parts += [rate_text(self._pace.rate, self._unit)] if self._unit else []
            parts += [f"{span_text(left_s)} left"] if self._done < self._total else []
        return "; ".join(filter(None, (", ".join(parts), kinds_text(self._kinds))))

    def _tell(self, note: str, kind: str) -> None:
        """Print a note, unless there were many of its kind."""
        self._kinds.update(filter(None, [kind]))
        count = self._kinds[kind] if kind else 0
        if note and count <= MOST_NOTES:
            self.note(note)
        elif count == MOST_NOTES + 1:
            self.note(f"{kind}: more than {MOST_NOTES}, the others are listed in {self._listed} only")

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            with suppress(OSError, ValueError):
                self._bar.stop()


class _Told:
    """What a task tells at the moment in which it is formatted: at every refresh of the bar."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress

    def __str__(self) -> str:
        return printable(self._progress.told())


def kinds_text(kinds: Mapping[str, int]) -> str:
    """Return counts by kind, the most frequent first, as text.

    Examples
    --------
    >>> kinds_text({"partial": 1, "failed(decode)": 12})
    '12 failed(decode), 1 partial'
    """
    found = sorted(kinds.items(), key=lambda one: (-one[1], one[0]))
    rest = sum(count for _, count in found[_NAMED:])
    told = [f"{count} {kind}" for kind, count in found[:_NAMED]]
    return ", ".join([*told, f"{rest} of other kinds"] if rest else told)


def say(text: str, quiet: bool = False) -> None:
    """Print one line on stderr.

    Parameters
    ----------
    text : str
        The line.
    quiet : bool
        Print nothing.
    """
    if not quiet and sys.stderr is not None:
        with suppress(OSError, ValueError):
            print(printable(text), file=sys.stderr, flush=True)


def printable(text: str) -> str:
    r"""Return a text without characters that steer a terminal, such as those of a stranger's column names.

    Parameters
    ----------
    text : str
        Any text; line feeds are kept, other such characters are written ``\xHH``.

    Examples
    --------
    >>> printable("\x1b]0;title\x07")
    '\\x1B]0;title\\x07'
    """
    return "\n".join(map(visible_text, text.split("\n")))
