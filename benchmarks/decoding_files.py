"""Video files of many kinds, made with PyAV: codec, container, start, order of streams, joins and cuts.

`generate` writes one file per case.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.bitstream import BitStreamFilterContext
from numpy.typing import NDArray

RATE, COUNT, WIDTH, HEIGHT = 25, 100, 96, 64
os.environ.setdefault("SVT_LOG", "1")  # SVT-AV1 prints its settings otherwise
#: Irregular distances of the pictures of a video without a constant rate, in frames.
UNEVEN = [0, *itertools.accumulate(itertools.islice(itertools.cycle((1, 1, 3, 1, 2, 7, 1)), COUNT - 1))]


@dataclass(frozen=True)
class Source:
    """How a stream is encoded, and the containers it is put into."""

    codec: str
    containers: str
    options: str = ""
    pix_fmt: str = "yuv420p"
    stamps: Sequence[int] = range(COUNT)


#: Headers at every key frame, so that a segment can be decoded.
_X264 = "x264-params=keyint=25:repeat-headers=1"
_X265 = "x265-params=keyint=25:bframes=3:log-level=none"

SOURCES = {
    "h264": Source("libx264", "mp4 mov mkv ts flv", "preset=veryfast g=25 bf=2"),
    "h264-open": Source("libx264", "mp4 mkv ts", f"preset=veryfast bf=3 {_X264}:open-gop=1"),
    "h264-refresh": Source("libx264", "mp4 mkv ts flv", f"preset=veryfast bf=0 {_X264}:intra-refresh=1"),
    "h264-uneven": Source("libx264", "mp4 mkv ts", "preset=veryfast g=25 bf=2", stamps=UNEVEN),
    "h264-fields": Source("libx264", "mkv ts", "preset=veryfast g=25 x264-params=interlaced=1"),
    "hevc": Source("libx265", "mp4 mkv ts", f"preset=ultrafast {_X265}:radl=2"),
    "hevc-open": Source("libx265", "mp4 mkv ts", f"preset=ultrafast {_X265}:open-gop=1"),
    "mpeg4": Source("mpeg4", "mp4 mkv avi", "bf=2 g=25"),
    "mpeg2": Source("mpeg2video", "ts mpg mkv", "bf=2 g=25"),
    "mpeg1": Source("mpeg1video", "mpg", "bf=2 g=25"),
    "vp8": Source("libvpx", "webm mkv avi", "g=25 deadline=realtime cpu-used=8"),
    "vp9": Source("libvpx-vp9", "webm mp4", "g=25 deadline=realtime cpu-used=8"),
    "av1": Source("libsvtav1", "mp4 mkv webm", "preset=12 g=25"),
    "mjpeg": Source("mjpeg", "avi mkv mov", "", "yuvj420p"),
    "ffv1": Source("ffv1", "mkv avi", "g=10"),
    "flv1": Source("flv", "flv avi", "g=25"),
    "wmv2": Source("wmv2", "asf", "g=25"),
    "prores": Source("prores_ks", "mov", "", "yuv422p10le"),
}
#: Containers that can be cut to pieces and put together, byte by byte.
_STREAMS = ("ts", "mpg")
#: Sound that each container takes.
_SOUND = {"mp4": "aac", "mov": "aac", "mkv": "aac", "ts": "mp2", "mpg": "mp2", "avi": "mp2", "flv": "aac"}
_FORMATS = {"ts": "mpegts", "mpg": "vob", "mkv": "matroska"}


@dataclass(frozen=True)
class Case:
    """One generated file; `intact` says that nothing was taken out of it or damaged."""

    name: str
    path: Path
    intact: bool


@cache
def _picture(number: int, width: int = WIDTH, height: int = HEIGHT) -> NDArray[np.uint8]:
    """Return picture `number` of a moving pattern with noise, planes of yuv420p below each other."""
    y, x = np.mgrid[:height, :width]
    luma = 128 + 60 * np.sin((x + 3 * number) / 7) + 40 * np.cos((y - 2 * number) / 5)
    noise = np.random.default_rng(number).normal(0, 6, luma.shape)
    planes = np.full((height * 3 // 2, width), 120, np.uint8)
    planes[:height] = np.clip(luma + noise, 16, 235)
    return planes


def encode(
    path: Path, source: Source, *, count: int = COUNT, size: tuple[int, int] = (WIDTH, HEIGHT)
) -> Path:
    """Write `count` pictures in NUT, which keeps every time stamp; ProRes in QuickTime."""
    kind = "mov" if source.codec == "prores_ks" else "nut"
    options = dict(pair.split("=", 1) for pair in source.options.split())
    with av.open(str(path), "w", format=kind) as container:
        stream = container.add_stream(source.codec, rate=RATE, options=options)
        stream.width, stream.height = size
        stream.pix_fmt = source.pix_fmt
        stream.codec_context.time_base = Fraction(1, RATE)
        stream.codec_context.bit_rate = 200_000
        stream.codec_context.thread_count = 1  # or the files differ from run to run
        for number in range(count):
            frame = av.VideoFrame.from_ndarray(_picture(number, *size), "yuv420p").reformat(
                format=source.pix_fmt
            )
            frame.pts, frame.time_base = source.stamps[number], Fraction(1, RATE)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def packets_of(path: Path) -> tuple[av.VideoStream, list[Any]]:
    """Return the video stream of a file and its packets; the file stays open."""
    container = av.open(str(path))
    stream = container.streams.video[0]
    return stream, [packet for packet in container.demux(stream) if packet.size]


def remux(
    source: Path,
    target: Path,
    *,
    offset: int = 0,
    from_key: int = 0,
    sound: bool = False,
    before: Sequence[Path] = (),
    change: Callable[[list[Any]], list[Any]] = lambda packets: packets,
) -> Path:
    """Copy the packets of `source` into another container.

    Parameters
    ----------
    source, target : Path
        The suffix of `target` names the container.
    offset : int
        Frames added to every time stamp.
    from_key : int
        Number of the key frame at which the copy begins.
    sound : bool
        Add a sound stream, before the video and twice as long.
    before : sequence of Path
        Files whose streams are put before the video.
    change : callable
        Applied to the packets.
    """
    kind = target.suffix[1:]
    options = {"movflags": "+faststart"} if kind in ("mp4", "mov") else {}
    with av.open(str(target), "w", format=_FORMATS.get(kind), options=options) as container:
        if sound:
            audio = container.add_stream(_SOUND[kind], rate=44_100, layout="mono")
        inputs = [packets_of(path) for path in (*before, source)]
        outputs = [container.add_stream_from_template(stream, opaque=True) for stream, _ in inputs]
        if sound:
            for number in range(2 * COUNT * 44_100 // RATE // 1152):
                frame = _silence(_SOUND[kind])
                frame.pts = number * 1152 + offset * 44_100 // RATE
                container.mux(audio.encode(frame))
            container.mux(audio.encode(None))
        for (stream, packets), output in zip(inputs, outputs, strict=True):
            shift = round(offset / RATE / stream.time_base)
            keys = [number for number, packet in enumerate(packets) if packet.is_keyframe]
            for packet in change(packets[keys[from_key] :]):
                packet.pts = (packet.dts if packet.pts is None else packet.pts) + shift
                packet.dts = None if packet.dts is None else packet.dts + shift
                packet.stream = output
                container.mux(packet)
    return target


def _silence(codec: str) -> av.AudioFrame:
    """Return 1152 samples."""
    kind, layout = (np.float32, "fltp") if codec == "aac" else (np.int16, "s16p")
    frame = av.AudioFrame.from_ndarray(np.zeros((1, 1152), kind), layout, "mono")
    frame.sample_rate = 44_100
    return frame


def hide_vp8(packets: list[Any]) -> list[Any]:
    """Clear ``show_frame`` of every tenth packet that is no key frame."""
    for number, packet in enumerate(packets):
        if number % 10 == 5 and not packet.is_keyframe:
            data = bytearray(bytes(packet))
            data[0] &= ~16
            packet.update(bytes(data))
    return packets


def split_frames(name: str) -> Callable[[list[Any]], list[Any]]:
    """Return a change that puts every coded frame into its own packet, with the filter `name` of FFmpeg."""

    def change(packets: list[Any]) -> list[Any]:
        split = BitStreamFilterContext(name, packets[0].stream)
        return [one for packet in [*packets, None] for one in split.filter(packet)]

    return change


def _cut(path: Path, target: Path, begin: float, end: float) -> Path:
    data = path.read_bytes()
    block = 188 if path.suffix == ".ts" else 1
    first, last = (int(len(data) * share) // block * block for share in (begin, end))
    target.write_bytes(data[first:last])
    return target


def _blank(path: Path, target: Path) -> Path:
    data = bytearray(path.read_bytes())
    begin, size = int(len(data) * 0.6), max(len(data) // 100, 200)
    data[begin : begin + size] = bytes(size)
    target.write_bytes(data)
    return target


def generate(folder: Path, only: Callable[[str], bool] = lambda name: True) -> Iterator[Case]:
    """Yield the cases whose name `only` accepts, each after its file was written."""
    for name, source in SOURCES.items():
        names = [f"{name}.{kind} {change}" for kind in source.containers.split() for change in _CHANGES]
        if not any(map(only, names)):
            continue
        coded = encode(folder / f"{name}-source", source)
        for kind in source.containers.split():
            for change, make in _CHANGES.items():
                if only(f"{name}.{kind} {change}"):
                    path = make(coded, folder / f"{name} {change}.{kind}")
                    if path is not None:
                        yield Case(f"{name}.{kind} {change}", path, change not in _LOSSES)


def _segment(coded: Path, path: Path) -> Path | None:
    keys = sum(packet.is_keyframe for packet in packets_of(coded)[1])
    return remux(coded, path, from_key=1) if 1 < keys < COUNT else None


def _with_sound(coded: Path, path: Path) -> Path | None:
    return remux(coded, path, sound=True) if path.suffix[1:] in _SOUND and "prores" not in path.name else None


def _after_other_videos(coded: Path, path: Path) -> Path | None:
    """Put a still of a larger size and a smaller video before the video."""
    if path.suffix[1:] not in ("mp4", "mkv", "mov"):
        return None
    still = encode(path.with_suffix(".still"), SOURCES["h264"], count=1, size=(192, 128))
    small = encode(path.with_suffix(".small"), SOURCES["h264"], count=30, size=(64, 48))
    return remux(coded, path, before=[still, small])


def _trimmed(coded: Path, path: Path) -> Path | None:
    """Begin before time 0: an edit list cuts out what comes before."""
    return remux(coded, path, offset=-38) if path.suffix in (".mp4", ".mov") else None


def _joined(second: int) -> Callable[[Path, Path], Path | None]:
    def make(coded: Path, path: Path) -> Path | None:
        if path.suffix[1:] not in _STREAMS:
            return None
        parts = [remux(coded, path.with_name(f"part{k}{path.suffix}"), offset=k * second) for k in (0, 1)]
        path.write_bytes(b"".join(part.read_bytes() for part in parts))
        return path

    return make


def _cut_after(change: Callable[[Path, Path], Path], kinds: str = "") -> Callable[[Path, Path], Path | None]:
    def make(coded: Path, path: Path) -> Path | None:
        if kinds and path.suffix[1:] not in kinds.split():
            return None
        return change(remux(coded, path.with_name("whole" + path.suffix)), path)

    return make


def _split(coded: Path, path: Path) -> Path | None:
    """Hide pictures, or give each hidden picture a packet of its own."""
    if path.name.startswith("vp8"):
        return remux(coded, path, change=hide_vp8)
    if path.name.startswith("av1") and path.suffix != ".mp4":  # MP4 refuses two packets of one time
        return remux(coded, path, change=split_frames("av1_frame_split"))
    return None


_CHANGES: dict[str, Callable[[Path, Path], Path | None]] = {
    "plain": lambda coded, path: remux(coded, path),
    "late": lambda coded, path: remux(coded, path, offset=83),
    "segment": _segment,
    "trimmed": _trimmed,
    "sound": _with_sound,
    "order": _after_other_videos,
    "hidden": _split,
    "restart": _joined(0),
    "leap": _joined(1550),
    "cut": _cut_after(lambda whole, path: _cut(whole, path, 0, 0.6)),
    "short": _cut_after(lambda whole, path: _cut(whole, path, 0, 0.9)),
    "headless": _cut_after(lambda whole, path: _cut(whole, path, 0.3, 1), "ts mpg"),
    "blank": _cut_after(_blank),
}
_LOSSES = ("cut", "short", "headless", "blank")
