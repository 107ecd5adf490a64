"""Clean aperture (MP4) and pixel crop (Matroska): every view is the part of the picture that is shown."""

from __future__ import annotations

import struct
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from small_videos import LOSSLESS_H264, moving

from vqa_features.video import Video

WIDTH, HEIGHT = 64, 48
BOXES = (b"moov", b"trak", b"mdia", b"minf", b"stbl", b"stsd", b"avc1")
#: (shown width, shown height, offset of the centre to the right, down) and the edges that follow from them
APERTURES = {
    "letter box": ((64, 32, 0, 0), (8, 8, 0, 0)),
    "one side": ((60, 48, 2, 0), (0, 0, 4, 0)),
    "odd edges": ((61, 45, Fraction(-1, 2), Fraction(1, 2)), (2, 1, 1, 2)),
    "fractions of a pixel": ((Fraction(121, 2), 48, 0, 0), (0, 0, 1, 2)),
    "whole": ((64, 48, 0, 0), (0, 0, 0, 0)),
}


def fraction(value: Fraction | int) -> bytes:
    value = Fraction(value)
    return struct.pack(">iI", value.numerator, value.denominator)


def with_aperture(path: Path, numbers: bytes) -> Path:
    """Put a box ``clap`` into an MP4 whose moov lies behind its pictures."""
    data = path.read_bytes()
    box = struct.pack(">I4s", 8 + len(numbers), b"clap") + numbers
    at = data.index(b"moov")
    for name in BOXES:
        at = data.index(name, at) - 4
        (size,) = struct.unpack_from(">I", data, at)
        data = data[:at] + struct.pack(">I", size + len(box)) + data[at + 4 :]
        at += 4
    at = data.index(b"avcC", at) - 4
    path.write_bytes(data[:at] + box + data[at:])
    return path


def remuxed(source: Path, target: Path, *, times: int = 1) -> Path:
    """Copy the packets of a file into another container, `times` streams of them."""
    with av.open(str(source)) as old, av.open(str(target), "w") as new:
        streams = [new.add_stream_from_template(old.streams.video[0]) for _ in range(times)]
        for packet in old.demux(old.streams.video[0]):
            if packet.dts is not None:
                packet.stream = streams[-1]
                new.mux(packet)
    return target


def clip(path: Path, **settings: object) -> Path:
    return moving(path, 3, width=WIDTH, height=HEIGHT, options=LOSSLESS_H264, **settings)


@pytest.mark.parametrize("suffix", [".mp4", ".mov", ".mkv"])
@pytest.mark.parametrize("name", APERTURES)
def test_views_are_the_part_that_is_shown(tmp_path: Path, suffix: str, name: str) -> None:
    numbers, (top, bottom, left, right) = APERTURES[name]
    whole = clip(tmp_path / "whole.mp4")
    cropped = with_aperture(clip(tmp_path / "a.mp4"), b"".join(map(fraction, numbers)))
    if suffix != ".mp4":
        cropped = remuxed(cropped, tmp_path / f"b{suffix}")
    with Video(whole) as one, Video(cropped) as other:
        for full, part in zip(one, other, strict=True):
            for view in ("luma", "rgb"):
                wanted = full.view(view)[top : HEIGHT - bottom, left : WIDTH - right]
                assert np.array_equal(part.view(view), wanted)
            planes, wanted_planes = part.picture.chroma_planes(), full.picture.chroma_planes()
            assert planes is not None
            assert wanted_planes is not None
            for plane, full_plane in zip(planes, wanted_planes, strict=True):
                rows = slice(top // 2, (HEIGHT - bottom + 1) // 2)
                columns = slice(left // 2, (WIDTH - right + 1) // 2)
                assert np.array_equal(plane, full_plane[rows, columns])
        size = (WIDTH - left - right, HEIGHT - top - bottom)
        assert (other.info.width, other.info.height) == size
        assert other.info.cropped == (size != (WIDTH, HEIGHT))
        assert other.outcome.status == "ok"


def test_the_stored_picture_is_cropped_before_it_is_turned(tmp_path: Path) -> None:
    numbers = b"".join(map(fraction, (60, 32, 2, 0)))
    whole = clip(tmp_path / "whole.mp4", rotation=(90, False))
    cropped = with_aperture(clip(tmp_path / "a.mp4", rotation=(90, False)), numbers)
    with Video(whole) as one, Video(cropped) as other:
        assert (other.info.width, other.info.height) == (32, 60)
        full, part = next(iter(one)).view("luma"), next(iter(other)).view("luma")
        upright = np.rot90(np.rot90(full, -1)[8:40, 4:64])  # back to the stored picture, cropped, turned
        assert np.array_equal(part, upright)


@pytest.mark.parametrize(
    "numbers",
    [
        struct.pack(">8I", 64, 0, 48, 1, 0, 1, 0, 1),
        b"".join(map(fraction, (640, 480, 0, 0))),
        b"".join(map(fraction, (60, 40, 30, 0))),
        b"".join(map(fraction, (0, 40, 0, 0))),
        b"\0" * 8,
    ],
    ids=["no denominator", "larger than the picture", "outside", "nothing", "too short"],
)
def test_an_aperture_that_is_not_possible_is_none(tmp_path: Path, numbers: bytes) -> None:
    with Video(with_aperture(clip(tmp_path / "a.mp4"), numbers)) as video:
        assert (video.info.width, video.info.height, video.info.cropped) == (WIDTH, HEIGHT, False)
        assert sum(1 for _ in video) == 3


@pytest.mark.parametrize("suffix", [".mp4", ".mkv"])
def test_the_crop_is_that_of_the_stream_that_is_decoded(tmp_path: Path, suffix: str) -> None:
    numbers = b"".join(map(fraction, (64, 32, 0, 0)))
    cropped = with_aperture(clip(tmp_path / "a.mp4"), numbers)
    other = moving(tmp_path / "b.mp4", 3, width=128, height=96, options=LOSSLESS_H264)
    both = tmp_path / f"both{suffix}"
    with av.open(str(cropped)) as one, av.open(str(other)) as two, av.open(str(both), "w") as new:
        pairs = [(file, new.add_stream_from_template(file.streams.video[0])) for file in (one, two)]
        for file, stream in pairs:
            for packet in file.demux(file.streams.video[0]):
                if packet.dts is not None:
                    packet.stream = stream
                    new.mux(packet)
    with Video(both) as video:  # the larger stream, which has no crop
        assert (video.info.width, video.info.height, video.info.cropped) == (128, 96, False)


def test_random_bytes_after_the_header_of_a_container_are_no_crop(tmp_path: Path) -> None:
    from vqa_features.video.crop import WHOLE, declared_crop

    random = np.random.default_rng(0)
    for source in (clip(tmp_path / "a.mp4"), remuxed(tmp_path / "a.mp4", tmp_path / "a.mkv")):
        data = bytearray(source.read_bytes())
        with av.open(str(source)) as container:
            (stream,) = container.streams.video
            for number in range(200):
                damaged = bytearray(data)
                for at in random.integers(0, len(data), 20):
                    damaged[at] = random.integers(256)
                (tmp_path / "damaged").write_bytes(damaged)
                with open(tmp_path / "damaged", "rb") as handle:
                    crop = declared_crop(handle.fileno(), stream, WIDTH, HEIGHT)
                assert crop == WHOLE or min(crop.size(WIDTH, HEIGHT)) > 0, number
