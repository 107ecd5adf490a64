"""Commonality and Shapley values: known regions, all orders, all subsets, R^2 of a regression."""

from __future__ import annotations

from itertools import combinations, permutations

import numpy as np
import pytest

from vqa_features.errors import ParameterError
from vqa_features.evaluation.variance_shares import commonality, members, shapley


def value_of_regions(regions):
    """Return the value of every subset where each region is explained by each of its predictors."""
    count = len(regions)
    return np.array([sum(regions[r] for r in range(count) if r & s) for s in range(count)])


@pytest.mark.parametrize("k", [1, 2, 3, 6])
def test_commonality_finds_the_regions_that_values_were_made_of(k):
    regions = np.random.default_rng(k).normal(size=1 << k)
    regions[0] = 0
    np.testing.assert_allclose(commonality(value_of_regions(regions)), regions, atol=1e-12)


@pytest.mark.parametrize("k", [1, 2, 3, 4])
def test_commonality_is_the_alternating_sum_over_subsets(k):
    values = np.random.default_rng(k).uniform(size=1 << k)
    found, everything = commonality(values), (1 << k) - 1
    for subset in range(1, 1 << k):
        parts = [sum(1 << i for i in t) for n in range(k + 1) for t in combinations(members(subset), n)]
        others = everything ^ subset
        expected = -sum((-1) ** part.bit_count() * values[part | others] for part in parts)
        assert found[subset] == pytest.approx(expected, abs=1e-12)
    assert found.sum() == pytest.approx(values[-1])


@pytest.mark.parametrize("k", [1, 2, 3, 5])
def test_shapley_is_the_mean_gain_over_all_orders(k):
    values = np.random.default_rng(k).uniform(size=(2, 1 << k))
    gains = np.zeros((2, k))
    orders = list(permutations(range(k)))
    for order in orders:
        subset = 0
        for i in order:
            gains[:, i] += values[:, subset | 1 << i] - values[:, subset]
            subset |= 1 << i
    np.testing.assert_allclose(shapley(values), gains / len(orders), atol=1e-12)
    np.testing.assert_allclose(shapley(values).sum(axis=-1), values[:, -1] - values[:, 0])


def test_a_region_is_divided_equally_among_its_predictors():
    regions = np.array([0, 0.1, 0.2, 0.06, 0.05, 0.04, 0.02, 0.03])  # a, b, ab, c, ac, bc, abc
    found = shapley(value_of_regions(regions))
    assert found[0] == pytest.approx(0.1 + 0.06 / 2 + 0.04 / 2 + 0.03 / 3)
    assert found[2] == pytest.approx(0.05 + 0.04 / 2 + 0.02 / 2 + 0.03 / 3)


def test_a_regression_on_correlated_columns_has_its_analytic_parts():
    """R^2 of two standard predictors: (ra^2 + rb^2 - 2 ra rb r) / (1 - r^2); the unique part of a is the
    square of its semipartial correlation."""
    ra, rb, r = 0.6, 0.5, 0.4
    both = (ra**2 + rb**2 - 2 * ra * rb * r) / (1 - r**2)
    found = commonality([0, ra**2, rb**2, both])
    assert found[1] == pytest.approx((ra - rb * r) ** 2 / (1 - r**2))
    assert found[3] == pytest.approx(ra**2 + rb**2 - both)
    assert commonality([0, 0.0, 0.3, 0.5])[3] == pytest.approx(-0.2)  # a suppressor


@pytest.mark.parametrize(
    ("values", "text"), [([0, 1, 2], "got 3"), (0.5, "got 0"), ([0.1], "got 1"), ([0, np.nan], "finite")]
)
def test_other_numbers_of_values_are_refused(values, text):
    for function in (commonality, shapley):
        with pytest.raises(ParameterError, match=text):
            function(values)
