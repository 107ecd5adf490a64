"""The verdict on a file is the same however it is sampled, and says what was not decoded."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import av
import pytest
from small_videos import moving

from vqa_features.specs import Sampling
from vqa_features.video import Outcome, Video

#: Samplings of the whole file, and of a part of it.
WHOLE = [
    Sampling(fps=5),
    Sampling(fps=1),
    Sampling(fps=100),
    Sampling(frames=8),
    Sampling(frames=1),
    Sampling(every=7, offset=3),
]
PARTS = [
    Sampling(start_s=0.5),
    Sampling(duration_s=0.5),
    Sampling(duration_s=60),
    Sampling(start_s=0.9, duration_s=0.8),
    Sampling(start_s=2.4),
    Sampling(frames=3, duration_s=1.5),
    Sampling(fps=4, start_s=2.3, duration_s=0.4),
]


def outcome_of(path: Path, sampling: Sampling = Sampling()) -> Outcome:  # noqa: B008 (frozen)
    with Video(path, sampling=sampling) as video:
        for _ in video:
            pass
        return video.outcome


def not_decoded(outcome: Outcome) -> list[str]:
    return [text for text in outcome.warnings if text.startswith("not decoded and not checked")]


def faststart(folder: Path, count: int = 90, **settings: str) -> Path:
    whole = moving(folder / "whole.mp4", count, options={"preset": "ultrafast", "g": "15", **settings})
    target = folder / "fast.mp4"
    with av.open(str(whole)) as source, av.open(str(target), "w", options={"movflags": "+faststart"}) as out:
        stream = out.add_stream_from_template(source.streams.video[0])
        for packet in source.demux(video=0):
            if packet.size:
                packet.stream = stream
                out.mux(packet)
    return target


def cut(folder: Path, whole: Path, share: float) -> Path:
    target = folder / f"cut{whole.suffix}"
    target.write_bytes(whole.read_bytes()[: int(share * whole.stat().st_size)])
    return target


def with_empty_packets(folder: Path) -> Path:
    """13 of 90 packets are empty, in two places."""
    path = moving(folder / "a.mp4", 90, codec="mjpeg", pix_fmt="yuvj420p", options={})
    data = bytearray(path.read_bytes())
    sizes = data.index(b"stsz") + 16
    for number in [*range(20, 27), *range(70, 76)]:
        data[sizes + 4 * number : sizes + 4 * number + 4] = bytes(4)
    path.write_bytes(data)
    return path


def flipped(folder: Path, kind: str, begin: float, end: float) -> Path:
    path = moving(folder / f"a.{kind}", 90, width=320, height=240, options={"preset": "ultrafast", "g": "15"})
    data = bytearray(path.read_bytes())
    for position in range(int(begin * len(data)), int(end * len(data)), 997):
        data[position] ^= 0x55
    path.write_bytes(data)
    return path


def two_sizes(folder: Path) -> Path:
    parts = [
        moving(folder / "a.ts", 50).read_bytes(),
        moving(folder / "b.ts", 40, width=32, height=32).read_bytes(),
    ]
    (folder / "both.ts").write_bytes(b"".join(parts))
    return folder / "both.ts"


FAULTY: dict[str, tuple[Callable[[Path], Path], str]] = {
    "77 of 90 frames": (with_empty_packets, "suspect"),
    "half a Matroska file": (lambda folder: cut(folder, moving(folder / "a.mkv", 90), 0.5), "partial"),
    "half an MP4 file": (lambda folder: cut(folder, faststart(folder), 0.5), "partial"),
    "90 % of an MP4 file": (lambda folder: cut(folder, faststart(folder), 0.9), "partial"),
    "flipped bits early": (lambda folder: flipped(folder, "ts", 0.1, 0.2), "suspect"),
    "flipped bits late": (lambda folder: flipped(folder, "ts", 0.8, 0.9), "suspect"),
    "flipped bits at the end": (lambda folder: flipped(folder, "ts", 0.97, 1.0), "suspect"),
    "two sizes": (two_sizes, "suspect"),
}


@pytest.mark.parametrize("case", FAULTY)
def test_a_faulty_file_is_not_ok_however_it_is_sampled(tmp_path: Path, case: str) -> None:
    make, status = FAULTY[case]
    path = make(tmp_path)
    every_frame = outcome_of(path)
    assert every_frame.status == status, every_frame
    for sampling in WHOLE:
        sampled = outcome_of(path, sampling)
        assert sampled.status == status, (sampling, sampled)
        assert sampled.frames_decoded == every_frame.frames_decoded, sampling
    for sampling in PARTS:
        try:
            part = outcome_of(path, sampling)
        except OSError:  # no frame in the part, or none that decodes
            continue
        assert part.status != "ok" or not_decoded(part), (sampling, part)


@pytest.mark.parametrize("kind", ["mp4", "mkv", "ts", "avi"])
def test_an_intact_file_is_ok_however_it_is_sampled(tmp_path: Path, kind: str) -> None:
    codec = "mpeg4" if kind == "avi" else "libx264"
    path = moving(tmp_path / f"a.{kind}", 90, codec=codec, options={"g": "15", "bf": "0"})
    for sampling in [Sampling(), *WHOLE]:
        outcome = outcome_of(path, sampling)
        assert outcome == Outcome("ok", "", (), 90, 90), sampling
    for sampling in PARTS:
        outcome = outcome_of(path, sampling)
        assert outcome.status == "ok"
        assert outcome.frames_decoded == outcome.frames_expected
        assert list(outcome.warnings) == not_decoded(outcome), sampling


def test_the_parts_that_are_not_decoded_are_named(tmp_path: Path) -> None:
    path = moving(tmp_path / "a.mp4", 100, options={"preset": "ultrafast", "g": "25"})
    told = {
        Sampling(): [],
        Sampling(frames=2): [],
        Sampling(duration_s=4): [],
        Sampling(duration_s=1): ["from 1.000 s on"],
        Sampling(start_s=1.5): [],
        Sampling(start_s=2.5): ["before 2.000 s"],
        Sampling(start_s=2.5, duration_s=0.5): ["before 2.000 s and the part from 3.000 s on"],
    }
    for sampling, parts in told.items():
        expected = [f"not decoded and not checked: the part {part}" for part in parts]
        assert not_decoded(outcome_of(path, sampling)) == expected, sampling


def test_a_loss_before_the_part_counts_where_it_was_decoded(tmp_path: Path) -> None:
    path = flipped(tmp_path, "ts", 0.1, 0.2)
    for sampling in (Sampling(start_s=2.5), Sampling(start_s=2.5, duration_s=0.5)):
        assert outcome_of(path, sampling).status == "suspect"


def test_a_small_loss_is_a_warning_however_the_file_is_sampled(tmp_path: Path) -> None:
    path = moving(tmp_path / "a.mp4", 200, codec="mjpeg", pix_fmt="yuvj420p", options={})
    data = bytearray(path.read_bytes())
    sizes = data.index(b"stsz") + 16
    data[sizes + 4 * 30 : sizes + 4 * 34] = bytes(16)
    path.write_bytes(data)
    for sampling in [Sampling(), *WHOLE]:
        outcome = outcome_of(path, sampling)
        assert outcome.status == "ok"
        assert (outcome.frames_decoded, outcome.frames_expected) == (196, 200)
        assert "196 of 200 expected frames decoded" in outcome.warnings
