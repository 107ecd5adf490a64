"""The kernels of Video BLIINDS against their definitions in NumPy."""

from __future__ import annotations

import numpy as np
import pytest
import v_bliinds_definition
from scipy.ndimage import gaussian_filter

from vqa_features.extractors.handcrafted.v_bliinds import _ntss, _spectrum

#: Sums of the same double-precision numbers in another order.
OWN = 1e-10
RNG = np.random.default_rng(0)


def moved(shape: tuple[int, int], step: int, unit: float) -> tuple[np.ndarray, np.ndarray]:
    """Two noisy pictures of one content, `step` pixels apart, in multiples of `unit`."""
    wide = gaussian_filter(RNG.normal(size=(shape[0] + step, shape[1] + step)), 3) * 900 + 128
    pair = wide[step:, step:], wide[: shape[0], : shape[1]]
    return tuple(np.clip((one + RNG.normal(size=shape)) // unit * unit, 0, 255) for one in pair)  # type: ignore[return-value]


PAIRS = {
    "odd": moved((61, 83), 3, 1),
    "fast": moved((70, 91), 11, 1),
    "ten bits": moved((48, 57), 5, 0.25),
    "noise": tuple(RNG.integers(0, 256, (2, 50, 40)).astype(float)),
    "flat": (np.full((40, 50), 93.0), np.full((40, 50), 93.0)),
    "one block": tuple(RNG.integers(0, 2, (2, 16, 16)).astype(float)),
}


@pytest.mark.parametrize("pair", PAIRS.values(), ids=PAIRS)
@pytest.mark.parametrize(("side", "step"), [(10, 8), (16, 4)])
def test_motion_is_that_of_the_plain_search(
    pair: tuple[np.ndarray, np.ndarray], side: int, step: int
) -> None:
    got = _ntss.block_motion(*map(_ntss.padded, pair), side, step)
    np.testing.assert_array_equal(got, v_bliinds_definition.block_motion(*pair, side, step))


@pytest.mark.parametrize("pair", PAIRS.values(), ids=PAIRS)
def test_moments_are_those_of_all_coefficients(pair: tuple[np.ndarray, np.ndarray]) -> None:
    got = _spectrum.coefficient_moments(*map(_ntss.padded, pair))
    for one, other in zip(got, v_bliinds_definition.coefficient_moments(*pair), strict=True):
        np.testing.assert_allclose(one, other, rtol=OWN, atol=OWN)


def test_padding_keeps_codes_and_shape() -> None:
    plane = RNG.integers(0, 256, (7, 9)).astype(np.uint8)
    wide = _ntss.padded(plane)
    assert wide.dtype == np.float32
    assert wide.shape == (7, 9 + _ntss.MARGIN)
    np.testing.assert_array_equal(wide[:, :9], plane)
