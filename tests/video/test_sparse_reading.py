"""A sparse reading gives the frames of a reading that decodes every picture, and says what it left out."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shared_data import SHARED
from small_videos import moving

from vqa_features.errors import DecodeError
from vqa_features.specs import Sampling
from vqa_features.video import EVERY_PICTURE, Enough, Outcome, Surroundings, Video
from vqa_features.video.decoder import Decoder
from vqa_features.video.sparse import LEAST_GAP, LEAST_LEFT_OUT, stretches_of

#: A key frame per second of five frames; entries count from two seconds on.
RATE, GOP, COUNT = 5, 5, 90
X265 = f"keyint={GOP}:min-keyint={GOP}:bframes=3:log-level=none"
FAST = {"preset": "ultrafast", "g": "5"}
B_FRAMES = {"preset": "veryfast", "g": "5", "bf": "2"}
PYRAMID = {"preset": "veryfast", "g": "5", "x264-params": "bframes=4:b-pyramid=2"}
KINDS: dict[str, dict[str, Any]] = {
    "h264.mp4": {"options": B_FRAMES},
    "h264.mov": {"options": B_FRAMES},
    "h264.mkv": {"options": FAST},
    "h264-pyramid.mkv": {"options": PYRAMID},
    "h264-turned.mp4": {"options": B_FRAMES, "rotation": (90, True)},
    "hevc.mp4": {
        "codec": "libx265",
        "options": {"preset": "ultrafast", "x265-params": f"{X265}:open-gop=0"},
    },
    "hevc-open.mkv": {
        "codec": "libx265",
        "options": {"preset": "ultrafast", "x265-params": f"{X265}:open-gop=1"},
    },
    "vp8.webm": {"codec": "libvpx", "options": {"g": "5", "deadline": "realtime", "cpu-used": "8"}},
    "vp9.webm": {"codec": "libvpx-vp9", "options": {"g": "5", "deadline": "good", "cpu-used": "8"}},
    "av1.mp4": {
        "codec": "libsvtav1",
        "options": {"preset": "12", "g": "5", "svtav1-params": "avif=0"},
    },
}
SAMPLINGS = (
    Sampling(frames=1),
    Sampling(frames=3),
    Sampling(every=21, offset=4),
    Sampling(fps=0.3),
    Sampling(frames=2, start_s=2.5),
    Sampling(fps=0.4, start_s=1.1, duration_s=9.3),
)
NEIGHBOURS = (Enough(), Enough(before=1), Enough(before=2, after=3))

Read = tuple[list[tuple[Any, ...]], Any, Outcome]


@pytest.fixture(autouse=True)
def _any_length(monkeypatch: pytest.MonkeyPatch) -> None:
    """Read sparsely however little that leaves out."""
    for name in ("LEAST_SHARE", "LEAST_LEFT_OUT", "LEAST_GAP"):
        monkeypatch.setattr(f"vqa_features.video.sparse.{name}", 1 if name != "LEAST_SHARE" else 0)


def made(path: Path, count: int = COUNT, **settings: Any) -> Path:
    return moving(path, count, rate=RATE, **{"options": FAST, **settings})


def read(path: Path, sampling: Sampling, around: Surroundings, enough: Enough | None) -> Read:
    with Video(path, sampling=sampling) as video:
        frames = [
            (one.index, one.source, one.time_s, one.view("luma").tobytes(), one.view("chroma").tobytes())
            for one in video.frames(around, enough)
        ]
        return frames, video.info, video.outcome


def left_out(outcome: Outcome) -> list[str]:
    return [text for text in outcome.warnings if "frames, which are not sampled" in text]


def assert_equal(path: Path, sampling: Sampling, enough: Enough) -> Outcome:
    """Hold a sparse reading to the whole one, and return its outcome."""
    around = Surroundings(enough.before, enough.after)
    whole, found = read(path, sampling, around, None), read(path, sampling, around, enough)
    assert found[:2] == whole[:2], (sampling, enough)
    assert (found[2].status, found[2].error) == (whole[2].status, whole[2].error)
    assert found[2].frames_expected == whole[2].frames_expected == whole[2].frames_decoded
    if not left_out(found[2]):
        assert found[2] == whole[2]
    return found[2]


@pytest.mark.parametrize("kind", KINDS)
def test_a_sparse_reading_gives_the_same_frames_and_decodes_fewer(tmp_path: Path, kind: str) -> None:
    path = made(tmp_path / kind, **KINDS[kind])
    for sampling in SAMPLINGS:
        for enough in NEIGHBOURS:
            outcome = assert_equal(path, sampling, enough)
            assert left_out(outcome), (sampling, enough)
            assert outcome.frames_decoded < (outcome.frames_expected or 0)


def test_the_row_says_how_many_frames_were_decoded(tmp_path: Path) -> None:
    path = made(tmp_path / "a.mp4")
    told = {
        Sampling(every=43, offset=3): (5 * 2 + 2, 90, ""),  # the frames 3, 46, 89 of groups of 5
        Sampling(every=20, start_s=4): (4, 70, " and the part before 4.000 s"),
        Sampling(every=20, start_s=4, duration_s=7): (
            2,
            35,
            " and the part before 4.000 s and the part from 11.000 s on",
        ),
    }
    for sampling, (decoded, total, rest) in told.items():
        outcome = read(path, sampling, Surroundings(), Enough())[2]
        assert (outcome.status, outcome.frames_expected) == ("ok", total)
        assert outcome.frames_decoded <= decoded
        left = total - outcome.frames_decoded
        text = f"not decoded and not checked: {left} of {total} frames, which are not sampled{rest}"
        assert outcome.warnings == (text,)


def test_uneven_times_and_frames_by_number(tmp_path: Path) -> None:
    stamps = np.cumsum(np.random.default_rng(3).integers(1, 9, COUNT)).tolist()
    path = made(tmp_path / "a.mkv", stamps=stamps, options=B_FRAMES)
    for sampling in SAMPLINGS:
        assert_equal(path, sampling, NEIGHBOURS[1])
    everything = read(path, Sampling(), Surroundings(), None)
    numbers = frozenset({7, 8, 44, 89})
    found = read(path, Sampling(), Surroundings(), Enough(sampled=False, numbers=numbers))
    assert found[0] == [everything[0][number] for number in sorted(numbers)]
    assert left_out(found[2])


def test_a_leap_of_more_than_an_hour_is_no_join(tmp_path: Path) -> None:
    path = made(tmp_path / "a.mkv", stamps=[500 * number for number in range(COUNT)])
    outcome = assert_equal(path, Sampling(every=80), Enough())
    assert len(outcome.warnings) == 1
    assert left_out(outcome)


@pytest.mark.parametrize(
    ("name", "settings"),
    [
        ("a.ts", {}),
        ("a.avi", {"codec": "mpeg4", "options": {"g": "5"}}),
        ("a.mkv", {"codec": "mpeg4", "options": {"g": "5"}}),
        ("b.mkv", {"options": {"g": "5", "preset": "veryfast", "x264-params": "interlaced=1"}}),
        ("c.mp4", {"options": {"preset": "ultrafast", "g": "100"}}),
        ("d.mp4", {"options": {"preset": "ultrafast", "x264-params": "keyint=5:intra-refresh=1"}}),
        ("e.mp4", {"options": {"preset": "ultrafast", "bf": "2", "x264-params": "keyint=5:open-gop=1"}}),
        ("f.mov", {"codec": "mjpeg", "pix_fmt": "yuvj420p", "options": {}}),
    ],
)
def test_other_files_are_read_as_before(tmp_path: Path, name: str, settings: dict[str, object]) -> None:
    path = made(tmp_path / name, 45, **settings)
    for sampling in SAMPLINGS[:3]:
        around = Surroundings(1, 1)
        assert read(path, sampling, around, Enough(True, 1, 1)) == read(path, sampling, around, None)


@pytest.mark.shared
def test_a_real_clip() -> None:
    for sampling in (Sampling(frames=4), Sampling(every=50)):
        outcome = assert_equal(
            SHARED / "clips" / "konvid-1k" / "5115335471.mp4", sampling, Enough(True, 1, 1)
        )
        assert left_out(outcome)


def blanked(path: Path, share: float) -> Path:
    """Overwrite some bytes of the pictures at a share of a file."""
    data = bytearray(path.read_bytes())
    begin = int(share * len(data))
    data[begin : begin + 120] = b"\x55" * 120
    path.write_bytes(data)
    return path


def test_damage_in_a_decoded_stretch_asks_for_every_picture(tmp_path: Path) -> None:
    path = blanked(
        made(tmp_path / "a.mp4", width=160, height=128, options={"preset": "ultrafast", "g": "5"}), 0.5
    )
    whole = read(path, Sampling(), Surroundings(), None)[2]
    assert whole.status != "ok"
    every = Enough(sampled=False, numbers=frozenset(range(30, 60)))
    with pytest.raises(DecodeError, match=r"every picture of .* has to be decoded") as refused:
        read(path, Sampling(), Surroundings(), every)
    assert refused.value.kind == EVERY_PICTURE
    ends = Enough(sampled=False, numbers=frozenset((0, 89)))
    assert read(path, Sampling(), Surroundings(), ends)[2].status == "ok"


def test_an_entry_the_container_does_not_go_to_asks_for_every_picture(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = made(tmp_path / "a.mp4")
    monkeypatch.setattr(Decoder, "_lands_at", lambda self, entry: False)
    with pytest.raises(DecodeError, match="no packet at the time stamp") as refused:
        read(path, Sampling(frames=3), Surroundings(), Enough())
    assert refused.value.kind == EVERY_PICTURE


def test_a_picture_at_another_time_asks_for_every_picture(tmp_path: Path) -> None:
    with Video(made(tmp_path / "a.mp4"), sampling=Sampling(frames=2)) as video:
        plan = video.plan(Enough())
        assert plan is not None
        frames = video.frames(enough=Enough())
        next(frames)
        read_plan = video._seen.plan
        assert read_plan is not None
        read_plan.times[-1 - COUNT // 4] += 0.01
        with pytest.raises(DecodeError, match="was found at") as refused:
            list(frames)
    assert refused.value.kind == EVERY_PICTURE


def test_a_short_file_is_decoded_as_a_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vqa_features.video.sparse.LEAST_LEFT_OUT", LEAST_LEFT_OUT)
    outcome = read(made(tmp_path / "a.mp4"), Sampling(frames=2), Surroundings(), Enough())[2]
    assert outcome == Outcome("ok", "", (), COUNT, COUNT)


def test_packets_are_not_read_where_frames_are_close(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vqa_features.video.sparse.LEAST_GAP", LEAST_GAP)
    monkeypatch.setattr("vqa_features.video.timeline.packets_of", lambda decoder: pytest.fail("read"))
    with Video(made(tmp_path / "a.mp4"), sampling=Sampling(every=5)) as video:
        assert video.plan(Enough()) is None


@given(st.sets(st.integers(0, 400), min_size=1), st.sets(st.integers(1, 400)), st.integers(1, 30))
def test_stretches_hold_every_wanted_picture_once_and_begin_at_entries(
    wanted: set[int], numbers: set[int], gap: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("vqa_features.video.sparse.LEAST_GAP", gap)
        entries = [(1000 + number, number) for number in sorted(numbers)]
        found = stretches_of(sorted(wanted), entries)
    decoded = [number for one in found for number in range(one.first, one.stop)]
    assert decoded == sorted(set(decoded))
    assert wanted <= set(decoded)
    assert decoded[-1] == max(wanted)
    for one in found:
        assert (one.stamp, one.first) == (None, 0) or (one.stamp, one.first) in entries
    for before, after in pairwise(found):
        assert after.first - before.stop >= gap
