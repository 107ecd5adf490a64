"""The pictures of one range of a video, each held against the number and time it has in the whole."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import av

from ..errors import DecodeError
from ..video_task import TimeRange
from .decoder import Decoder

Timed = tuple[float, av.VideoFrame | None]


def pictures_of_range(
    part: TimeRange,
    path: str,
    decoder: Decoder,
    decoded: Callable[[Decoder, Iterator[av.VideoFrame]], Iterator[Timed]],
) -> Iterator[Timed]:
    """Yield the time of every picture of the video, with the picture where it is given to extractors.

    Decoding begins at the entry of the range and ends after its last picture; the last range reads the stream
    to its end.

    Parameters
    ----------
    part : TimeRange
        The range.
    path : str
        For messages.
    decoder : Decoder
        Its first picture is that of the video.
    decoded : callable
        Gives seconds to the pictures of the decoder.

    Raises
    ------
    DecodeError
        If a decoded picture is not the expected one, or one is missing or too many.
    """
    times = part.times.tolist()
    first, stop = part.given
    entry_s, number = 0.0, 0
    entries: tuple[int, ...] = ()
    if part.entry is not None:
        entries, number = part.entry[:1], part.entry[1]
        entry_s = times[number]
    yield from ((time, None) for time in times[:number])
    for time, picture in decoded(decoder, decoder.pictures(entry_s, entries)):
        if number >= len(times) or time != times[number]:
            raise _other(path, number, time)
        yield time, picture if first <= number < stop else None
        number += 1
        if number == stop < len(times):
            break
    else:
        if number < len(times):
            raise _other(path, number)
    yield from ((time, None) for time in times[number:])


def _other(path: str, number: int, time_s: float | None = None) -> DecodeError:
    found = "is missing" if time_s is None else f"was found at {time_s:.3f} s"
    return DecodeError(
        f"for a part of {path!r} the decoder gives other pictures than for the whole: {number} {found}",
        "range",
    )
