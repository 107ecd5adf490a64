"""Shots: cuts at known frames, flashes of known number, rate, area and depth, in files and in arrays."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from analytic.files import limited, write
from filter_graphs import filtered
from numpy.typing import NDArray
from small_videos import encode

import vqa_features as vf
from benchmarks.made_shots import camera, dissolved, faded, lit, picture

SHAPE = (48, 64)
NAMES = [feature.name for feature in vf.make("shots").features]


def measured(frames: NDArray[Any], fps: float | None = 30, label: str = "shots") -> pd.Series:
    return vf.extract_frames(list(frames), label, fps=fps).set_axis(NAMES)


def of_file(path: Path, **sampling: Any) -> pd.Series:
    return vf.extract(path, "shots", **sampling).set_axis(NAMES)


def code(luminance: float) -> float:
    """The sRGB code of a relative luminance."""
    linear = 12.92 * luminance if luminance <= 0.0031308 else 1.055 * luminance ** (1 / 2.4) - 0.055
    return 255 * linear


def blinking(
    rate: float, fps: float, *, dark: float = 0.05, bright: float = 0.6, seconds: float = 3
) -> NDArray[np.float64]:
    """A square wave of `rate` flashes per second, as codes (n, h, w)."""
    number = np.arange(round(seconds * fps))
    on = np.floor(2 * rate * number / fps + 1e-9) % 2 == 1
    return np.where(on, code(bright), code(dark))[:, None, None] * np.ones(SHAPE)


def codes(video: NDArray[np.float64]) -> NDArray[np.uint8]:
    return np.rint(video).astype(np.uint8)


@pytest.mark.parametrize("fps", [24, 25, 30, 60])
@pytest.mark.parametrize("rate", [1, 3, 4])
def test_flashes_have_their_number_and_rate(fps: float, rate: float) -> None:
    found = measured(codes(blinking(rate, fps)), fps)
    assert found["flash_rate_max"] == rate
    assert found["flashes"] == 3 * rate - 1  # the last one does not end in the video
    assert found["photosensitive_risk"] == (rate > 3)
    assert (found["photosensitive_share"] > 0) == (rate > 3)
    assert found["cuts"] == found["red_flash_rate_max"] == 0


def test_the_share_of_time_is_that_at_which_the_last_second_is_above_the_limit() -> None:
    burst = codes(blinking(6, 30, seconds=1))
    video = np.concatenate([np.repeat(burst[:1], 60, 0), burst, np.repeat(burst[:1], 60, 0)])
    found = measured(video)
    assert found["flashes"] == found["flash_rate_max"] == 6
    changes = np.flatnonzero(np.diff(video[:, 0, 0].astype(int))) + 1
    above = [sum(n - 30 < c <= n for c in changes) > 6 for n in range(150)]
    assert found["photosensitive_share"] == pytest.approx(np.mean(above))


@pytest.mark.parametrize("bits", [8, 10])
@pytest.mark.parametrize("full", [False, True])
def test_files_give_the_same_in_every_depth_and_range(tmp_path: Path, bits: int, full: bool) -> None:
    video = blinking(5, 25, dark=0.1, bright=0.22)
    path = write(tmp_path / "a.mkv", video if full else limited(video), 25, bits=bits, full=full)
    found = of_file(path)
    assert (found["flash_rate_max"], found["flashes"], found["photosensitive_risk"]) == (5, 14, 1)


@pytest.mark.parametrize(
    ("dark", "bright", "counts"),
    [(0.1, 0.19, False), (0.1, 0.21, True), (0.77, 0.9, True), (0.83, 0.97, False), (0, 0.08, False)],
)
def test_a_flash_is_a_tenth_of_the_luminance_with_a_darker_state_below_080(
    dark: float, bright: float, counts: bool
) -> None:
    found = measured(codes(blinking(5, 30, dark=dark, bright=bright)))
    assert (found["flashes"] > 0) == counts
    assert found["photosensitive_risk"] == counts


@pytest.mark.parametrize("shape", [(32, 32), (180, 101)])
def test_a_flash_has_more_than_a_quarter_of_the_area(shape: tuple[int, int]) -> None:
    for share, picture_wide, ten_degrees in ((0.2, 0, 1), (0.3, 1, 1), (0.012, 0, 0)):
        part = np.full((45, *shape), 40, np.uint8)
        height, width = (round(side * share**0.5) for side in shape)
        part[np.arange(45) // 3 % 2 == 1, :height, :width] = 200
        assert measured(part)["photosensitive_risk"] == picture_wide, share
        found = measured(part, label="shots[flash_area=10-degrees]")
        assert found["photosensitive_risk"] == ten_degrees, share


def test_opposing_changes_are_those_of_one_place() -> None:
    """Halves that exchange their light change twice in each place for every flash."""
    swapping = codes(blinking(2.5, 30))
    swapping[:, :, 32:] = np.roll(swapping[:, :, 32:], 6, axis=0)
    assert measured(swapping)["flash_rate_max"] == 2.5
    elsewhere = np.full((90, *SHAPE), 40, np.uint8)
    elsewhere[np.arange(90) % 8 < 4, :, :20] = 200
    elsewhere[np.arange(90) % 8 >= 4, :, 44:] = 200
    assert measured(elsewhere)["flash_rate_max"] == pytest.approx(3.5, abs=0.5)


def test_a_gradual_flash_counts_as_a_sudden_one_and_a_slow_change_as_none() -> None:
    wave = 0.3 - 0.25 * np.cos(2 * np.pi * 2 * np.arange(90) / 30)
    frames = np.vectorize(code)(wave)[:, None, None] * np.ones(SHAPE)
    found = measured(codes(frames))
    assert (found["flashes"], found["flash_rate_max"]) == (6, 2)
    slow = np.vectorize(code)(0.3 - 0.25 * np.cos(2 * np.pi * np.arange(120) / 120))
    assert measured(codes(slow[:, None, None] * np.ones(SHAPE)))["flashes"] == 0


def test_one_flash_is_one_flash_and_no_cut() -> None:
    still = np.repeat(picture("camera")[None], 45, axis=0)
    for length in (1, 3, 6):
        on = (np.arange(45) >= 20) & (np.arange(45) < 20 + length)
        for gain, added in ((1, 90), (0, 255)):
            found = measured(lit(still, on, gain, added))
            assert (found["cuts"], found["flashes"], found["flash_rate_max"]) == (0, 1, 1), (length, gain)


def test_red_flashes_are_counted_where_luminance_does_not_change() -> None:
    colours = np.array([[255, 0, 0], [0, 127, 0]], np.uint8)  # both of luminance .21
    for rate, risk in ((3, 0), (5, 1)):
        on = (blinking(rate, 30)[:, 0, 0] > 100).astype(int)
        video = np.broadcast_to(colours[on][:, None, None], (90, *SHAPE, 3))
        found = measured(video)
        assert found["flashes"] == found["flash_rate_max"] == 0
        assert (found["red_flash_rate_max"], found["photosensitive_risk"]) == (rate, risk)
    pale = np.array([[255, 150, 150], [0, 195, 0]], np.uint8)
    assert measured(np.broadcast_to(pale[on][:, None, None], (90, *SHAPE, 3)))["red_flash_rate_max"] == 0


def test_cuts_and_lengths_of_shots() -> None:
    shots = [camera(picture(name), n, pan=0.01) for name, n in (("camera", 30), ("coffee", 15), ("moon", 45))]
    for fps in (24, 30, 60):
        found = measured(np.concatenate(shots), fps)
        assert found["cuts"] == 2
        assert found["cuts_per_minute"] == pytest.approx(2 * 60 * fps / 90)
        assert found["shot_length_mean"] == pytest.approx(30 / fps)
        assert found["shot_length_min"] == pytest.approx(15 / fps)


def test_a_mixed_frame_between_two_shots_makes_one_cut() -> None:
    first, second = (np.repeat(picture(name)[None], 20, axis=0) for name in ("camera", "coffee"))
    found = measured(dissolved(first, second, 9, 2))
    assert (found["cuts"], found["dissolves"]) == (1, 0)


@pytest.mark.parametrize("length", [4, 12, 40])
def test_fades_and_dissolves_are_counted_and_are_neither_cuts_nor_flashes(length: int) -> None:
    first, second = (np.repeat(picture(name)[None], 70, axis=0) for name in ("camera", "coffee"))
    out = faded(first, 15, length)
    for video, fades, dissolves in (
        (first, 0, 0),
        (dissolved(first, second, 15, length), 0, 1),
        (out, 1, 0),
        (out[::-1], 1, 0),
        (faded(first, 15, length, 235), 1, 0),
        (np.concatenate([out, faded(second, 15, length)[::-1]]), 2, 0),
    ):
        found = measured(video)
        assert (found["fades"], found["dissolves"]) == (fades, dissolves)
        assert found["cuts"] == found["flashes"] == 0


def test_a_slow_change_of_light_and_slow_motion_are_no_dissolves() -> None:
    for name in ("camera", "grass"):
        still = picture(name)
        dimmed = still * np.linspace(1, 0.3, 60)[:, None, None]
        videos = [codes(dimmed), camera(still, 60, pan=0.002), camera(still, 60, zoom=0.003)]
        videos += [camera(still, 60, rotation=0.3), camera(still, 60, pan=0.05)]
        for video in videos:
            found = measured(video)
            assert found["fades"] == found["dissolves"] == 0, name


def test_motion_does_not_flash() -> None:
    for name in ("brick", "grass", "camera"):
        for motion in ({"pan": 0.03}, {"zoom": 0.05}, {"rotation": 5}):
            found = measured(camera(picture(name), 30, **motion))
            assert found["flashes"] == found["photosensitive_risk"] == 0, (name, motion)


@pytest.mark.parametrize("level", [0, 128, 255])
def test_a_constant_video_has_one_shot_and_no_flash(level: int) -> None:
    found = measured(np.full((30, *SHAPE), level, np.uint8))
    assert found["shot_length_min"] == found["shot_length_mean"] == 1
    assert found.drop(["shot_length_min", "shot_length_mean"]).eq(0).all()


def test_one_frame_has_no_cut_and_two_have_lengths() -> None:
    one = measured(picture("camera")[None])
    assert one[:3].eq(0).all()
    assert one[3:].isna().all()
    two = measured(np.array([picture("camera"), picture("coffee")]))
    assert two["cuts"] == 1
    assert two["shot_length_min"] == pytest.approx(1 / 30)


def test_without_times_only_cuts_have_a_value() -> None:
    row = vf.extract_frames(list(camera(picture("camera"), 4)), "shots")
    assert row.iloc[:3].eq(0).all()
    assert row.iloc[3:].isna().all()
    assert "lengths and rates need the times of the frames" in row.attrs["warnings"][0]


def test_all_frames_are_read_however_the_video_is_sampled(tmp_path: Path) -> None:
    path = write(tmp_path / "a.mkv", camera(picture("camera"), 12, pan=0.02).astype(float), 25)
    whole, sampled = vf.extract(path, "shots"), vf.extract(path, "shots", every=5)
    assert whole.equals(sampled)
    assert sampled.attrs["warnings"] == []


def test_high_dynamic_range_has_cuts_and_no_flashes(tmp_path: Path) -> None:
    planes = [
        [np.full(SHAPE, level, np.uint16), *[np.full((24, 32), 512, np.uint16)] * 2] for level in (100, 800)
    ]
    path = encode(
        tmp_path / "pq.mkv",
        planes * 20,
        codec="ffv1",
        pix_fmt="yuv420p10le",
        options={"level": "1"},
        colour={"color_trc": 16},
    )
    row = vf.extract(path, "shots").set_axis(NAMES)
    assert row["cuts"] == 0
    assert row[NAMES[6:]].isna().all()


def test_other_areas_are_refused() -> None:
    with pytest.raises(vf.ParameterError, match="must be one of picture, 10-degrees, got 'screen'"):
        vf.make("shots[flash_area=screen]")


def test_ffmpeg_scdet_finds_the_same_cuts(tmp_path: Path) -> None:
    """Of plain cuts; scdet compares differences of pixels, so it also fires on flashes."""
    shots = [camera(picture(name), 12, pan=0.01) for name in ("camera", "coffee", "grass", "rocket")]
    path = write(tmp_path / "cuts.mkv", np.concatenate(shots).astype(float), 30)
    theirs = [k for k, (_, data) in enumerate(filtered(path, "scdet=t=10")) if "lavfi.scd.time" in data]
    ours = np.flatnonzero(vf.extract(path, "basics", per_frame=True)["basics.cut"] == 1)
    assert theirs == ours.tolist() == [12, 24, 36]
    assert of_file(path)["cuts"] == 3


def test_ffmpeg_photosensitivity_ranks_rates_alike(tmp_path: Path) -> None:
    """It sums up changes of coarse cells over 30 frames, not luminance, and has no limit of the rule."""
    badness, rates = [], []
    for rate in (0, 1, 3, 5, 10):
        path = write(tmp_path / f"{rate}.mkv", limited(blinking(rate, 30)), 30)
        found = filtered(path, "photosensitivity=bypass=1")
        badness.append(max(float(data["lavfi.photosensitivity.badness"]) for _, data in found))
        rates.append(of_file(path)["flash_rate_max"])
    assert np.argsort(badness).tolist() == np.argsort(rates).tolist() == [0, 1, 2, 3, 4]
