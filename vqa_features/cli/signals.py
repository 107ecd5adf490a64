"""Signals that end a command: SIGTERM and SIGHUP end it as Ctrl-C does, and none tears what is being written.

Handlers are installed by the command line only; a program that imports the package keeps its own.
"""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

#: A second signal within this time after the first does not disturb the end that the first has begun.
_GRACE_S = 10.0
_ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Ended(KeyboardInterrupt):
    """A signal ended the command; `code` is its exit code, 128 and the signal's number."""

    def __init__(self, number: int) -> None:
        super().__init__(f"ended by {signal.Signals(number).name}")
        self.code = 128 + number


class _State:
    """What the handler knows: when the first signal came, and whether something is being written."""

    def __init__(self) -> None:
        self.first_s: float | None = None
        self.writing = False
        self.waiting: int | None = None

    def handle(self, number: int, _: FrameType | None) -> None:
        """Raise `Ended`, unless an end has begun or must wait."""
        now = time.monotonic()
        if self.writing:
            self.waiting = self.waiting or number
            return
        if self.first_s is not None and now - self.first_s < _GRACE_S:
            return
        self.first_s = now
        raise Ended(number)


_state = _State()


@contextmanager
def ending_signals(*, last: bool = False) -> Iterator[None]:
    """Raise `Ended` inside on Ctrl-C, SIGTERM and SIGHUP.

    A signal that is ignored at the start stays ignored, as ``nohup`` (SIGHUP) and background jobs of a
    script (SIGINT) mean it. Nothing is done outside the main thread.

    Parameters
    ----------
    last : bool
        The process exits after the block: once a signal has come, further ones are ignored to its end.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    _state.first_s = _state.waiting = None
    before = {number: signal.getsignal(number) for number in _ENDING}
    taken = [number for number in _ENDING if before[number] not in (signal.SIG_IGN, None)]
    for number in taken:
        signal.signal(number, _state.handle)
    try:
        yield
    finally:
        for number in taken:
            signal.signal(number, signal.SIG_IGN if last and _state.first_s else before[number])


@contextmanager
def undisturbed() -> Iterator[None]:
    """Let a signal wait for the end of the block, e.g. while results are written."""
    _state.writing = True
    try:
        yield
    finally:
        _state.writing = False
    if _state.waiting is not None and _state.first_s is None:
        _state.first_s = time.monotonic()
        raise Ended(_state.waiting)
