"""Interlacing: videos woven from known fields, textures that are fine but progressive, and FFmpeg's idet."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from analytic import (
    Texture,
    as_codes,
    combed,
    cut,
    fade,
    flickering,
    limited,
    moving_square,
    pan,
    still,
    with_noise,
    write,
)
from filter_graphs import filtered

import vqa_features as vf
from vqa_features.extractors.handcrafted._interlace import combs
from vqa_features.video import open_video

SIZE = (128, 192)
TEXTURE = Texture(3)
STEPS = [(0.5, 0), (3, 0), (16, 0), (0, 1), (4, 2.5)]


def interlace(video: np.ndarray, bits: int = 8) -> pd.Series:
    """The columns by feature name."""
    codes = as_codes(video, bits)
    row = vf.extract_frames(codes, "interlace", fps=25, bit_depth=bits if bits > 8 else None)
    return row.rename(lambda name: name.split(".")[1])


def bottom_first(video: np.ndarray) -> np.ndarray:
    """Interlace a video with the odd rows of frame 2 k and the even rows of frame 2 k + 1."""
    woven = video[1::2].copy()
    woven[:, 1::2] = video[::2, 1::2]
    return woven


def telecined(film: np.ndarray) -> np.ndarray:
    """3:2 pulldown of 4 pictures to 5 frames, top field first: AA BB BC CD DD."""
    fields = np.repeat(np.arange(len(film)), np.resize((2, 3), len(film)))
    fields = fields[: len(fields) // 2 * 2]
    woven = film[fields[::2]].copy()
    woven[:, 1::2] = film[fields[1::2], 1::2]
    return woven


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize(("sigma", "bits"), [(0, 8), (3, 8), (0, 10)])
def test_fields_of_a_pan_are_found_with_their_order(
    step: tuple[float, float], sigma: float, bits: int
) -> None:
    fields = with_noise(pan(TEXTURE, SIZE, 12, (step[0] / 2, step[1] / 2)), sigma)
    for weave, sign in ((combed, 1), (bottom_first, -1)):
        row = interlace(weave(fields), bits)
        assert row["comb"] > 0.7
        assert row["combed"] == 1
        assert row["field_order"] == sign * row["comb"]
        assert row["top_repeated"] == row["bottom_repeated"] == 0


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("sigma", [0, 3])
def test_a_progressive_pan_has_no_fields(step: tuple[float, float], sigma: float) -> None:
    row = interlace(with_noise(pan(TEXTURE, SIZE, 6, step), sigma))
    assert row["comb"] < 0.03
    assert row["combed"] == 0


@pytest.mark.parametrize("change", [limited, lambda v: v / 4, lambda v: v / 4 + 170])
@pytest.mark.parametrize("size", [(64, 96), (360, 640)])
def test_range_brightness_and_size_do_not_matter(change, size: tuple[int, int]) -> None:
    fields = change(pan(TEXTURE, size, 8, (2, 0.5)))
    assert interlace(combed(fields))["field_order"] > 0.8
    assert interlace(fields)["comb"] < 0.03


def test_a_small_object_is_enough() -> None:
    video = moving_square(TEXTURE.seen((270, 480)), 16, 20, (2, 1))
    assert interlace(combed(video))["comb"] > 0.8
    assert interlace(video)["comb"] < 0.03


@pytest.mark.parametrize(
    "video", [combed(still(TEXTURE.seen(SIZE), 12)), fade(still(TEXTURE.seen(SIZE), 8), 1, 6)]
)
@pytest.mark.parametrize("sigma", [0, 5])
def test_without_motion_there_is_no_comb(video: np.ndarray, sigma: float) -> None:
    assert interlace(with_noise(video, sigma))["comb"] < 0.12


def test_flicker_and_cuts_are_no_comb() -> None:
    video = flickering(pan(TEXTURE, SIZE, 12, (2, 1)), 10, 6, 25)
    assert interlace(video)["comb"] < 0.05
    scenes = cut(pan(TEXTURE, SIZE, 6, (2, 0)), pan(Texture(8), SIZE, 6, (0, 2)))
    assert interlace(scenes)["combed"] == 0


#: Highest comb of progressive textures of few rows; see the docstring of the class.
FINE = 0.15


@pytest.mark.parametrize("rows", [2, 2.5, 3, 3.5, 4, 5, 8])
def test_fine_texture_along_the_rows_is_no_comb(rows: float) -> None:
    y, x = np.mgrid[:128, :192].astype(float)
    for right, down in [(0, 0.25), (0, 0.5), (0, 1), (0, 1.5), (1, 0), (2.5, 0), (5, 1.3)]:
        video = [
            120
            + 50
            * np.sin(2 * np.pi * (y - down * t) / rows)
            * (1 + 0.8 * np.sin(2 * np.pi * (x - right * t) / 23))
            for t in range(6)
        ]
        row = interlace(np.array(video))
        assert row["comb"] <= FINE, (right, down)
        assert row["combed"] == 0


@pytest.mark.parametrize("step", [(1, 0), (3, 0), (0, 1), (0, 2), (3, 3)])
def test_white_texture_that_moves_is_no_comb(step: tuple[int, int]) -> None:
    sheet = np.random.default_rng(0).normal(120, 40, (200, 300))
    video = [sheet[step[1] * t : step[1] * t + 160, step[0] * t : step[0] * t + 240] for t in range(6)]
    assert interlace(np.array(video))["comb"] <= FINE


@pytest.mark.parametrize("step", [(2, 0), (0, 1.5), (6, 2)])
def test_telecine_has_two_combed_frames_of_five_and_repeats_each_field_once(
    step: tuple[float, float],
) -> None:
    video = telecined(pan(TEXTURE, SIZE, 26, step))
    row = interlace(video[: 5 * (len(video) // 5) + 2])  # the first and the last frame have no value
    assert row["combed"] == pytest.approx(0.4)
    assert row["field_order"] > 0
    assert row["top_repeated"] == row["bottom_repeated"] == pytest.approx(0.2)


def test_the_first_and_the_last_frame_and_small_pictures_have_no_value() -> None:
    codes = as_codes(pan(TEXTURE, SIZE, 5, (2, 0)))
    table = vf.extract_frames(codes, "interlace", fps=25, per_frame=True)
    assert table.isna().all(axis=1).tolist() == [True, False, False, False, True]
    assert vf.extract_frames(codes[:, :15], "interlace").isna().all()


def test_combs_equal_a_plain_definition() -> None:
    frames = np.random.default_rng(0).integers(0, 256, (3, 34, 32)).astype(np.uint8)
    last, now, coming = frames.astype(float)
    around = now[:-2] + now[2:]
    even = (np.arange(1, 33) % 2 == 0)[:, None]
    later, earlier = coming[1:-1], last[1:-1]
    wanted = [
        np.square(around - 2 * line).mean()
        for line in (now[1:-1], np.where(even, later, earlier), np.where(even, earlier, later))
    ]
    change = np.abs(now - last)[1:-1]
    fields = [change[1::2].mean(), change[::2].mean()]
    np.testing.assert_allclose(combs(*frames), [*wanted, *fields, 4], rtol=1e-5)


def kinds(path: Path) -> Counter[str]:
    """What idet says of the frames."""
    return Counter(found["lavfi.idet.multiple.current_frame"] for _, found in filtered(path, "idet"))


def test_idet_says_the_same_of_made_videos(tmp_path: Path) -> None:
    fields = pan(TEXTURE, SIZE, 24, (2, 0.5))
    for name, video in {"tff": combed(fields), "bff": bottom_first(fields), "progressive": fields}.items():
        path = write(tmp_path / f"{name}.mkv", video, 25)
        ((most, _),) = kinds(path).most_common(1)
        ours = vf.extract(path, "interlace")["interlace.field_order.mean"]
        assert most == name
        assert ("tff" if ours > 0.5 else "bff" if ours < -0.5 else "progressive") == name


@pytest.mark.parametrize("clip", ["3369925072", "5115335471", "8657921837"])
def test_real_clips_are_progressive_and_their_woven_versions_are_not(
    shared: Path, tmp_path: Path, clip: str
) -> None:
    frames = []
    for frame in open_video(shared / "clips" / "konvid-1k" / f"{clip}.mp4"):
        frames.append(frame.view("luma")[100:300, 200:560].astype(float))
        if len(frames) == 40:
            break
    film = np.array(frames)
    assert interlace(film)["comb"] < 0.15
    assert interlace(film)["combed"] == 0
    assert interlace(combed(film))["field_order"] > 0.6
    assert interlace(bottom_first(film))["field_order"] < -0.6
    assert set(kinds(write(tmp_path / "film.mkv", film, 25))) <= {"progressive", "undetermined"}
