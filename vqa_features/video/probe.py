"""Rate, duration, number and times of frames, read from the file before it is decoded."""

from __future__ import annotations

import math
from contextlib import suppress
from dataclasses import dataclass

import av
import av.container
import av.video.stream
from av.stream import Disposition

from ..errors import DecodeError
from .opening import DECODING_ERRORS
from .picture import TRANSFERS, Turn, is_rgb_coded

#: Counts and durations that differ by less are taken to agree.
COMPLETE = 0.95
#: Containers whose frames all take the same number of bytes: duration and rate give the count.
_CONSTANT_SIZE = ("rawvideo", "yuv4mpegpipe")


def choose_stream(
    container: av.container.InputContainer, path: str
) -> tuple[av.video.stream.VideoStream, list[str]]:
    """Return the first video stream that is no cover picture, else the first that is one; warnings."""
    streams = container.streams.video
    if not streams:
        raise DecodeError(f"{path!r} has no video stream", "no video stream")
    real = [stream for stream in streams if not is_cover(stream)]
    chosen = (real or streams)[0]
    if chosen.codec_context is None:
        raise DecodeError(f"{path!r} is coded in a way that has no decoder here", "unsupported")
    if not real:
        return chosen, ["only a cover picture: a video of one frame"]
    return chosen, [f"{len(real)} video streams: the first is used"] if len(real) > 1 else []


def is_cover(stream: av.video.stream.VideoStream) -> bool:
    """Tell whether a stream is a picture attached to something else."""
    return bool(stream.disposition & Disposition.attached_pic)


def frame_rate(stream: av.video.stream.VideoStream) -> float:
    """Frames per second; nan if the file does not say."""
    rate = stream.average_rate or stream.guessed_rate or stream.base_rate
    return float(rate) if rate and not is_cover(stream) else math.nan


def declared_duration(
    container: av.container.InputContainer, stream: av.video.stream.VideoStream
) -> float | None:
    """Seconds the stream lasts as its header says, else the container's; None if neither does."""
    if is_cover(stream):
        return None
    if stream.duration and stream.time_base:
        return float(stream.duration * stream.time_base)
    return _tag_seconds(stream) or (container.duration / av.time_base if container.duration else None)


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
    """Number of frames the header names, if duration and rate do not contradict it."""
    if is_cover(stream):
        return 1
    duration, rate = declared_duration(container, stream), frame_rate(stream)
    if not duration or math.isnan(rate):
        return None
    if container.format.name in _CONSTANT_SIZE:
        return round(duration * rate)
    count = stream.frames
    return count if count and abs(duration * rate - count) <= (1 - COMPLETE) * count else None


@dataclass(frozen=True)
class Packets:
    """Times of a stream's pictures in order, and the last time of all other streams (seconds)."""

    times: list[float]
    others_end_s: float


def read_packets(container: av.container.InputContainer, stream: av.video.stream.VideoStream) -> Packets:
    """Read picture times from the packets without decoding them; times are from the stream's start.

    A file that breaks off gives the packets before that. Where packets have no time they are
    spaced by the frame rate.
    """
    stamps: list[int | None] = []
    others_end = -math.inf
    with suppress(*DECODING_ERRORS):
        for packet in container.demux():
            if not packet.size or packet.is_discard:
                continue
            if packet.stream.index == stream.index:
                stamps.append(packet.pts)
            elif packet.pts is not None and packet.time_base:
                others_end = max(others_end, float(packet.pts * packet.time_base))
    known = sorted(stamp for stamp in stamps if stamp is not None)
    base = float(stream.time_base or 0)
    origin = stream.start_time if stream.start_time is not None else known[0] if known else 0
    times = [(stamp - origin) * base for stamp in known]
    if len(known) < len(stamps):
        rate = frame_rate(stream)
        times = [number / rate if rate > 0 else 0.0 for number in range(len(stamps))]
    return Packets(times, others_end - origin * base)


def notes(frame: av.VideoFrame, turn: Turn | None) -> list[str]:
    """Return warnings about properties that change the features or that a player treats differently."""
    transfer = TRANSFERS.get(int(frame.color_trc), "unknown")
    found = {
        "RGB-coded: luma is rgb2gray of the 8-bit picture": is_rgb_coded(frame.format),
        "alpha is ignored": any(component.is_alpha for component in frame.format.components),
        "interlaced: fields are not separated": frame.interlaced_frame,
        f"HDR transfer {transfer}: code values are used as they are": transfer in ("pq", "hlg"),
        "mirrored by its display matrix": turn is not None and turn.mirrored,
        "the display matrix is not of right angles and is not applied": turn is None,
    }
    return [note for note, holds in found.items() if holds]
