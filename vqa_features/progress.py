"""Progress on stderr: a bar on a terminal, plain lines elsewhere, nothing when quiet.

A stderr that is closed or full, e.g. of a terminal that is gone, ends no run: its messages are lost.
"""

from __future__ import annotations

import sys
import time
from contextlib import suppress
from types import TracebackType
from typing import Any, Self

from .files.names import visible_text


class Progress:
    """Context manager that reports the progress of a task on stderr.

    On a terminal it shows a bar with the remaining time; elsewhere it prints a line after about
    every tenth of the steps, at most one in two seconds, and one at the end.

    Parameters
    ----------
    title : str
        Name of the task.
    total : int
        Number of steps.
    quiet : bool
        Report nothing.
    """

    def __init__(self, title: str, total: int, quiet: bool = False) -> None:
        self._title = title
        self._total = total
        self._done = 0
        self._quiet = quiet
        self._bar: Any = None
        self._task: Any = None
        self._start_s = self._last_line_s = time.monotonic()

    def __enter__(self) -> Self:
        if not self._quiet and sys.stderr is not None and sys.stderr.isatty():
            from rich.console import Console
            from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
            from rich.progress import Progress as RichProgress

            self._bar = RichProgress(
                TextColumn("{task.description}"),
                BarColumn(),
                MofNCompleteColumn(),
                TimeRemainingColumn(),
                console=Console(stderr=True),
            )
            self._bar.start()
            self._task = self._bar.add_task(self._title, total=self._total)
        return self

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

    def step(self, note: str = "") -> None:
        """Count one step.

        Parameters
        ----------
        note : str
            Message to print on its own line, for example a failure.
        """
        self._done += 1
        if note:
            self.note(note)
        if self._quiet:
            return
        if self._bar is not None:
            with suppress(OSError, ValueError):
                self._bar.advance(self._task)
            return
        now = time.monotonic()
        tenth = max(1, self._total // 10)
        if self._done == self._total or (self._done % tenth == 0 and now - self._last_line_s > 2):
            self._last_line_s = now
            seconds = now - self._start_s
            say(f"{self._title}: {self._done}/{self._total} ({seconds:.0f} s)")

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            with suppress(OSError, ValueError):
                self._bar.stop()


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
