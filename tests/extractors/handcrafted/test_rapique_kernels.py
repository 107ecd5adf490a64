"""The kernels of RAPIQUE against their definitions."""

from __future__ import annotations

import numpy as np
import pytest
import rapique_definition

from vqa_features.extractors.handcrafted.rapique import _map_sums, _statistics

#: Sums of double-precision numbers in another order.
OWN = 1e-11
RNG = np.random.default_rng(0)
MAPS = {
    "odd": RNG.integers(0, 256, (61, 83)).astype(float),
    "real": RNG.normal(scale=40, size=(40, 54)),
    "half flat": np.kron(RNG.integers(0, 256, (5, 6)), np.ones((12, 11))),
    "flat": np.full((30, 21), 94.0),
    "black": np.zeros((9, 12)),
    "tiny": RNG.integers(0, 256, (2, 3)).astype(float),
    "row": RNG.integers(0, 256, (1, 9)).astype(float),
    "column": RNG.integers(0, 256, (9, 1)).astype(float),
    "one pixel": np.full((1, 1), 7.0),
}


@pytest.mark.parametrize("image", MAPS.values(), ids=MAPS)
def test_sums_are_those_of_whole_fields(image: np.ndarray) -> None:
    got, want = _map_sums.map_sums(image), rapique_definition.map_sums(image)
    np.testing.assert_allclose(got, want, rtol=OWN, atol=OWN * max(1.0, image.size))


def test_logarithm_is_within_its_rounding() -> None:
    values = np.concatenate([np.geomspace(0.1, 1e4, 5001), 1 + np.linspace(-1e-3, 1e-3, 101)])
    got = np.array([_map_sums._log(value) for value in values])
    np.testing.assert_allclose(got, np.log(values), rtol=4e-16, atol=3e-16)


def test_bands_are_those_of_the_haar_filters_and_zero_for_equal_frames() -> None:
    frames = list(RNG.normal(size=(8, 37, 20)))
    want = np.tensordot(_statistics.HAAR, np.stack(frames), axes=1)
    np.testing.assert_allclose(_statistics.haar_bands(frames), want, rtol=OWN, atol=OWN)
    assert not _statistics.haar_bands([frames[0]] * 8).any()
