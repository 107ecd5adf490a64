"""Statistics of frame differences: analytic answers and properties."""

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


def test_only_the_noise_of_a_still_scene_changes_the_statistics() -> None:
    rng = np.random.default_rng(0)
    noise = rng.integers(-9, 10, (2, 96, 128))
    scene = rng.integers(20, 230, (96, 128))
    over_scene = features_of((scene + noise).astype(np.uint8), "temporal-nss")
    over_gray = features_of((120 + noise).astype(np.uint8), "temporal-nss")
    assert np.array_equal(over_scene, over_gray, equal_nan=True)


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
    shallow, full = features_of(planes, "temporal-nss"), features_of(deep, "temporal-nss")
    assert np.array_equal(shallow, full, equal_nan=True)


def test_white_noise_has_the_same_spread_in_every_haar_band() -> None:
    noise = np.random.default_rng(0).integers(80, 160, (9, 128, 160)).astype(np.uint8)
    row = vf.extract_frames(noise, "temporal-nss")
    fast, slow = (row[f"temporal-nss.mscn_var_{band}.mean"] for band in ("haar4", "haar8"))
    assert fast == pytest.approx(slow, rel=0.05)


def test_bands_and_slices_wait_for_their_frames() -> None:
    frames = np.random.default_rng(0).integers(0, 256, (33, 48, 64)).astype(np.uint8)
    table = vf.extract_frames(frames, "temporal-nss", per_frame=True, fps=25)
    first = {
        field: int(np.flatnonzero(table[f"temporal-nss.mscn_var_{field}"].notna())[0])
        for field in ("s1", "s2", "haar4", "haar8", "xt", "yt")
    }
    assert first == {"s1": 1, "s2": 1, "haar4": 3, "haar8": 7, "xt": 31, "yt": 31}
    assert table["temporal-nss.mscn_var_xt"].notna().sum() == 1


@pytest.mark.parametrize(("frames", "slices"), [(7, 0), (8, 1), (39, 1), (40, 2)])
def test_a_short_rest_of_the_video_is_a_slice_from_eight_frames_on(frames: int, slices: int) -> None:
    clip = np.random.default_rng(0).integers(0, 256, (frames, 32, 40)).astype(np.uint8)
    table = vf.extract_frames(clip, "temporal-nss", per_frame=True, fps=25)
    assert len(table) == frames
    assert table["temporal-nss.mscn_var_yt"].notna().sum() == slices


def test_a_transposed_video_swaps_the_two_kinds_of_slices() -> None:
    frames = np.random.default_rng(0).integers(0, 256, (32, 60, 60)).astype(np.uint8)
    row = vf.extract_frames(frames, "temporal-nss")
    turned = vf.extract_frames(frames.swapaxes(1, 2), "temporal-nss")
    assert row["temporal-nss.mscn_alpha_xt.mean"] == turned["temporal-nss.mscn_alpha_yt.mean"]
