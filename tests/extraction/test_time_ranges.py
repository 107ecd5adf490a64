"""Ranges of a video, computed apart, give the answer of the whole to the bit, or the video is not divided."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from picture_digest import PictureDigest, WindowDigest
from shared_data import SHARED
from small_videos import encode, moving
from whole_and_ranges import assert_ranges_equal_the_whole, parts_of

from vqa_features.extraction.ranges import frames_taken, is_separable
from vqa_features.extraction.source_stream import surroundings
from vqa_features.extractor import Extractor
from vqa_features.registry import make_all, registry
from vqa_features.specs import Sampling
from vqa_features.video import open_video
from vqa_features.video.sampling import with_neighbours
from vqa_features.video_task import VideoTask

#: A key frame per second of five frames; entries count from two seconds on.
RATE, GOP, COUNT = 5, 5, 45
DIGESTS = (PictureDigest(), WindowDigest(), WindowDigest(pairs="sampled"))
SAMPLINGS = (Sampling(), Sampling(every=4, offset=1), Sampling(fps=1.3), Sampling(frames=3))
X265 = f"keyint={GOP}:min-keyint={GOP}:bframes=3:log-level=none"
KINDS = {
    "h264.mp4": ("libx264", {"preset": "veryfast", "g": "5", "bf": "2"}),
    "h264.mkv": ("libx264", {"preset": "ultrafast", "g": "5"}),
    "hevc.mp4": ("libx265", {"preset": "ultrafast", "x265-params": f"{X265}:open-gop=0"}),
    "hevc-open.mkv": ("libx265", {"preset": "ultrafast", "x265-params": f"{X265}:open-gop=1"}),
    "vp8.webm": ("libvpx", {"g": "5", "deadline": "realtime", "cpu-used": "8", "auto-alt-ref": "1"}),
    "vp9.webm": ("libvpx-vp9", {"g": "5", "deadline": "good", "cpu-used": "8", "auto-alt-ref": "1"}),
    "av1.mp4": ("libsvtav1", {"preset": "12", "g": "5", "svtav1-params": "avif=0"}),
}


def made(path: Path, count: int = COUNT, stamps: Sequence[int] | None = None, **settings: object) -> Path:
    return moving(path, count, rate=RATE, stamps=stamps, **settings)


@pytest.fixture(autouse=True)
def _no_collection(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave out the garbage collection before a range, which is slow in the large process of the tests."""
    monkeypatch.setattr("vqa_features.extraction.task.give_back_freed_pages", lambda: None)


@pytest.mark.parametrize("kind", KINDS)
def test_every_picture_is_that_of_the_whole(tmp_path: Path, kind: str) -> None:
    codec, options = KINDS[kind]
    path = made(tmp_path / kind, codec=codec, options=options)
    for sampling in SAMPLINGS:
        assert assert_ranges_equal_the_whole(path, DIGESTS, (2, 3, 50), sampling) >= 2, sampling


def test_pictures_at_uneven_times_keep_their_numbers_and_times(tmp_path: Path) -> None:
    stamps = np.cumsum(np.random.default_rng(3).integers(1, 9, COUNT)).tolist()
    path = made(tmp_path / "a.mkv", stamps=stamps, options={"preset": "ultrafast", "g": "5", "bf": "2"})
    for sampling in SAMPLINGS:
        assert assert_ranges_equal_the_whole(path, DIGESTS, (2, 50), sampling) > 2


@pytest.mark.shared
@pytest.mark.parametrize("name", ["konvid-1k/5115335471.mp4", "formats/bikes.mp4"])
def test_a_real_clip_cut_at_every_entry(name: str) -> None:
    assert assert_ranges_equal_the_whole(SHARED / "clips" / name, DIGESTS[:2], (100,)) >= 4


def handcrafted() -> list[Extractor]:
    """The methods of this package that need no weights of others, as far as ranges could compute them."""
    made = [
        one() for one in registry().values() if one.family == "handcrafted" and one.scope in ("frame", "pair")
    ]
    return [one for one in made if all(weights.bundled for weights in one.checkpoints)]


def test_every_separable_extractor_gives_the_same_rows(tmp_path: Path) -> None:
    path = made(tmp_path / "a.mp4", 30, width=176, height=144, options={"preset": "ultrafast", "g": "5"})
    separable = [one for one in handcrafted() if is_separable(one)]
    fast = [one for one in separable if one.cost == "cheap"]
    assert {"siti", "brisque", "niqe"} <= {one.name for one in fast}
    assert assert_ranges_equal_the_whole(path, fast, (4,)) >= 3
    slow = [one for one in separable if one not in fast]
    assert assert_ranges_equal_the_whole(path, slow, (3,), Sampling(every=14)) == 3


def test_pairs_are_separable_unless_a_row_depends_on_earlier_ones() -> None:
    assert [one.name for one in handcrafted() if not is_separable(one)] == ["blockdetect", "temporal-nss"]


def test_warnings_on_all_rows_are_those_of_the_whole(tmp_path: Path) -> None:
    flat = [np.full((48, 64), 90, np.uint8), *(np.full((24, 32), 128, np.uint8),) * 2]

    path = encode(tmp_path / "flat.mp4", [flat] * 30, rate=RATE, options={"preset": "ultrafast", "g": "5"})
    labels = "niqe,siti,basics,interlace"
    for sampling in (Sampling(), Sampling(every=6)):
        assert_ranges_equal_the_whole(path, make_all(labels), (3,), sampling)


@pytest.mark.parametrize(
    ("name", "settings"),
    [
        ("a.ts", {}),
        ("a.avi", {}),
        ("a.mkv", {"codec": "mpeg4", "options": {"g": "5"}}),
        ("b.mkv", {"options": {"g": "5", "preset": "veryfast", "x264-params": "interlaced=1"}}),
        ("c.mp4", {"options": {"preset": "ultrafast", "g": "100"}}),
        ("d.mp4", {"options": {"preset": "ultrafast", "x264-params": "keyint=5:intra-refresh=1"}}),
        ("e.mp4", {"options": {"preset": "ultrafast", "bf": "2", "x264-params": "keyint=5:open-gop=1"}}),
    ],
)
def test_files_whose_parts_are_not_proved_equal_are_not_divided(
    tmp_path: Path, name: str, settings: dict[str, object]
) -> None:
    settings = {"options": {"preset": "ultrafast", "g": "5"}, **settings}
    path = made(tmp_path / name, **settings)
    assert parts_of(VideoTask("a", str(path), DIGESTS), 5) is None


def test_a_truncated_file_and_a_part_of_a_video_are_not_divided(tmp_path: Path) -> None:
    path = made(tmp_path / "a.mkv", options={"preset": "ultrafast", "g": "5"})
    task = VideoTask("a", str(path), DIGESTS, Sampling(start_s=1.0))
    assert parts_of(task, 5) is None
    assert parts_of(VideoTask("a", str(path), DIGESTS), 5) is not None
    (tmp_path / "b.mkv").write_bytes(path.read_bytes()[: path.stat().st_size * 2 // 3])
    assert parts_of(VideoTask("a", str(tmp_path / "b.mkv"), DIGESTS), 5) is None


@pytest.mark.parametrize("labels", ["flow", "siti,flow", "siti[pairs=sampled],flow", "siti,timing"])
def test_frames_taken_are_those_that_one_pass_gives(tmp_path: Path, labels: str) -> None:
    path, sampling = made(tmp_path / "a.mp4"), Sampling(every=11, offset=3)
    extractors = make_all(labels)
    with open_video(path, sampling=sampling) as video:
        timeline, info = video.timeline(), video.info
    assert timeline is not None
    around = surroundings(extractors, info)
    timed = [(time, None) for time in timeline.times]
    given = len(list(with_neighbours(timed, sampling, timeline.expected.end_s, around)))
    for one in extractors:
        sampled = getattr(one, "pairs", "") == "sampled"
        wanted = int(timeline.sampled.sum()) if sampled else given
        assert frames_taken(one, extractors, info, timeline.sampled) == wanted
