"""Selection of frames: pure functions on (time, frame) pairs with one frame of look-ahead."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable, Iterator
from typing import Generic, NamedTuple, TypeVar

from ..specs import SECOND, Sampling

T = TypeVar("T")

#: Half a millisecond: Matroska stores times in whole milliseconds.
TIME_SLACK_S = 0.0005


def window(frames: Iterable[tuple[float, T]], sampling: Sampling) -> Iterator[tuple[float, T]]:
    """Yield the frames from `start_s` on, before `start_s + duration_s`.

    Parameters
    ----------
    frames : iterable of (float, frame)
        Time in seconds and frame, in order of presentation.
    sampling : Sampling
        Gives start and duration.
    """
    for time, frame in frames:
        if is_after(time, sampling):
            return
        if not is_before(time, sampling):
            yield time, frame


def is_before(time: float, sampling: Sampling) -> bool:
    """Return whether a time in seconds is before `start_s`."""
    return time < sampling.start_s - TIME_SLACK_S


def is_after(time: float, sampling: Sampling) -> bool:
    """Return whether a time in seconds is at or after the end of the part asked for."""
    end = math.inf if sampling.duration_s is None else sampling.start_s + sampling.duration_s
    return time >= end - TIME_SLACK_S


class Surroundings(NamedTuple):
    """Frames of the source that are given besides the sampled ones.

    Attributes
    ----------
    before, after : int
        This many neighbours of every sampled frame.
    everything : bool
        Every frame of the part.
    """

    before: int = 0
    after: int = 0
    everything: bool = False


class Enough(NamedTuple):
    """Frames of the source that a sparse reading has to give.

    Attributes
    ----------
    sampled : bool
        The sampled ones.
    before, after : int
        This many neighbours of every sampled frame.
    numbers : frozenset of int
        Others, by their number in the part.
    """

    sampled: bool = True
    before: int = 0
    after: int = 0
    numbers: frozenset[int] = frozenset()


class Given(NamedTuple, Generic[T]):
    """A frame that is given: its time in seconds, its number in the part, and whether it is a sampled one."""

    time: float
    frame: T
    source: int
    sampled: bool


def select(frames: Iterable[tuple[float, T]], sampling: Sampling, end_s: float) -> Iterator[tuple[float, T]]:
    """Yield the sampled frames of a window that ends at `end_s` (seconds).

    A frame is yielded at most once, even if it is nearest to two points of the time grid. A rate above
    that of the video therefore gives every frame.

    Parameters
    ----------
    frames : iterable of (float, frame)
        Frames of the window, as `window` yields them.
    sampling : Sampling
        Gives rate, step or number.
    end_s : float
        End of the window, in seconds.
    """
    return ((one.time, one.frame) for one in with_neighbours(frames, sampling, end_s) if one.sampled)


def with_neighbours(
    frames: Iterable[tuple[float, T]],
    sampling: Sampling,
    end_s: float,
    around: Surroundings = Surroundings(),  # noqa: B008 (a tuple)
) -> Iterator[Given[T]]:
    """Yield the sampled frames and the frames around them, each once, in their order.

    At most ``around.before + 2`` frames are held.

    Parameters
    ----------
    frames, sampling, end_s
        As in `select`.
    around : Surroundings
        Which frames are given besides the sampled ones.
    """
    held: deque[Given[T]] = deque(maxlen=around.before)
    stream = iter(frames)
    number, last = -1, -math.inf
    for number, (time, frame, sampled) in enumerate(_marked(stream, sampling, end_s)):
        given = Given(time, frame, number, sampled)
        if sampled:
            yield from held
            held.clear()
            last = number
        if sampled or around.everything or number <= last + around.after:
            yield given
        else:
            held.append(given)
    while around.everything or number < last + around.after:
        pair = next(stream, None)
        if pair is None:
            return
        number += 1
        yield Given(*pair, number, sampled=False)


def _marked(
    frames: Iterable[tuple[float, T]], sampling: Sampling, end_s: float
) -> Iterator[tuple[float, T, bool]]:
    """Yield each frame with its time and whether it is sampled; end once no further frame can be."""
    if sampling.every is not None:
        assert sampling.every != SECOND, "numbered() comes first"
        for number, (time, frame) in enumerate(frames):
            beyond = number - sampling.offset
            yield time, frame, beyond >= 0 and beyond % sampling.every == 0
    elif sampling.fps is not None or sampling.frames is not None:
        yield from _nearest(frames, *_grid(sampling, end_s))
    else:
        yield from ((time, frame, True) for time, frame in frames)


def end_of(sampling: Sampling, end_s: float) -> float:
    """Return the end of the sampled part, in seconds.

    Parameters
    ----------
    sampling : Sampling
        Gives start and duration.
    end_s : float
        End of the stream, in seconds.
    """
    if sampling.duration_s is None:
        return end_s
    return min(end_s, sampling.start_s + sampling.duration_s)


def _grid(sampling: Sampling, end_s: float) -> tuple[float, float, int]:
    """Return first point, step and number of points of the time grid.

    With `fps` the grid starts at `start_s`; with `frames` each point is the middle of one of that
    many equal parts.
    """
    start = sampling.start_s
    span = max(end_of(sampling, end_s) - start, 0.0)
    if sampling.frames is not None:
        step = span / sampling.frames
        return start + step / 2, step, sampling.frames
    assert sampling.fps is not None
    points = max(1, math.ceil(span * sampling.fps - 1e-6))
    return start, 1 / sampling.fps, points


def _nearest(
    frames: Iterable[tuple[float, T]], first: float, step: float, points: int
) -> Iterator[tuple[float, T, bool]]:
    """Mark each frame that is nearest to some point of the grid; the earlier one of a tie."""
    held: tuple[float, T] | None = None
    point = 0
    for time, frame in frames:
        # a time not later than the previous one counts as that one
        time = time if held is None else max(time, held[0])
        if held is not None:
            middle = (held[0] + time) / 2 + 1e-9
            wanted = point
            while wanted < points and first + wanted * step <= middle:
                wanted += 1
            yield *held, wanted > point
            point = wanted
            if point == points:
                yield time, frame, False
                return
        held = time, frame
    if held is not None:
        yield *held, point < points
