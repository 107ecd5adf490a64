"""Ten degraded versions of a clean clip, made with the encoders and filters of PyAV."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

import av
import av.video.stream
import numpy as np

from ..files.atomic import atomic_path

Frames = list[av.VideoFrame]

_NEARLY_LOSSLESS = {"crf": "10", "preset": "veryfast"}


@dataclass(frozen=True)
class Version:
    """A degraded version: frames are filtered, changed, then encoded.

    Attributes
    ----------
    name : str
        Name of the version, used in file names.
    codec : str
        Name of the FFmpeg encoder.
    options : mapping
        Options of the encoder.
    filters : str
        FFmpeg filter chain, in which ``{w}`` and ``{h}`` stand for the size of the clip.
    change : callable, optional
        Function from the frames of the clip to those to encode.
    """

    name: str
    codec: str = "libx264"
    options: Mapping[str, str] = field(default_factory=lambda: _NEARLY_LOSSLESS)
    filters: str = ""
    change: Callable[[Frames], Frames] | None = None


def _freeze(frames: Frames) -> Frames:
    """Repeat the first of every eight frames in place of the other seven."""
    return [frames[i - i % 8] for i in range(len(frames))]


def _flicker(frames: Frames) -> Frames:
    """Add 10 to luma for three frames and subtract 10 for the next three."""
    changed = []
    for i, frame in enumerate(frames):
        planes = frame.to_ndarray(format="yuv420p")
        lift = 10 if i // 3 % 2 else -10
        luma = planes[: frame.height].astype(np.int16) + lift
        planes[: frame.height] = np.clip(luma, 16, 235).astype(np.uint8)
        changed.append(av.VideoFrame.from_ndarray(planes, format="yuv420p"))
    return changed


#: From nearly transparent to strongly degraded, so that quality varies more by version than by scene.
VERSIONS: tuple[Version, ...] = (
    Version("h264-mild", options={"crf": "26", "preset": "veryfast"}),
    Version("h264-hard", options={"crf": "44", "preset": "veryfast"}),
    Version("hevc", "libx265", {"crf": "42", "preset": "ultrafast", "x265-params": "log-level=none:pools=1"}),
    Version("vp9", "libvpx-vp9", {"crf": "62", "b": "0", "deadline": "realtime", "cpu-used": "8"}),
    Version("av1", "libsvtav1", {"crf": "45", "preset": "12", "svtav1-params": "lp=1"}),
    Version("upscaled", filters="scale=iw/4:ih/4:flags=bicubic,scale={w}:{h}:flags=bicubic"),
    Version("blurred", filters="gblur=sigma=3"),
    Version("noisy", filters="noise=c0s=28:c0f=t:all_seed=7"),
    Version("frozen", change=_freeze),
    Version("flicker", change=_flicker),
)


def read_frames(path: Path) -> tuple[Frames, Fraction]:
    """Return all frames of a short clip and its frame rate in Hz."""
    with av.open(str(path)) as container:
        rate = container.streams.video[0].average_rate or Fraction(25)
        return list(container.decode(video=0)), rate


def make_version(source: Path, version: Version, target: Path) -> None:
    """Write a degraded version of a clip, with the same number and size of frames.

    Parameters
    ----------
    source : Path
        The clean clip.
    version : Version
        The degradation.
    target : Path
        The Matroska file to write.
    """
    frames, rate = read_frames(source)
    if version.filters:
        size = {"w": frames[0].width, "h": frames[0].height}
        frames = list(_filtered(frames, version.filters.format(**size), rate))
    if version.change is not None:
        frames = version.change(frames)
    _encode(frames, rate, version, target)


def _filtered(frames: Sequence[av.VideoFrame], filters: str, rate: Fraction) -> Iterator[av.VideoFrame]:
    graph = av.filter.Graph()
    nodes = [
        graph.add_buffer(
            width=frames[0].width,
            height=frames[0].height,
            format=frames[0].format,
            time_base=1 / rate,
        )
    ]
    for text in filters.split(","):
        name, _, arguments = text.partition("=")
        nodes.append(graph.add(name, arguments))
    nodes.append(graph.add("buffersink"))
    graph.link_nodes(*nodes).configure()
    for i, frame in enumerate(frames):
        frame.pts, frame.time_base = i, 1 / rate
        graph.push(frame)
        yield graph.vpull()


def _encode(frames: Sequence[av.VideoFrame], rate: Fraction, version: Version, target: Path) -> None:
    with atomic_path(target) as part, av.open(str(part), "w", format="matroska") as container:
        stream = container.add_stream(version.codec, rate=rate, options=dict(version.options))
        assert isinstance(stream, av.video.stream.VideoStream)
        stream.width, stream.height = frames[0].width, frames[0].height
        stream.pix_fmt = "yuv420p"
        stream.thread_count = 1
        for i, frame in enumerate(frames):
            plain = frame.reformat(format="yuv420p")
            plain.pts, plain.time_base = i, 1 / rate
            plain.pict_type = av.video.frame.PictureType.NONE
            container.mux(stream.encode(plain))
        container.mux(stream.encode())
