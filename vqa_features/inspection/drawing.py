"""Measures and events as coordinates of a chart: shares of its width, and points of an SVG path."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from ..report.formatting import significant
from .events import Event, last_shown_s

Values = NDArray[np.float64]

#: Size of the coordinates of a chart, which is stretched to its place on the page.
WIDTH, HEIGHT, MARGIN = 1000.0, 100.0, 6.0
#: More frames are drawn as the lowest and the highest value of so many parts of the video.
PARTS = 600
_TICKS = 6


@dataclass(frozen=True)
class Axis:
    """The axis of a video: seconds, or numbers of frames where the times are not known.

    Parameters
    ----------
    places : ndarray, (n,)
        Seconds or numbers of the frames.
    end : float
        End of the last frame.
    timed : bool
        Whether it is in seconds.
    """

    places: Values
    end: float
    timed: bool

    @classmethod
    def of(cls, times: Values, rate: float = np.nan) -> Self:
        """Return the axis of frames at some times; arguments as of `last_shown_s`."""
        timed = bool(np.isfinite(times).all() and (np.diff(times) >= 0).all())
        places = times if timed else np.arange(times.size, dtype=float)
        step = last_shown_s(places, rate if timed else np.nan) or 1.0
        return cls(places, float(places[-1]) + step, timed)

    @property
    def shares(self) -> Values:
        """Where each frame begins, 0 to 1."""
        return (self.places - self.places[0]) / (self.end - self.places[0])

    def span(self, event: Event) -> tuple[float, float]:
        """Return begin and length of an event in percent; the length of a cut is 0."""
        edges = np.append(self.shares, 1.0)
        first = float(edges[event.first])
        last = first if event.kind == "cut" else float(edges[event.last + 1])
        return round(100 * first, 3), round(100 * (last - first), 3)

    def ticks(self) -> list[tuple[float, str]]:
        """Return round places on the axis in percent, with their labels."""
        begin, length = float(self.places[0]), self.end - float(self.places[0])
        power = 10.0 ** np.floor(np.log10(length / _TICKS))
        step = next(float(k * power) for k in (1, 2, 5, 10) if k * power >= length / _TICKS * 0.999)
        marks = np.arange(np.ceil(begin / step - 1e-9), np.floor(self.end / step + 1e-9) + 1) * step
        return [
            (
                round(100 * (float(mark) - begin) / length, 2),
                significant(float(mark) + 0.0, 6).replace("-", "−"),
            )
            for mark in marks
        ]


def path_of(shares: Values, values: Values) -> str:
    """Return the path of a measure in an SVG of `WIDTH` times `HEIGHT`; gaps where there is no value."""
    known = np.isfinite(values)
    if not known.any():
        return ""
    if values.size > 2 * PARTS:
        shares, values = _ends_of_parts(shares, values)
        known = np.isfinite(values)
    if values.size == 1:
        shares, values, known = np.array([0.0, 1.0]), np.repeat(values, 2), np.array([True, True])
    tops = HEIGHT - MARGIN - heights(values) * (HEIGHT - 2 * MARGIN)
    words, pen = [], False
    for x, y, there in zip(shares * WIDTH, tops, known, strict=True):
        if there:
            words.append(f"{'L' if pen else 'M'}{x:.1f} {y:.1f}" + ("" if pen else "h.01"))
        pen = bool(there)
    return "".join(words)


def heights(values: Values) -> Values:
    """Return values as shares of their range; the middle where they are equal."""
    low, high = np.nanmin(values), np.nanmax(values)
    if high - low <= 1e-9 * max(abs(low), abs(high)):
        return np.where(np.isfinite(values), 0.5, np.nan)
    return np.asarray((values - low) / (high - low), np.float64)


def _ends_of_parts(shares: Values, values: Values) -> tuple[Values, Values]:
    """Return the lowest and the highest value of each part of a video, in the order of the frames."""
    places = []
    for part in np.array_split(np.arange(values.size), PARTS):
        there = part[np.isfinite(values[part])]
        if there.size:
            places += sorted({int(there[np.argmin(values[there])]), int(there[np.argmax(values[there])])})
        else:
            places.append(int(part[0]))
    return shares[places], values[places]
