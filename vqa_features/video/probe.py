"""Rate, duration and number of frames that headers name, and the choice of the stream."""

from __future__ import annotations

import math
from collections.abc import Callable
from contextlib import suppress

import av
import av.container
import av.video.stream
from av.stream import Disposition

from ..errors import DecodeError
from ..specs import PERCEPTUAL, Luma
from .clock import LEAP_S, LONGEST_GAP_S
from .colour import (
    MATRICES,
    TRANSFERS,
    conversion_matrix,
    is_lifted,
    is_rgb_coded,
    named,
    unconverted_matrix,
)
from .opening import DECODING_ERRORS, demux
from .picture import Turn

#: Counts and durations that differ by less are taken to agree.
COMPLETE = 0.95
#: Containers whose frames all take the same number of bytes: duration and rate give the count.
_CONSTANT_SIZE = ("rawvideo", "yuv4mpegpipe")
#: Containers whose count includes empty chunks, which repeat the picture before them.
COUNTS_EMPTY = ("avi",)
#: Containers whose duration counts from time 0 and not from the first picture.
_COUNT_FROM_ZERO = ("matroska,webm", "flv")
#: FFmpeg's AVFMT_TS_DISCONT: containers whose clock may be discontinuous.
_TS_DISCONTINUOUS = 0x0200
Reopen = Callable[[], av.container.InputContainer]


def choose_stream(
    container: av.container.InputContainer, path: str, reopen: Reopen
) -> tuple[av.video.stream.VideoStream, list[str]]:
    """Return the video stream to decode, and warnings.

    A stream with several pictures goes before a still picture, then the larger one, then the one marked as
    default, then the first. A cover picture is chosen only where there is nothing else.

    Parameters
    ----------
    container : InputContainer
        The open file; nothing is read from it.
    path : str
        For messages.
    reopen : callable
        Opens the file again, to count packets where headers do not tell stills from video.

    Raises
    ------
    DecodeError
        If there is no video stream, or no decoder for the chosen one.
    """
    streams = container.streams.video
    if not streams:
        raise DecodeError(f"{path!r} has no video stream", "no video stream")
    candidates = [stream for stream in streams if not is_cover(stream)] or list(streams)
    moving = _moving(candidates, reopen) if len(candidates) > 1 else candidates
    ranked = sorted(moving or candidates, key=_preference, reverse=True)  # stable: the first of equals
    chosen = ranked[0]
    if chosen.codec_context is None:
        raise DecodeError(f"{path!r} is coded in a way that has no decoder here", "unsupported")
    if is_cover(chosen):
        return chosen, ["only a cover picture: a video of one frame"]
    if len(ranked) == 1:
        return chosen, []
    size = f"{chosen.codec_context.width}x{chosen.codec_context.height}"
    return chosen, [f"{len(ranked)} video streams: stream {chosen.index} of {size} is used"]


def _moving(streams: list[av.video.stream.VideoStream], reopen: Reopen) -> list[av.video.stream.VideoStream]:
    """Return the streams of more than one picture; the packets tell where the header does not."""
    stills = Disposition.still_image | Disposition.timed_thumbnails
    counts = {stream.index: 1 if stream.disposition & stills else stream.frames for stream in streams}
    unknown = {index for index, count in counts.items() if count == 0}
    if unknown:
        with reopen() as container, suppress(*DECODING_ERRORS):
            for packet in demux(container):
                if packet.stream.index in unknown and packet.size:
                    counts[packet.stream.index] += 1
                if all(counts[index] > 1 for index in unknown):
                    break
    return [stream for stream in streams if counts[stream.index] > 1]


def _preference(stream: av.video.stream.VideoStream) -> tuple[int, bool]:
    codec = stream.codec_context
    pixels = codec.width * codec.height if codec is not None else 0
    return pixels, bool(stream.disposition & Disposition.default)


def is_cover(stream: av.video.stream.VideoStream) -> bool:
    """Return whether a stream is a picture attached to something else."""
    return bool(stream.disposition & Disposition.attached_pic)


def frame_rate(stream: av.video.stream.VideoStream) -> float:
    """Frames per second; nan if the file does not say."""
    rate = stream.average_rate or stream.guessed_rate or stream.base_rate
    return float(rate) if rate and not is_cover(stream) else math.nan


def declared_duration(
    container: av.container.InputContainer, stream: av.video.stream.VideoStream, start_s: float = 0.0
) -> float | None:
    """Return the seconds the stream lasts as its header says, else the container's; None if neither does.

    Matroska and FLV name the end of a video that may begin late: `start_s`, its first time, is subtracted.
    """
    if is_cover(stream):
        return None
    if stream.duration and stream.time_base:
        return float(stream.duration * stream.time_base)
    seconds = _tag_seconds(stream) or (container.duration / av.time_base if container.duration else None)
    if seconds and container.format.name in _COUNT_FROM_ZERO and 0 < start_s < seconds:
        return seconds - start_s
    return seconds


def is_own_duration(stream: av.video.stream.VideoStream) -> bool:
    """Tell whether the declared duration is the stream's, not the longest of the container."""
    return bool(stream.duration or _tag_seconds(stream))


def _tag_seconds(stream: av.video.stream.VideoStream) -> float | None:
    """Seconds of Matroska's tag DURATION, written like ``00:00:01.000000000``."""
    try:
        hours, minutes, seconds = (float(part) for part in stream.metadata.get("DURATION", "").split(":"))
    except ValueError:
        return None
    return 3600 * hours + 60 * minutes + seconds


def header_count(container: av.container.InputContainer, stream: av.video.stream.VideoStream) -> int | None:
    """Number of frames the header names, if it counts frames and duration and rate do not contradict it."""
    if is_cover(stream):
        return 1
    duration, rate = declared_duration(container, stream), frame_rate(stream)
    if not duration or math.isnan(rate) or container.format.name in COUNTS_EMPTY:
        return None
    if container.format.name in _CONSTANT_SIZE:
        return round(duration * rate)
    count = stream.frames
    return count if count and abs(duration * rate - count) <= (1 - COMPLETE) * count else None


def leap_of(container: av.container.InputContainer) -> float:
    """Return the forward leap of time stamps in seconds that is a join in this kind of container."""
    return LEAP_S if container.format.flags & _TS_DISCONTINUOUS else LONGEST_GAP_S


def notes(frame: av.VideoFrame, turn: Turn | None, luma: Luma) -> list[str]:
    """Return warnings about properties that change the features or that a player treats differently."""
    transfer = named(TRANSFERS, frame.color_trc)
    codes = "codes of RGB and chroma" if luma in PERCEPTUAL else "code values"
    matrix = unconverted_matrix(frame)
    found = {
        "RGB-coded: luma is rgb2gray of the 8-bit picture": is_rgb_coded(frame.format),
        "alpha is ignored": any(component.is_alpha for component in frame.format.components),
        "interlaced: fields are not separated": frame.interlaced_frame,
        f"HDR transfer {transfer}: {codes} are used as they are": transfer in ("pq", "hlg"),
        f"luma of {named(MATRICES, frame.colorspace)} does not use the highest bits": is_lifted(frame),
        f"colour matrix {matrix} is not converted: RGB is made with {conversion_matrix(frame)}": matrix,
        "mirrored by its display matrix": turn is not None and turn.mirrored,
        "the display matrix is not of right angles and is not applied": turn is None,
    }
    return [note for note, holds in found.items() if holds]
