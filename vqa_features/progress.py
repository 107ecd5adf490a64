"""Progress on stderr: a bar on a terminal, plain lines elsewhere, nothing when quiet."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import Any, Self


class Progress:
    """Counts `total` steps of a task called `title`; a context manager.

    On a terminal a bar with the time left; elsewhere one plain line at the end of about every
    tenth of the steps, at most one in two seconds, and one at the end.
    """

    def __init__(self, title: str, total: int, quiet: bool = False) -> None:
        self._title = title
        self._total = total
        self._done = 0
        self._quiet = quiet
        self._bar: Any = None
        self._task: Any = None
        self._start = self._said = time.monotonic()

    def __enter__(self) -> Self:
        if not self._quiet and sys.stderr.isatty():
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

    def step(self, note: str = "") -> None:
        """Count one step done; `note` (a failure, say) is printed on a line of its own."""
        self._done += 1
        if self._quiet:
            return
        if self._bar is not None:
            if note:
                self._bar.console.print(note, markup=False, highlight=False)
            self._bar.advance(self._task)
            return
        now = time.monotonic()
        tenth = max(1, self._total // 10)
        if note:
            print(note, file=sys.stderr)
        if self._done == self._total or (self._done % tenth == 0 and now - self._said > 2):
            self._said = now
            seconds = now - self._start
            print(f"{self._title}: {self._done}/{self._total} ({seconds:.0f} s)", file=sys.stderr, flush=True)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.stop()


def say(text: str, quiet: bool = False) -> None:
    """Print one message line on stderr.

    Parameters
    ----------
    text : str
        The message.
    quiet : bool
        Print nothing.
    """
    if not quiet:
        print(text, file=sys.stderr, flush=True)
