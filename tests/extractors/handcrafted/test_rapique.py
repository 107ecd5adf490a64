"""RAPIQUE's natural-scene half equals the original where the original is determined."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from originals import features_of, numbers, odd_pictures, picture, reference, relative_error
from yuv_clips import clip_features, reference_clip, still_clip

from vqa_features import make
from vqa_features.extractors.handcrafted.rapique import _statistics

CLIP = "clipA_konvid5115335471_f60-83_crop256x192"
FLAT_FREE = ("astronaut_noise15", "chelsea", "coffee")
PORT = 1e-9
#: a* and b*: codes rounded the other way move the AGGD mean most, which is nearly zero.
LAB = 2e-2
SPATIAL, ALL = 680, 1836


def is_lab(names: list[str]) -> np.ndarray:
    return np.array([name.split("_")[0] in ("A", "B", "GMA", "GMB") for name in names])


def test_reference_images_equal_the_original(shared: Path) -> None:
    want = reference(shared, "rapique_spatial")
    lab = is_lab(want["names"])
    assert make("rapique-nss").feature_names[:SPATIAL] == want["names"]
    for name, entry in want["images"].items():
        error = relative_error(
            _statistics.spatial_features(picture(shared, name)), numbers(entry["features"])
        )
        if name in FLAT_FREE:
            assert error[~lab].max() < PORT, name
            assert error[lab].max() < LAB, name
        assert np.median(error) < PORT, name


def test_chunks_of_the_reference_clip_equal_the_original(shared: Path) -> None:
    from vqa_features.extractors.handcrafted.rapique._session import _RapiqueNssSession
    from vqa_features.extractors.handcrafted.rapique.extractor import RapiqueNss

    want = numbers(reference(shared, "video_rapique")["clips"]["clipA"]["f"]).reshape(3, ALL)
    sessions: list[_RapiqueNssSession] = []

    class Watched(RapiqueNss):
        def open(self, info):  # type: ignore[no-untyped-def]
            sessions.append(super().open(info))
            return sessions[-1]

    got = clip_features(Watched(), reference_clip(shared, CLIP), fps=8)
    rows = np.array(sessions[0].rows)
    assert rows.shape == want.shape
    assert np.allclose(got, rows.mean(axis=0), rtol=PORT, equal_nan=True)
    error = relative_error(rows, want)
    assert (np.median(error, axis=1) < PORT).all()
    # the first two chunks have no flat area in time
    assert error[:2, 2 * SPATIAL :].max() < PORT


def test_a_still_clip_changes_nothing_and_has_empty_temporal_bands() -> None:
    row = clip_features(make("rapique-nss"), still_clip(12), fps=8)  # one chunk
    assert not np.nan_to_num(row[SPATIAL : 2 * SPATIAL]).any()
    names = np.array(make("rapique-nss").feature_names[2 * SPATIAL :])
    band = row[2 * SPATIAL :]
    assert np.isnan(band[[name.endswith("_ggd_beta") for name in names]]).all()
    assert not band[[name.endswith("_sigma_mean") for name in names]].any()


@pytest.mark.parametrize(("n_frames", "temporal"), [(1, False), (2, False), (7, True), (16, True)])
def test_short_clips_have_the_spatial_half_and_nan_for_the_rest(n_frames: int, temporal: bool) -> None:
    rng = np.random.default_rng(0)
    clip = [
        (rng.integers(0, 256, (96, 128)).astype(np.uint8), rng.integers(0, 256, (2, 48, 64)).astype(np.uint8))
        for _ in range(n_frames)
    ]
    row = clip_features(make("rapique-nss"), clip, fps=8)
    assert np.isfinite(row[:SPATIAL]).all()
    assert np.isfinite(row[SPATIAL : 2 * SPATIAL]).all() == (n_frames > 1)
    assert np.isfinite(row[2 * SPATIAL :]).all() == temporal


@pytest.mark.parametrize("fps", [1, 2, 3, 5, 60])
def test_any_frame_rate_has_an_answer(fps: int) -> None:
    rng = np.random.default_rng(0)
    planes = rng.integers(0, 256, (11, 48, 64)).astype(np.uint8)
    assert np.isfinite(features_of(planes, "rapique-nss", fps=fps)[:SPATIAL]).sum() > 400


def test_odd_pictures_have_answers() -> None:
    for kind, frame in odd_pictures().items():
        row = features_of([frame] * 6, "rapique-nss", fps=4)
        assert row.shape == (ALL,)
        if kind in ("tiny", "odd"):
            assert np.isfinite(row[: 2 * SPATIAL]).all(), kind


def test_memory_does_not_grow_with_the_video() -> None:
    from vqa_features.extractors.handcrafted.rapique._session import _RapiqueNssSession

    class One:
        luma = np.random.default_rng(0).integers(0, 256, (32, 48)).astype(np.uint8)
        chroma = np.full((2, 16, 24), 128, np.uint8)
        has_chroma = True
        index = 0

    session = _RapiqueNssSession(30)
    frame = One()
    for frame.index in range(200):
        session.push((session.prepare(frame),))  # type: ignore[arg-type]
        assert len(session._open) <= 2
        assert sum(len(chunk.lumas) + len(chunk.spatial) for chunk in session._open) <= 20


@pytest.mark.parametrize("rate", [1, 2, 3, 8, 30])
def test_prepare_computes_what_the_chunks_of_a_frame_need(rate: int) -> None:
    from vqa_features.extractors.handcrafted.rapique._session import _chunk, _chunks_about

    chunks = [_chunk(number, rate) for number in range(100)]
    for index in range(60):
        near = _chunks_about(index, rate)
        for needs in ("needs_spatial", "needs_luma"):
            wanted = any(getattr(chunk, needs)(index) for chunk in chunks)
            assert any(getattr(chunk, needs)(index) for chunk in near) == wanted
