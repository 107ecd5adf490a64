"""Single-precision fields of VIDEVAL against those in double precision."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from vqa_features.extractors.handcrafted.friquee import _maps
from vqa_features.extractors.handcrafted.videval import _bands, _fields
from vqa_features.kernels import field_statistics, fits, gradients

SINGLE = 2e-5


def plane_of(kind: str) -> NDArray[np.float32]:
    rng = np.random.default_rng(0)
    shapes = {"odd": (61, 83), "tiny": (5, 6), "deep": (48, 64), "flat": (20, 30), "flat area": (40, 50)}
    plane = rng.integers(0, 256, shapes[kind]).astype(np.float32)
    if kind == "deep":
        plane += rng.integers(0, 4, plane.shape).astype(np.float32) / 4
    if kind == "flat":
        plane[:] = 94
    if kind == "flat area":
        plane[10:30, 5:40] = 95
    return plane


def centred_around(field: NDArray[np.float64]) -> NDArray[np.float64]:
    """Above and below less left and right, zeros outside, less its mean."""
    padded = np.pad(field, 1)
    found = padded[:-2, 1:-1] + padded[2:, 1:-1] - padded[1:-1, :-2] - padded[1:-1, 2:]
    return found - found.mean()


KINDS = ("odd", "tiny", "deep", "flat", "flat area")


@pytest.mark.parametrize("kind", KINDS)
def test_fields_and_their_sums_are_those_in_double_precision(kind: str) -> None:
    plane = plane_of(kind)
    got, want = _fields.normalise(plane), _maps.normalise(plane)
    assert np.allclose(got.coefficients, want.coefficients, rtol=0, atol=1e-5)
    assert np.array_equal(got.wrapped[:, 0], got.wrapped[:, -1])
    assert np.allclose(got.deviation, want.deviation, rtol=1e-5, atol=1e-4)
    found = _fields.products(got)
    expected = field_statistics.neighbour_products(want.coefficients, want.level)
    for one, other in zip(found, expected, strict=True):
        assert np.allclose(one, other, rtol=SINGLE, atol=SINGLE, equal_nan=True)
    for field in (got.deviation, plane):
        of = field_statistics.moments(field.astype(np.float64))
        assert np.allclose(_fields.moments(field), of, rtol=1e-6, atol=1e-6, equal_nan=True)


@pytest.mark.parametrize("kind", KINDS)
def test_fields_of_a_double_precision_map_are_exact(kind: str) -> None:
    plane = np.sqrt(plane_of(kind).astype(np.float64) * 200)
    got, want = _fields.normalise(plane), _maps.normalise(plane)
    assert np.allclose(got.deviation, want.deviation, rtol=1e-9, atol=1e-7)
    sided = field_statistics._with_sides(want.coefficients, want.level)
    assert np.allclose(got.coefficients, sided, rtol=0, atol=1e-9)
    assert np.array_equal(np.sign(got.coefficients), np.sign(sided))
    expected = field_statistics.neighbour_products(want.coefficients, want.level)
    for one, other in zip(_fields.products(got), expected, strict=True):
        assert np.allclose(one, other, rtol=1e-9, atol=1e-9, equal_nan=True)


@pytest.mark.parametrize("kind", KINDS)
def test_differences_and_bands_are_those_in_double_precision(kind: str) -> None:
    plane = plane_of(kind)
    coefficients = _fields.normalise(plane).coefficients
    want = fits.ggd_fit(centred_around(coefficients.astype(np.float64)))
    found = _fields.ggd_of(_fields.around(coefficients), True)
    assert np.allclose(found.variance, want.variance, rtol=SINGLE)
    assert np.allclose(found.shape, want.shape, atol=1.1e-3, equal_nan=True)
    for got, expected in (
        (_bands.difference_of_gaussians(plane), _maps.difference_of_gaussians(plane.astype(np.float64))),
        (gradients.sobel_magnitude_float32(plane), gradients.sobel_magnitude(plane)),
    ):
        assert np.allclose(got, expected, rtol=1e-6, atol=1e-4)


@pytest.mark.parametrize("kind", [*KINDS, "two rows"])
def test_laplacian_is_that_of_the_band_in_double_precision(kind: str) -> None:
    plane = plane_of(kind) if kind != "two rows" else plane_of("odd")[:2]
    band = _maps.laplacian_band(plane)
    want, of = fits.ggd_fit(band), field_statistics.moments(band)
    got = _bands.laplacian(plane)
    assert got.fit == pytest.approx(want, rel=1e-12, nan_ok=True)
    assert got.skewness == pytest.approx(of.skewness, rel=1e-9, abs=1e-12, nan_ok=True)
