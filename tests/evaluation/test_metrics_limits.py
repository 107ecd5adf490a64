"""Metrics at the edges of their definitions: thresholds, smallest input, values of the logistic maps."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
import scipy.optimize

from vqa_features.errors import ParameterError
from vqa_features.evaluation import metrics

#: Two double-precision ways to the same number.
ROUNDING = 1e-12
CORRELATIONS = [metrics.srcc, metrics.krcc, metrics.plcc]


@pytest.mark.parametrize("correlation", CORRELATIONS)
@pytest.mark.parametrize(
    ("x", "y", "expected"),
    [([0, 1], [5, 9], 1), ([5, 9], [0, 1], 1), ([0, 1], [1, 0], -1)],
)
def test_two_videos_have_a_correlation(correlation, x, y, expected):
    assert correlation(x, y) == pytest.approx(expected, abs=ROUNDING)


@pytest.mark.parametrize("correlation", CORRELATIONS)
@pytest.mark.parametrize(("x", "y"), [([1, 2, 3], [4, 4, 4]), ([4, 4, 4], [1, 2, 3]), ([4, 4], [4, 4])])
def test_one_constant_side_has_no_correlation_and_no_warning(correlation, x, y):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert np.isnan(correlation(x, y))


@pytest.mark.parametrize(
    ("x", "y", "message"),
    [
        ([1, 2], [1, np.nan], "must be finite"),
        ([np.inf, 2], [1, 2], "must be finite"),
        ([1], [1], "at least 2"),
        ([1, 2, 3], [1, 2], "one length"),
        ([[1, 2], [3, 4]], [[1, 2], [3, 4]], "vectors"),
    ],
)
def test_each_fault_of_the_input_is_refused_by_itself(x, y, message):
    with pytest.raises(ParameterError, match=message):
        metrics.plcc(x, y)


def test_a_correlation_never_leaves_minus_one_to_one_by_rounding():
    random = np.random.default_rng(0)
    for _ in range(300):
        x = random.normal(size=7)
        assert metrics.plcc(x, 3 * x + 1) <= 1
        assert metrics.plcc(x, 1 - 3 * x) >= -1


def test_an_error_equal_to_the_limit_is_no_outlier():
    assert metrics.outlier_ratio([1, 1, 1, 1], [2, 2, 2.25, 1], [0.5] * 4) == 0.25
    # 1.96 * 2 / sqrt(4) = 1.96
    assert metrics.outlier_ratio([0, 0], [1.96, 2], [2, 2], [4, 4]) == 0.5


@pytest.mark.parametrize("b4", [0.1, -0.1])
def test_logistic4_takes_three_quarters_of_its_rise_at_b3_plus_log_3_widths(b4):
    points = [0.5 - 0.1 * np.log(3), 0.5 + 0.1 * np.log(3)]
    np.testing.assert_allclose(metrics.logistic4(points, 5, 1, 0.5, b4), [2, 4], atol=ROUNDING)


def test_logistic5_follows_its_formula():
    # exp(b2 (x - b3)) = 3, so 1/2 - 1/(1 + 3) = 1/4
    x = 0.5 + np.log(3) / 2
    expected = 8 / 4 + 10 * x + 7
    assert metrics.logistic5([x], 8, 2, 0.5, 10, 7)[0] == pytest.approx(expected, abs=ROUNDING)


def test_predictions_one_apart_are_not_constant():
    np.testing.assert_allclose(metrics.fit_logistic([0, 1, 0, 1], [2, 4, 2, 4])([0, 1]), [2, 4], atol=1e-6)


@pytest.mark.parametrize(("kind", "points"), [("logistic4", 4), ("logistic4", 3), ("logistic5", 4)])
def test_a_logistic_passes_through_as_few_points_as_it_has_parameters_or_fewer(kind, points):
    x = np.linspace(0, 1, points)
    y = metrics.logistic4(x, 5, 1, 0.5, 0.2)
    np.testing.assert_allclose(metrics.fit_logistic(x, y, kind)(x), y, atol=1e-4)


def test_another_kind_of_logistic_is_refused():
    with pytest.raises(ParameterError, match="logistic4 or logistic5"):
        metrics.fit_logistic([1, 2, 3], [1, 2, 3], "logistic3")


def test_a_fit_with_several_minima_ends_in_the_one_its_start_leads_to():
    random = np.random.default_rng(18)
    x, y = random.uniform(0, 1, 12), np.round(random.uniform(1, 5, 12), 1)
    start = [y.max(), y.min(), x.mean(), 0.5]
    with np.errstate(all="ignore"):
        found = scipy.optimize.least_squares(
            lambda b: metrics.logistic4(x, *b) - y, start, method="lm", max_nfev=5000
        )
    np.testing.assert_allclose(metrics.fit_logistic(x, y)(x), metrics.logistic4(x, *found.x), atol=1e-5)


@pytest.mark.parametrize("seed", range(8))
def test_five_parameters_reach_the_error_of_a_joint_search(seed):
    random = np.random.default_rng(seed)
    x = random.normal(random.uniform(-50, 50), random.uniform(0.1, 30), 200)
    y = 3 + 2 * np.tanh((x - x.mean()) / x.std() * random.uniform(0.5, 3)) + random.normal(0, 0.3, 200)
    start = [np.ptp(y), 1 / x.std(), x.mean(), 0.0, y.mean()]
    joint = scipy.optimize.least_squares(
        lambda b: metrics.logistic5(x, *b) - y, start, method="lm", max_nfev=5000
    )
    error = np.sum((metrics.fit_logistic(x, y, "logistic5")(x) - y) ** 2)
    assert error == pytest.approx(2 * joint.cost, rel=1e-6)


def test_five_parameters_of_predictions_on_a_line_give_the_line():
    random = np.random.default_rng(4)
    x = random.uniform(1, 5, 300)
    y = 2 * x + random.normal(0, 0.5, 300)
    line = np.polyval(np.polyfit(x, y, 1), x)
    mapped = metrics.fit_logistic(x, y, "logistic5")(x)
    assert np.sum((mapped - y) ** 2) <= np.sum((line - y) ** 2)
    assert np.sqrt(np.mean((mapped - line) ** 2)) < 0.1
