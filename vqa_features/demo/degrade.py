"""Ten degraded versions of a clean clip, made with encoders and filters that come with PyAV."""

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
    """How one version is made: frames changed, then encoded.

    `filters` is an FFmpeg filter chain in which ``{w}`` and ``{h}`` are the clip's size.
    """

    name: str
    codec: str = "libx264"
    options: Mapping[str, str] = field(default_factory=lambda: _NEARLY_LOSSLESS)
    filters: str = ""
    change: Callable[[Frames], Frames] | None = None


def _freeze(frames: Frames) -> Frames:
    """Show the first frame of every eight for all eight: seven in eight are dropped."""
    return [frames[i - i % 8] for i in range(len(frames))]


def _flicker(frames: Frames) -> Frames:
    """Lift and lower luma by 10 codes, three frames each way."""
    changed = []
    for i, frame in enumerate(frames):
        planes = frame.to_ndarray(format="yuv420p")
        lift = 10 if i // 3 % 2 else -10
        luma = planes[: frame.height].astype(np.int16) + lift
        planes[: frame.height] = np.clip(luma, 16, 235).astype(np.uint8)
        changed.append(av.VideoFrame.from_ndarray(planes, format="yuv420p"))
    return changed


#: From nearly transparent to clearly broken, so that a fault counts for more than the scene it is in.
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
    """Return every frame of a short clip and its frame rate."""
    with av.open(str(path)) as container:
        rate = container.streams.video[0].average_rate or Fraction(25)
        return list(container.decode(video=0)), rate


def make_version(source: Path, version: Version, target: Path) -> None:
    """Write `version` of the clip `source` to `target`, frame for frame, at the same size."""
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
