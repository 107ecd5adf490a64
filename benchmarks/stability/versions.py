"""The changes of a clip: what should move no feature by a bit, and what nobody sees.

A change makes a file from a file, or reads the same file in another way.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from itertools import islice
from pathlib import Path

import av
from av.bitstream import BitStreamFilterContext

from vqa_features.distortion import Version, write_version

Frames = Iterator[av.VideoFrame]
Make = Callable[[Path, Path], Path]
#: Encoders that name no place of the chroma samples have to be told what H.264 means without a name.
CHROMA_LEFT = {"chroma_sample_location": "left"}
_X265 = {"preset": "ultrafast", "x265-params": "lossless=1:log-level=none:pools=1:frame-threads=1"}
#: Columns made of the times of the frames, which Matroska rounds to milliseconds and MPEG-TS to 1/90 ms.
OF_TIMES = r"timing\.|shots\.shot_length"
_SMALLER = "scale=trunc(iw*3/8)*2:trunc(ih*3/8)*2:flags=bicubic+accurate_rnd"
#: Containers that want the H.264 stream in the form of a byte stream; the others take it as MP4 has it.
_BYTE_STREAM = (".avi", ".ts")


@dataclass(frozen=True)
class Change:
    """What is done to a clip.

    Attributes
    ----------
    name : str
        As the tables name it.
    exact : bool
        Whether pixels stay as they are, so that no feature may move.
    make : callable, optional
        Writes the changed file into a folder; the file itself is read without it.
    decoder_threads, threads : int
        Threads that decode the file, and threads that share its frames.
    """

    name: str
    exact: bool
    make: Make | None = None
    decoder_threads: int = 1
    threads: int = 1


def changes(frames: int) -> tuple[Change, ...]:
    """Return every change; files that are encoded again have `frames` frames."""
    return (
        Change("lossless FFV1", True, _encoded("ffv1", {"level": "1", **CHROMA_LEFT}, frames)),
        Change("lossless H.264", True, _encoded("libx264", {"qp": "0", "preset": "ultrafast"}, frames)),
        Change("lossless H.265", True, _encoded("libx265", _X265, frames)),
        Change("Matroska", True, partial(_remuxed, ".mkv")),
        Change("QuickTime", True, partial(_remuxed, ".mov")),
        Change("MPEG-TS", True, partial(_remuxed, ".ts")),
        Change("AVI", True, partial(_remuxed, ".avi")),
        Change("2 decoder threads", True, decoder_threads=2),
        Change("4 decoder threads", True, decoder_threads=4),
        Change("`threads=4`", True, threads=4),
        Change(
            "3/4 of the size", False, _filtered("scale=trunc(iw*3/8)*2:trunc(ih*3/8)*2:flags=bicubic", frames)
        ),
        Change("crop by 2 pixels", False, _filtered("crop=iw-4:ih-4:2:2", frames)),
        Change("one frame later", False, partial(_written, Version(change=partial(_some, 1, frames)))),
    )


def remuxed(source: Path, target: Path) -> Path:
    """Copy the packets of the H.264 stream of a file into the container that the suffix of `target` names."""
    with av.open(str(source)) as old, av.open(str(target), "w") as new:
        stream = old.streams.video[0]
        copy = new.add_stream_from_template(stream)
        copy.time_base = stream.time_base
        if target.suffix == ".avi" and stream.average_rate:
            copy.time_base = 1 / stream.average_rate  # AVI counts pictures
        filtered = BitStreamFilterContext(
            "h264_mp4toannexb" if target.suffix in _BYTE_STREAM else "null", stream, copy
        )
        for packet in old.demux(stream):
            for one in filtered.filter(None if packet.dts is None else packet):
                one.stream = copy
                new.mux(one)
    return target


def _remuxed(suffix: str, source: Path, folder: Path) -> Path:
    return remuxed(source, folder / f"copy{suffix}")


def _encoded(codec: str, options: dict[str, str], frames: int) -> Make:
    return partial(_written, Version(codec, options, change=partial(_some, 0, frames)))


def _filtered(filters: str, frames: int) -> Make:
    return partial(_written, Version(filters=filters, change=partial(_some, 0, frames)))


def _some(first: int, frames: int, pictures: Frames, rate: Fraction) -> Frames:
    """Keep so many pictures from the `first` on, which is shown at time 0."""
    origin = None
    for picture in islice(pictures, first, first + frames):
        assert picture.pts is not None
        origin = picture.pts if origin is None else origin
        picture.pts -= origin
        yield picture


def _written(version: Version, source: Path, folder: Path) -> Path:
    target = folder / "version.mkv"
    write_version(source, version, target)
    return target
