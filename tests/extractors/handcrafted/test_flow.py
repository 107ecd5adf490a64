"""Optical flow: motions whose answer is known."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from originals import features_of, odd_pictures
from scipy.ndimage import gaussian_filter, map_coordinates
from skimage import data

import vqa_features as vf
from benchmarks.flow_truth import LIGHTS, SIZES, Waves, coded, measured, turned, with_square
from vqa_features.extractors.handcrafted.flow._field import motion_between, working
from vqa_features.specs import VideoInfo

#: Pixels of the frame: cubic interpolation of waves of 3 working pixels is off by this.
PIXELS = 0.06
#: Relative error of zoom and turn.
RATE = 0.03
SMALL, MIDDLE = SIZES[:2]


def moved(size: tuple[int, int], bits: int = 8, waves: Waves | None = None, **motion: Any) -> Any:
    """Columns of a texture before and after a motion."""
    waves = waves or Waves(6 * max(size[0] / 540, 0.5))
    return measured(waves.picture(*size), waves.picture(*size, **motion), bits)


@pytest.mark.parametrize("size", [SMALL, MIDDLE])
@pytest.mark.parametrize(
    "share", [(0.5, 0), (-2.3, 1), (0.04, 0.02), (-0.15, 0.1), (0, -1 / 3), (1 / 3, 0), (-1 / 3, 0.1)]
)
def test_a_pan_up_to_a_third_of_the_picture_is_camera_motion(
    size: tuple[int, int], share: tuple[float, float]
) -> None:
    height, width = size
    x, y = (s * n if abs(s) < 0.5 else s for s, n in zip(share, (width, height), strict=True))
    row = moved(size, shift=(x, y))
    assert row["camera_x"] == pytest.approx(x, abs=PIXELS)
    assert row["camera_y"] == pytest.approx(y, abs=PIXELS)
    assert row["magnitude_mean"] == pytest.approx(np.hypot(x, y), abs=2 * PIXELS)
    assert row["camera_zoom"] == pytest.approx(0, abs=2e-4)
    assert row["camera_rotation"] == pytest.approx(0, abs=2e-4)
    assert row["order"] > 0.99
    assert row["object_share"] < 0.01
    outside = 1 - (1 - abs(x) / width) * (1 - abs(y) / height)
    assert -0.01 < row["undetermined_share"] - outside < 0.06


@pytest.mark.parametrize(
    ("size", "rate"),
    [(SMALL, 0.005), (SMALL, 0.05), (SMALL, -0.01), (SMALL, -0.05), (MIDDLE, 0.005), (MIDDLE, 0.02)],
)
def test_zoom_and_turn_have_their_rates(size: tuple[int, int], rate: float) -> None:
    row = moved(size, linear=np.eye(2) * (1 + rate), shift=(1.5, 0))
    assert row["camera_zoom"] == pytest.approx(rate, rel=RATE)
    assert row["camera_rotation"] == pytest.approx(0, abs=2e-4)
    assert row["camera_x"] == pytest.approx(1.5, abs=PIXELS)
    row = moved(size, linear=turned(rate))
    assert row["camera_rotation"] == pytest.approx(rate, rel=RATE)
    assert row["camera_zoom"] == pytest.approx(0, abs=2e-4)


@pytest.mark.parametrize("light", LIGHTS)
@pytest.mark.parametrize("bits", [8, 10])
def test_light_and_depth_do_not_change_the_camera(light: tuple[float, float], bits: int) -> None:
    waves = Waves(4, mean=light[0], deviation=light[1])
    row = moved(SMALL, bits, waves, linear=turned(0.01) * 1.02, shift=(7.3, -2))
    assert row["camera_zoom"] == pytest.approx(0.02, rel=RATE)
    assert row["camera_rotation"] == pytest.approx(0.01, rel=RATE)
    assert row["camera_x"] == pytest.approx(7.3, abs=PIXELS)
    assert row["undetermined_share"] < 0.15


@pytest.mark.parametrize("name", ["camera", "astronaut", "coffee", "chelsea"])
def test_real_pictures_along_a_known_path(name: str) -> None:
    picture = getattr(data, name)().astype(float)
    picture = gaussian_filter(picture if picture.ndim == 2 else picture.mean(axis=2), 0.6)
    y, x = np.mgrid[:180, :280] - np.array([89.5, 139.5])[:, None, None]

    def after(linear: Any, shift: tuple[float, float]) -> Any:
        q_x, q_y = np.tensordot(np.linalg.inv(linear), np.stack([x - shift[0], y - shift[1]]), 1)
        middle = (np.array(picture.shape) - 1) / 2
        return map_coordinates(picture, [q_y + middle[0], q_x + middle[1]], order=5, mode="reflect")

    first = after(np.eye(2), (0, 0))
    pan = measured(first, after(np.eye(2), (9.4, -3.7)))
    assert (pan["camera_x"], pan["camera_y"]) == pytest.approx((9.4, -3.7), abs=PIXELS)
    assert pan["residual_rms"] < 1.5
    zoom = measured(first, after(turned(-0.01) * 1.015, (0, 0)))
    assert zoom["camera_zoom"] == pytest.approx(0.015, rel=RATE)
    assert zoom["camera_rotation"] == pytest.approx(-0.01, rel=RATE)


def test_lights_that_change_are_no_motion() -> None:
    texture = Waves(4).picture(*SMALL)
    row = measured(texture, texture + 12)
    assert row["magnitude_mean"] < PIXELS
    assert row["undetermined_share"] < 0.02


@pytest.mark.parametrize("sigma", [0, 0.5, 2, 5])
@pytest.mark.parametrize("height", [180, 540])
@pytest.mark.parametrize("bits", [8, 10])
def test_noise_on_a_flat_picture_is_not_motion(sigma: float, height: int, bits: int) -> None:
    rng = np.random.default_rng(1)
    frames = [100 + sigma * rng.normal(size=(height, height * 16 // 9)) for _ in range(2)]
    row = measured(*frames, bits)
    assert row["undetermined_share"] > 0.99
    assert np.isnan(
        row[["magnitude_mean", "still_share", "camera_x", "object_share", "motion_blur_share"]]
    ).all()
    assert row["residual_gain"] == pytest.approx(1, abs=0.02)
    if sigma:  # what halving leaves of it, in two frames
        left = 1 if height == 180 else 0.5
        assert row["residual_rms"] == pytest.approx(np.sqrt(2) * sigma * left, rel=0.3)


@pytest.mark.parametrize("sigma", [1, 2, 5])
def test_noise_on_a_texture_at_rest_is_still(sigma: float) -> None:
    rng = np.random.default_rng(1)
    row = measured(*(Waves().picture(*MIDDLE) + sigma * rng.normal(size=MIDDLE) for _ in range(2)))
    assert row["undetermined_share"] < 0.01
    assert row["still_share"] > 0.99
    assert row["magnitude_mean"] < 0.03 * (1 + sigma)
    assert row["residual_gain"] == pytest.approx(1, abs=0.02)


@pytest.mark.parametrize("changed", [0, 1e-4, 1e-2])
def test_the_gain_tends_to_one_as_the_change_vanishes(changed: float) -> None:
    first = coded(Waves(4).picture(*SMALL))
    second = first + (np.random.default_rng(0).random(SMALL) < changed)
    row = vf.extract_frames([first, second.astype(np.uint8)], "flow")
    assert row["flow.residual_gain.mean"] == pytest.approx(1, abs=0.03)


@pytest.mark.parametrize("ground", ["texture", "flat"])
@pytest.mark.parametrize(("side", "speed"), [(63, 2), (63, 8), (63, 48), (40, 16)])
def test_the_motion_of_a_square_is_found(side: int, speed: int, ground: str) -> None:
    still = Waves(4).picture(*SMALL) if ground == "texture" else np.full(SMALL, 110.0)
    pair = with_square(still, Waves(4, seed=5).picture(side, side), (60, 90), (speed, 0))
    found = motion_between(*(working(coded(frame)) for frame in pair))
    inside = np.zeros(found.determined.shape, bool)
    inside[30 : (60 + side) // 2, (90 + speed) // 2 : (90 + speed + side) // 2] = True
    right = np.hypot(found.motion[..., 0] - speed, found.motion[..., 1]) < 0.5
    assert right[inside & found.determined].mean() > 0.8
    assert (right & found.determined)[inside].mean() > 0.6
    row = measured(*pair)
    if ground == "texture":
        assert abs(row["camera_x"]) < 0.02
        assert row["object_share"] == pytest.approx(side * side / np.prod(SMALL), rel=0.3)
    else:
        assert row["magnitude_mean"] == pytest.approx(speed, rel=0.02)
        assert np.isnan(row["camera_x"])


def test_a_square_beyond_the_reach_is_undetermined() -> None:
    pair = with_square(Waves(4).picture(*SMALL), Waves(4, seed=5).picture(63, 63), (60, 90), (100, 0))
    row = measured(*pair)
    assert row["magnitude_mean"] < 0.1
    assert row["undetermined_share"] == pytest.approx(2 * 63 * 63 / np.prod(SMALL), rel=0.35)


def test_shares_do_not_depend_on_the_size() -> None:
    rows = []
    for height in (270, 540, 1080):
        scale = height / 540
        ground = Waves(8 * scale).picture(height, height * 16 // 9)
        texture = Waves(8 * scale, seed=5).picture(height // 3, height // 3)
        rows.append(
            measured(*with_square(ground, texture, (height // 3, height // 2), (round(4 * scale), 0)))
        )
    for name in ("still_share", "object_share", "undetermined_share", "magnitude_mean_per_s"):
        values = [row[name] for row in rows]
        assert max(values) - min(values) < 0.02 * max(1, max(values)), name
    for column in ("magnitude_mean", "magnitude_p95", "object_magnitude"):
        assert [row[column] / rows[1][column] for row in rows] == pytest.approx([0.5, 1, 2], rel=0.05)


@pytest.mark.parametrize("share", [0.1, 1 / 3])
def test_what_comes_into_the_picture_is_no_residual(share: float) -> None:
    row = moved(SMALL, shift=(round(share * SMALL[1]), 0))
    assert row["residual_rms"] < 1.5
    assert row["residual_gain"] < 0.05


def test_lengths_are_given_over_time_as_shares_of_the_diagonal() -> None:
    waves = Waves(4)
    pair = waves.picture(*SMALL), waves.picture(*SMALL, shift=(3, -4))
    row = measured(*pair, fps=25)
    diagonal = np.hypot(*SMALL)
    for name in ("magnitude_mean", "magnitude_std", "magnitude_p95", "camera_x", "camera_y"):
        assert row[f"{name}_per_s"] == pytest.approx(row[name] * 25 / diagonal, rel=1e-9)
    assert row["camera_magnitude_per_s"] == pytest.approx(5 * 25 / diagonal, rel=0.01)
    assert sum(name.endswith("_per_s") for name in row.index) == 7


def test_without_a_rate_there_is_nothing_over_time() -> None:
    frames = [coded(Waves(4).picture(*SMALL, shift=(9 * k, 0))) for k in range(2)]
    row = vf.extract_frames(frames, "flow")
    missing = [name.split(".")[1] for name in row.index[row.isna()]]
    assert missing
    assert all(name.endswith("_per_s") for name in missing)
    info = VideoInfo("", 320, 180, float("nan"), 2, None)
    assert vf.make("flow").reason(info, 2, missing) == "the rate of the frames is not known"


def expected_loss(waves: Waves, shutter: float) -> float:
    """Loss of bandwidth along x against y, by the spectrum of the texture and the differences' own."""
    frequencies, _, amplitudes = waves.waves()
    smoothed = np.prod(np.cos(np.pi * frequencies) ** 2, axis=1)  # binomial, of three pixels
    power = np.square(amplitudes * np.sinc(frequencies[:, 0] * shutter) * smoothed)
    second, first = 2 - 2 * np.cos(2 * np.pi * frequencies), np.sin(2 * np.pi * frequencies)
    along, across = (power @ np.square(second)) / (power @ np.square(first))
    return float(1 - np.sqrt(along / across))


@pytest.mark.parametrize("shutter", [0, 3, 6, 12])
def test_a_shutter_blurs_along_the_motion(shutter: float) -> None:
    waves = Waves(4)
    row = measured(
        waves.picture(*SMALL, shutter=(shutter, 0)),
        waves.picture(*SMALL, shift=(12, 0), shutter=(shutter, 0)),
    )
    assert row["motion_blur"] == pytest.approx(expected_loss(waves, shutter), abs=0.13)
    assert row["motion_blur_share"] >= {0: 0, 3: 0, 6: 0.4, 12: 0.8}[int(shutter)]
    if not shutter:
        assert row["motion_blur_share"] < 0.05


def test_blur_across_the_motion_or_at_rest_is_not_blur_by_motion() -> None:
    waves = Waves(4)
    across = measured(
        waves.picture(*SMALL, shutter=(0, 6)), waves.picture(*SMALL, shift=(12, 0), shutter=(0, 6))
    )
    assert across["motion_blur"] < -0.2
    assert across["motion_blur_share"] == 0
    still = measured(*[waves.picture(*SMALL, shutter=(6, 0))] * 2)
    assert np.isnan(still["motion_blur"])
    assert still["motion_blur_share"] == 0


def test_a_row_is_of_its_window_alone() -> None:
    frames = [coded(Waves(4).picture(*SMALL, shift=(k * k, 0))) for k in range(4)]
    rows = vf.extract_frames(frames, "flow", per_frame=True)
    assert rows.iloc[0].isna().all()
    for k in (1, 2, 3):
        alone = vf.extract_frames(frames[k - 1 : k + 1], "flow", per_frame=True).iloc[1]
        assert rows.iloc[k].to_numpy() == pytest.approx(alone.to_numpy(), rel=1e-9, nan_ok=True)
        assert rows["flow.camera_x"].iloc[k] == pytest.approx(2 * k - 1, abs=PIXELS)


def test_odd_frames_have_an_answer_or_nan_and_never_raise() -> None:
    for name, frame in odd_pictures().items():
        for shape in (frame.shape[:2], (2, 2), (33, 47)):
            row = features_of([frame[: shape[0], : shape[1]]] * 2, "flow")
            assert row.shape == (45,), (name, shape)


@pytest.mark.parametrize(
    "size",
    [(32, 32), (32, 64), (33, 47), (64, 400), (400, 32), (40, 200), (32, 1000), (62, 2000), (3000, 35)],
)
def test_every_size_from_the_least_has_a_flow(size: tuple[int, int]) -> None:
    row = moved(size, waves=Waves(4, 30), shift=(2, 1))
    assert (row["camera_x"], row["camera_y"]) == pytest.approx((2, 1), abs=2 * PIXELS)
    small = vf.extract_frames(np.zeros((2, min(size) - 1, 31), np.uint8), "flow")
    assert small.isna().all()
