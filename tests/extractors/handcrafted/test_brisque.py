"""BRISQUE equals the LIVE release and answers odd input."""

from __future__ import annotations

import hashlib
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest
from originals import features_of, numbers, odd_pictures, picture, reference, sided

from vqa_features.errors import ParameterError
from vqa_features.kernels import brisque_niqe, fits, nss, resize
from vqa_features.registry import make
from vqa_features.resources import load_arrays

#: Images on which every MSCN coefficient is determined (no constant window but two pixels of camera).
FLAT_FREE = (
    "astronaut_noise15",
    "brick",
    "chelsea",
    "coffee",
    "coffee_noise15",
    "grass",
    "synth_int_203x301",
)
#: float32 rows: 1e-7 of values around 1; a shape could move by a step of the grid, none does.
PARITY = 1e-6
#: The original's own text files (%f, %g) quantise the score by about this.
SCORE_PARITY = 1e-3
#: On images with flat areas: how far outside the spread of the three variants of the original.
BEYOND_SPREAD = 1e-3


def definition(image: np.ndarray) -> np.ndarray:
    """BRISQUE's features written down plainly in float64: the fused kernel's oracle."""
    features: list[float] = []
    plane = image.astype(float)
    for scale in range(2):
        if scale:
            plane = resize.imresize(plane, 0.5)
        field = sided(nss.mscn(plane, border="zero"), plane)
        features += fits.ggd_fit(field)
        for shift in ((0, 1), (1, 0), (1, 1), (-1, 1)):
            fit = fits.aggd_fit(field * np.roll(field, shift, axis=(0, 1)))
            features += [fit.shape, fit.mean, fit.left**2, fit.right**2]
    return np.array(features)


@pytest.mark.parametrize("name", FLAT_FREE)
def test_features_and_score_equal_the_original(shared: Path, name: str) -> None:
    entry = reference(shared, "brisque")["images"][name]
    got = features_of([picture(shared, name)], "brisque")
    assert np.abs(got[:36] - numbers(entry["features"])).max() < PARITY
    assert got[36] == pytest.approx(entry["score"], abs=SCORE_PARITY)


def test_flat_areas_stay_within_the_spread_of_the_originals_variants(shared: Path) -> None:
    for name, entry in reference(shared, "flat_noise_variants").items():
        got = features_of([picture(shared, name)], "brisque")
        variants = np.array([[*entry["brisque_features"][k], s] for k, s in entry["brisque_score"].items()])
        margin = BEYOND_SPREAD * np.maximum(1, np.abs(variants).max(axis=0))
        assert (got >= variants.min(axis=0) - margin).all(), name
        assert (got <= variants.max(axis=0) + margin).all(), name


def test_score_of_pictures_that_real_matlab_scored(shared: Path) -> None:
    anchors = reference(shared, "real_matlab_anchors")
    for name, score in zip(anchors["images"], anchors["brisque_LIVE_release"], strict=True):
        assert features_of([picture(shared, name)], "brisque")[36] == pytest.approx(score, abs=0.2)


@pytest.mark.parametrize("shape", [(97, 131), (64, 48), (7, 5)])
def test_fused_kernel_equals_the_definition(shape: tuple[int, int]) -> None:
    image = np.random.default_rng(3).integers(0, 256, shape).astype(np.uint8)
    assert np.allclose(brisque_niqe.brisque_features(image), definition(image), atol=PARITY, equal_nan=True)


def test_flat_and_antisymmetric_windows_are_zero_in_the_fused_kernel_too() -> None:
    image = np.full((64, 64), 198, np.uint8)
    image[40:, :], image[:, 30:] = 208, 188
    image[40:, 30:] = 198
    assert np.allclose(brisque_niqe.brisque_features(image), definition(image), atol=PARITY, equal_nan=True)


def test_ten_bit_codes_of_the_same_picture_give_the_same_row() -> None:
    plane = np.random.default_rng(0).integers(0, 256, (120, 160)).astype(np.uint8)
    deep = plane.astype(np.uint16) * 4
    assert np.array_equal(features_of([plane], "brisque"), features_of([deep], "brisque"))


def test_odd_pictures_have_features_or_nan_and_never_raise() -> None:
    pictures = odd_pictures()
    assert np.isfinite(features_of([pictures["odd"]], "brisque")).all()
    assert np.isfinite(features_of([pictures["tiny"]], "brisque")).all()
    black = features_of([pictures["black"]], "brisque")
    assert black[1] == 0
    assert np.isnan(black[[0, 2, 36]]).all()
    for name, frame in pictures.items():
        assert features_of([frame[:2, :2]], "brisque").shape == (37,), name


def test_scales_are_a_parameter_and_only_two_have_a_score() -> None:
    image = np.random.default_rng(0).integers(0, 256, (96, 96)).astype(np.uint8)
    three = features_of([image], "brisque[scales=3]")
    assert three.shape == (54,)
    assert np.array_equal(three[:36], features_of([image], "brisque")[:36])
    with pytest.raises(ParameterError, match="1 to 6"):
        make("brisque[scales=0]")


@pytest.mark.parametrize("name", ["brisque", "niqe"])
def test_published_models_have_the_declared_hash(name: str) -> None:
    file = {"brisque": "brisque_svr.npz", "niqe": "niqe_pristine.npz"}[name]
    content = files("vqa_features.resources").joinpath("ut_live", file).read_bytes()
    (info,) = make(name).checkpoints
    assert (hashlib.sha256(content).hexdigest(), len(content)) == (info.sha256, info.size)


def test_support_vectors_and_ranges_are_the_release_s(shared: Path) -> None:
    folder = shared / "reference/handcrafted/models"
    model = load_arrays("ut_live/brisque_svr.npz")
    lines = (folder / "brisque_allmodel").read_text().split("SV\n")[1].strip().splitlines()
    for line, coefficient, vector in zip(lines, model["coefficients"], model["support_vectors"], strict=True):
        first, *entries = line.split()
        assert float(first) == coefficient
        assert all(vector[int(k) - 1] == float(v) for k, v in (entry.split(":") for entry in entries))
    ranges = [line.split()[1:] for line in (folder / "brisque_allrange").read_text().splitlines()[2:]]
    assert np.array_equal(model["ranges"], np.array(ranges, float))
