"""Where every picture of a video is, for videos of which a part decodes to the same pictures as the whole."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..specs import Sampling
from .decoder import SEEK_FROM_S, SEEKABLE, Decoder
from .expectation import Expectation, packets_of
from .sampling import Surroundings, with_neighbours

#: Codecs whose entries are proved by tests (FFmpeg's names).
CODECS = ("h264", "hevc", "vp8", "vp9", "av1")

#: Time stamp and number of a picture at which decoding may begin.
Entry = tuple[int, int]


@dataclass(frozen=True, eq=False)
class Timeline:
    """Every picture of a video, numbered in order of presentation.

    Attributes
    ----------
    times : ndarray, (n,) float64
        Seconds from the first picture.
    sampled : ndarray, (n,) bool
        Which of them are sampled.
    entries : tuple of (int, int)
        Time stamps and numbers of the pictures at which decoding may begin, in order.
    expected : Expectation
        What the whole stream should give.
    mark : (int, int)
        Size and time stamp of the file.
    """

    times: NDArray[np.float64]
    sampled: NDArray[np.bool_]
    entries: tuple[Entry, ...]
    expected: Expectation
    mark: tuple[int, int]


def timeline_of(
    decoder: Decoder, expected: Expectation, sampling: Sampling, mark: tuple[int, int]
) -> Timeline | None:
    """Return the timeline of a stream whose first picture is decoded, None where `places_of` gives none.

    Parameters
    ----------
    decoder : Decoder
        Nothing but the first picture has been taken.
    expected : Expectation
        Of its stream.
    sampling : Sampling
        With a number as `every`. A part of the video is not divided again.
    mark : (int, int)
        Size and time stamp of the file.
    """
    if sampling.start_s or sampling.duration_s is not None:
        return None
    places = places_of(decoder, expected)
    if places is None:
        return None
    everything = Surroundings(everything=True)
    timed: list[tuple[float, Any]] = [(time, None) for time in places.times]
    given = with_neighbours(timed, sampling, expected.end_s, everything)
    sampled = np.array([one.sampled for one in given])
    return Timeline(np.array(places.times), sampled, tuple(places.entries), expected, mark)


class Places(NamedTuple):
    """Where the pictures of a stream are: their seconds, and the entries among them, in order."""

    times: list[float]
    entries: list[Entry]


def places_of(decoder: Decoder, expected: Expectation) -> Places | None:
    """Return where every picture is, None where a part of the stream may give other pictures than the whole.

    It takes a codec and a container whose entries are proved; progressive pictures; packets that all have a
    time, later than that of the picture before, of which none is damaged, cut out or changes the parameters
    of the pictures; no join of clocks; and as many pictures as the header counts.

    Parameters
    ----------
    decoder : Decoder
        Nothing but the first picture has been taken.
    expected : Expectation
        Of its stream.
    """
    if not _may_divide(decoder, expected):
        return None
    packets = expected.packets or packets_of(decoder)
    times = packets.times
    if (
        packets.error is not None
        or packets.joins
        or packets.damaged
        or not packets.regular
        or len(times) != len(expected.times)
        or times[:1] != [0.0]
        or any(later <= earlier for earlier, later in pairwise(times))
    ):
        return None
    entries = []
    for stamp in sorted(set(packets.entries)):
        time = decoder.after_origin(stamp)
        number = bisect_left(times, time)
        if time >= SEEK_FROM_S and number < len(times) and times[number] == time:
            entries.append((stamp, number))
    return Places(times, entries)


def _may_divide(decoder: Decoder, expected: Expectation) -> bool:
    """Return whether headers and the first picture speak for a stream whose parts equal the whole."""
    first, codec = decoder.first, decoder.stream.codec_context.codec
    return (
        decoder.container.format.name in SEEKABLE
        and codec.canonical_name in CODECS
        and first is not None
        and first.pts is not None
        and not first.interlaced_frame
        and not decoder.skips_leading
        and not (decoder.damaged_frames or decoder.damaged_packets or decoder.empty_packets or decoder.error)
        and not (expected.error or expected.missing)
    )
