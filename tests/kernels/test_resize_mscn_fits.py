"""Resize, MSCN and the two fits against their definitions and analytic answers."""

from __future__ import annotations

import numpy as np
import pytest

from vqa_features.errors import ParameterError
from vqa_features.kernels import fits, nss, resize

OWN_MATHS = 1e-12
HALVED = 1e-4  # code units: float32 arithmetic on values up to 255


def test_halving_keeps_a_constant_exactly_and_rounds_the_size_up() -> None:
    halved = resize.imresize(np.full((7, 10), 93, np.uint8), 0.5)
    assert halved.shape == (4, 5)
    assert (halved == 93).all()


def test_resize_reproduces_a_ramp_away_from_the_border() -> None:
    ramp = np.tile(np.arange(64.0), (8, 1))
    halved = resize.imresize(ramp, 0.5)
    assert np.allclose(halved[0, 4:-4], 2 * np.arange(4, 28) + 0.5, atol=OWN_MATHS)


@pytest.mark.parametrize("shape", [(1, 1), (2, 2), (3, 8), (8, 5), (61, 97), (64, 96)])
@pytest.mark.parametrize("dtype", [np.uint8, np.float32])
def test_halve_equals_imresize(shape: tuple[int, int], dtype: type) -> None:
    image = np.random.default_rng(2).integers(0, 256, shape).astype(dtype)
    assert np.abs(resize.halve(image) - resize.imresize(image, 0.5)).max() < HALVED
    assert (resize.halve(np.full(shape, 251, dtype)) == 251).all()


def test_resize_to_a_shape_takes_each_axis_by_its_own_scale() -> None:
    image = np.random.default_rng(0).random((30, 20, 3))
    out = resize.imresize(image, (15, 33))
    assert out.shape == (15, 33, 3)
    assert np.allclose(out[..., 1], resize.imresize(image[..., 1], (15, 33)), atol=OWN_MATHS)


def test_resize_to_the_same_size_changes_nothing() -> None:
    image = np.random.default_rng(0).random((11, 13))
    assert np.allclose(resize.imresize(image, 1.0), image, atol=OWN_MATHS)


def test_resize_to_nothing_is_a_clear_error() -> None:
    with pytest.raises(ParameterError, match="cannot resize"):
        resize.imresize(np.zeros((4, 4)), (0, 3))


@pytest.mark.parametrize(
    ("border", "mode"),
    [("zero", "constant"), ("replicate", "edge"), ("symmetric", "symmetric"), ("mirror", "reflect")],
)
@pytest.mark.parametrize("size", [5, 7])
def test_moments_equal_the_weighted_sums_over_the_window(border: nss.Border, mode: str, size: int) -> None:
    image = np.random.default_rng(1).integers(0, 256, (23, 31)).astype(float)
    weights = np.outer(nss.gaussian(size), nss.gaussian(size))
    padded = np.pad(image, size // 2, mode=mode)  # type: ignore[call-overload]
    windows = np.lib.stride_tricks.sliding_window_view(padded, (size, size))
    mean = (windows * weights).sum((2, 3))
    variance = (windows**2 * weights).sum((2, 3)) - mean**2
    got_mean, got_deviation = nss.local_moments(image, size=size, border=border)
    assert np.allclose(got_mean, mean, rtol=1e-12)
    assert np.allclose(got_deviation, np.sqrt(variance), rtol=1e-9)


def test_mscn_is_exactly_zero_where_the_window_is_constant() -> None:
    image = np.full((40, 40), 0.1)
    image[:, 20:] = 77.7
    coefficients = nss.mscn(image)
    assert not coefficients[:, :17].any()
    assert not coefficients[:, 23:].any()
    assert coefficients[:, 17:23].all()


@pytest.mark.parametrize("shape", [(1, 1), (2, 2), (1, 9), (5, 3)])
@pytest.mark.parametrize("border", ["zero", "replicate", "symmetric"])
def test_mscn_of_an_image_smaller_than_the_window_is_finite(
    shape: tuple[int, int], border: nss.Border
) -> None:
    assert np.isfinite(nss.mscn(np.random.default_rng(0).random(shape) * 255, border=border)).all()


def test_ggd_fit_finds_the_shape_of_known_distributions() -> None:
    rng = np.random.default_rng(0)
    normal = fits.ggd_fit(rng.normal(0, 3, 400_000))
    assert normal.shape == pytest.approx(2, abs=0.03)
    assert normal.variance == pytest.approx(9, rel=0.01)
    assert fits.ggd_fit(rng.laplace(size=400_000)).shape == pytest.approx(1, abs=0.02)


def test_aggd_fit_of_a_symmetric_sample_has_equal_sides_and_no_mean() -> None:
    x = np.random.default_rng(0).normal(size=100_000)
    fit = fits.aggd_fit(np.concatenate([x, -x]))
    assert fit.left == pytest.approx(fit.right, rel=1e-12)
    assert fit.mean == pytest.approx(0, abs=1e-12)
    assert fit.shape == pytest.approx(2, abs=0.03)


def test_fits_pick_the_grid_point_an_exhaustive_search_picks() -> None:
    grid = fits.grid(0.1, 0.001, 6.0)
    for ratio in np.random.default_rng(0).uniform(0.0, 1.0, 200):
        assert grid.from_ratio(ratio) == grid.shapes[np.argmin(np.abs(grid.ratios - ratio))]
        assert (
            grid.from_inverse_ratio(1 / ratio) == grid.shapes[np.argmin(np.abs(1 / grid.ratios - 1 / ratio))]
        )


def test_fits_of_nothing_and_of_zeros_are_nan_not_an_exception() -> None:
    for x in (np.zeros(0), np.zeros(9)):
        assert np.isnan(fits.ggd_fit(x).shape)
        fit = fits.aggd_fit(x)
        assert np.isnan([fit.shape, fit.mean, fit.beta_left]).all()
    assert np.isnan(fits.aggd_fit(np.arange(1.0, 5)).shape)


@pytest.mark.parametrize("shape", [(61, 83), (12, 16), (5, 6), (9, 8), (1, 1), (1, 9), (2, 7), (3, 2)])
def test_halving_has_the_bits_of_the_general_resize(shape: tuple[int, int]) -> None:
    image = np.random.default_rng(0).normal(size=shape)
    general = image
    for axis in (0, 1):
        n = shape[axis]
        general = resize._along(general, resize.resizing_matrix(n, (n + 1) // 2, 0.5), axis)
    assert np.array_equal(resize.imresize(image, 0.5), general)
