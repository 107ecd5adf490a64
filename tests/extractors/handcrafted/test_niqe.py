"""NIQE equals the LIVE release and answers odd input."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from originals import features_of, numbers, odd_pictures, picture, reference, sided

from vqa_features.kernels import brisque_niqe, fits, nss, resize

FLAT_FREE = (
    "astronaut_noise15",
    "brick",
    "chelsea",
    "coffee",
    "coffee_noise15",
    "grass",
    "synth_int_203x301",
)
#: float32 rows, as for BRISQUE.
PARITY = 1e-6
#: Relative; on images with flat areas measured beyond the spread of the original's three variants.
SCORE_PARITY = 1e-3


def definition(image: np.ndarray) -> np.ndarray:
    """NIQE's block features written down plainly in float64: the fused kernel's oracle."""
    down, across = image.shape[0] // 96, image.shape[1] // 96
    plane = image[: 96 * down, : 96 * across].astype(float)
    scales = []
    for side in (96, 48):
        field = sided(nss.mscn(plane, border="replicate"), plane)
        blocks = field.reshape(down, side, across, side).swapaxes(1, 2).reshape(-1, side, side)
        rows = []
        for block in blocks:
            fit = fits.aggd_fit(block)
            row = [fit.shape, (fit.beta_left + fit.beta_right) / 2]
            for shift in ((0, 1), (1, 0), (1, 1), (1, -1)):
                fit = fits.aggd_fit(block * np.roll(block, shift, axis=(0, 1)))
                row += [fit.shape, fit.mean, fit.beta_left, fit.beta_right]
            rows.append(row)
        scales.append(np.array(rows))
        plane = resize.imresize(plane, 0.5)
    return np.concatenate(scales, axis=1)


@pytest.mark.parametrize("name", FLAT_FREE)
def test_features_and_score_equal_the_original(shared: Path, name: str) -> None:
    entry = reference(shared, "niqe")["images"][name]
    got = features_of([picture(shared, name)], "niqe")
    assert np.abs(got[:36] - numbers(entry["features"])).max() < PARITY
    assert got[36] == pytest.approx(entry["score"], rel=PARITY)


def test_flat_areas_stay_within_the_spread_of_the_originals_variants(shared: Path) -> None:
    for name, entry in reference(shared, "flat_noise_variants").items():
        got = features_of([picture(shared, name)], "niqe")
        variants = np.array([[*entry["niqe_features"][k], s] for k, s in entry["niqe_score"].items()])
        margin = SCORE_PARITY * np.maximum(1, np.abs(variants).max(axis=0))
        assert (got >= variants.min(axis=0) - margin).all(), name
        assert (got <= variants.max(axis=0) + margin).all(), name


def test_score_of_pictures_that_real_matlab_scored(shared: Path) -> None:
    anchors = reference(shared, "real_matlab_anchors")
    for name, score in zip(anchors["images"], anchors["niqe_LIVE_release"], strict=True):
        assert features_of([picture(shared, name)], "niqe")[36] == pytest.approx(score, rel=0.01)


def test_fused_kernel_equals_the_definition_block_by_block() -> None:
    image = np.random.default_rng(3).integers(0, 256, (200, 310)).astype(np.uint8)
    image[:100, :100] = 77
    assert np.allclose(
        brisque_niqe.niqe_block_features(image), definition(image), atol=PARITY, equal_nan=True
    )


def test_a_pristine_model_has_distance_zero_from_itself() -> None:
    blocks = np.random.default_rng(0).normal(size=(500, 36))
    distance = brisque_niqe.niqe_distance(blocks, blocks.mean(axis=0), np.cov(blocks, rowvar=False))
    assert distance == pytest.approx(0, abs=1e-9)


def test_smaller_than_one_block_is_nan_and_one_block_has_features_without_score() -> None:
    noise = np.random.default_rng(0).integers(0, 256, (96, 191)).astype(np.uint8)
    assert np.isnan(features_of([noise[:95]], "niqe")).all()
    one = features_of([noise], "niqe")
    assert np.isfinite(one[:36]).all()
    assert np.isnan(one[36])


def test_odd_pictures_have_features_or_nan_and_never_raise() -> None:
    pictures = odd_pictures()
    assert np.isfinite(features_of([pictures["odd"]], "niqe")).all()
    for name in ("black", "white", "constant"):
        assert np.isnan(features_of([pictures[name]], "niqe")).all()
    assert features_of([pictures["checkerboard"][:2, :2]], "niqe").shape == (37,)


def test_ten_bit_codes_of_the_same_picture_give_the_same_row() -> None:
    plane = np.random.default_rng(0).integers(0, 256, (192, 200)).astype(np.uint8)
    deep = plane.astype(np.uint16) * 4
    assert np.array_equal(features_of([plane], "niqe"), features_of([deep], "niqe"))
