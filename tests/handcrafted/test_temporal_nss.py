"""Statistics of frame differences: what they must answer."""

from __future__ import annotations

import numpy as np
import pytest
from originals import features_of

import vqa_features as vf


def test_equal_frames_have_no_variance_and_no_fit() -> None:
    frame = np.random.default_rng(0).integers(0, 256, (64, 80)).astype(np.uint8)
    row = vf.extract_frames([frame] * 3, "temporal-nss")
    assert row["temporal-nss.mscn_var_s1.mean"] == 0
    assert np.isnan(row["temporal-nss.mscn_alpha_s1.mean"])


def test_one_frame_has_no_difference() -> None:
    frame = np.random.default_rng(0).integers(0, 256, (64, 80)).astype(np.uint8)
    assert np.isnan(features_of([frame], "temporal-nss")).all()


def test_a_still_scene_under_noise_does_not_matter_only_the_noise_does() -> None:
    rng = np.random.default_rng(0)
    noise = rng.integers(-9, 10, (2, 96, 128))
    scene = rng.integers(20, 230, (96, 128))
    over_scene = features_of((scene + noise).astype(np.uint8), "temporal-nss")
    over_gray = features_of((120 + noise).astype(np.uint8), "temporal-nss")
    assert np.array_equal(over_scene, over_gray)


def test_a_sequence_played_backwards_has_the_same_spread() -> None:
    frames = np.random.default_rng(0).integers(0, 256, (3, 96, 128)).astype(np.uint8)
    forwards = vf.extract_frames(frames, "temporal-nss")
    backwards = vf.extract_frames(frames[::-1], "temporal-nss")
    for name in ("mscn_alpha_s1", "mscn_var_s1", "mscn_var_s2"):
        column = f"temporal-nss.{name}.mean"
        assert forwards[column] == pytest.approx(backwards[column], rel=1e-6)


def test_ten_bit_codes_of_the_same_frames_give_the_same_row() -> None:
    planes = np.random.default_rng(0).integers(0, 256, (2, 50, 60)).astype(np.uint8)
    deep = planes.astype(np.uint16) * 4
    assert np.array_equal(features_of(planes, "temporal-nss"), features_of(deep, "temporal-nss"))
