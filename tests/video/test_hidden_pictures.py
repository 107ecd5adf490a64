"""Packets that show nothing, and field pairs: expected frames are the pictures that PyAV's decoding shows."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
import pytest
from av.bitstream import BitStreamFilterContext
from field_pictures import field_packets
from hypothesis import given
from hypothesis import strategies as st
from small_videos import moving

from vqa_features.specs import Sampling
from vqa_features.video import Video
from vqa_features.video.bitstream import (
    Av1Reader,
    Content,
    IntraReader,
    Mpeg2Reader,
    Mpeg4Reader,
    PacketReader,
    Vp8Reader,
    Vp9Reader,
)
from vqa_features.video.nal_units import H264Reader, HevcReader
from vqa_features.video.packets import packet_reader

#: One thread: with more, libvpx waits in a busy loop.
VP8 = {"g": "20", "deadline": "realtime", "threads": "1"}
READERS = [Av1Reader, H264Reader, HevcReader, IntraReader, Mpeg2Reader, Mpeg4Reader, Vp8Reader, Vp9Reader]


def decoded(path: Path) -> int:
    with av.open(str(path)) as container:
        return sum(1 for _ in container.decode(video=0))


def packets_of(path: Path) -> tuple[PacketReader, list[Any], Any]:
    container = av.open(str(path))
    stream = container.streams.video[0]
    packets = [packet for packet in container.demux(stream) if packet.size]
    return packet_reader(stream.codec_context), packets, stream


def copy(source: Path, target: Path, change: Callable[[int, Any], None]) -> Path:
    with av.open(str(source)) as given_, av.open(str(target), "w") as out:
        stream = out.add_stream_from_template(given_.streams.video[0], opaque=True)
        for number, packet in enumerate(given_.demux(video=0)):
            if packet.size:
                change(number, packet)
                packet.stream = stream
                out.mux(packet)
    return target


def hide_vp8(number: int, packet: Any) -> None:
    if number % 6 == 2:
        data = bytearray(bytes(packet))
        data[0] &= ~16  # show_frame, RFC 6386 section 9.1
        packet.update(bytes(data))


@pytest.mark.parametrize("kind", ["webm", "mkv", "avi"])
def test_hidden_vp8_pictures_are_not_expected(tmp_path: Path, kind: str) -> None:
    whole = moving(tmp_path / "whole.webm", 60, codec="libvpx", options=VP8)
    path = copy(whole, tmp_path / f"hidden.{kind}", hide_vp8)
    assert decoded(path) == 50
    for sampling in (Sampling(), Sampling(every=1), Sampling(fps=100)):
        with Video(path, sampling=sampling) as video:
            assert len(list(video)) == video.info.frames == 50
            outcome = video.outcome
        assert (outcome.status, outcome.frames_decoded, outcome.frames_expected) == ("ok", 50, 50)


def check_split(path: Path, split: str, count: int, keys: int) -> None:
    """Hold the pictures shown by whole packets to those of packets of one coded frame each."""
    reader, packets, stream = packets_of(path)
    assert [reader.read(bytes(packet)).shown for packet in packets] == [1] * count
    parts = BitStreamFilterContext(split, stream)
    pieces = [bytes(one) for packet in [*packets, None] for one in parts.filter(packet)]
    contents = [reader.read(piece) for piece in pieces]
    assert len(pieces) > count
    assert sum(content.shown for content in contents) == count
    assert sum(content.entry for content in contents) == keys


def test_hidden_av1_pictures_show_nothing_in_whole_and_in_split_packets(tmp_path: Path) -> None:
    options = {"preset": "12", "g": "30"}
    check_split(moving(tmp_path / "a.mkv", 60, codec="libsvtav1", options=options), "av1_frame_split", 60, 2)


@pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="two passes of libvpx need ffmpeg")
def test_hidden_vp9_pictures_show_nothing_in_whole_and_in_split_packets(tmp_path: Path) -> None:
    path = tmp_path / "a.webm"
    for number in "12":
        source = ["-f", "lavfi", "-i", "testsrc2=size=96x64:rate=25:duration=2.4"]
        codec = [
            "-c:v",
            "libvpx-vp9",
            "-auto-alt-ref",
            "1",
            "-lag-in-frames",
            "20",
            "-b:v",
            "50k",
            "-g",
            "30",
        ]
        passes = ["-cpu-used", "5", "-pass", number, "-passlogfile", str(tmp_path / "log")]
        command = ["ffmpeg", "-nostdin", "-v", "error", "-y", *source, *codec, *passes, str(path)]
        subprocess.run(command, check=True, timeout=60)
    check_split(path, "vp9_superframe_split", 60, 2)


def test_the_header_of_a_vp9_frame_says_what_it_shows() -> None:
    shown = {0x82: 1, 0x80: 0, 0x86: 1, 0x84: 0, 0x88: 1, 0x8F: 1}
    for (
        byte,
        count,
    ) in shown.items():  # key frame 0x80, inter frame 0x84, show_frame 0x02, existing frame 0x08
        assert Vp9Reader().read(bytes([byte, 0x49])) == Content(count, byte in (0x80, 0x82))
    two = bytes([0x80, 1, 2, 0x86, 3])
    index = bytes([0b11000001, 3, 2, 0b11000001])
    assert Vp9Reader().read(two + index) == Content(1, True)


def write_fields(path: Path, packets: list[bytes], stamps: list[int]) -> Path:
    """Write coded pictures with their time stamps in units of a field."""
    elementary = path.with_suffix(".h264")
    elementary.write_bytes(b"".join(packets))
    with av.open(str(elementary)) as given_, av.open(str(path), "w") as out:
        stream = out.add_stream_from_template(given_.streams.video[0], opaque=True)
        stream.time_base = given_.streams.video[0].time_base
        unit = round(1 / 50 / stream.time_base)
        pictures = [packet for packet in given_.demux(video=0) if packet.size]
        for packet, stamp in zip(pictures, stamps, strict=True):
            packet.stream, packet.pts, packet.dts = stream, stamp * unit, stamp * unit
            packet.duration = unit
            out.mux(packet)
    return path


@pytest.mark.parametrize("kind", ["ts", "mkv", "mp4", "avi"])
@pytest.mark.parametrize(("pairs", "profile"), [("all", 77), ("all", 100), ("some", 100), ("none", 77)])
def test_two_fields_are_one_picture(tmp_path: Path, kind: str, pairs: str, profile: int) -> None:
    packets = field_packets(40, pairs=pairs, profile=profile)
    coded_frames = [pairs == "none" or (pairs == "some" and frame % 3 > 0) for frame in range(40)]
    stamps = [2 * frame + field for frame, one in enumerate(coded_frames) for field in range(1 if one else 2)]
    path = write_fields(tmp_path / f"fields.{kind}", packets, stamps)
    assert decoded(path) == 40
    for sampling in (Sampling(), Sampling(frames=10), Sampling(start_s=0.5)):
        with Video(path, sampling=sampling) as video:
            assert len(list(video)) == video.info.frames
            assert video.outcome.status == "ok", video.outcome
            assert video.outcome.frames_decoded == video.outcome.frames_expected
    with Video(path) as video:
        assert video.info.frames == 40
        assert video.info.fps == pytest.approx(25, rel=0.02)


@pytest.mark.parametrize("profile", [77, 100])
def test_an_elementary_stream_of_fields_counts_its_pictures(tmp_path: Path, profile: int) -> None:
    path = tmp_path / "fields.h264"
    path.write_bytes(b"".join(field_packets(20, profile=profile)))
    with Video(path) as video:
        assert len(list(video)) == video.info.frames == decoded(path) == 20


def mpeg2_picture(kind: int, structure: int) -> bytes:
    """Return the headers of an MPEG-2 picture (H.262, 6.2.3): type 1 is intra; structures 1, 2 are fields."""
    head = bytes([0, 0, 1, 0, 0, kind << 3, 0xFF, 0xF8])
    return head + bytes([0, 0, 1, 0xB5, 0x8F, 0xFF, 0xF0 | structure, 0x00, 0, 0, 1, 1])


def test_fields_of_mpeg2_are_paired() -> None:
    sequence = b"\0\0\1\xb3" + bytes(8)
    reader = Mpeg2Reader()
    assert reader.read(sequence + mpeg2_picture(1, 1)) == Content(1, True)
    assert reader.read(mpeg2_picture(2, 2)) == Content(0, False)
    assert reader.read(mpeg2_picture(2, 2) + mpeg2_picture(2, 1)) == Content(1, False)
    assert reader.read(mpeg2_picture(1, 3)) == Content(1, False)
    assert reader.read(sequence + mpeg2_picture(3, 3)) == Content(1, False)


def test_an_avi_file_with_empty_chunks_expects_the_pictures_it_holds(tmp_path: Path) -> None:
    path = moving(tmp_path / "slow.avi", 30, codec="mjpeg", pix_fmt="yuvj420p", options={})
    with av.open(str(path)) as source, av.open(str(tmp_path / "gaps.avi"), "w") as out:
        stream = out.add_stream_from_template(source.streams.video[0], opaque=True)
        for packet in source.demux(video=0):
            if packet.size:
                packet.pts, packet.dts = 2 * packet.pts, 2 * packet.dts
                packet.stream = stream
                out.mux(packet)
    with Video(tmp_path / "gaps.avi") as video:
        times = [frame.time_s for frame in video]
        assert len(times) == video.info.frames == 30
        assert video.outcome.status == "ok"
        assert video.info.fps == pytest.approx(12.5)


@given(st.sampled_from(READERS), st.binary(max_size=200), st.binary(max_size=40))
def test_any_bytes_are_read_without_an_error(kind: type[PacketReader], data: bytes, extradata: bytes) -> None:
    reader = kind(extradata)
    for packet in (data, b"\0\0\1" + data, b""):
        assert reader.read(packet).shown >= 0
