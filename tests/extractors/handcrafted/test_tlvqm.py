"""TLVQM against the author's release (run under Octave), and properties on synthetic clips."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from ordered_filter import imfilter
from originals import odd_pictures, reference, relative_error
from yuv_clips import as_views, clip_features, half_unit_luma, info, reference_clip, still_clip

from vqa_features.extraction.single_video import extract
from vqa_features.extractors.handcrafted.tlvqm import (
    _block_motion,
    _filters,
    _high_complexity,
    _low_complexity,
    _noise,
    _sharpness,
    _single_frame,
)
from vqa_features.extractors.handcrafted.tlvqm.extractor import Tlvqm
from vqa_features.kernels import limited_lab

#: Same arithmetic in the same order but for sums of many pixels and the single-precision blur.
PORT = 1e-6
OWN = 1e-9


def texture(h: int = 96, w: int = 128, seed: int = 0) -> NDArray[np.float64]:
    return np.random.default_rng(seed).integers(0, 256, (h, w)).astype(float)


def motion_of(
    previous: _low_complexity.HalfFrame,
    this: _low_complexity.HalfFrame,
    following: _low_complexity.HalfFrame,
    radius: int,
) -> dict[str, float]:
    """Motion features of a frame, its taps summed from the first to the last."""
    middle = _low_complexity.middle_frame(this, _filters.corners(this.luma, False).contrast, radius)
    return _low_complexity.motion_features(previous, middle, following, radius)


def test_equals_the_original_on_the_reference_clip(shared: Path) -> None:
    want = np.array(reference(shared, "video_tlvqm")["clips"]["clipA"]["f"])
    got = clip_features(Tlvqm(), reference_clip(shared, "clipA_konvid5115335471_f60-83_crop256x192"), fps=8)
    error = relative_error(got, want)
    assert error.max() < PORT, Tlvqm().feature_names[int(error.argmax())]


def test_every_representative_frame_equals_the_original(shared: Path) -> None:
    from vqa_features.kernels import colour

    found = reference(shared, "video_tlvqm")["clips"]["clipA"]
    want = np.array(found["HC"]["v"]).reshape(found["HC"]["shape"])
    clip = reference_clip(shared, "clipA_konvid5115335471_f60-83_crop256x192")
    for row, number in enumerate(found["fr_idx"]["v"]):
        y, chroma = clip[int(1 + 2 * (number - 1))]
        u, v = colour.chroma_at_luma_size(chroma, y.shape)
        got = np.array(list(_high_complexity.spatial_features(y, u, v).values()))
        assert relative_error(got, want[row]).max() < OWN


def test_key_points_are_apart_and_taken_by_strength() -> None:
    corners = np.random.default_rng(0).random((60, 80))
    points = _block_motion.key_points(corners, 5, 0.5)
    strength = corners[points[:, 0], points[:, 1]]
    assert (np.diff(strength) <= 0).all()
    distance = np.abs(points[:, None] - points[None]).max(axis=2)
    assert (distance[~np.eye(len(points), dtype=bool)] > 5).all()
    assert strength.min() > 0.5


def test_equal_corners_are_taken_column_by_column() -> None:
    points = _block_motion.key_points(np.ones((3, 3)), 0, 0.5)
    assert points[:4].tolist() == [[0, 0], [1, 0], [2, 0], [0, 1]]


@pytest.mark.parametrize(("dy", "dx"), [(0, 3), (2, 0), (-2, 1)])
def test_a_moving_texture_gives_its_motion(dy: int, dx: int) -> None:
    wide = np.kron(texture(40, 50), np.ones((8, 8)))

    def at(step: int) -> _low_complexity.HalfFrame:
        y, x = 40 - 2 * dy * step, 40 - 2 * dx * step
        return _low_complexity.half_frame(half_unit_luma(wide[y : y + 200, x : x + 280]))

    found = motion_of(at(0), at(1), at(2), 7)
    assert found["motion_vertical"] == pytest.approx(0.5 + 0.5 * dy / 7, abs=0.01)
    assert found["motion_horizontal"] == pytest.approx(0.5 + 0.5 * dx / 7, abs=0.01)
    assert found["jerkiness"] < 0.1


def test_a_still_clip_has_no_motion_and_no_flicker() -> None:
    row = clip_features(Tlvqm(), still_clip(16), fps=4)
    found = dict(zip(Tlvqm().feature_names, row, strict=True))
    for name in ("motion_intensity", "jerkiness", "static_flicker", "temporal_activity", "blur_change"):
        assert found[name] == 0
    assert found["motion_vertical"] == 0.5
    assert found["edge_mean"] > 0


def test_flicker_of_a_static_area_is_its_luma_change() -> None:
    lumas = [half_unit_luma(np.full((80, 120), level)) for level in (100.0, 102.0, 100.0)]
    frames = [_low_complexity.half_frame(luma) for luma in lumas]
    found = motion_of(*frames, 3)
    assert found["static_flicker"] == pytest.approx(2 / 255)
    assert found["motion_density"] == 0


def test_interlacing_is_highest_where_rows_and_columns_differ_alike() -> None:
    image = texture()
    combed = image.copy()
    combed[::2] += 300
    assert _single_frame.interlacing(image) > 0.7
    assert _single_frame.interlacing(combed) < 0.5
    assert _single_frame.interlacing(np.zeros((64, 64))) == 0


def test_blur_feature_falls_as_the_picture_is_blurred() -> None:
    from scipy.ndimage import gaussian_filter

    image = texture()
    values = [_single_frame.blur(gaussian_filter(image, sigma)) for sigma in (0, 1, 2, 4)]
    assert (np.diff(values) < 0).all()
    assert _single_frame.blur(np.full((64, 64), 9)) == 0


def test_imfilter_equals_scipy() -> None:
    from scipy.ndimage import correlate

    image, kernel = texture(21, 34), np.random.default_rng(1).normal(size=(5, 3))
    want = correlate(image, kernel, mode="constant")
    assert np.abs(imfilter(image, kernel) - want).max() < OWN


def test_saturated_segments_are_counted_and_small_ones_dropped() -> None:
    luma = np.full((60, 80), 0.5)
    luma[5:15, 5:25] = 1.0
    luma[30:50, 40:50] = 1.0
    luma[55:58, 70:73] = 1.0
    share, per_segment, where = _noise.saturation(luma, bright=True)
    assert share == pytest.approx(400 / 4800)
    assert per_segment == pytest.approx(share / 2)
    assert where.sum() == 400
    assert _noise.saturation(luma, bright=False)[0] == 0


def test_touching_segments_are_one() -> None:
    luma = np.full((40, 60), 0.5)
    luma[5:30, 5:10] = luma[5:30, 30:35] = luma[25:30, 5:35] = 1.0
    share, per_segment, _ = _noise.saturation(luma, bright=True)
    assert share == per_segment > 0


def test_impulses_in_a_calm_picture_are_noise() -> None:
    luma = np.full((60, 80), 0.5)
    lab = np.full((3, 60, 80), 50.0)
    luma[20, 30] = luma[40, 50] = 0.55
    lab[0, 20, 30] = lab[0, 40, 50] = 57.0
    found = _noise.noise(luma, lab, np.zeros(luma.shape, bool))
    assert found["noise_density"] == pytest.approx(2 / (52 * 72))
    # the column of the pixel itself holds a seventh of the impulse
    assert found["noise_mean"] == pytest.approx((6 * 7 + 6) / 7 / 100)


def test_blocks_of_eight_are_found_at_their_period() -> None:
    blocks = np.kron(texture(24, 24), np.ones((8, 8))) / 255 * 100
    lab = np.stack([blocks, np.zeros_like(blocks), np.zeros_like(blocks)])
    vertical, horizontal = limited_lab.edge_energies(lab)
    found = _high_complexity.blockiness(np.sqrt(vertical), np.sqrt(horizontal))
    assert round(found["block_period"] * 21) in (8, 16)
    assert found["block_strength"] > 0.3


def test_sharp_share_has_no_value_in_a_frame_smaller_than_a_block() -> None:
    found = _sharpness.sharpness(np.zeros((24, 24)))
    assert np.isnan(found["sharp_share"])
    assert found["edge_width"] == 0


@pytest.mark.parametrize("n_frames", [1, 2])
def test_fewer_than_three_frames_have_no_value(n_frames: int) -> None:
    assert np.isnan(clip_features(Tlvqm(), still_clip(n_frames), fps=8)).all()


@pytest.mark.parametrize("n_frames", [3, 5, 7, 12, 13])
def test_a_clip_shorter_than_a_window_is_one_window(n_frames: int) -> None:
    assert np.isfinite(clip_features(Tlvqm(), still_clip(n_frames), fps=12)).all()


@pytest.mark.parametrize("name", odd_pictures())
def test_odd_pictures_have_finite_features(name: str) -> None:
    from vqa_features.extraction import extract_frames

    frames = np.repeat(odd_pictures()[name][None], 8, axis=0)
    assert np.isfinite(extract_frames(frames, Tlvqm(window=4), luma="rgb2gray")).all()


def test_ten_bit_planes_give_the_features_of_eight_bit_ones() -> None:
    clip = still_clip(8)
    deep = [(y.astype(np.uint16) * 4, chroma.astype(np.uint16) * 4) for y, chroma in clip]
    eight = clip_features(Tlvqm(), clip, fps=4)
    assert relative_error(clip_features(Tlvqm(), deep, fps=4, bit_depth=10), eight).max() < PORT


def test_a_session_keeps_one_window_however_long_the_clip() -> None:
    kept = []
    for n_frames in (20, 60):
        session = Tlvqm(window=8).open(info(n_frames))
        frames = [None, None, *map(session.prepare, as_views(Tlvqm.needs, still_clip(n_frames)))]
        for last in range(2, len(frames)):
            session.push(session.measure(frames[last - 2 : last + 1]))
        kept.append(len(session._rows))
    assert max(kept) <= 8 // 2 + 2


def test_a_real_video_is_finite(shared: Path) -> None:
    path = shared / "reference/handcrafted/clips/clipA_bgr0.mkv"
    assert np.isfinite(extract(path, Tlvqm())).all()
