"""The fused log-derivative statistics and 8-bit L*a*b* against their definitions."""

from __future__ import annotations

import higrade_definition
import numpy as np
import pytest
from numpy.typing import NDArray

from vqa_features.kernels import gradients, lab8
from vqa_features.kernels.log_statistics import PER_SCALE, map_sums, statistics_of_maps

#: Rows are float32; a shape may be the next point of its grid, whose step is 1e-3.
FLOAT32, GRID = 2e-5, 1.001e-3
RNG = np.random.default_rng(0)
NOISE = RNG.integers(0, 256, (64, 96)).astype(np.uint8)


def _smooth() -> NDArray[np.uint8]:
    y, x = np.indices((101, 131))
    return (120 + 60 * np.sin(x / 9) * np.cos(y / 7) + RNG.normal(0, 2, x.shape)).astype(np.uint8)


def _half_flat() -> NDArray[np.uint8]:
    image = _smooth()
    image[:, 60:] = 93
    return image


PLANES = {
    "noise": NOISE,
    "odd": _smooth(),
    "half flat": _half_flat(),
    "flat": np.full((40, 50), 93, np.uint8),
    "black": np.zeros((40, 50), np.uint8),
    "small": NOISE[:5, :6],
    "row": NOISE[:1],
    "column": NOISE[:, :1],
    "ten bits": RNG.integers(0, 1024, (48, 65)).astype(np.float32) / 4,
    "gradient": gradients.sobel_magnitude(_smooth()),
}


@pytest.mark.parametrize("name", PLANES)
def test_statistics_of_a_map_are_those_of_the_definition(name: str) -> None:
    want = higrade_definition.log_statistics(PLANES[name])
    (got,) = statistics_of_maps([PLANES[name]])
    shape = np.arange(got.size) % PER_SCALE % 2 == 1
    shape[1::PER_SCALE] = False
    np.testing.assert_allclose(got[~shape], want[~shape], rtol=FLOAT32, atol=1e-6)
    np.testing.assert_allclose(got[shape], want[shape], rtol=0, atol=GRID)
    assert np.mean(np.abs(got[shape] - want[shape])[np.isfinite(want[shape])] > 1e-6) < 0.1


def test_statistics_of_several_maps_are_those_of_each() -> None:
    maps = [PLANES["noise"], PLANES["noise"][::-1]]
    both = statistics_of_maps(maps, scales=3)
    assert both.shape == (2, 3 * PER_SCALE)
    for row, one in zip(both, maps, strict=True):
        np.testing.assert_array_equal(row, statistics_of_maps([one], scales=3)[0])


def test_one_pixel_and_a_constant_deviation_have_no_spread() -> None:
    for plane in (np.full((1, 1), 7, np.float32), np.zeros((9, 9), np.float32)):
        (_, snr), sums = map_sums(plane)
        assert np.isnan(snr)
        assert np.isfinite(sums).all()


def test_float32_sobel_magnitude_is_the_float64_one_rounded() -> None:
    for plane in (PLANES["odd"], PLANES["row"], PLANES["column"]):
        want = gradients.sobel_magnitude(plane)
        np.testing.assert_allclose(gradients.sobel_magnitude_float32(plane), want, rtol=2e-7)


@pytest.mark.parametrize("white", lab8.WHITES)
def test_lab_codes_are_those_of_float64_arithmetic(white: lab8.White) -> None:
    codes = np.unique(np.append(np.arange(0, 256, 5), [1, 2, 3, 254])).astype(np.uint8)
    cube = np.stack(np.meshgrid(codes, codes, codes), axis=-1).reshape(codes.size, -1, 3)
    gray = np.repeat(np.arange(256, dtype=np.uint8)[None, :, None], 3, axis=2)
    for rgb in (cube, gray, RNG.integers(0, 256, (301, 999, 3)).astype(np.uint8)):
        want = higrade_definition.srgb_to_lab8(rgb, white)
        np.testing.assert_array_equal(lab8.srgb_to_lab8(rgb, white), want)
        np.testing.assert_array_equal(lab8.srgb_to_lab8_planes(rgb, white), np.moveaxis(want, 2, 0))
