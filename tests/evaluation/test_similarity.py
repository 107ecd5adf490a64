"""Linear CKA: invariances, the n x n definition, and unrelated columns."""

from __future__ import annotations

import numpy as np
import pytest

from vqa_features.errors import ParameterError
from vqa_features.evaluation.similarity import linear_cka


def scaled(x):
    return (x - x.mean(axis=0)) / x.std(axis=0)


def by_definition(x, y, debiased):
    """Return CKA from both Gram matrices: Song et al. 2012, equations 4 and 5."""
    grams = [scaled(side) @ scaled(side).T for side in (x, y)]
    n = len(x)
    ones, centre = np.ones(n), np.eye(n) - 1 / n

    def hsic(k, m):
        if not debiased:
            return np.trace(k @ centre @ m @ centre)
        k, m = (one - np.diag(np.diag(one)) for one in (k, m))
        corrections = (ones @ k @ ones) * (ones @ m @ ones) / ((n - 1) * (n - 2))
        return (np.trace(k @ m) + corrections - 2 / (n - 2) * ones @ k @ m @ ones) / (n * (n - 3))

    k, m = grams
    return hsic(k, m) / np.sqrt(hsic(k, k) * hsic(m, m))


@pytest.mark.parametrize("debiased", [True, False])
@pytest.mark.parametrize(("rows", "columns"), [(12, (3, 5)), (40, (60, 2)), (25, (1, 1))])
def test_cka_follows_its_definition(rows, columns, debiased):
    random = np.random.default_rng(rows)
    x, y = (random.gamma(2, 1, (rows, count)) for count in columns)
    y[:, 0] += x[:, 0]
    assert linear_cka(x, y, debiased=debiased) == pytest.approx(by_definition(x, y, debiased))


def test_one_column_each_is_the_squared_correlation():
    x, y = np.random.default_rng(0).multivariate_normal([0, 0], [[1, 0.6], [0.6, 1]], 500).T
    plain = linear_cka(x[:, None], y[:, None], debiased=False)
    assert plain == pytest.approx(np.corrcoef(x, y)[0, 1] ** 2)


def test_scale_sign_order_and_constant_columns_do_not_matter():
    random = np.random.default_rng(0)
    x, y = random.normal(size=(2, 80, 6))
    y += x
    other = np.column_stack([x[:, ::-1] * [-1, 2, 3, 0.1, 9, 1] + 7, np.ones(80)])
    assert linear_cka(other, y) == pytest.approx(linear_cka(x, y))
    assert linear_cka(y, x) == pytest.approx(linear_cka(x, y))
    assert linear_cka(x, other) == pytest.approx(1)


def test_unrelated_wide_tables_are_0_when_debiased_and_not_otherwise():
    found = {True: [], False: []}
    for seed in range(20):
        random = np.random.default_rng(seed)
        x, y = random.normal(size=(60, 500)), random.normal(size=(60, 300))
        for debiased, values in found.items():
            values.append(linear_cka(x, y, debiased=debiased))
    assert abs(np.mean(found[True])) < 0.01
    assert np.mean(found[False]) > 0.8


def test_the_debiased_estimate_does_not_depend_on_the_number_of_videos():
    """Two views of four common factors, 12 columns each with noise of variance 1."""
    random = np.random.default_rng(0)
    weights = random.normal(size=(2, 4, 12))

    def views(rows):
        factors = random.normal(size=(rows, 4))
        return [factors @ one + random.normal(size=(rows, 12)) for one in weights]

    truth = linear_cka(*views(100_000))
    few = {
        kind: np.mean([linear_cka(*views(25), debiased=kind) for _ in range(200)]) for kind in (True, False)
    }
    assert few[True] == pytest.approx(truth, abs=0.03)
    assert few[False] > truth + 0.05


def test_nothing_that_varies_has_no_similarity():
    assert np.isnan(linear_cka(np.ones((9, 2)), np.random.default_rng(0).normal(size=(9, 2))))


@pytest.mark.parametrize(
    ("x", "y", "text"),
    [
        (np.ones((3, 1)), np.ones((3, 1)), "at least 4 videos"),
        (np.ones(9), np.ones((9, 1)), r"got \(9,\)"),
        (np.ones((9, 1)), np.ones((8, 1)), "9 and 8 rows"),
        (np.full((9, 1), np.nan), np.ones((9, 1)), "finite"),
    ],
)
def test_impossible_input_is_one_sentence(x, y, text):
    with pytest.raises(ParameterError, match=text):
        linear_cka(x, y)
