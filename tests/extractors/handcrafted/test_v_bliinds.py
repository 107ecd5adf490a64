"""Video BLIINDS against the LIVE release (run under Octave), and properties on synthetic clips."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from originals import odd_pictures, reference, relative_error
from yuv_clips import clip_features, reference_clip, still_clip

from vqa_features.extraction import extract_frames
from vqa_features.extractors.handcrafted.v_bliinds import _motion_dct, _ntss
from vqa_features.extractors.handcrafted.v_bliinds._ntss import padded
from vqa_features.extractors.handcrafted.v_bliinds.extractor import VBliinds

#: The temporal part is the same arithmetic; one log of a sum of many differences is the worst.
TEMPORAL = 1e-9
#: 49 to 101 of 18432 pixels lie in flat windows, whose sign is rounding noise in the release: three
#: orders of summation of the release's own formula are up to 2.9e-3 from the reference.
FLAT = 3e-3
NIQE_MEDIAN = 1e-6
N_NIQE = 37


def textured(h: int, w: int, seed: int = 0) -> NDArray[np.float64]:
    return np.random.default_rng(seed).integers(0, 256, (h, w)).astype(float)


def test_equals_the_original(shared: Path) -> None:
    want = np.array(reference(shared, "video_vbliinds")["clips"]["clipA_240x160_14f"]["f"])
    got = clip_features(VBliinds(), reference_clip(shared, "clipA_240x160_14f"), fps=8)
    error = relative_error(got, want)
    assert error[N_NIQE:].max() < TEMPORAL
    assert error[:N_NIQE].max() < FLAT
    assert np.median(error[:N_NIQE]) < NIQE_MEDIAN


@pytest.mark.parametrize("shift", [(0, 0), (1, 0), (2, -1), (-4, 4), (0, 7)])
def test_search_finds_a_small_shift_of_a_smooth_picture(shift: tuple[int, int]) -> None:
    from scipy.ndimage import gaussian_filter

    wide = gaussian_filter(textured(120, 140), 6) * 20
    reference_frame = wide[20:100, 20:120]
    current = wide[20 + shift[0] : 100 + shift[0], 20 + shift[1] : 120 + shift[1]]
    motion = _ntss.block_motion(padded(current), padded(reference_frame), 10, 4)
    inner = motion[1:-1, 1:-1].reshape(-1, 2)
    assert (np.median(inner, axis=0) == shift).all()


def test_search_prefers_no_motion_between_equal_frames() -> None:
    frame = padded(textured(64, 80))
    assert not _ntss.block_motion(frame, frame, 16, 4).any()
    assert _motion_dct.residual_dc_deviation(frame, frame) == 0


def test_compensation_removes_the_residual() -> None:
    wide = np.kron(textured(20, 24), np.ones((8, 8)))
    current, previous = wide[10:90, 10:122], wide[10:90, 12:124]
    plain = (current - previous).reshape(5, 16, 7, 16).sum(axis=(1, 3)) / 16
    assert _motion_dct.residual_dc_deviation(padded(current), padded(previous)) < 0.5 * plain.std(ddof=1)


def test_spectrum_of_gaussian_differences_has_shape_two() -> None:
    rng = np.random.default_rng(0)
    previous = np.zeros((500, 600))
    current = rng.normal(scale=9, size=previous.shape)
    shapes, dc = _motion_dct.difference_spectrum(padded(current), padded(previous))
    assert shapes.shape == (25,)
    assert np.abs(shapes - 2).max() < 0.15
    assert abs(dc) < 1


def test_a_change_of_level_is_its_dc() -> None:
    frame = textured(50, 60)
    _, dc = _motion_dct.difference_spectrum(padded(frame + 3), padded(frame))
    assert dc == pytest.approx(15)  # 5 times the change, for an orthonormal 5 x 5 DCT


def test_ratios_of_equal_shapes_are_one_but_for_the_floor() -> None:
    assert _motion_dct.spectral_ratios(np.full(25, 2.0)) == pytest.approx(2 / 2.1)


def test_coherency_is_one_for_parallel_motion_and_zero_for_none() -> None:
    motion = np.zeros((6, 8, 2), np.int64)
    assert _motion_dct.motion_coherency(motion) == 0
    motion[..., 0], motion[..., 1] = 3, -4
    assert _motion_dct.motion_coherency(motion) == pytest.approx(1)
    assert _motion_dct.motion_mode_and_mean(motion, 48) == (5, 5)


def test_a_still_clip_has_no_temporal_change() -> None:
    row = dict(zip(VBliinds().feature_names, clip_features(VBliinds(), still_clip(4), fps=4), strict=True))
    for name in ("dc_variation", "dc_change", "motion_coherency", "motion_global"):
        assert row[name] == 0
    assert np.isnan(row["niqe"])


@pytest.mark.parametrize(("n_frames", "n_defined"), [(1, 0), (2, 7), (3, 9)])
def test_a_short_clip_has_what_its_frames_define(n_frames: int, n_defined: int) -> None:
    row = clip_features(VBliinds(), still_clip(n_frames), fps=4)
    assert np.isfinite(row[N_NIQE:]).sum() == n_defined


@pytest.mark.parametrize("name", odd_pictures())
def test_odd_pictures_have_finite_temporal_features(name: str) -> None:
    frames = np.repeat(odd_pictures()[name][None], 3, axis=0)
    assert np.isfinite(extract_frames(frames, VBliinds(), luma="rgb2gray").to_numpy()[N_NIQE:]).all()


def test_niqe_part_leaves_out_five_frames_at_each_end() -> None:
    frames = np.random.default_rng(0).integers(0, 256, (12, 96, 192)).astype(np.uint8)
    inner = np.array([extract_frames(frame[None], VBliinds()).to_numpy()[:N_NIQE] for frame in frames[5:7]])
    assert extract_frames(frames, VBliinds()).to_numpy()[:N_NIQE] == pytest.approx(inner.mean(axis=0))


def test_niqe_part_of_a_short_clip_takes_every_frame() -> None:
    frames = np.random.default_rng(0).integers(0, 256, (2, 96, 192)).astype(np.uint8)
    each = np.array([extract_frames(frame[None], VBliinds()).to_numpy()[:N_NIQE] for frame in frames])
    assert extract_frames(frames, VBliinds()).to_numpy()[:N_NIQE] == pytest.approx(each.mean(axis=0))


def test_ten_bit_planes_give_the_features_of_eight_bit_ones() -> None:
    eight = np.random.default_rng(0).integers(0, 256, (3, 64, 80)).astype(np.uint8)
    deep = eight.astype(np.uint16) * 4
    one, other = extract_frames(eight, VBliinds()), extract_frames(deep, VBliinds())
    assert np.allclose(one, other, equal_nan=True)
