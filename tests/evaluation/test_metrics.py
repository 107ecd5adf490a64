"""Metrics against SciPy and against known answers."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.optimize
import scipy.stats

from vqa_features.errors import ParameterError
from vqa_features.evaluation import metrics

#: Two double-precision ways to the same sum.
ROUNDING = 1e-12
#: Two runs of MINPACK from one start, one by way of curve_fit.
FIT = 1e-5


@pytest.fixture
def scores():
    random = np.random.default_rng(7)
    mos = random.uniform(1, 5, 120)
    return np.round(mos + random.normal(0, 0.7, 120), 1), mos


def test_correlations_agree_with_scipy_also_with_ties(scores):
    x, y = scores
    assert metrics.srcc(x, y) == pytest.approx(scipy.stats.spearmanr(x, y)[0], abs=ROUNDING)
    assert metrics.krcc(x, y) == pytest.approx(scipy.stats.kendalltau(x, y)[0], abs=ROUNDING)
    assert metrics.plcc(x, y) == pytest.approx(scipy.stats.pearsonr(x, y)[0], abs=ROUNDING)


def test_errors_have_plain_answers():
    assert metrics.rmse([1, 2, 3], [1, 2, 6]) == pytest.approx(np.sqrt(3))
    assert metrics.mae([1, 2, 3], [1, 2, 6]) == 1


def test_a_constant_prediction_has_no_correlation():
    assert np.isnan(metrics.srcc([1, 1, 1], [1, 2, 3]))
    assert np.isnan(metrics.krcc([1, 1, 1], [1, 2, 3]))
    assert np.isnan(metrics.plcc([1, 1, 1], [1, 2, 3]))


def test_outlier_ratio_counts_errors_beyond_the_uncertainty_of_the_mos():
    assert metrics.outlier_ratio([3, 3, 3, 3], [3, 4.1, 5.1, 3], [0.5] * 4) == 0.5
    # 1.96 * 0.5 / sqrt(25) = .196
    assert metrics.outlier_ratio([3, 3, 3, 3], [3, 3.19, 3.2, 3], [0.5] * 4, [25] * 4) == 0.25


def test_logistic4_runs_from_b2_to_b1():
    ends = metrics.logistic4([-1e3, 0.5, 1e3], 5, 1, 0.5, 0.1)
    np.testing.assert_allclose(ends, [1, 3, 5], atol=ROUNDING)


def test_logistic5_is_odd_about_b3_without_its_linear_part():
    low, middle, high = metrics.logistic5([-1, 0, 1], 2, 3, 0, 0, 1)
    assert middle == pytest.approx(1)
    assert high - middle == pytest.approx(middle - low)


def test_the_fit_is_that_of_the_public_scripts(scores):
    x, y = scores

    def theirs(z, b1, b2, b3, b4):
        return b2 + (b1 - b2) / (1 + np.exp(-(z - b3) / np.abs(b4)))

    best, _ = scipy.optimize.curve_fit(theirs, x, y, p0=[y.max(), y.min(), x.mean(), 0.5], maxfev=10**6)
    np.testing.assert_allclose(metrics.fit_logistic(x, y)(x), theirs(x, *best), atol=FIT)


@pytest.mark.parametrize("kind", ["logistic4", "logistic5"])
def test_a_fit_recovers_the_curve_that_made_the_data(kind):
    x = np.linspace(0, 1, 60)
    curve = {"logistic4": (5, 1, 0.5, 0.1), "logistic5": (2, 4, 0.5, 1, 3)}[kind]
    y = getattr(metrics, kind)(x, *curve)
    np.testing.assert_allclose(metrics.fit_logistic(x, y, kind)(x), y, atol=FIT)


def test_a_constant_prediction_is_mapped_to_the_mean():
    np.testing.assert_array_equal(metrics.fit_logistic([2, 2, 2], [1, 2, 6])([2, 9]), [3, 3])


@pytest.mark.parametrize(
    "wrong", [([1, 2], [1, 2, 3]), ([1, np.nan], [1, 2]), ([1], [1]), ([[1, 2]], [[1, 2]])]
)
def test_bad_input_is_refused(wrong):
    with pytest.raises(ParameterError):
        metrics.srcc(*wrong)
