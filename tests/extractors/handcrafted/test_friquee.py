"""FRIQUEE equals the original, its complex-wavelet part included."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from originals import features_of, numbers, odd_pictures, picture, reference, relative_error

from vqa_features import make
from vqa_features.extractors.handcrafted.friquee import _cdiivine, _maps, _steerable
from vqa_features.kernels import cones

#: Images without flat areas; coffee's yellow map has a few flat pixels (9e-7).
FLAT_FREE = ("chelsea", "coffee")
PORT = 2e-6
#: Complex wavelets have no flat areas: rounding of transforms and of a Newton iteration.
WAVELET = 1e-9
#: Chroma: 8-bit codes of a* and b* rounded the other way.
CHROMA, CHROMA_MEDIAN = 6e-3, 1e-3


@pytest.mark.parametrize("name", [*FLAT_FREE, "rocket"])
def test_reference_images_equal_the_original(shared: Path, name: str) -> None:
    entry = reference(shared, "friquee")["images"][name]
    error = relative_error(features_of([picture(shared, name)], "friquee"), numbers(entry["features"]))
    chroma = np.array([one.startswith("chroma_") for one in make("friquee").feature_names])
    assert np.median(error[chroma]) < CHROMA_MEDIAN
    assert error[232:][~chroma[232:]].max() < WAVELET
    assert error[232:][chroma[232:]].max() < CHROMA
    if name in FLAT_FREE:
        assert error[~chroma].max() < PORT
        assert error[chroma].max() < CHROMA


def test_names_are_unique_and_as_many_as_published() -> None:
    names = make("friquee").feature_names
    assert len(set(names)) == len(names) == 560


def test_pyramid_bands_hold_the_energy_of_the_picture() -> None:
    image = np.random.default_rng(0).normal(size=(64, 96))
    pyramid = _steerable.complex_pyramid(image, 1, 6)
    # cos^2 + sin^2 of the radial masks; a one-sided band has twice the energy of its real part
    band = sum(np.square(one.real).sum() for one in pyramid.bands[0])
    assert np.square(pyramid.high).sum() + band < np.square(image).sum() * 1.001
    assert [one.shape for scale in _steerable.complex_pyramid(image, 3, 6).bands for one in scale[:1]] == [
        (64, 96),
        (32, 48),
        (16, 24),
    ]


def test_magnitude_fit_finds_scale_and_shape_of_known_samples() -> None:
    # x = scale * g^(1 / shape) with g of a gamma distribution of shape 2 / shape
    rng = np.random.default_rng(0)
    shape, scale = 1.3, 2.5
    x = scale * rng.gamma(2 / shape, size=200_000) ** (1 / shape)
    got = _cdiivine.magnitude_fit(x)
    assert got == pytest.approx((scale, shape), rel=0.03)


def test_wrapped_cauchy_concentration_of_known_samples() -> None:
    angles = np.random.default_rng(0).standard_cauchy(200_000) * -np.log(0.7) + 0.4
    assert _cdiivine.wrapped_cauchy_concentration(angles) == pytest.approx(0.7, abs=0.01)


def test_a_band_is_fully_similar_to_itself() -> None:
    band = np.random.default_rng(0).normal(size=(20, 30)) + 1j
    assert _cdiivine.similarity(band, band) == pytest.approx(1, abs=1e-12)


def test_hue_and_saturation_of_plain_colours() -> None:
    colours = np.array([[[255, 0, 0], [0, 255, 0], [0, 0, 255], [9, 9, 9]]], np.uint8)
    hue, saturation = cones.rgb_to_hue_saturation(colours)
    assert hue.tolist() == [[0, 120, 240, 240]]
    assert saturation.tolist() == [[1, 1, 1, 0]]


def test_laplacian_band_of_a_constant_is_zero() -> None:
    assert not _maps.laplacian_band(np.full((9, 12), 93)).any()


def test_odd_pictures_have_answers() -> None:
    for kind, frame in odd_pictures().items():
        got = features_of([frame], "friquee")
        if kind in ("tiny", "odd"):
            assert np.isfinite(got).all(), kind
    small = features_of([np.random.default_rng(0).integers(0, 256, (31, 60, 3)).astype(np.uint8)], "friquee")
    assert np.isfinite(small[:232]).all()
    assert np.isnan(small[232:]).all()
