"""Kernel matrices in tiles: equal to one product in float64, and as near to it as stated in float32."""

from __future__ import annotations

import numpy as np
import pytest

from vqa_features.evaluation.gram import Kernel, Rows
from vqa_features.evaluation.kernel_solvers import squared_distances

#: Two ways in double precision.
ROUNDING = 1e-13
#: What float32 rows move a kernel by, typically and at most, beside a matrix kept in float32 (6e-8).
TYPICAL, MOST = 1e-7, 1e-5


def made_up(rows: int, columns: int, seed: int = 0) -> np.ndarray:
    """Return columns of min-max scaled features that share causes."""
    random = np.random.default_rng(seed)
    causes = random.normal(size=(rows, 3)) @ random.normal(size=(3, columns))
    values = np.tanh(causes) + random.normal(0, 0.3, causes.shape)
    return (values - values.min(axis=0)) / np.ptp(values, axis=0)


def expected(a, b, gamma):
    return a @ b.T if gamma is None else np.exp(-gamma * squared_distances(a, b))


@pytest.mark.parametrize("gamma", [None, 0.4])
@pytest.mark.parametrize("rows", [1, 5, 384, 385, 1100])
def test_the_gram_matrix_is_that_of_one_product(rows, gamma):
    Z = np.random.default_rng(1).random((rows, 4))
    gram = Kernel(gamma).gram(Rows.of(Z, np.float64), np.float64)
    np.testing.assert_allclose(gram, expected(Z, Z, gamma), rtol=0, atol=ROUNDING)


@pytest.mark.parametrize("gamma", [None, 0.4])
def test_the_gram_matrix_is_symmetric_in_float32(gamma):
    gram = Kernel(gamma).gram(Rows.of(made_up(900, 33), np.float32), np.float32)
    assert gram.dtype == np.float32
    np.testing.assert_array_equal(gram, gram.T)
    if gamma is not None:
        np.testing.assert_array_equal(gram.diagonal(), 1)


@pytest.mark.parametrize("gamma", [None, 0.4])
def test_weighted_sums_of_the_kernel_need_no_matrix(gamma):
    random = np.random.default_rng(2)
    a, b, weights = random.random((500, 6)), random.random((900, 6)), random.normal(size=900)
    found = Kernel(gamma).weighted(Rows.of(a, np.float64), Rows.of(b, np.float64), weights)
    np.testing.assert_allclose(found, expected(a, b, gamma) @ weights, rtol=0, atol=1e-10)
    nothing = Kernel(gamma).weighted(Rows.of(a, np.float64), Rows.of(b[:0], np.float64), weights[:0])
    np.testing.assert_array_equal(nothing, np.zeros(500))


@pytest.mark.parametrize("columns", [60, 2048])
@pytest.mark.parametrize("power", range(-8, 5))
def test_rows_in_float32_move_the_kernel_no_more_than_stated(columns, power):
    Z = made_up(500, columns)
    Z[1] = Z[0] + 1e-4  # a near copy, whose distance is lost most
    gamma = 2.0**power * 64 / columns
    rows = Rows.of(Z, np.float32, Z.mean(axis=0))
    error = Kernel(gamma).gram(rows, np.float64) - expected(Z, Z, gamma)
    assert np.sqrt(np.mean(error**2)) < TYPICAL
    assert np.abs(error).max() < MOST
