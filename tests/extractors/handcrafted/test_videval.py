"""VIDEVAL against the original run by Octave on a short clip; the real-MATLAB row is in the golden test."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from originals import features_of, odd_pictures, reference, relative_error
from yuv_clips import clip_features, half_unit_luma, reference_clip, still_clip

from vqa_features import make
from vqa_features.extractors.handcrafted.tlvqm import _filters, _low_complexity

CLIP = "clipA_konvid5115335471_f60-83_crop256x192"
#: What is determined: no flat area, no chroma rounding, no tie between key points.
PORT = 1e-6
#: Products of flat neighbours (see `kernels.mscn_sums`) and chroma codes rounded the other way.
FLAT = 2e-2
#: Deviation over time of an AGGD mean that is nearly zero.
FLAT_STD = 0.15
MOTION = range(43, 50)


def test_the_reference_clip_equals_the_original_but_for_flat_areas(shared: Path) -> None:
    want = np.array(reference(shared, "video_videval")["clips"]["clipA"]["f"])
    ids = reference(shared, "videval_konvid_5115335471")["feature_ids"]
    videval = make("videval")
    error = relative_error(clip_features(videval, reference_clip(shared, CLIP), fps=8), want)
    # key points of equal strength: this reference breaks the tie as MATLAB does not
    tied = np.array([one in ("mean44", "mean45", "mean47", "std45", "std49", "std50") for one in ids])
    error = error[~tied]
    assert (error < PORT).sum() >= 38
    assert np.sort(error)[-2] < FLAT
    assert error.max() < FLAT_STD


def test_motion_features_equal_the_reference_with_its_own_order_of_summation(shared: Path) -> None:
    found = reference(shared, "video_videval")["clips"]["clipA"]["frame_features"]
    want = np.array(found["v"]).reshape(found["shape"])[:, list(MOTION)]
    lumas = [luma for luma, _ in reference_clip(shared, CLIP)]
    halves = [_low_complexity.half_frame(half_unit_luma(luma)) for luma in lumas]
    from vqa_features.extractors.handcrafted.videval._selected import MOTION_CHOSEN

    for row in range(len(want)):
        previous, this, following = halves[2 * row : 2 * row + 3]
        contrast = _filters.corners(this.luma, last_first=False).contrast
        middle = _low_complexity.middle_frame(this, contrast, 256 // 40)
        features = _low_complexity.motion_features(previous, middle, following, 256 // 40)
        got = np.array([features[name] for name in MOTION_CHOSEN])
        assert relative_error(got, want[row]).max() < PORT, row


def test_a_still_clip_has_no_motion_and_no_deviation() -> None:
    videval = make("videval")
    got = dict(zip(videval.feature_names, clip_features(videval, still_clip(24), fps=8), strict=True))
    assert got["tlvqm_motion_intensity_mean"] == got["tlvqm_jerkiness_mean"] == 0
    assert got["tlvqm_temporal_activity_mean"] == 0
    deviations = [value for name, value in got.items() if name.endswith("_std") and "_std_mean" not in name]
    assert np.allclose(deviations[:19], 0, atol=1e-12)


@pytest.mark.parametrize("n_frames", [1, 2, 3, 4, 5, 9])
def test_short_clips_have_values_and_nan_only_where_frames_are_missing(n_frames: int) -> None:
    videval = make("videval")
    got = clip_features(videval, still_clip(n_frames), fps=8)
    missing = {name for name, value in zip(videval.feature_names, got, strict=True) if np.isnan(value)}
    motion = {name for name in videval.feature_names if name.startswith("tlvqm_") and name.endswith("_mean")}
    deviation = set(videval.feature_names[35:54])
    allowed = (motion | deviation if n_frames < 3 else deviation if n_frames < 6 else set()) - {
        "tlvqm_edge_mean"
    }
    assert missing <= allowed


def test_odd_pictures_have_answers() -> None:
    for kind, frame in odd_pictures().items():
        got = features_of([frame] * 6, "videval", fps=4)
        assert got.shape == (60,)
        if kind in ("tiny", "odd"):
            assert np.isfinite(got).all(), kind


def test_ten_bit_input_gives_what_eight_bit_gives() -> None:
    clip = still_clip(8)
    deep = [(luma.astype(np.uint16) * 4, chroma.astype(np.uint16) * 4) for luma, chroma in clip]
    videval = make("videval")
    eight, ten = clip_features(videval, clip, 8), clip_features(videval, deep, 8, bit_depth=10)
    assert np.allclose(eight, ten, rtol=1e-9, equal_nan=True)
