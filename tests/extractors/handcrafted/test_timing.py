"""Timing: display times, freezes and cadences of known truth, after lossy coding too, and freezedetect."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from analytic import (
    Texture,
    as_codes,
    cut,
    frozen,
    limited,
    moving_square,
    noise,
    pan,
    pulldown,
    stalled_stamps,
    still,
    with_noise,
    write,
)
from filter_graphs import filtered
from small_videos import encode

import vqa_features as vf

SIZE = (72, 96)
RATES = (24, 25, 30000 / 1001, 50, 60)
MOVING = pan(Texture(1), SIZE, 120, (2.5, 0.5))


def timing(video: np.ndarray, fps: float = 25, bits: int = 8) -> pd.Series:
    """The columns by feature name."""
    row = vf.extract_frames(as_codes(video, bits), "timing", fps=fps, bit_depth=bits if bits > 8 else None)
    return row.rename(lambda name: name.split(".")[1])


@pytest.mark.parametrize("fps", RATES)
def test_even_motion_has_no_repeat_and_no_freeze(fps: float) -> None:
    row = timing(MOVING, fps)
    assert row["frame_rate"] == pytest.approx(fps, rel=1e-9)
    assert row["picture_rate"] == pytest.approx(fps, rel=1e-9)
    assert row["longest_display_time"] == pytest.approx(1 / fps, rel=1e-9)
    none = ["interval_jitter", "stall_count", "stall_time", "freeze_count", "longest_freeze", "freeze_share"]
    assert (row[[*none, "repeat_share", "judder"]].abs() < 1e-6).all()
    assert (row.filter(like="cadence") == 1).all()


#: Cadence, frame rate, and the truth: cycle, pictures in it, longest hold, pictures per second.
CADENCES = [
    ((3, 2), 60, 5, 2, 3, 24),
    ((3, 2), 60000 / 1001, 5, 2, 3, 24000 / 1001),
    ((1, 1, 1, 2), 30, 5, 4, 2, 24),
    ((1, 1, 1, 1, 2), 30, 6, 5, 2, 25),
    ((2,), 50, 2, 1, 2, 25),
    ((2,), 60, 2, 1, 2, 30),
    ((3,), 60, 3, 1, 3, 20),
    ((2,), 24, 2, 1, 2, 12),
    ((2, 3, 3, 2), 60, 10, 4, 3, 24),
    ((1,) * 23 + (2,), 25, 25, 24, 2, 24),
]


@pytest.mark.parametrize(("cadence", "fps", "cycle", "pictures", "hold", "rate"), CADENCES)
def test_a_pulldown_has_its_cycle_and_its_rate(
    cadence: tuple[int, ...], fps: float, cycle: int, pictures: int, hold: int, rate: float
) -> None:
    row = timing(pulldown(MOVING, cadence), fps)
    assert row.filter(like="cadence").tolist() == [cycle, pictures, hold, 1]
    assert row["picture_rate"] == pytest.approx(rate, rel=0.01)
    held = np.resize(cadence, len(MOVING))[1:-1] / fps
    assert row["judder"] == pytest.approx(1000 * held.std(), abs=1e-6)
    assert row["freeze_count"] == 0


@pytest.mark.parametrize("bits", [8, 10])
@pytest.mark.parametrize("change", [lambda v: v, limited, lambda v: v / 4, lambda v: v / 3 + 160])
def test_depth_range_and_brightness_do_not_hide_a_cadence(bits: int, change) -> None:
    row = timing(change(pulldown(MOVING, (3, 2))), 60, bits)
    assert row["cadence_cycle"] == 5
    assert row["cadence_regularity"] == 1


def test_a_cut_and_a_freeze_leave_the_cadence() -> None:
    scene = pulldown(MOVING[:40], (3, 2))
    other = pulldown(pan(Texture(2), SIZE, 30, (-3, 0)), (3, 2))
    held = still(other[-1], 40)
    row = timing(cut(scene, other, held, scene), 60)
    assert row["cadence_cycle"] == 5
    assert row["cadence_regularity"] > 0.95
    assert row["freeze_count"] == 1


def test_random_repeats_are_no_cadence() -> None:
    holds = tuple(np.random.default_rng(3).integers(1, 4, 120))
    row = timing(pulldown(MOVING, holds), 60)
    assert (row.filter(like="cadence") == 0).all()
    assert row["repeat_share"] == pytest.approx(1 - 120 / sum(holds))


@pytest.mark.parametrize("fps", RATES)
@pytest.mark.parametrize("length", [12, 30])
def test_a_freeze_lasts_from_the_first_of_its_frames_to_the_next_picture(fps: float, length: int) -> None:
    row = timing(frozen(MOVING, 40, length), fps)
    duration = (length + 1) / fps
    assert row["freeze_count"] == 1
    assert row["longest_freeze"] == pytest.approx(duration, rel=1e-6)
    assert row["freeze_share"] == pytest.approx(duration * fps / 120, rel=1e-6)
    assert row["stall_count"] == 0


def test_a_still_video_is_frozen_and_one_with_new_noise_is_not() -> None:
    picture = MOVING[0]
    assert timing(still(picture, 50))["freeze_share"] == 1
    assert timing(with_noise(still(picture, 50), 1))["freeze_share"] == 0


def test_a_small_object_that_moves_is_no_freeze() -> None:
    background = np.full((360, 640), 90.0)
    row = timing(moving_square(background, 30, 8, (1, 0)))
    assert row["repeat_share"] == 0


@pytest.mark.parametrize("held", [2, 5, 28])
def test_a_frame_that_is_held_in_a_file_is_a_stall_from_its_length_on(tmp_path: Path, held: int) -> None:
    path = write(tmp_path / "stall.mkv", MOVING[:75], 25, stamps=stalled_stamps(75, 30, held))
    row = vf.extract(path, "timing").rename(lambda name: name.split(".")[1])
    stalled = held >= 5
    assert row["longest_display_time"] == pytest.approx(held / 25, abs=1e-3)
    assert row["stall_count"] == row["freeze_count"] == stalled
    assert row["stall_time"] == row["longest_freeze"] == pytest.approx(stalled * held / 25, abs=1e-3)
    assert row["frame_rate"] == pytest.approx(75 / (74 + held) * 25, rel=1e-3)
    assert row["interval_jitter"] == pytest.approx(0 if stalled else 40 / 74**0.5, abs=0.1)


def test_jitter_is_the_deviation_of_the_intervals(tmp_path: Path) -> None:
    late = np.random.default_rng(0).integers(-8, 9, 75)
    stamps = np.arange(75) * 40 + late
    path = write(tmp_path / "jitter.mkv", MOVING[:75], 1000, stamps=(stamps - stamps[0]).tolist())
    row = vf.extract(path, "timing")
    assert row["timing.interval_jitter.video"] == pytest.approx(np.diff(stamps).std(), abs=0.01)


def test_all_frames_are_read_however_the_video_is_sampled(tmp_path: Path) -> None:
    path = write(tmp_path / "moving.mkv", MOVING[:50], 25)
    whole = vf.extract(path, "timing")
    for sampling in ({"fps": 5}, {"every": 2}, {"frames": 3}):
        row = vf.extract(path, ["siti", "timing"], **sampling)
        assert row[whole.index].equals(whole)
        assert row.attrs["warnings"] == []
    assert vf.extract(path, "timing", start_s=0.4).notna().all()


def test_without_times_only_counts_of_frames_are_known() -> None:
    row = vf.extract_frames(as_codes(pulldown(MOVING, (2,))), "timing")
    known = ["repeat_share", "cadence_cycle", "cadence_pictures", "cadence_hold", "cadence_regularity"]
    assert row.dropna().index.tolist() == [f"timing.{name}.video" for name in known]
    assert "the times of the frames are not known" in str(row.attrs["warnings"])


@pytest.fixture(scope="module")
def filmed() -> np.ndarray:
    """A pan over a texture with the noise of a camera, 48 pictures of 240 x 320."""
    return with_noise(pan(Texture(5, periods=(5, 90)), (240, 320), 48, (3.3, 0.7)), 1.5)


def lossy(path: Path, video: np.ndarray, fps: int, crf: int) -> Path:
    chroma = np.full((video.shape[1] // 2, video.shape[2] // 2), 128, np.uint8)
    frames = ([plane, chroma, chroma] for plane in as_codes(video))
    return encode(path, frames, rate=fps, options={"preset": "veryfast", "crf": str(crf)})


@pytest.mark.parametrize("crf", [18, 28])
@pytest.mark.parametrize(("cadence", "fps", "cycle"), [((3, 2), 60, 5), ((1, 1, 1, 2), 30, 5), ((2,), 50, 2)])
def test_a_cadence_survives_lossy_coding(
    tmp_path: Path, filmed: np.ndarray, cadence: tuple[int, ...], fps: int, cycle: int, crf: int
) -> None:
    row = vf.extract(lossy(tmp_path / "coded.mp4", pulldown(filmed, cadence), fps, crf), "timing")
    assert row["timing.cadence_cycle.video"] == cycle
    assert row["timing.cadence_regularity.video"] > 0.9


def test_a_freeze_survives_lossy_coding_and_freezedetect_agrees(tmp_path: Path, filmed: np.ndarray) -> None:
    path = lossy(tmp_path / "frozen.mp4", frozen(filmed, 15, 20), 25, 26)
    row = vf.extract(path, "timing")
    assert row["timing.longest_freeze.video"] == pytest.approx(21 / 25, abs=1e-6)
    exact = write(tmp_path / "exact.mkv", frozen(filmed, 15, 20), 25)
    theirs = [
        float(found["lavfi.freezedetect.freeze_duration"])
        for _, found in filtered(exact, "freezedetect=n=-60dB:d=0.18")
        if "lavfi.freezedetect.freeze_duration" in found
    ]
    assert theirs == [vf.extract(exact, "timing")["timing.longest_freeze.video"]]


@pytest.mark.parametrize("clip", ["8171831850", "8758952624", "5115335471"])
def test_longest_freezes_of_real_clips_are_freezedetect_s(shared: Path, clip: str) -> None:
    """Freezes of pictures in which no block changes are some of those whose mean changes by up to -60 dB."""
    path = shared / "clips" / "konvid-1k" / f"{clip}.mp4"
    theirs = [
        float(found["lavfi.freezedetect.freeze_duration"])
        for _, found in filtered(path, "freezedetect=n=-60dB:d=0.18")
        if "lavfi.freezedetect.freeze_duration" in found
    ]
    ours = vf.extract(path, "timing")["timing.longest_freeze.video"]
    if ours:
        assert min(abs(ours - one) for one in theirs) < 0.002
    assert ours <= max(theirs, default=0) + 0.002


def test_rates_are_those_of_files(tmp_path: Path) -> None:
    path = write(tmp_path / "ntsc.mkv", MOVING[:60], Fraction(30000, 1001))
    row = vf.extract(path, "timing")
    assert row["timing.frame_rate.video"] == pytest.approx(30000 / 1001, rel=1e-3)


def test_noise_of_one_picture_is_no_repeat_of_another() -> None:
    frames = np.array([MOVING[0] + noise(SIZE, 2, seed) for seed in range(20)])
    assert timing(frames)["repeat_share"] == 0
