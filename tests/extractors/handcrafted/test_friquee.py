"""FRIQUEE equals the original, its complex-wavelet part included."""

from __future__ import annotations

from pathlib import Path

import friquee_definition as definition
import numpy as np
import pytest
from originals import features_of, numbers, odd_pictures, picture, reference, relative_error

from vqa_features import make
from vqa_features.extractors.handcrafted.friquee import (
    _cdiivine,
    _condensed,
    _enlarging,
    _magnitudes,
    _maps,
    _similarity,
    _steerable,
)
from vqa_features.kernels import cones, nss

#: Images without flat areas; coffee's yellow map has a few flat pixels (9e-7).
FLAT_FREE = ("chelsea", "coffee")
PORT = 2e-6
#: Complex wavelets have no flat areas: rounding of transforms and of a Newton iteration.
WAVELET = 1e-9
#: Chroma: 8-bit codes of a* and b* rounded the other way.
CHROMA, CHROMA_MEDIAN = 6e-3, 1e-3
#: Even, odd, of the least side, and wider than what the kernels lay out at a time.
SHAPES = ((64, 96), (65, 97), (32, 33), (101, 42), (34, 531))


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
    x = scale * rng.gamma(2 / shape, size=(200, 1000)) ** (1 / shape)
    bins = _condensed.no_magnitudes()
    for row in range(len(x)):
        _condensed.add_magnitudes(x, row, bins)
    got = _cdiivine.magnitude_fit(_condensed.magnitudes(bins), x.size)
    assert got == pytest.approx((scale, shape), rel=0.03)
    assert got == pytest.approx(definition.magnitude_fit(x.ravel()), rel=1e-11)


@pytest.mark.parametrize("concentration", [0.0, 0.3, 0.7, 0.95])
def test_wrapped_cauchy_concentration_of_known_samples(concentration: float) -> None:
    with np.errstate(divide="ignore"):
        spread = -np.log(concentration)
    angles = np.random.default_rng(0).standard_cauchy((200, 1000)) * min(spread, 50) + 0.4
    band = np.exp(1j * np.cumsum(angles, axis=1))
    beside, above = _condensed.no_directions(), _condensed.no_directions()
    _condensed.add_relative_phases(band.view(float), beside, above)
    for bins, axis in ((beside, 1), (above, 0)):
        want = definition.wrapped_cauchy_concentration(
            (np.roll(np.angle(band), 1, axis=axis) - np.angle(band))[:, 1:]
        )
        got = _cdiivine.wrapped_cauchy_concentration(_condensed.directions(bins))
        assert got == pytest.approx(want, rel=1e-8, abs=1e-10, nan_ok=True)


def test_a_band_is_fully_similar_to_itself() -> None:
    band = np.random.default_rng(0).normal(size=(20, 30)) + 1j
    assert _similarity.similarity(band, band) == pytest.approx(1, abs=1e-12)


@pytest.mark.parametrize("shape", SHAPES)
def test_wavelet_part_equals_its_definition(shape: tuple[int, int]) -> None:
    rng = np.random.default_rng(sum(shape))
    for image in (
        rng.integers(0, 256, shape).astype(np.float64),
        rng.uniform(0, 255, shape).astype(np.float32),
        np.cumsum(rng.normal(size=shape), axis=1),
    ):
        pyramid, want = _steerable.complex_pyramid(image, 3, 6), definition.complex_pyramid(image, 3, 6)
        scale = np.abs(image).max()
        np.testing.assert_allclose(pyramid.high, want.high, rtol=0, atol=1e-13 * scale)
        for bands, expected in zip(pyramid.bands, want.bands, strict=True):
            for got, one in zip(bands, expected, strict=True):
                np.testing.assert_allclose(got, one, rtol=0, atol=1e-13 * scale)
        error = relative_error(_cdiivine.cdiivine_features(image), definition.cdiivine_features(image))
        assert error.max() < WAVELET


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("scale", [0, 1])
def test_normalised_magnitudes_equal_their_definition(shape: tuple[int, int], scale: int) -> None:
    pyramid = definition.complex_pyramid(np.random.default_rng(1).normal(size=shape), 3, 6)
    bands = pyramid.bands[scale]
    parents = [definition._resized(band, 2) for band in pyramid.bands[1]] if scale == 0 else []
    magnitudes = np.empty((6 + len(parents), *bands[0].shape))
    for band, out in zip([*bands, *parents], magnitudes, strict=True):
        _magnitudes.magnitude(band, out)
        np.testing.assert_allclose(out, np.abs(band)[: out.shape[0], : out.shape[1]], rtol=1e-14)
    got = _magnitudes.normalised_magnitudes(bands, magnitudes)
    for one, ratios in zip(got, definition._normalised(pyramid, scale), strict=True):
        want = np.abs(ratios)
        mixed = want - np.roll(want, 1, axis=1) - np.roll(want - np.roll(want, 1, axis=1), 1, axis=0)
        assert one.absolute == pytest.approx(np.abs(mixed).sum(), rel=1e-10)
        assert one.squares == pytest.approx(np.square(mixed).sum(), rel=1e-10)
        assert (one.samples, one.invalid) == (want.size, 0)
        condensed = _condensed.magnitudes(one.bins)
        for power in (-0.5, 1, 3):
            assert condensed.weight @ np.exp(power * condensed.log) == pytest.approx(
                np.sum(want**power), rel=1e-9
            )


def test_singular_neighbourhoods_have_no_magnitudes() -> None:
    bands = [np.ones((20, 30), complex)] * 6
    found = _magnitudes.normalised_magnitudes(bands, np.ones((6, 20, 30)))
    assert all(one.invalid == one.samples == 18 * 28 for one in found)


@pytest.mark.parametrize("shape", SHAPES)
def test_enlarged_magnitudes_equal_their_definition(shape: tuple[int, int]) -> None:
    rng = np.random.default_rng(2)
    half = (shape[0] + 1) // 2, (shape[1] + 1) // 2
    coarse = rng.normal(size=half) + 1j * rng.normal(size=half)
    got = np.empty(shape)
    _enlarging.enlarged_magnitude(coarse, got)
    want = np.abs(definition._resized(coarse, 2))[: shape[0], : shape[1]]
    np.testing.assert_allclose(got, want, rtol=0, atol=1e-13)


@pytest.mark.parametrize("shape", [*SHAPES, (33, 1100)])
def test_similarities_equal_their_definition(shape: tuple[int, int]) -> None:
    rng = np.random.default_rng(2)
    shapes = [shape] + [tuple((n + s - 1) // s for n in shape) for s in (2, 4)]
    fine, middle, coarse = (rng.normal(size=s) + 1j * rng.normal(size=s) for s in shapes)
    high = rng.normal(size=shape)
    wide, wider = (definition._resized(band, shape) for band in (middle, coarse))
    pairs = ((wide, fine), (wide, high + 0j), (fine, high + 0j), (wider, fine))
    want = [definition.similarity(a, b) for a, b in pairs]
    np.testing.assert_allclose(_similarity.similarities(fine, middle, coarse, high), want, rtol=1e-11)
    assert _similarity.similarity(middle, fine) == pytest.approx(want[0], rel=1e-11)
    assert np.isnan(_similarity.similarities(fine[:6].copy(), middle, coarse, high[:6].copy())).all()


@pytest.mark.parametrize("shape", [(40, 50), (33, 7), (5, 9)])
def test_normalised_maps_are_those_of_the_shared_kernel(shape: tuple[int, int]) -> None:
    rng = np.random.default_rng(3)
    rounding = 180 + 3e-14 * rng.integers(-1, 2, shape)
    for plane in (rng.uniform(0, 255, shape), np.full(shape, 93.0), rounding):
        got = _maps.normalise(plane)
        mean, deviation = nss.local_moments(plane, border="zero")
        np.testing.assert_array_equal(got.deviation, deviation)
        np.testing.assert_array_equal(got.coefficients, (plane - mean) / (deviation + 1))


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
