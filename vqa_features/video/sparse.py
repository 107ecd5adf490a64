"""Which stretches of a video are decoded where few of its pictures are wanted."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from ..specs import Sampling
from .decoder import Decoder
from .expectation import Expectation
from .sampling import Enough, Surroundings, is_before, window, with_neighbours
from .timeline import Entry, places_of

#: Decoding goes on to the next wanted picture where going to an entry would leave out fewer pictures.
LEAST_GAP = 12
#: A video is read sparsely where at least this share of the part asked for, and this many pictures, are left
#: out. Less is not worth that they are not checked.
LEAST_SHARE, LEAST_LEFT_OUT = 0.5, 250


@dataclass(frozen=True)
class Stretch:
    """Pictures that are decoded one after the other.

    Attributes
    ----------
    stamp : int or None
        Time stamp of the entry at which decoding begins; None at the beginning of the stream.
    first, stop : int
        Number of its first picture, and of the one after its last.
    """

    stamp: int | None
    first: int
    stop: int


@dataclass(frozen=True, eq=False)
class Plan:
    """What is decoded of a video.

    Attributes
    ----------
    times : list of float
        Seconds of every picture of the video.
    stretches : list of Stretch
        In order; they do not overlap.
    wanted : frozenset of int
        Numbers of the pictures that are given.
    begin, end : int
        Number of the first picture of the part asked for, and of the one after its last.
    """

    times: list[float]
    stretches: list[Stretch]
    wanted: frozenset[int]
    begin: int
    end: int

    @property
    def decoded_inside(self) -> int:
        """Number of pictures of the part asked for that are decoded."""
        stretches = ((max(one.first, self.begin), min(one.stop, self.end)) for one in self.stretches)
        return sum(max(stop - first, 0) for first, stop in stretches)


def plan_of(decoder: Decoder, expected: Expectation, sampling: Sampling, enough: Enough) -> Plan | None:
    """Return what to decode of a stream whose first picture is decoded; None where that is every picture.

    Packets are read only where the sampling may leave enough pictures out, and `Expectation` did not.

    Parameters
    ----------
    decoder : Decoder
        Nothing but the first picture has been taken.
    expected : Expectation
        Of its stream.
    sampling : Sampling
        With a number as `every`.
    enough : Enough
        Which pictures are wanted.
    """
    if not _may_leave_out(expected.times, expected.end_s, sampling, enough):
        return None
    places = places_of(decoder, expected)
    if places is None or not places.entries:
        return None
    begin, end, wanted = _wanted(places.times, expected.end_s, sampling, enough)
    stretches = stretches_of(wanted, places.entries)
    plan = Plan(places.times, stretches, frozenset(wanted), begin, end)
    return plan if _is_enough(end - begin - plan.decoded_inside, end - begin) else None


def stretches_of(wanted: Sequence[int], entries: Sequence[Entry]) -> list[Stretch]:
    """Return the stretches that hold all wanted pictures, each begun at the last entry before them.

    Parameters
    ----------
    wanted : sequence of int
        Numbers of pictures, in order.
    entries : sequence of (int, int)
        Time stamps and numbers of the pictures at which decoding may begin, in order.
    """
    numbers = [number for _, number in entries]
    found = [Stretch(None, 0, 0)]
    for one in wanted:
        last = found[-1]
        place = bisect_right(numbers, one) - 1
        if place >= 0 and numbers[place] - last.stop >= LEAST_GAP:
            found.append(Stretch(*entries[place], one + 1))
        else:
            found[-1] = Stretch(last.stamp, last.first, max(last.stop, one + 1))
    return [one for one in found if one.stop > one.first]


def _wanted(
    times: list[float], end_s: float, sampling: Sampling, enough: Enough
) -> tuple[int, int, list[int]]:
    """Return the borders of the part asked for, and the numbers of the pictures wanted in it."""
    timed: Iterable[tuple[float, Any]] = ((time, None) for time in times)
    begin = sum(is_before(time, sampling) for time in times)
    end = begin + sum(1 for _ in window(timed, sampling))
    found = set(enough.numbers)
    if enough.sampled:
        inside: Iterable[tuple[float, Any]] = ((time, None) for time in times[begin:end])
        around = Surroundings(enough.before, enough.after)
        found.update(one.source for one in with_neighbours(inside, sampling, end_s, around))
    return begin, end, sorted(begin + one for one in found if begin + one < end)


def _may_leave_out(times: list[float], end_s: float, sampling: Sampling, enough: Enough) -> bool:
    """Return whether enough pictures would be left out if decoding could begin anywhere."""
    begin, end, wanted = _wanted(times, end_s, sampling, enough)
    gaps = (later - earlier - 1 for earlier, later in pairwise([begin - 1, *wanted, end]))
    return _is_enough(sum(gap for gap in gaps if gap >= LEAST_GAP), end - begin)


def _is_enough(left_out: int, total: int) -> bool:
    return left_out >= max(LEAST_LEFT_OUT, LEAST_SHARE * total)
