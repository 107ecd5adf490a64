"""Broken, odd and hostile files: every one ends in an error with a kind, or a status that says why."""

from __future__ import annotations

import os
import random
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from av.stream import Disposition
from small_videos import audio_only, make_frame, moving, moving_planes, random_planes

from vqa_features.errors import DecodeError
from vqa_features.specs import RawFormat, Sampling
from vqa_features.video import Outcome, Video
from vqa_features.video.opening import demux


def read(path: Path) -> tuple[int, Outcome]:
    with Video(path) as video:
        count = sum(1 for _ in video)
        return count, video.outcome


def failure_of(path: Path | str, **settings: object) -> DecodeError:
    with pytest.raises(DecodeError) as caught, Video(path, **settings) as video:  # type: ignore[arg-type]
        list(video)
    assert repr(os.fspath(path)) in str(caught.value)
    assert str(caught.value).count("\n") == 0
    return caught.value


def test_what_is_not_there_or_no_file_is_named_so(tmp_path: Path) -> None:
    (tmp_path / "loop.mp4").symlink_to("loop.mp4")
    os.mkfifo(tmp_path / "fifo.mp4")
    (tmp_path / "empty.mp4").touch()
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "s.mp4"))
        kinds = {
            "nowhere.mp4": "missing",
            "nowhere/a.mp4": "missing",
            "loop.mp4": "missing",
            "a\0b.mp4": "missing",
            ".": "not a regular file",
            "fifo.mp4": "not a regular file",
            "s.mp4": "not a regular file",
            "empty.mp4": "empty",
        }
        found = {name: failure_of(os.path.join(tmp_path, name)).kind for name in kinds}
    assert found == kinds
    assert failure_of("/dev/zero").kind == "not a regular file"
    for address in ("http://127.0.0.1:9/a.mp4", "udp://127.0.0.1:9", "concat:a.mp4|b.mp4", "pipe:0"):
        assert failure_of(address).kind == "missing"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_is_named_so(tmp_path: Path) -> None:
    path = moving(tmp_path / "a.mp4", 2)
    path.chmod(0)
    assert failure_of(path).kind == "permission"


def test_text_noise_and_half_headers_are_not_videos(tmp_path: Path) -> None:
    whole = moving(tmp_path / "a.mp4", 5).read_bytes()
    contents = {
        "text.mp4": b"hello, I am not a video\n" * 100,
        "html.mp4": b"<html><body>404 Not Found</body></html>",
        "noise.mp4": random.Random(1).randbytes(10_000),
        "byte.mp4": whole[:1],
        "no_moov.mp4": whole[: len(whole) // 2],
    }
    for name, content in contents.items():
        (tmp_path / name).write_bytes(content)
        assert failure_of(tmp_path / name).kind == "not a video", name
    (tmp_path / "still.png").write_bytes(b"\x89PNG\r\n\x1a\n" + whole)
    assert failure_of(tmp_path / "still.png").kind in ("unsupported", "not a video")
    (tmp_path / "clip.yuv").write_bytes(bytes(6 * 384))
    assert "RawFormat" in str(failure_of(tmp_path / "clip.yuv"))


def test_sound_alone_has_no_video_stream(tmp_path: Path) -> None:
    assert failure_of(audio_only(tmp_path / "a.mp4")).kind == "no video stream"


@pytest.mark.parametrize(
    ("name", "codec", "pix_fmt"),
    [
        ("a.mp4", "libx264", "yuv420p"),
        ("a.webm", "libvpx-vp9", "yuv420p"),
        ("a.mkv", "ffv1", "yuv420p"),
        ("b.mkv", "libsvtav1", "yuv420p"),
        ("a.avi", "mjpeg", "yuvj420p"),
    ],
)
def test_pictures_above_the_pixel_cap_are_refused_by_every_decoder(
    tmp_path: Path, name: str, codec: str, pix_fmt: str
) -> None:
    path = moving(tmp_path / name, 2, codec=codec, pix_fmt=pix_fmt, options={})
    assert failure_of(path, max_pixels=64 * 48 - 1).kind == "too large"
    with Video(path, max_pixels=96 * 64) as video:  # decoders pad, and the cap is on what they allocate
        assert len(list(video)) == 2


def test_a_raw_geometry_above_the_cap_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.yuv").write_bytes(bytes(100))
    failure = failure_of(tmp_path / "a.yuv", raw=RawFormat(65535, 65535, "yuv420p", 25))
    assert failure.kind == "too large"


def test_a_raw_file_that_ends_inside_a_frame_is_partial(tmp_path: Path) -> None:
    (tmp_path / "a.yuv").write_bytes(bytes(384 * 3 + 100))
    with Video(tmp_path / "a.yuv", raw=RawFormat(16, 16, "yuv420p", 25)) as video:
        assert len(list(video)) == 3
        assert video.outcome.status == "partial"


def test_a_matroska_file_cut_in_half_is_partial(tmp_path: Path) -> None:
    whole = moving(tmp_path / "a.mkv", 50).read_bytes()
    (tmp_path / "cut.mkv").write_bytes(whole[: len(whole) // 2])
    count, outcome = read(tmp_path / "cut.mkv")
    assert 0 < count < 45
    assert outcome.status == "partial"
    assert "of 2.000 s" in outcome.error
    assert outcome.frames_decoded == count


@pytest.mark.parametrize(
    ("sampling", "status"),
    [
        (Sampling(frames=3), "partial"),
        (Sampling(fps=1), "partial"),
        (Sampling(every=2), "partial"),
        (Sampling(start_s=0.2), "partial"),
        (Sampling(duration_s=5), "partial"),
        (Sampling(frames=3, duration_s=0.4), "partial"),
        (Sampling(duration_s=0.4), "partial"),
    ],
)
def test_a_cut_file_is_partial_however_it_is_sampled(tmp_path: Path, sampling: Sampling, status: str) -> None:
    whole = moving(tmp_path / "a.mkv", 50).read_bytes()
    (tmp_path / "cut.mkv").write_bytes(whole[: len(whole) // 2])
    with Video(tmp_path / "cut.mkv", sampling=sampling) as video:
        assert list(video)
        assert video.outcome.status == status


def test_an_mp4_file_cut_near_its_end_keeps_the_frames_before(tmp_path: Path) -> None:
    options = {"movflags": "+faststart"}
    whole = _remux(moving(tmp_path / "a.mp4", 25), tmp_path / "fast.mp4", options).read_bytes()
    (tmp_path / "cut.mp4").write_bytes(whole[: int(len(whole) * 0.8)])
    count, outcome = read(tmp_path / "cut.mp4")
    assert 0 < count < 25
    assert outcome.status == "partial"
    assert (outcome.frames_decoded, outcome.frames_expected) == (count, 25)


def test_a_video_shorter_than_its_sound_is_ok(tmp_path: Path) -> None:
    with av.open(str(moving(tmp_path / "v.mkv", 25))) as source, av.open(str(tmp_path / "a.mkv"), "w") as out:
        stream = out.add_stream_from_template(source.streams.video[0])
        sound = out.add_stream("aac", rate=44100, layout="mono")
        for number in range(100):
            frame = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), "fltp", "mono")
            frame.sample_rate, frame.pts = 44100, number * 1024
            for packet in sound.encode(frame):
                out.mux(packet)
        for packet in source.demux(video=0):
            if packet.size:
                packet.stream = stream
                out.mux(packet)
    count, outcome = read(tmp_path / "a.mkv")
    assert (count, outcome.status) == (25, "ok")


def test_an_empty_packet_is_a_missing_frame_and_not_the_end(tmp_path: Path) -> None:
    path = moving(tmp_path / "a.mp4", 40, codec="mjpeg", pix_fmt="yuvj420p", options={})
    data = bytearray(path.read_bytes())
    sizes = data.index(b"stsz") + 16  # one 32-bit size per frame
    data[sizes + 8 : sizes + 12] = bytes(4)
    path.write_bytes(data)
    count, outcome = read(path)
    assert (count, outcome.status) == (39, "ok")
    assert "empty packets: 1" in outcome.warnings
    assert "39 of 40 expected frames decoded" in outcome.warnings


def test_a_cover_picture_alone_is_a_video_of_one_frame(tmp_path: Path) -> None:
    path = tmp_path / "song.mp4"
    with av.open(str(path), "w") as out:
        sound = out.add_stream("aac", rate=44100, layout="mono")
        cover = out.add_stream("mjpeg", rate=1)
        cover.width, cover.height, cover.pix_fmt = 32, 32, "yuvj420p"
        cover.disposition = Disposition.attached_pic
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 4096), np.float32), "fltp", "mono")
        frame.sample_rate = 44100
        picture = make_frame(random_planes("yuvj420p", 32, 32), "yuvj420p")
        for packet in [
            *cover.encode(picture),
            *cover.encode(None),
            *sound.encode(frame),
            *sound.encode(None),
        ]:
            out.mux(packet)
    count, outcome = read(path)
    assert (count, outcome.status) == (1, "ok")
    assert any("cover picture" in warning for warning in outcome.warnings)


def test_metadata_that_is_no_text_does_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    with av.open(str(path), "w") as out:
        out.metadata["title"] = "QQQQQQ"
        stream = out.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for packet in [*stream.encode(make_frame(moving_planes(0), "yuv420p")), *stream.encode(None)]:
            out.mux(packet)
    path.write_bytes(path.read_bytes().replace(b"QQQQQQ", b"\xff\xfe\xff\x80\xff\xc0"))
    assert read(path)[1].status == "ok"


def test_flipped_bits_that_the_decoder_notices_make_a_video_suspect(tmp_path: Path) -> None:
    path = moving(tmp_path / "a.ts", 50, width=320, height=240)
    damaged = bytearray(path.read_bytes())
    for position in range(len(damaged) // 3, len(damaged) // 2, 997):
        damaged[position] ^= 0x55
    path.write_bytes(damaged)
    _, outcome = read(path)
    assert outcome.status == "suspect"
    assert any("damaged" in warning for warning in outcome.warnings)


def test_a_change_of_size_ends_the_stream_and_is_suspect(tmp_path: Path) -> None:
    first = moving(tmp_path / "a.ts", 25).read_bytes()
    second = moving(tmp_path / "b.ts", 25, width=32, height=32).read_bytes()
    (tmp_path / "both.ts").write_bytes(first + second)
    count, outcome = read(tmp_path / "both.ts")
    assert count == 25
    assert outcome.status == "suspect"
    assert any("change to 32x32" in warning for warning in outcome.warnings)


def test_a_file_that_grows_while_it_is_read_is_suspect(tmp_path: Path) -> None:
    path = moving(tmp_path / "a.mkv", 25)
    with Video(path) as video:
        for frame in video:
            if frame.index == 3:
                with path.open("ab") as file:
                    file.write(bytes(10))
        assert video.outcome.status == "suspect"
        assert "the file changed while it was read" in video.outcome.warnings


def test_standing_and_missing_times_are_warnings(tmp_path: Path) -> None:
    raw = moving(tmp_path / "a.h264", 10, file_format="h264")
    with Video(raw) as video:
        times = [frame.time_s for frame in video]
        assert times == pytest.approx([n / 25 for n in range(10)])
        assert video.outcome.status == "ok"
        assert "frames without a time: 10" in video.outcome.warnings


def test_names_are_files_and_nothing_else(tmp_path: Path) -> None:
    plain = moving(tmp_path / "a.mp4", 3).read_bytes()
    names = [
        "concat:a.mp4",
        "sp ace.mp4",
        "new\nline.mp4",
        "pct%03d.mp4",
        "glob[1]*.mp4",
        "h264:b.mp4",
        "-d.mp4",
    ]
    for name in [*names, "视频 🎬.mp4", os.fsdecode(b"latin\xe9.mp4"), "file:c.mp4"]:
        (tmp_path / name).write_bytes(plain)
        assert read(tmp_path / name)[0] == 3


def test_playlists_open_no_other_file_and_send_no_request(tmp_path: Path) -> None:
    secret = moving(tmp_path / "secret.ts", 3)
    moving(tmp_path / "secret.mp4", 3)
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        address = f"http://127.0.0.1:{server.getsockname()[1]}/x.ts"
        head = "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n"
        texts = {
            "rel.m3u8": f"{head}secret.ts\n#EXT-X-ENDLIST\n",
            "abs.mp4": f"{head}file://{secret}\n#EXT-X-ENDLIST\n",
            "http.mp4": f"{head}{address}\n#EXT-X-ENDLIST\n",
            "http.m3u8": f"{head}{address}\n#EXT-X-ENDLIST\n",
            "concat.mp4": "ffconcat version 1.0\nfile secret.mp4\n",
            "concat.ffconcat": f"ffconcat version 1.0\nfile {address}\n",
            "dash.mp4": '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static">'
            '<Period><AdaptationSet mimeType="video/mp4"><Representation id="1" bandwidth="1">'
            f"<BaseURL>{address}</BaseURL></Representation></AdaptationSet></Period></MPD>",
            "a.sdp": "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\n"
            "m=video 15004 RTP/AVP 96\n",
        }
        for name, text in texts.items():
            (tmp_path / name).write_text(text)
            assert failure_of(tmp_path / name).kind in ("not a video", "unsupported"), name
        for name in (address, f"concat:{tmp_path}/secret.ts", f"subfile,,start,0,end,0,,:{secret}"):
            assert failure_of(name).kind == "missing"
        with pytest.raises(TimeoutError):
            server.accept()


def test_errors_travel_between_processes(tmp_path: Path) -> None:
    import pickle

    failure = failure_of(tmp_path / "nowhere.mp4")
    again = pickle.loads(pickle.dumps(failure))
    assert (str(again), again.kind) == (str(failure), "missing")


def test_no_descriptor_is_left_open(tmp_path: Path) -> None:
    path = moving(tmp_path / "a.mp4", 3)
    (tmp_path / "text.mp4").write_text("no")
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(5):
        read(path)
        failure_of(tmp_path / "text.mp4")
        failure_of(path, max_pixels=1)
        with Video(path, sampling=Sampling(fps=1)):
            pass
    assert len(os.listdir("/proc/self/fd")) == before


def _remux(source: Path, target: Path, options: dict[str, str]) -> Path:
    with av.open(str(source)) as given, av.open(str(target), "w", options=options) as out:
        stream = out.add_stream_from_template(given.streams.video[0])
        for packet in given.demux(video=0):
            if packet.size:
                packet.stream = stream
                out.mux(packet)
    return target


def test_packets_of_a_stream_that_appears_late_are_skipped() -> None:
    class Late:
        """What PyAV does: IndexError, then the same position without the unknown stream."""

        def __init__(self) -> None:
            self.packets = iter([1, 2, None, 3, None, 4])

        def demux(self) -> Iterator[int]:
            for packet in self.packets:
                if packet is None:
                    raise IndexError("list index out of range")
                yield packet

    late: Any = Late()
    assert list(demux(late)) == [1, 2, 3, 4]
