"""`inspect` on made clips whose events are known, and on files that are broken or odd."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path

import cv2
import numpy as np
import pytest
from commands import one_error, run_here
from small_videos import FFV1, Planes, encode, moving_planes

import vqa_features as vf
from vqa_features.video import Video

SIZE = (160, 90)


def luma_of(path: Path, count: int) -> list[np.ndarray]:
    """Luma of the first pictures of a clip, in a smaller size."""
    with Video(path) as video:
        frames = [frame.view("luma") for _, frame in zip(range(count), video, strict=False)]
    return [np.asarray(cv2.resize(one, SIZE, interpolation=cv2.INTER_AREA), np.uint8) for one in frames]


def as_planes(luma: np.ndarray) -> Planes:
    grey = np.full((SIZE[1] // 2, SIZE[0] // 2), 128, np.uint8)
    return [luma, grey, grey]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, scenes: list[Path]) -> Path:
    """Of 25 pictures per second: a shot, a cut, a freeze, black, and pictures that are shown twice.

    Frames 0 to 19 are of one scene, 20 to 39 of another, 40 to 54 repeat frame 39, 60 to 69 are black, and
    from frame 80 on every picture is there twice.
    """
    one, other = luma_of(scenes[0], 40), luma_of(scenes[7], 26)
    black = np.full(SIZE[::-1], 16, np.uint8)
    twice = [picture for picture in one[30:40] for _ in range(2)]
    frames = [*one[:20], *other[:20], *[other[19]] * 15, *other[20:25], *[black] * 10, *one[20:30], *twice]
    path = tmp_path_factory.mktemp("made") / "made.mkv"
    return encode(path, map(as_planes, frames), codec="ffv1", options=FFV1)


@pytest.fixture(scope="module")
def found(made: Path) -> vf.Inspection:
    return vf.inspect(made, threads=1)


def test_every_event_of_a_made_clip_is_found_at_its_frames(found: vf.Inspection) -> None:
    assert (found.status, found.frames_decoded, found.frames_expected) == ("ok", 100, 100)
    told = {(one.kind, one.first, one.last) for one in found.events}
    expected = {
        ("cut", 20, 20),
        ("freeze", 39, 54),
        ("black", 60, 69),
        ("freeze", 60, 69),
        ("repeats", 80, 99),
    }
    assert expected <= told
    assert {kind for kind, *_ in told - expected} <= {"cut"}  # into black and out of it
    (black,) = (one for one in found.events if one.kind == "black")
    assert (black.start_s, black.end_s) == pytest.approx((2.4, 2.8), abs=0.001)


def test_the_events_are_those_that_the_extractors_count(found: vf.Inspection) -> None:
    counts = Counter(one.kind for one in found.events)
    assert counts["freeze"] == found.timing["freeze_count"] == 2
    assert counts["cut"] == found.shots["cuts"]
    frozen = sum(one.end_s - one.start_s for one in found.events if one.kind == "freeze")
    assert frozen / 4.0 == pytest.approx(found.timing["freeze_share"], abs=1e-3)


def test_the_measures_are_those_of_extract(found: vf.Inspection, made: Path) -> None:
    rows = vf.extract(made, ["siti", "cambi"], per_frame=True)
    for column in ("siti.ti", "cambi.score"):
        np.testing.assert_array_equal(found.frames[column].to_numpy(), rows[column].to_numpy())
    (banding,) = (line for line in found.lines if line.column == "cambi.score")
    assert banding.direction == "lower is better"
    if banding.moments:
        assert banding.moments[0].value == banding.summary["max"]


def test_the_prediction_is_that_of_predict(found: vf.Inspection, made: Path) -> None:
    model = vf.QualityModel.load("brisque-konvid-1k")
    row = model.predict_videos([made]).iloc[0]
    assert found.prediction is not None
    assert (found.prediction.mos, found.prediction.low) == (row["mos"], row["low"])
    seconds = model.predict_over_time(made)["mos"].to_numpy()
    line = found.lines[0]
    assert (line.column, line.direction) == ("prediction.mos", "higher is better")
    np.testing.assert_array_equal(line.values, np.repeat(seconds, 25))


def test_the_page_is_one_file_with_the_stills_of_all_moments(found: vf.Inspection, tmp_path: Path) -> None:
    page = found.report(tmp_path / "page.html").read_text(encoding="utf-8")
    assert "<script" not in page
    assert re.findall(r'(?:src|href)="(?!data:|#)', page) == []
    assert {one.frame for line in found.lines for one in line.moments} <= set(found.stills)
    assert page.count('class="place black"') == 1 + len(found.lines)


def test_a_broken_file_has_a_page_that_says_why(tmp_path: Path, made: Path) -> None:
    (tmp_path / "bad.mp4").write_text("no video <b>")
    cut = made.read_bytes()
    (tmp_path / "cut.mkv").write_bytes(cut[: len(cut) // 2])
    done = run_here("inspect", "bad.mp4", "cut.mkv", "--model", "none", "--json", "-o", "out", cwd=tmp_path)
    assert done.returncode == 1
    bad, half = json.loads(done.stdout)
    assert bad["status"].startswith("failed")
    assert bad["error"]
    assert bad["events"] == []
    assert "cannot be decoded" in (tmp_path / "out" / "bad.inspect.html").read_text(encoding="utf-8")
    assert half["status"] == "partial"
    assert 0 < half["frames_decoded"] < 100
    assert (tmp_path / half["page"]).exists()


def odd(kind: str, path: Path) -> Path:
    """A small clip that is odd in one way."""
    if kind == "one frame":
        return encode(path, [moving_planes(0)], codec="ffv1", options=FFV1)
    if kind == "black":
        black = [np.full(shape, value, np.uint8) for shape, value in (((48, 64), 16), ((24, 32), 128))]
        return encode(path, [[*black, black[1]]] * 12, codec="ffv1", options=FFV1)
    if kind == "10 bit, odd size":
        frames = [[one.astype(np.uint16) * 4 for one in moving_planes(n, 65, 47)] for n in range(12)]
        return encode(path, frames, codec="ffv1", pix_fmt="yuv420p10le", options=FFV1)
    if kind == "rotated":
        return encode(path.with_suffix(".mp4"), map(moving_planes, range(12)), rotation=(90, False))
    if kind == "variable rate":
        return encode(
            path,
            map(moving_planes, range(12)),
            codec="ffv1",
            options=FFV1,
            stamps=[*range(6), *range(16, 22)],
        )
    return encode(path.with_suffix(".h264"), map(moving_planes, range(12)), file_format="h264")


@pytest.mark.parametrize(
    "kind", ["one frame", "black", "10 bit, odd size", "rotated", "variable rate", "without times"]
)
def test_odd_videos_have_a_page(kind: str, tmp_path: Path) -> None:
    found = vf.inspect(odd(kind, tmp_path / "odd.mkv"), model=None, threads=1)
    assert not found.failed, found.error
    assert found.report(tmp_path / "page.html").stat().st_size > 10_000
    events = {(one.kind, one.first, one.last) for one in found.events}
    if kind == "black":
        assert events == {("black", 0, 11), ("freeze", 0, 11)}
    if kind == "rotated":
        assert (found.metadata["width"], found.metadata["stored_width"]) == (48, 64)
    if kind == "10 bit, odd size":
        assert (found.metadata["bit_depth"], found.metadata["width"]) == (10, 65)
    if kind == "one frame":
        assert "M0.0 50.0h.01L1000.0 50.0" in (tmp_path / "page.html").read_text(encoding="utf-8")
    if kind == "variable rate":
        assert ("freeze", 5, 5) in events


def test_one_page_for_two_videos_is_refused(tmp_path: Path) -> None:
    done = run_here("inspect", "a.mp4", "b.mp4", "-o", "page.html", cwd=tmp_path)
    assert "there are 2 videos: name a folder" in one_error(done)


def test_a_still_picture_has_a_page_without_what_needs_several(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "still.png"), moving_planes(0)[0])
    found = vf.inspect(tmp_path / "still.png", model=None, threads=1)
    assert (found.status, found.error, found.failed) == ("ok", "", False)
    assert any("still picture" in note for note in found.notes)
    found.report(tmp_path / "page.html")
