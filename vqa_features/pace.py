"""The rate of a task, the time that is left, and both as text."""

from __future__ import annotations

import time
from collections import deque

#: The rate is that of at least this time and this number of steps, or of the whole run.
WINDOW_S, WINDOW_STEPS = 60.0, 20
#: A shorter time tells no rate: the first results of a cluster may come together.
LEAST_S = 1.0
_SPANS = ((86400.0, "day"), (3600.0, "h"), (60.0, "min"), (1.0, "s"))


class Pace:
    """Rate of the last minute of a task, and the time that is left at this rate.

    Parameters
    ----------
    work : float
        The whole work, in any unit.
    """

    def __init__(self, work: float) -> None:
        self._left = work
        self._steps = 0
        self._done = 0.0
        self._samples = deque([(time.monotonic(), 0, 0.0)])

    def begin(self) -> None:
        """Count the time from now on, if no step was made before."""
        if not self._steps:
            self._samples = deque([(time.monotonic(), 0, 0.0)])

    def step(self, work: float = 1.0, *, was_done: bool = False) -> None:
        """Count a step of some work; one that `was_done` before says nothing about the rate."""
        self._left -= work
        if was_done:
            return
        self._steps += 1
        self._done += work
        now = time.monotonic()
        if now - self._samples[-1][0] >= 1:
            self._samples.append((now, self._steps, self._done))
        while (
            len(self._samples) > 2
            and now - self._samples[1][0] >= WINDOW_S
            and self._steps - self._samples[1][1] >= WINDOW_STEPS
        ):
            self._samples.popleft()

    @property
    def rate(self) -> float:
        """Steps per second, 0 before the first one and in the first second."""
        since_s, steps, _ = self._samples[0]
        span_s = time.monotonic() - since_s
        return (self._steps - steps) / span_s if span_s >= LEAST_S else 0.0

    @property
    def left_s(self) -> float | None:
        """Seconds that the rest takes, None if no step tells."""
        since_s, _, done = self._samples[0]
        span_s = time.monotonic() - since_s
        if self._done <= done or span_s < LEAST_S:
            return None
        return max(self._left, 0) * span_s / (self._done - done)


def rate_text(per_s: float, unit: str) -> str:
    """Return a rate as text, per second, minute or hour, whichever gives a number above 1.

    Parameters
    ----------
    per_s : float
        Per second.
    unit : str
        What is counted.

    Examples
    --------
    >>> rate_text(12.34, "videos"), rate_text(1 / 45, "videos")
    ('12 videos/s', '1.3 videos/min')
    """
    size, span = next((one for one in _SPANS[::-1] if per_s * one[0] >= 1), _SPANS[0])
    count = per_s * size
    return f"{count:.{1 if count < 10 else 0}f} {unit}/{span}"


def span_text(seconds: float) -> str:
    """Return a time span as text in one unit.

    Parameters
    ----------
    seconds : float
        Its length.

    Examples
    --------
    >>> span_text(42.3), span_text(250), span_text(4e4), span_text(5e5)
    ('42 s', '4.2 min', '11 h', '5.8 days')
    """
    size, unit = next((one for one in _SPANS if seconds >= 2 * one[0]), _SPANS[-1])
    count = seconds / size
    return f"{count:.{1 if count < 10 else 0}f} {'days' if unit == 'day' else unit}"
