"""Temporal noise of known deviation, over still and moving pictures."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from analytic import (
    Texture,
    as_codes,
    barred,
    constant,
    cut,
    fade,
    limited,
    moving_square,
    pan,
    rotation,
    still,
    with_noise,
    write,
    zoom,
)
from scipy import ndimage

import vqa_features as vf
from vqa_features.extractors.handcrafted import _noise_blocks, _temporal_noise
from vqa_features.extractors.handcrafted._noise_blocks import BETTER, BLOCK, block_noise
from vqa_features.extractors.handcrafted._temporal_noise import displacements
from vqa_features.kernels import cuts
from vqa_features.video import open_video

SIZE = (128, 192)
TEXTURE = Texture(3)
FRAMES = 3
SCENES = {
    "flat": still(constant(SIZE), FRAMES),
    "texture": still(TEXTURE.seen(SIZE), FRAMES),
    "pan by a pixel": pan(TEXTURE, SIZE, FRAMES, (1, 0)),
    "pan by parts of pixels": pan(TEXTURE, SIZE, FRAMES, (2.5, 0.5)),
    "pan by nine": pan(TEXTURE, SIZE, FRAMES, (9, -4)),
    "pan by a tenth of the width": pan(TEXTURE, SIZE, FRAMES, (19.3, 0)),
    "square": moving_square(TEXTURE.seen(SIZE), FRAMES, 60, (7, 3)),
    "fade": fade(still(TEXTURE.seen(SIZE), FRAMES), 0, 25),
}


def noise(video: np.ndarray, bits: int = 8) -> pd.Series:
    """The columns by feature name."""
    codes = as_codes(video, bits)
    row = vf.extract_frames(codes, "temporal-noise", fps=25, bit_depth=bits if bits > 8 else None)
    return row.rename(lambda name: name.split(".")[1])


def truth(sigma: float, bits: int) -> float:
    """The deviation of noise that is rounded to codes of `bits` bits."""
    return (sigma**2 + 4.0 ** (8 - bits) / 12) ** 0.5


@pytest.mark.parametrize("scene", SCENES)
@pytest.mark.parametrize("bits", [8, 10])
@pytest.mark.parametrize("sigma", [0.5, 2, 5])
def test_known_noise_is_read_whatever_moves_below_it(scene: str, bits: int, sigma: float) -> None:
    row = noise(with_noise(SCENES[scene], sigma), bits)
    assert row["sigma"] == pytest.approx(truth(sigma, bits), rel=0.08)
    assert row["still_share"] > 0.6
    assert row["unchanged_share"] < 0.01


@pytest.mark.parametrize("video", [zoom(TEXTURE, SIZE, 4, 0.02), rotation(TEXTURE, SIZE, 4, 0.02)])
@pytest.mark.parametrize("sigma", [2, 5])
def test_noise_over_zoom_and_rotation_is_read_where_they_move_little(video: np.ndarray, sigma: float) -> None:
    assert noise(with_noise(video, sigma))["sigma"] == pytest.approx(truth(sigma, 8), rel=0.12)


@pytest.mark.parametrize("change", [limited, lambda v: v / 3 + 30, lambda v: v / 3 + 150])
@pytest.mark.parametrize("size", [(96, 128), (240, 320), (540, 960)])
def test_range_brightness_and_size_do_not_matter(change, size: tuple[int, int]) -> None:
    video = with_noise(change(pan(TEXTURE, size, 3, (3, 1))), 2)
    assert noise(video)["sigma"] == pytest.approx(truth(2, 8), rel=0.06)


@pytest.mark.parametrize("scene", ["flat", "texture", "pan by a pixel", "pan by nine", "square"])
def test_a_video_without_noise_has_none(scene: str) -> None:
    row = noise(np.rint(SCENES[scene]))
    if "pan" in scene:  # the waves between the pixels are rounded anew
        assert row["sigma"] <= truth(0, 8) * 1.1
    else:
        assert row["sigma"] == 0
        assert row["unchanged_share"] > 0.8


def test_motion_between_pixels_is_little_noise() -> None:
    """The rest of a texture of 6 pixels and more, of deviation 25."""
    assert noise(SCENES["pan by parts of pixels"], 10)["sigma"] < 0.3


def test_a_pan_of_white_texture_by_whole_pixels_is_no_noise() -> None:
    strip = np.random.default_rng(0).normal(120, 25, (128, 240))
    video = np.array([strip[:, 7 * t : 7 * t + 192] for t in range(4)])
    assert noise(with_noise(video, 2))["sigma"] == pytest.approx(truth(2, 8), rel=0.05)


def test_black_bars_and_clipped_areas_are_left_out() -> None:
    inside = with_noise(SCENES["texture"], 3)
    row = noise(barred(inside, rows=(32, 32)))
    assert row["sigma"] == pytest.approx(truth(3, 8), rel=0.05)
    assert row["unchanged_share"] == 0
    inside[:, :, 96:] = 255
    assert noise(inside)["sigma"] == pytest.approx(truth(3, 8), rel=0.05)


def test_the_frame_after_a_cut_has_no_value() -> None:
    other = pan(Texture(8), SIZE, 12, (2, 1))
    scenes = cut(pan(TEXTURE, SIZE, 12, (-3, 0)), other, still(Texture(9).seen(SIZE), 8))
    codes = as_codes(with_noise(scenes, 2))
    sigma = vf.extract_frames(codes, "temporal-noise", fps=25, per_frame=True)["temporal-noise.sigma"]
    assert np.flatnonzero(sigma.isna()).tolist() == [0, 12, 24]
    assert sigma.max() < truth(2, 8) * 1.06


def test_windows_reach_back_as_far_as_a_cut_is_told_from() -> None:
    assert vf.make("temporal-noise").before == cuts.BEFORE


def test_the_first_frame_and_small_pictures_have_no_value() -> None:
    codes = as_codes(with_noise(SCENES["texture"], 2))
    table = vf.extract_frames(codes, "temporal-noise", fps=25, per_frame=True)
    assert table.isna().all(axis=1).tolist() == [True, False, False]
    assert vf.extract_frames(codes[:, :31], "temporal-noise").isna().all()


def test_a_sampled_video_compares_neighbours_in_the_source(tmp_path: Path) -> None:
    video = with_noise(pan(TEXTURE, (96, 128), 50, (1, 0)), 2)
    path = write(tmp_path / "noisy.mkv", video, 25)
    full = vf.extract(path, "temporal-noise", per_frame=True)
    some = vf.extract(path, "temporal-noise", per_frame=True, every=10, offset=5)
    pd.testing.assert_frame_equal(some, full.loc[some.index])


def test_blocks_equal_a_plain_definition() -> None:
    """Least squares of the difference on 1, the picture and its gradients, at the displacement of the pan."""
    video = as_codes(with_noise(pan(TEXTURE, (64, 80), 2, (5.3, -2.2)), 1)).astype(np.float32)
    shifts = np.array([(0, 0), (-2, 5)], np.int64)
    ours = block_noise(video[0], video[1], shifts).reshape(4, 5)[1:3, 1:4]
    moved = np.roll(video[0], (-2, 5), axis=(0, 1)).astype(float)
    both = moved + video[1]
    down, across = (ndimage.correlate1d(both, [-1, 0, 1], axis=axis) for axis in (0, 1))
    theirs = np.empty((2, 3))
    for i, j in np.ndindex(2, 3):
        at = np.s_[(i + 1) * BLOCK : (i + 2) * BLOCK, (j + 1) * BLOCK : (j + 2) * BLOCK]
        terms = np.stack(
            [np.ones(BLOCK * BLOCK), both[at].ravel(), across[at].ravel(), down[at].ravel()], axis=1
        )
        (_, rest, _, _) = np.linalg.lstsq(terms, (video[1] - moved)[at].ravel(), rcond=None)
        theirs[i, j] = np.sqrt(rest[0] / (2 * (BLOCK * BLOCK - 4)))
    np.testing.assert_allclose(ours, theirs, rtol=1e-4)


def moved_blocks(before: np.ndarray, after: np.ndarray, shift: tuple[int, int]) -> np.ndarray:
    """Variance of the difference of each block times 256, infinite where it would leave the picture."""
    (dy, dx), (height, width) = shift, after.shape
    cost = np.full((height // BLOCK, width // BLOCK), np.inf)
    for i, j in np.ndindex(cost.shape):
        top, left = i * BLOCK - dy, j * BLOCK - dx
        if 0 <= top <= height - BLOCK and 0 <= left <= width - BLOCK:
            here = after[i * BLOCK :, j * BLOCK :][:BLOCK, :BLOCK].astype(float)
            d = here - before[top : top + BLOCK, left : left + BLOCK]
            cost[i, j] = d.var() * BLOCK * BLOCK
    return cost


@pytest.mark.parametrize("size", [(48, 64), (57, 71), (33, 100)])
@pytest.mark.parametrize("bits", [8, 10])
def test_blocks_are_taken_where_they_fit_best(size: tuple[int, int], bits: int) -> None:
    """The first displacement is left for 0.7 of its variance; one that leaves nothing ends the search."""
    codes = as_codes(with_noise(pan(TEXTURE, size, 2, (3, -2)), 1), bits)
    before, after = codes.astype(np.float32) * np.float32(2.0 ** (8 - bits))
    after[:BLOCK, BLOCK : 2 * BLOCK] = before[:BLOCK, BLOCK : 2 * BLOCK]
    shifts = np.array([(1, 1), (0, 0), (-2, 3), (-2, 2), (4, -40)])
    cost = np.array([moved_blocks(before, after, tuple(shift)) for shift in shifts.tolist()])
    cost[0] *= BETTER
    expected = np.where((cost == 0).any(axis=0), (cost == 0).argmax(axis=0), cost.argmin(axis=0))
    sums, best = np.empty((2, size[1]), np.float32), np.empty(size[1] // BLOCK)
    chosen = np.empty_like(expected)
    for row in range(len(chosen)):
        _noise_blocks._choose(before, after, row * BLOCK, shifts, sums, best, chosen[row])
    assert np.array_equal(chosen, expected)
    assert len(set(chosen.ravel().tolist())) > 1


@pytest.mark.parametrize("size", [(40, 64), (41, 67), (33, 34)])
@pytest.mark.parametrize("shift", [(0, 0), (5, -3), (-2, 9), (12, 30), (50, 0), (0, -70)])
def test_the_difference_is_that_of_every_fourth_pixel(size: tuple[int, int], shift: tuple[int, int]) -> None:
    before, after = np.random.default_rng(0).integers(0, 256, (2, *size)).astype(np.float32)
    (dy, dx), (height, width) = shift, size
    here = after[max(dy, 0) : max(height + min(dy, 0), 0) : 4, max(dx, 0) : max(width + min(dx, 0), 0) : 4]
    there = before[
        max(-dy, 0) : max(height - max(dy, 0), 0) : 4, max(-dx, 0) : max(width - max(dx, 0), 0) : 4
    ]
    expected = np.square(here - there).mean() if here.size else np.inf
    columns = [_temporal_noise._every_fourth(one) for one in (before, after)]
    assert _temporal_noise.difference(*columns, *size, *shift) == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("step", [(12, 8), (-20, 4), (0, 0)])
def test_the_pan_is_among_the_displacements(step: tuple[int, int]) -> None:
    frames = pan(TEXTURE, (240, 320), 2, step).astype(np.float32)
    reduced = [frame.reshape(60, 4, 80, 4).mean(axis=(1, 3)) for frame in frames]
    assert [step[1], step[0]] in displacements(*zip(frames, reduced, strict=True)).tolist()


@pytest.mark.parametrize("clip", ["12262452854", "5115335471", "8562619627"])
def test_noise_added_to_a_real_clip_is_read(shared: Path, clip: str) -> None:
    frames = []
    for frame in open_video(shared / "clips" / "konvid-1k" / f"{clip}.mp4"):
        frames.append(frame.view("luma").astype(float))
        if len(frames) == 6:
            break
    own = noise(np.array(frames))["sigma"]
    assert own < 1.5
    for sigma in (2, 5):
        row = noise(with_noise(np.array(frames), sigma))
        assert row["sigma"] == pytest.approx((truth(sigma, 8) ** 2 + own**2) ** 0.5, rel=0.1)
