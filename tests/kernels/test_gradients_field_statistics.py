"""Zero-sum filters, field statistics and the allocator setting against their definitions."""

from __future__ import annotations

import sys

import numpy as np
import pytest
from scipy import ndimage, stats

from vqa_features.extraction import allocator
from vqa_features.kernels import field_statistics, gradients, mscn_sums, nss

OWN = 1e-9
IMAGE = np.random.default_rng(0).integers(0, 256, (31, 44)).astype(float)


@pytest.mark.parametrize(
    "kernel", [gradients.laplacian_of_gaussian(9, 1.5), gradients.gaussian_surround(7, 1.0)]
)
def test_contrast_is_correlation_and_zero_on_flat_areas(kernel: np.ndarray) -> None:
    got = gradients.contrast(IMAGE, kernel, "replicate")
    assert np.allclose(got, ndimage.correlate(IMAGE, kernel, mode="nearest"), atol=OWN)
    assert not gradients.contrast(np.full((20, 20), 0.1), kernel, "replicate").any()


def test_sobel_magnitude_of_a_step_is_four_times_its_height() -> None:
    step = np.zeros((9, 12))
    step[:, 6:] = 10
    assert gradients.sobel_magnitude(step)[:, 5:7].tolist() == [[40, 40]] * 9


def test_gaussian_derivative_magnitude_is_zero_inside_a_constant_and_turns_with_the_picture() -> None:
    assert not gradients.gaussian_derivative_magnitude(np.full((30, 30), 7.7), 1.66)[6:-6, 6:-6].any()
    turned = gradients.gaussian_derivative_magnitude(IMAGE.T, 1.66).T
    assert np.allclose(gradients.gaussian_derivative_magnitude(IMAGE, 1.66), turned, rtol=OWN)


def test_moments_are_those_of_scipy_and_undefined_for_equal_samples() -> None:
    of = field_statistics.moments(IMAGE)
    assert of.skewness == pytest.approx(stats.skew(IMAGE.ravel()), rel=OWN)
    assert of.kurtosis == pytest.approx(stats.kurtosis(IMAGE.ravel(), fisher=False), rel=OWN)
    assert np.isnan(field_statistics.moments(np.full((5, 5), 0.1))[2:]).all()


def test_neighbour_products_are_those_of_rolled_fields() -> None:
    field = nss.mscn(IMAGE, border="zero")
    got = field_statistics.neighbour_products(field)
    for k, shift in enumerate([(0, 1), (1, 0), (1, 1), (-1, 1)]):
        p = field * np.roll(field, shift, axis=(0, 1))
        want = [np.abs(p).sum(), (p * p).sum(), (p * np.abs(p)).sum(), (p < 0).sum(), (p > 0).sum()]
        assert np.allclose(got.sums[k], want, rtol=OWN)
        assert got.skewness[k] == pytest.approx(stats.skew(p.ravel()), rel=1e-6)
        assert got.kurtosis[k] == pytest.approx(stats.kurtosis(p.ravel(), fisher=False), rel=1e-6)


def test_side_of_a_level_is_its_whole_part_modulo_three() -> None:
    levels = np.arange(-3000, 3000)
    sides = np.array([mscn_sums.side_of_level(np.float32(level + 0.25)) for level in levels])
    np.testing.assert_array_equal(sides, np.array([0, 1, -1])[levels % 3])


def test_flat_neighbours_count_on_the_positive_side_by_level() -> None:
    flat = np.zeros((8, 8))
    for level, positive in ((93.0, 0), (94.0, 64), (95.0, 64)):
        sums = field_statistics.neighbour_products(flat, np.full((8, 8), level)).sums
        assert sums[:, 3].tolist() == [0] * 4
        assert sums[:, 4].tolist() == [positive] * 4


@pytest.mark.skipif(sys.platform != "linux", reason="the setting is glibc's")
def test_freed_arrays_are_not_mapped_anew() -> None:
    import resource

    if not allocator.keep_freed_pages():
        pytest.skip("the C library has no mallopt")
    for _ in range(3):
        np.ones(1 << 20)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(20):
        np.ones(1 << 20)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before < 2048  # 2048 pages are one array


@pytest.mark.parametrize("shape", [(31, 44), (3, 17), (1, 1)])
def test_gaussian_derivative_magnitude_is_that_of_two_correlations(shape: tuple[int, int]) -> None:
    image = IMAGE[: shape[0], : shape[1]]
    x = np.arange(-5, 6.0)
    bell = np.exp(-x * x / (2 * 1.66**2))
    kernel = np.outer(bell, x * bell)
    across, down = (ndimage.correlate(image, one, mode="constant") for one in (kernel, kernel.T))
    got = gradients.gaussian_derivative_magnitude(image, 1.66)
    assert np.allclose(got, np.hypot(across, down), rtol=OWN, atol=OWN)
