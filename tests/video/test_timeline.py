"""Times that begin late, begin before the first packet, restart or leap; held to PyAV's own decoding."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pytest
from small_videos import encode, make_frame, moving, moving_planes

from vqa_features.specs import Sampling
from vqa_features.video import Video
from vqa_features.video.clock import Clock, continued

RATE = 25


def decoded(path: Path, stream: int = 0) -> int:
    """Number of pictures PyAV alone gives."""
    with av.open(str(path)) as container:
        return sum(1 for _ in container.decode(video=stream))


def seen(path: Path, sampling: Sampling = Sampling()) -> tuple[list[float], Video]:  # noqa: B008 (frozen)
    with Video(path, sampling=sampling) as video:
        return [frame.time_s for frame in video], video


def late(path: Path, first: int, count: int = 50, **settings: object) -> Path:
    """Write a video whose first time stamp is `first` frames after 0."""
    frames = (moving_planes(n) for n in range(count))
    return encode(path, frames, stamps=range(first, first + count), **settings)  # type: ignore[arg-type]


@pytest.mark.parametrize("first", [1, 83, 500])
@pytest.mark.parametrize("kind", ["mkv", "mp4", "ts", "flv", "mov"])
def test_a_complete_file_that_begins_late_is_ok_with_its_own_duration(
    tmp_path: Path, kind: str, first: int
) -> None:
    path = late(tmp_path / f"late.{kind}", first)
    times, video = seen(path)
    assert len(times) == decoded(path) == 50
    assert times[0] == 0
    assert video.outcome.status == "ok", video.outcome
    assert video.info.duration_s == pytest.approx(2.0, abs=0.1)


@pytest.mark.parametrize("first", [83, 500])
def test_a_late_file_that_is_cut_is_partial(tmp_path: Path, first: int) -> None:
    whole = late(tmp_path / "whole.mkv", first, options={"preset": "ultrafast", "g": "5"})
    cut = tmp_path / "cut.mkv"
    cut.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    _, video = seen(cut)
    assert video.outcome.status == "partial"


def segment_with_leading_pictures(path: Path) -> Path:
    """Write the second group of pictures of an HEVC stream: its leading pictures precede its key frame."""
    whole = moving(
        path.with_name("whole.mkv"),
        50,
        codec="libx265",
        options={"preset": "ultrafast", "x265-params": "keyint=25:radl=3:bframes=3:log-level=none"},
    )
    with av.open(str(whole)) as source, av.open(str(path), "w") as target:
        stream = target.add_stream_from_template(source.streams.video[0])
        keys = 0
        for packet in source.demux(video=0):
            keys += packet.is_keyframe and packet.size > 0
            if keys >= 2 and packet.size:
                packet.stream = stream
                target.mux(packet)
    return path


@pytest.mark.parametrize("kind", ["mkv", "ts", "mp4"])
def test_leading_pictures_before_the_first_packet_are_frames(tmp_path: Path, kind: str) -> None:
    path = segment_with_leading_pictures(tmp_path / f"segment.{kind}")
    times, video = seen(path)
    assert len(times) == decoded(path)
    assert video.outcome.frames_expected == len(times)
    assert times[0] == 0
    assert video.outcome.status == "ok", video.outcome
    for sampling in (Sampling(fps=5), Sampling(frames=4), Sampling(every=3)):
        sampled, video = seen(path, sampling)
        assert len(sampled) == video.info.frames
        assert video.outcome.status == "ok"


def joined(path: Path, *firsts: int, count: int = 50) -> Path:
    """Write transport streams one after the other, each beginning at its own time stamp (in frames)."""
    parts = [late(path.with_name(f"part{k}.ts"), first, count) for k, first in enumerate(firsts)]
    path.write_bytes(b"".join(part.read_bytes() for part in parts))
    return path


JOINS = {
    "back to the beginning": (0, 0),
    "back a second": (500, 475),
    "a leap of a minute": (0, 1550),
    "a leap of a day": (0, 25 * 86_400),
    "three parts": (1000, 0, 90_000),
}


@pytest.mark.parametrize("case", JOINS)
def test_a_stream_whose_clock_restarts_or_leaps_is_sampled_as_one(tmp_path: Path, case: str) -> None:
    path = joined(tmp_path / "joined.ts", *JOINS[case])
    parts = len(JOINS[case])
    times, video = seen(path)
    assert len(times) == decoded(path) == 50 * parts
    np.testing.assert_allclose(np.diff(times), 1 / RATE, atol=2e-3)
    (told,) = (text for text in video.outcome.warnings if "restart or leap" in text)
    assert told.count(" s:") == 1
    assert "2.000" in told
    assert video.info.duration_s == pytest.approx(2.0 * parts, abs=0.01)
    for sampling, count in (
        (Sampling(fps=1), 2 * parts),
        (Sampling(frames=8), 8),
        (Sampling(start_s=1.0), -25),
    ):
        sampled, video = seen(path, sampling)
        assert len(sampled) == (count if count > 0 else 50 * parts + count), sampling
        assert any("restart or leap" in text for text in video.outcome.warnings)


def test_a_long_gap_in_a_container_with_one_clock_is_a_gap(tmp_path: Path) -> None:
    stamps = [0, 1, 2, 30 * RATE, 30 * RATE + 1]
    path = encode(tmp_path / "slides.mkv", (moving_planes(n) for n in range(5)), stamps=stamps)
    times, video = seen(path)
    assert times[3] == pytest.approx(30.0)
    assert not video.outcome.warnings


def test_the_clock_continues_by_one_step_and_times_in_between_stay() -> None:
    clock = Clock(base_s=0.04, step_s=0.04, leap_s=10, pending=2)
    stamps = [100, 101, 102, 50, 51, 1000, 1001]
    assert [round(clock.seconds(stamp) / 0.04) for stamp in stamps] == list(range(7))
    assert [round(time / 0.04) for time in clock.joins] == [3, 5]


def test_a_picture_out_of_order_is_no_restart_where_no_packet_restarts() -> None:
    clock = Clock(base_s=0.04, step_s=0.04, leap_s=10)
    stamps = [100, 101, 140, 102, 141, 142]
    assert [round(clock.seconds(stamp) / 0.04) for stamp in stamps] == [0, 1, 40, 2, 41, 42]
    assert not clock.joins


def test_packets_in_decoding_order_give_the_times_of_presentation() -> None:
    # shown 0 2 1 3, then the clock restarts: shown -29 -27 -28 -26
    packets = [(0, None), (2, 0), (1, 1), (3, 2), (-29, -30), (-27, -29), (-28, -28), (-26, -27)]
    times, joins = continued(packets, 0.04, 0.04, 10, origin=0)
    assert [round(time / 0.04) for time in times] == list(range(8))
    assert [round(time / 0.04) for time in joins] == [4]


def two_streams(path: Path, sizes: list[tuple[int, int]], counts: list[int]) -> Path:
    """Write a file with one video stream per size, of that many pictures."""
    with av.open(str(path), "w") as container:
        streams = []
        for width, height in sizes:
            stream = container.add_stream("libx264", rate=RATE, options={"preset": "ultrafast"})
            stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
            streams.append(stream)
        for number, (stream, count) in enumerate(zip(streams, counts, strict=True)):
            for index in range(count):
                frame = make_frame(moving_planes(index, *sizes[number]), "yuv420p")
                frame.pts = index
                container.mux(stream.encode(frame))
            container.mux(stream.encode(None))
    return path


@pytest.mark.parametrize("kind", ["mp4", "mkv"])
@pytest.mark.parametrize(
    ("sizes", "counts", "chosen"),
    [
        ([(128, 96), (64, 48)], [1, 20], 1),
        ([(64, 48), (128, 96)], [20, 1], 0),
        ([(64, 48), (128, 96)], [20, 20], 1),
        ([(64, 48), (64, 48)], [20, 20], 0),
    ],
)
def test_the_moving_then_the_larger_then_the_first_stream_is_used(
    tmp_path: Path, kind: str, sizes: list[tuple[int, int]], counts: list[int], chosen: int
) -> None:
    times, video = seen(two_streams(tmp_path / f"two.{kind}", sizes, counts))
    assert (video.info.width, video.info.height) == sizes[chosen]
    assert len(times) == counts[chosen]
    several = any("video streams" in text for text in video.outcome.warnings)
    assert several == (min(counts) > 1)
