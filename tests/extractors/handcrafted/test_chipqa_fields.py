"""The kernels of ChipQA against their definitions by SciPy and NumPy."""

from __future__ import annotations

import chipqa_definition
import numpy as np
import pytest

from vqa_features.extractors.handcrafted.chipqa import _fields, _statistics

#: Sums of the same double-precision numbers in another order.
OWN = 1e-12
RNG = np.random.default_rng(0)
PLANES = {
    "odd": RNG.integers(0, 256, (61, 83)).astype(np.float32),
    "ten bits": (RNG.integers(0, 1024, (40, 54)) / 4).astype(np.float32),
    "flat": np.full((30, 21), 93, np.float32),
    "black": np.zeros((9, 12), np.float32),
    "tiny": RNG.integers(0, 256, (2, 3)).astype(np.float32),
    "one pixel": np.full((1, 1), 7, np.float32),
    "chroma": np.sqrt(RNG.integers(0, 65025, (45, 33))).astype(np.float32),
}


@pytest.mark.parametrize("plane", PLANES.values(), ids=PLANES)
@pytest.mark.parametrize(("constant", "border"), [(1.0, "zero"), (1e-3, "replicate")])
def test_fields_are_those_of_scipy_bit_by_bit(plane: np.ndarray, constant: float, border: str) -> None:
    got = _fields.normalise(plane, field=True, deviation=True, constant=constant, border=border)
    coefficients, deviation = chipqa_definition.normalised(plane, constant, border)
    np.testing.assert_array_equal(got.coefficients, coefficients)
    np.testing.assert_array_equal(got.deviation, deviation)


@pytest.mark.parametrize("plane", PLANES.values(), ids=PLANES)
def test_sums_are_those_of_the_field_and_need_none(plane: np.ndarray) -> None:
    c = chipqa_definition.normalised(plane)[0].astype(float)
    got = _fields.normalise(plane)
    want = [c.sum(), (c**2).sum(), (c**3).sum(), (c**4).sum(), np.abs(c).sum()]
    assert got.sums == pytest.approx(want, rel=OWN, abs=OWN * np.abs(c).sum())
    assert got.coefficients.size == got.deviation.size == 0


@pytest.mark.parametrize("shape", [(24, 36), (8, 12), (7, 11), (1, 1), (2, 1)])
def test_block_sums_are_those_of_rolled_blocks(shape: tuple[int, int]) -> None:
    field = RNG.normal(size=(25, 40)).round(1)
    got = _fields.block_sums(field, *shape)
    for row, column in np.ndindex(got.shape[:2]):
        y, x = row * shape[0], column * shape[1]
        want = chipqa_definition.sums_of_block(field[y : y + shape[0], x : x + shape[1]])
        np.testing.assert_allclose(got[row, column], want, rtol=OWN, atol=OWN)


def test_moments_of_equal_samples_are_undefined() -> None:
    assert np.isnan(_statistics._distribution(PLANES["one pixel"])[2:]).all()
    assert np.isnan(_statistics._distribution(PLANES["black"])[2:]).all()
    assert np.isfinite(_statistics._distribution(PLANES["odd"])).all()
