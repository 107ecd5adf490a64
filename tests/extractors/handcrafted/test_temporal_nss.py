"""Statistics of frame differences: analytic answers and properties."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from originals import features_of
from small_videos import FFV1, moving

import vqa_features as vf
from vqa_features.kernels import nss


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
    noise = rng.integers(-9, 10, (3, 96, 128))
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


@pytest.mark.parametrize(("frames", "slices"), [(31, 0), (32, 1), (40, 1), (63, 1), (64, 2), (100, 3)])
def test_slices_have_32_frames_and_the_rest_is_none(frames: int, slices: int) -> None:
    clip = np.random.default_rng(0).integers(0, 256, (frames, 32, 40)).astype(np.uint8)
    table = vf.extract_frames(clip, "temporal-nss", per_frame=True, fps=25)
    assert len(table) == frames
    assert table["temporal-nss.mscn_var_yt"].notna().sum() == slices


def test_a_video_without_a_slice_says_so() -> None:
    clip = np.random.default_rng(0).integers(0, 256, (31, 32, 40)).astype(np.uint8)
    (told,) = vf.extract_frames(clip, "temporal-nss").attrs["warnings"]
    assert told.endswith("bands need 4 and 8 frames in a row, space-time slices 32, and 31 were read")


#: Slices of noise of 1920 samples: what chance moves.
STATIONARY = {"mscn_alpha_xt": 0.08, "mscn_var_xt": 0.02, "h_alpha_yt": 0.08, "mscn_var_yt": 0.02}


def test_slices_of_a_stationary_video_do_not_depend_on_its_length() -> None:
    clip = np.random.default_rng(1).normal(128, 20, (200, 120, 160)).clip(0, 255).round().astype(np.uint8)
    rows = [vf.extract_frames(clip[:n], "temporal-nss", fps=25) for n in (32, 40, 47, 64, 96, 200)]
    for name, share in STATIONARY.items():
        values = np.array([row[f"temporal-nss.{name}.mean"] for row in rows])
        assert values[0] == values[1] == values[2]
        assert np.ptp(values) < share * values.mean(), name


def test_a_slice_sees_no_border_of_zeros() -> None:
    """A still bright picture leaves no structure along time, at the first and the last frames too."""
    row_of_codes = np.random.default_rng(0).integers(150, 250, 160).astype(np.uint8)
    clip = np.broadcast_to(row_of_codes, (32, 96, 160))
    row = vf.extract_frames(clip, "temporal-nss")
    lines = np.repeat(row_of_codes[None], 32, axis=0).astype(np.float32)
    inside = nss.mscn(lines, border="replicate")
    assert np.allclose(inside, inside[0])
    assert row["temporal-nss.mscn_var_xt.mean"] == pytest.approx(np.square(inside).mean(), rel=1e-5)


@pytest.mark.parametrize("sampling", [{"every": 32, "offset": 31}, {"every": 40, "offset": 35}])
def test_a_row_of_a_sampled_video_comes_from_its_neighbours(tmp_path: Path, sampling: dict[str, int]) -> None:
    """Each row of a frame in many has a slice; its other fields are those that it has among all rows."""
    path = moving(tmp_path / "moving.mkv", 100, codec="ffv1", options=FFV1)
    full = vf.extract(path, "temporal-nss", per_frame=True)
    some = vf.extract(path, "temporal-nss", per_frame=True, **sampling)
    same = [name for name in full if not name.endswith(("xt", "yt")) or sampling["every"] == 32]
    pd.testing.assert_frame_equal(some[same], full.loc[some.index, same])
    assert some.filter(like="mscn_var").notna().all(axis=None)


def test_pairs_of_sampled_frames_make_slices_of_sampled_frames(tmp_path: Path) -> None:
    path = moving(tmp_path / "moving.mkv", 100, codec="ffv1", options=FFV1)
    rows = vf.extract(path, "temporal-nss[pairs=sampled]", per_frame=True, every=3)
    slices = rows["temporal-nss[pairs=sampled].mscn_var_xt"]
    assert np.flatnonzero(slices.notna()).tolist() == [31]


def test_a_transposed_video_swaps_the_two_kinds_of_slices() -> None:
    frames = np.random.default_rng(0).integers(0, 256, (32, 60, 60)).astype(np.uint8)
    row = vf.extract_frames(frames, "temporal-nss")
    turned = vf.extract_frames(frames.swapaxes(1, 2), "temporal-nss")
    assert row["temporal-nss.mscn_alpha_xt.mean"] == turned["temporal-nss.mscn_alpha_yt.mean"]
