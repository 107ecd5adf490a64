"""A distorted version of a video: its pictures are changed one after the other, then encoded."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

import av
import av.video.stream

from ..errors import DecodeError
from ..files.atomic import atomic_path

Frames = Iterator[av.VideoFrame]
#: From the pictures of a video, in the order of display, and their rate in Hz to those of a version.
Change = Callable[[Frames, Fraction], Frames]

#: libx264 without loss, so that only the change of the pictures is seen.
LOSSLESS: Mapping[str, str] = {"qp": "0", "preset": "ultrafast"}
_DEFAULT_RATE = Fraction(25)
#: Ticks of a second in which times are kept: a multiple of common frame rates.
_TICKS = 90_000


@dataclass(frozen=True)
class Version:
    """What is done to a video: a filter chain, a change of its pictures, an encoder.

    Attributes
    ----------
    codec : str
        Name of the FFmpeg encoder.
    options : mapping
        Options of the encoder.
    filters : str
        FFmpeg filter chain, in which ``{w}`` and ``{h}`` stand for the size of the video.
    change : callable, optional
        Called after the filters.
    """

    codec: str = "libx264"
    options: Mapping[str, str] = field(default_factory=lambda: LOSSLESS)
    filters: str = ""
    change: Change | None = None


def write_version(source: Path, version: Version, target: Path) -> None:
    """Write a version of a video to a Matroska file; the file appears whole or not at all.

    Pictures have 8 bits in 4:2:0, or 10 bits where the video has more than 8; other chroma formats are
    converted, and an odd width or height loses its last column or row. Range, matrix, primaries, transfer
    and times are kept. One thread encodes, so that the file is the same each time. Memory does not grow with
    the length of the video.

    Parameters
    ----------
    source : Path
        The video.
    version : Version
        What is done to it.
    target : Path
        The file to write.

    Raises
    ------
    DecodeError
        If the video cannot be opened or has no picture.
    """
    try:
        container = av.open(str(source))
    except (OSError, av.FFmpegError) as error:
        reason = error.strerror or type(error).__name__
        raise DecodeError(f"cannot open {str(source)!r}: {reason}") from error
    with container:
        if not container.streams.video:
            raise DecodeError(f"{str(source)!r} has no video stream")
        stream = container.streams.video[0]
        rate = stream.average_rate or stream.guessed_rate or _DEFAULT_RATE
        frames = _even(_planar(_timed(container.decode(stream), rate)))
        if version.filters:
            frames = filtered(frames, version.filters)
        if version.change is not None:
            frames = version.change(frames, rate)
        with atomic_path(target) as part:
            if not _encode(frames, rate, version, part):
                raise DecodeError(f"{str(source)!r} has no picture that can be decoded")


def _timed(frames: Frames, rate: Fraction) -> Frames:
    """Give every picture a time in ticks, from 0; a picture without one follows at the frame rate."""
    tick, step = Fraction(1, _TICKS), _TICKS / rate
    first: Fraction | None = None
    last = -step
    for frame in frames:
        time = last + step
        if frame.pts is not None and frame.time_base is not None:
            time = frame.pts * frame.time_base / tick
            first = time if first is None else first
            time = time - first
        if time <= last:
            time = last + 1
        last = Fraction(time)
        frame.pts, frame.time_base = round(time), tick
        yield frame


def _planar(frames: Frames) -> Frames:
    """Convert pictures to 4:2:0 of 8 or 10 bits, with the same tags and times."""
    for frame in frames:
        deep = max(component.bits for component in frame.format.components) > 8
        wanted = "yuv420p10le" if deep else "yuv420p"
        if frame.format.name == wanted:
            yield frame
        else:
            yield like(frame, frame.reformat(format=wanted))


def _even(frames: Frames) -> Frames:
    """Cut off the last column and row of pictures of odd width and height."""
    first = next(frames, None)
    if first is None:
        return
    whole = itertools.chain([first], frames)
    odd = first.width % 2 or first.height % 2
    yield from filtered(whole, "crop=trunc(iw/2)*2:trunc(ih/2)*2:0:0") if odd else whole


def like(frame: av.VideoFrame, made: av.VideoFrame) -> av.VideoFrame:
    """Return `made` with the time and the colour tags of `frame`."""
    made.pts, made.time_base = frame.pts, frame.time_base
    made.color_range, made.colorspace = frame.color_range, frame.colorspace
    made.color_primaries, made.color_trc = frame.color_primaries, frame.color_trc
    return made


def tick_of(frame: av.VideoFrame) -> Fraction:
    """Return the unit of the time of a picture, in seconds; a timed picture has one."""
    assert frame.time_base is not None
    return frame.time_base


def filtered(frames: Frames, filters: str) -> Frames:
    """Yield the pictures that a filter chain makes, one for each."""
    graph = None
    for frame in frames:
        if graph is None:
            graph = _graph(frame, filters.format(w=frame.width, h=frame.height))
        graph.push(frame)
        yield like(frame, graph.vpull())


def _graph(frame: av.VideoFrame, filters: str) -> av.filter.Graph:
    graph = av.filter.Graph()
    nodes = [
        graph.add_buffer(
            width=frame.width, height=frame.height, format=frame.format, time_base=tick_of(frame)
        )
    ]
    for text in filters.split(","):
        name, _, arguments = text.partition("=")
        nodes.append(graph.add(name, arguments))
    nodes.append(graph.add("buffersink"))
    graph.link_nodes(*nodes).configure()
    return graph


def _encode(frames: Frames, rate: Fraction, version: Version, target: Path) -> bool:
    """Encode the pictures; return whether there was one."""
    with av.open(str(target), "w", format="matroska", options={"fflags": "+bitexact"}) as container:
        stream: av.video.stream.VideoStream | None = None
        for frame in frames:
            if stream is None:
                stream = _stream(container, frame, rate, version)
            frame.pict_type = av.video.frame.PictureType.NONE
            container.mux(stream.encode(frame))
        if stream is None:
            return False
        container.mux(stream.encode())
    return True


def _stream(
    container: av.container.OutputContainer, frame: av.VideoFrame, rate: Fraction, version: Version
) -> av.video.stream.VideoStream:
    stream = container.add_stream(version.codec, rate=rate, options=dict(version.options))
    assert isinstance(stream, av.video.stream.VideoStream)
    stream.width, stream.height = frame.width, frame.height
    stream.pix_fmt = frame.format.name
    stream.thread_count = 1
    context = stream.codec_context
    context.time_base = tick_of(frame)
    context.color_range, context.colorspace = frame.color_range, frame.colorspace
    context.color_primaries, context.color_trc = frame.color_primaries, frame.color_trc
    return stream
