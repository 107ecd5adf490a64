"""Cuts: found at every contrast, size and level; motion, light, noise and slow transitions are none."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from benchmarks.made_shots import (
    Frames,
    as_codes,
    camera,
    crossing,
    dissolved,
    faded,
    lit,
    picture,
)
from vqa_features.kernels.cuts import (
    AFTER,
    BEFORE,
    BLOCK,
    FLASH,
    FLAT_BLOCK,
    FLAT_PICTURE,
    HEIGHT,
    WIDTH,
    Signature,
    cut_between,
    dissimilarity,
    thumbnail,
)

PICTURES = ("camera", "coffee", "grass")
NUMBERS = np.arange(30)


def cuts(frames: Frames | list[NDArray[Any]]) -> list[int]:
    """Return the frames that begin a shot."""
    signatures = [Signature(thumbnail(frame)) for frame in frames]
    edge: list[Signature | None] = [None] * max(BEFORE, AFTER)
    padded = [*edge, *signatures, *edge]
    places = range(len(edge), len(edge) + len(signatures))
    found = [cut_between(padded[i - BEFORE : i], padded[i : i + 1 + AFTER]) for i in places]
    assert np.isnan(found[0])
    return [k for k, value in enumerate(found) if value == 1]


def shots(first: Frames, second: Frames, n: int = 9) -> NDArray[np.float32]:
    return np.concatenate([np.repeat(one[None], n, axis=0) for one in (first, second)]).astype(np.float32)


def still(name: str, n: int = 30) -> Frames:
    return np.repeat(picture(name)[None], n, axis=0)


@pytest.mark.parametrize("kind", ["another picture", "mirrored", "turned", "halves exchanged"])
@pytest.mark.parametrize("contrast", [1, 0.3, 0.1])
def test_a_cut_is_found_at_every_contrast_and_on_equal_histograms(kind: str, contrast: float) -> None:
    for k, name in enumerate(PICTURES):
        first = picture(name)
        second = {
            "another picture": picture(PICTURES[k - 1]),
            "mirrored": first[:, ::-1],
            "turned": first[::-1, ::-1],
            "halves exchanged": np.roll(first, first.shape[1] // 2, axis=1),
        }[kind]
        assert cuts(as_codes(16 + contrast * shots(first, second))) == [9], name


@pytest.mark.parametrize("size", [(16, 16), (17, 64), (90, 160), (360, 202), (1080, 1920)])
def test_a_cut_is_found_at_every_size(size: tuple[int, int]) -> None:
    assert cuts(shots(picture("camera", size), picture("coffee", size), 4)) == [4]


def test_a_cut_is_found_in_dark_noise_and_between_moving_shots() -> None:
    random = np.random.default_rng(0)
    dark = 16 + 0.2 * shots(picture("camera"), picture("coffee"))
    assert cuts(as_codes(dark + random.normal(0, 5, dark.shape))) == [9]
    pans = [camera(picture(name), 10, pan=0.05) for name in ("grass", "camera")]
    assert cuts(np.concatenate(pans)) == [10]


def test_every_cut_of_short_shots_is_found() -> None:
    frames = np.concatenate([still(name, 4) for name in PICTURES])
    assert cuts(frames) == [4, 8]


@pytest.mark.parametrize("begin", [0, 12])
@pytest.mark.parametrize(
    "motion",
    [
        {"pan": 0.03},
        {"pan": 0.13},
        {"pan": 0.25},
        {"tilt": 0.2},
        {"zoom": 0.1},
        {"rotation": 10},
        {"shake": 0.05},
    ],
    ids=str,
)
def test_motion_of_the_camera_is_no_cut(motion: dict[str, float], begin: int) -> None:
    for name in PICTURES[:2]:
        assert cuts(camera(picture(name), 24, begin=begin, **motion)) == [], name


@pytest.mark.parametrize("share", [0.1, 0.3])
@pytest.mark.parametrize("speed", [0.05, 0.3])
def test_a_large_moving_object_is_no_cut(share: float, speed: float) -> None:
    assert cuts(crossing(picture("camera"), picture("coffee"), 30, share, speed)) == []


@pytest.mark.parametrize("length", [3, 8, 20])
def test_fades_and_dissolves_are_no_cuts(length: int) -> None:
    for k, name in enumerate(PICTURES):
        for level in (16, 235):
            fade = faded(still(name), 6, length, level)
            assert cuts(fade) == cuts(fade[::-1]) == [], (name, level)
        assert cuts(dissolved(still(name), still(PICTURES[k - 1]), 6, length)) == [], name


@pytest.mark.parametrize("length", [1, 3, FLASH])
@pytest.mark.parametrize(
    ("gain", "added"), [(1.6, 30), (0, 255), (0, 16)], ids=["brighter", "white", "black"]
)
def test_a_flash_is_no_cut(length: int, gain: float, added: float) -> None:
    on = (NUMBERS >= 10) & (10 + length > NUMBERS)
    for name in PICTURES:
        assert cuts(lit(still(name), on, gain, added)) == [], name
        assert cuts(lit(camera(picture(name), 30, pan=0.01), on, gain, added)) == [], name


@pytest.mark.parametrize("half", [1, 5])
def test_a_strobe_light_is_no_cut(half: int) -> None:
    on = NUMBERS // half % 2 == 1
    for name in PICTURES:
        assert cuts(lit(still(name), on, 0.1, 10)) == cuts(lit(still(name), on, 0, 16)) == [], name


def test_a_lasting_black_picture_is_cut_on_both_sides_and_a_lamp_is_no_cut() -> None:
    black = (NUMBERS >= 10) & (NUMBERS < 20)
    assert cuts(lit(still("camera"), black, 0, 16)) == [10, 20]
    assert cuts(lit(still("camera"), black, 0.3)) == []


def test_noise_is_no_cut_and_neither_is_what_has_no_structure() -> None:
    random = np.random.default_rng(1)
    for deviation in (2, 40):
        noise = random.normal(0, deviation, (16, 180, 320))
        assert cuts(as_codes(picture("camera") + noise)) == cuts(as_codes(120 + noise)) == []
    flat = np.repeat(np.array([20, 200], np.uint8), 8)[:, None, None]
    assert cuts(np.broadcast_to(flat, (16, 90, 160))) == []


def test_repeated_frames_hide_no_cut_and_make_none() -> None:
    moving = camera(picture("coffee"), 10, pan=0.04)
    assert cuts(np.repeat(moving, 3, axis=0)) == []
    assert cuts(np.repeat(np.concatenate([moving, moving[:, ::-1]]), 3, axis=0)) == [30]


def test_two_frames_alone_are_a_cut_if_they_have_nothing_in_common() -> None:
    first, second = picture("camera"), picture("coffee")
    assert cuts([first, second]) == cuts([second, first]) == [1]
    assert cuts([first, as_codes(0.5 * first + 20.0)]) == []
    random = np.random.default_rng(5)
    assert cuts(as_codes(120 + random.normal(0, 9, (2, 90, 160)))) == []
    for motion in ({"pan": 0.33}, {"tilt": 0.3}, {"zoom": 0.2}, {"rotation": 10}):
        assert cuts(camera(first, 2, **motion)) == [], motion


def test_a_missing_frame_gives_nan() -> None:
    one = Signature(thumbnail(picture("camera")))
    assert np.isnan(cut_between([None], [one]))
    assert np.isnan(cut_between([one], [None]))


@pytest.mark.parametrize("shape", [(48, 64), (49, 65), (101, 131), (540, 960), (48, 500), (30, 900)])
def test_a_thumbnail_is_that_of_opencv(shape: tuple[int, int]) -> None:
    plane = np.random.default_rng(0).integers(0, 256, shape).astype(np.float32)
    want = cv2.resize(plane, (64, 48), interpolation=cv2.INTER_AREA)
    np.testing.assert_allclose(thumbnail(plane), want, atol=1e-4)


def test_a_thumbnail_has_the_means_of_its_cells_in_every_dtype() -> None:
    plane = np.random.default_rng(2).integers(0, 256, (96, 192)).astype(np.uint8)
    cells = plane.reshape(HEIGHT, 2, WIDTH, 3).mean(axis=(1, 3))
    for dtype in (np.uint8, np.uint16, np.float32):
        np.testing.assert_allclose(thumbnail(plane.astype(dtype)), cells, atol=1e-4)


def test_dissimilarity_is_its_plain_definition() -> None:
    random = np.random.default_rng(3)
    a, b = (
        cv2.GaussianBlur(random.normal(100, 60, (HEIGHT, WIDTH)).astype(np.float32), (0, 0), 1.5)
        for _ in range(2)
    )
    for reach in (0, 3):
        lost, total = 0.0, 2 * FLAT_PICTURE
        for one, other in ((a, b), (b, a)):
            for y, x in np.ndindex(HEIGHT // BLOCK, WIDTH // BLOCK):
                block = one[y * BLOCK :][:BLOCK, x * BLOCK :][:, :BLOCK].astype(float)
                best = 0.0
                for v in range(max(y * BLOCK - reach, 0), min(y * BLOCK + reach, HEIGHT - BLOCK) + 1):
                    for u in range(max(x * BLOCK - reach, 0), min(x * BLOCK + reach, WIDTH - BLOCK) + 1):
                        place = other[v : v + BLOCK, u : u + BLOCK].astype(float)
                        shared = ((block - block.mean()) * (place - place.mean())).mean()
                        spread = (block.var() + FLAT_BLOCK) * (place.var() + FLAT_BLOCK)
                        best = max(best, max(shared, 0) ** 2 / spread)
                lost += block.var() * (1 - best)
                total += block.var()
        assert dissimilarity(a, b, reach) == pytest.approx(lost / total, rel=1e-4)


def test_a_displaced_picture_is_found_within_reach_only() -> None:
    wide = cv2.GaussianBlur(np.random.default_rng(4).normal(0, 80, (HEIGHT, WIDTH + 30)), (0, 0), 1)
    a = wide[:, :WIDTH].astype(np.float32)
    near, far = (np.ascontiguousarray(wide[:, by : WIDTH + by], np.float32) for by in (8, 25))
    assert dissimilarity(a, near) < 0.15
    assert dissimilarity(a, far) > 0.15
    assert dissimilarity(a, 0.3 * a + 50) < 0.01
