"""The pictures of the stretches of a plan, each held against the number and time that its packet names."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import av

from ..errors import DecodeError
from .decoder import Decoder
from .outcome import Progress
from .sparse import Plan, Stretch

Timed = tuple[float, av.VideoFrame | None]

#: The kind of the error that says that every picture has to be decoded.
EVERY_PICTURE = "every picture"


def pictures_of_plan(
    plan: Plan,
    path: str,
    decoder: Decoder,
    seen: Progress,
    decoded: Callable[[Decoder, Iterator[av.VideoFrame]], Iterator[Timed]],
) -> Iterator[Timed]:
    """Yield the time of every picture of the video, with the picture where it is wanted.

    Parameters
    ----------
    plan : Plan
        What is decoded.
    path : str
        For messages.
    decoder : Decoder
        Nothing but its first picture has been taken.
    seen : Progress
        What `decoded` notes; the pictures of the part are counted as its ``decoded``.
    decoded : callable
        Gives seconds to the pictures of the decoder.

    Raises
    ------
    DecodeError
        Of the kind `EVERY_PICTURE`, if a decoded picture is damaged, has another time than its packet, is
        missing or differs from the first one in size, format or colour, or if decoding fails.
    """
    number = 0
    for stretch in plan.stretches:
        yield from ((time, None) for time in plan.times[number : stretch.first])
        number = stretch.first
        for time, picture in _decoded(stretch, path, decoder, decoded):
            reason = _difference(decoder, seen)
            if reason or time != plan.times[number]:
                raise _other(path, stretch, reason or f"picture {number} was found at {time:.3f} s")
            seen.decoded += plan.begin <= number < plan.end
            yield time, picture if number in plan.wanted else None
            number += 1
            if number == stretch.stop:
                break
        else:
            raise _other(path, stretch, decoder.error or f"picture {number} is missing")
    yield from ((time, None) for time in plan.times[number:])


def _decoded(
    stretch: Stretch,
    path: str,
    decoder: Decoder,
    decoded: Callable[[Decoder, Iterator[av.VideoFrame]], Iterator[Timed]],
) -> Iterator[Timed]:
    stamp = stretch.stamp
    try:
        yield from decoded(decoder, decoder.pictures() if stamp is None else decoder.pictures_from(stamp))
    except DecodeError as error:
        raise _other(path, stretch, str(error)) from error


def _difference(decoder: Decoder, seen: Progress) -> str:
    """Return what a stream of good pictures would not have, "" if there is nothing."""
    damaged = decoder.damaged_frames + decoder.damaged_packets + decoder.empty_packets
    told = {
        "a picture or a packet is damaged": damaged,
        "a picture has no time": seen.without_time,
        "the colour matrix or range changes": seen.recoloured_s is not None,
    }
    return next((text for text, holds in told.items() if holds), "")


def _other(path: str, stretch: Stretch, reason: str) -> DecodeError:
    return DecodeError(
        f"every picture of {path!r} has to be decoded: from picture {stretch.first} on {reason}",
        EVERY_PICTURE,
    )
