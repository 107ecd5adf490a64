"""ChipQA against the authors' Python release, and properties on synthetic clips."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from originals import odd_pictures, reference, relative_error

from vqa_features.extraction import extract, extract_frames
from vqa_features.extractors.handcrafted.chipqa import _chips, _statistics
from vqa_features.extractors.handcrafted.chipqa.extractor import ChipQa

#: The release averages some moments in single precision.
PORT = 1e-5
N_FRAME, N_CHANGES = 56, 112


def noise(frames: int, height: int = 200, width: int = 216) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (frames, height, width, 3)).astype(np.uint8)


def test_equals_the_original(shared: Path) -> None:
    want = np.array(reference(shared, "video_chipqa")["features"])
    got = extract(shared / "reference/handcrafted/clips/clipA_bgr0.mkv", ChipQa()).to_numpy()
    error = relative_error(got, want)
    assert error.max() < PORT, ChipQa().feature_names[int(error.argmax())]
    assert np.median(error) < PORT / 1000


def test_temporal_weights_pass_no_constant_half_the_time() -> None:
    weights = _chips._temporal_weights()
    assert weights.shape == (5, 5)
    # the middle row is the impulse response t (1 - t / 2) exp(-t), last frame first
    t = np.arange(5)[::-1]
    assert weights[2] == pytest.approx(t * (1 - t / 2) * np.exp(-t))


def test_lines_pass_through_the_centre_and_differ() -> None:
    rows, columns = _chips._lines()
    assert (rows[:, 2] == 2).all()
    assert (columns[:, 2] == 2).all()
    assert len({tuple(zip(r, c, strict=True)) for r, c in zip(rows, columns, strict=True)}) == 6


def test_chips_are_cut_along_the_natural_direction() -> None:
    rng = np.random.default_rng(0)
    patches = np.zeros((5, 1, 5, 5))
    patches[:, 0, 2] = rng.normal(size=(5, 5))  # other lines have one column that is not zero
    chip = _chips.most_natural_chips(patches)[0]
    horizontal = np.einsum("kt,tx->kx", _chips._temporal_weights(), patches[:, 0, 2])
    assert chip == pytest.approx(horizontal)


def test_grid_lays_chips_as_their_centres_lie() -> None:
    grid = _chips.Grid((60, 100))
    assert (grid.rows, grid.columns) == (2, 4)
    picture = np.arange(6000.0).reshape(60, 100)
    patches = grid.patches(picture)
    assert patches.shape == (8, 5, 5)
    assert patches[5, 2, 2] == picture[25, 25]
    assert grid.tile(patches)[5:10, 5:10] == pytest.approx(patches[5])


def test_one_frame_has_no_value_and_two_have_frame_features() -> None:
    frames = noise(5)
    assert np.isnan(extract_frames(frames[:1], ChipQa())).all()
    two = extract_frames(frames[:2], ChipQa()).to_numpy()
    assert np.isfinite(two[:N_FRAME]).all()
    assert np.isnan(two[N_FRAME:]).all()
    assert np.isfinite(extract_frames(frames, ChipQa())).all()


def test_a_still_clip_changes_nothing() -> None:
    row = extract_frames(np.repeat(noise(1), 5, axis=0), ChipQa()).to_numpy()
    assert np.abs(row[N_FRAME:N_CHANGES]).max() < PORT


def test_leftover_frames_count_as_frames_but_make_no_chunk() -> None:
    frames = noise(7)
    seven = extract_frames(frames, ChipQa()).to_numpy()
    five = extract_frames(frames[:5], ChipQa()).to_numpy()
    assert (seven[N_FRAME:] == five[N_FRAME:]).all()
    assert (seven[:N_FRAME] != five[:N_FRAME]).any()


@pytest.mark.parametrize("name", odd_pictures())
def test_odd_pictures_have_no_infinite_feature(name: str) -> None:
    row = extract_frames(np.repeat(odd_pictures()[name][None], 5, axis=0), ChipQa()).to_numpy()
    assert not np.isinf(row).any()
    if name == "odd":
        assert np.isfinite(row).all()


def test_a_portrait_clip_is_finite() -> None:
    assert np.isfinite(extract_frames(noise(5, 260, 200), ChipQa())).all()


def test_niqe_part_needs_a_block_and_its_distance_two() -> None:
    model = {"mean": np.zeros(36), "covariance": np.eye(36)}
    gray = np.random.default_rng(0).integers(0, 256, (192, 192)).astype(np.float32)
    assert np.isfinite(_statistics.niqe_features(gray, **model)).all()
    assert np.isfinite(_statistics.niqe_features(gray[:100, :100], **model)).sum() == 36
    assert np.isnan(_statistics.niqe_features(gray[:90], **model)).all()
