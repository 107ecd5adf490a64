"""Statistics of frame differences: analytic answers and properties."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from originals import features_of
from small_videos import FFV1, moving

import vqa_features as vf
from vqa_features.extraction.feed import Feed
from vqa_features.extractors.handcrafted import _temporal_nss
from vqa_features.extractors.handcrafted._alike import bound, plainly_alike
from vqa_features.frame import UNSAMPLED, Frame, Views
from vqa_features.kernels import cuts, nss
from vqa_features.kernels.resize import halve
from vqa_features.picture import ArrayPicture
from vqa_features.specs import VideoInfo


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


@pytest.mark.parametrize("sampling", [{}, {"every": 3}, {"every": 40, "offset": 35}])
@pytest.mark.parametrize("label", ["temporal-nss", "temporal-nss[pairs=sampled]"])
def test_threads_share_the_frames_of_any_sampling(
    tmp_path: Path, label: str, sampling: dict[str, int]
) -> None:
    path = moving(tmp_path / "moving.mkv", 100, codec="ffv1", options=FFV1)
    alone = vf.extract(path, label, per_frame=True, **sampling)
    several = vf.extract(path, label, per_frame=True, threads=3, **sampling)
    pd.testing.assert_frame_equal(several, alone, check_exact=True)


@pytest.mark.parametrize(("step", "most"), [(1, 14), (4, 17), (40, 44), (33, 44)])
def test_pictures_are_kept_while_later_windows_use_them(step: int, most: int) -> None:
    extractor = vf.make("temporal-nss")
    info = VideoInfo("<frames>", 40, 32, 25, 160 // step, 6.4, source_frames=160)
    feed = Feed(extractor, info, extractor.open(info.of_source()))
    kept, largest = [], 0
    for k, plane in enumerate(np.random.default_rng(0).integers(0, 256, (160, 32, 40)).astype(np.uint8)):
        frame = Frame(ArrayPicture(plane), k // step if k % step == 0 else UNSAMPLED, k / 25, source=k)
        kept.append(feed.prepared(frame))
        for moment, window in feed.windows(frame, kept[-1]):
            feed.push(moment, feed.measured(window))
        largest = max(largest, sum(one.plane is not None for one in kept[-44:]))
    assert largest <= most


@pytest.mark.parametrize("bits", [10, 12, 16])
def test_a_neighbour_keeps_deep_luma_in_whole_numbers(bits: int) -> None:
    codes = np.random.default_rng(0).integers(0, 2**bits, (20, 30)).astype(np.uint16)
    session = vf.make("temporal-nss").open(VideoInfo("a.mkv", 30, 20, 25, 1, 0.04))
    frames = [Frame(ArrayPicture(codes, bits), index, 0, source=0) for index in (0, UNSAMPLED)]
    sampled, neighbour = (session.prepare(Views(frame, ("luma", "thumbnail"))) for frame in frames)
    assert (sampled.plane.dtype, neighbour.plane.dtype) == (np.float32, np.uint16)
    assert np.array_equal(neighbour.picture, sampled.picture)
    assert np.array_equal(neighbour.halved, sampled.halved)


@pytest.mark.parametrize("size", [(32, 40), (33, 47), (5, 6)])
@pytest.mark.parametrize("levels", [range(256), (0, 255), (90, 91)])
def test_the_halved_difference_is_that_of_the_halves(size: tuple[int, int], levels: Sequence[int]) -> None:
    planes = np.random.default_rng(0).choice(levels, (2, *size)).astype(np.uint8)
    halves = [halve(plane) for plane in planes]
    difference, half = _temporal_nss.difference_of(*planes), _temporal_nss.difference_of_halves(*halves)
    assert np.array_equal(difference, planes[1].astype(np.float32) - planes[0])
    np.testing.assert_allclose(half, halve(difference), rtol=0, atol=2**-14)
    held = np.maximum(*halves) < 256  # above it, float32 does not hold 2 ** -16
    assert np.array_equal(half[held], halve(difference)[held])


def test_bands_are_newer_less_older_pictures() -> None:
    halves = np.random.default_rng(0).normal(100, 30, (8, 17, 23)).astype(np.float32)
    short, long = _temporal_nss.haar_bands(list(halves))
    np.testing.assert_allclose(long, (halves[4:].sum(0) - halves[:4].sum(0)) / 2, atol=1e-4)
    np.testing.assert_allclose(short, (halves[6:].sum(0) - halves[4:6].sum(0)) / 2**0.5, atol=1e-4)
    (alone,) = _temporal_nss.haar_bands(list(halves[4:]))
    assert np.array_equal(alone, short)
    assert not np.any(_temporal_nss.haar_bands([halves[0]] * 8))


@pytest.mark.parametrize("seed", range(8))
def test_plainly_alike_pictures_have_no_cut_between_them(seed: int) -> None:
    rng = np.random.default_rng(seed)
    base = cuts.thumbnail(np.cumsum(rng.normal(0, 2, (96, 128)), axis=1).astype(np.float32) + 100)
    for other in (base * 0.5 + 60, base + rng.normal(0, 3, base.shape), np.roll(base, 2, 1), base * 0 + 9):
        after = other.astype(np.float32)
        as_they_lie, searched = (cuts.dissimilarity(base, after, reach) for reach in (0, 3))
        assert bound(base, after, np.inf) == pytest.approx(as_they_lie, abs=1e-3)
        assert bound(base, after, 0) == pytest.approx(searched, abs=1e-3)
        assert searched - 1e-3 <= bound(base, after, 0.1) <= as_they_lie + 1e-3
        if plainly_alike(base, after):
            assert searched <= cuts.LEAST
            assert cuts.cut_between([cuts.Signature(base)], [cuts.Signature(after)]) == 0
    assert plainly_alike(base, base)
    assert not plainly_alike(base, base[::-1].copy())
