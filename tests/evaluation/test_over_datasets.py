"""Means over datasets and the Bayesian signed-rank test, against baycomp, and analytic posteriors."""

from __future__ import annotations

import numpy as np
import pytest

from vqa_features.errors import ParameterError
from vqa_features.evaluation.over_datasets import bayesian_signed_rank, weighted_mean
from vqa_features.evaluation.significance import critical_difference

GAIN = [0.021, 0.034, -0.004, 0.012, 0.045, 0.008, 0.027]
MIXED = [0.03, -0.02, 0.005, -0.011, 0.002, 0.018]
NEAR = [0.004, -0.003, 0.006, 0.001, -0.002, 0.005, 0.003, 0.0]
FEW = [0.02, 0.03]
#: Three standard errors of a share of 50 000 samples.
DRAWN = 3 * 0.5 / np.sqrt(50_000)


@pytest.mark.parametrize(
    ("differences", "rope", "expected"),
    [
        (GAIN, 0.01, (0.9337, 0.0663, 0.0)),
        (GAIN, 0.005, (0.9852, 0.0148, 0.0)),
        (GAIN, 0.0, (0.9990, 0.0, 0.0010)),
        (MIXED, 0.01, (0.1341, 0.8406, 0.0252)),
        (MIXED, 0.005, (0.4657, 0.3232, 0.2110)),
        (MIXED, 0.0, (0.7274, 0.0, 0.2726)),
        (NEAR, 0.01, (0.0, 1.0, 0.0)),
        (NEAR, 0.0, (0.9435, 0.0, 0.0565)),
        (FEW, 0.01, (0.9329, 0.0671, 0.0)),
        (FEW, 0.005, (0.9644, 0.0356, 0.0)),
    ],
)
def test_probabilities_are_those_of_baycomp(differences, rope, expected):
    """baycomp 1.0.3, SignedRankTest.probs(zeros, differences, rope, nsamples=200000, random_state=1)."""
    found = bayesian_signed_rank(differences, rope)
    assert tuple(found) == pytest.approx(expected, abs=DRAWN)
    assert sum(found) == pytest.approx(1)
    mirrored = bayesian_signed_rank(np.negative(differences), rope)
    assert (mirrored.worse, mirrored.better) == pytest.approx((found.better, found.worse), abs=DRAWN)


def test_one_dataset_has_a_posterior_that_can_be_written_down():
    """With weights (1 - w, w), w ~ Beta(1, s), and z = (0, d): pairs above 2r if d > 2r hold 1 - (1 - w)^2,
    so `better` wins if w > 1 - sqrt(1/2); P(w > x) = (1 - x)^s."""
    found = bayesian_signed_rank([0.05], rope=0.01, prior=0.5)
    assert found.better == pytest.approx(0.5**0.25, abs=DRAWN)
    heavy = bayesian_signed_rank([0.05], rope=0.01, prior=4.0)
    assert heavy.better == pytest.approx(0.25, abs=DRAWN)


def test_equal_models_share_the_probability_and_seeds_repeat():
    assert bayesian_signed_rank([0.0, 0.0, 0.0], rope=0.0) == pytest.approx((0.5, 0.0, 0.5))
    assert bayesian_signed_rank([0.0, 0.0], rope=0.01).equivalent == 1
    few = {"samples": 100}
    assert bayesian_signed_rank(MIXED, seed=1, **few) == bayesian_signed_rank(MIXED, seed=1, **few)
    assert bayesian_signed_rank(MIXED, seed=1, **few) != bayesian_signed_rank(MIXED, seed=2, **few)


def test_means_are_weighted_by_the_number_of_videos():
    r = np.array([[0.8, 0.5], [0.6, 0.9], [0.7, -0.1]])
    n = [1200, 585, 240]
    np.testing.assert_allclose(weighted_mean(r, n), np.average(r, axis=0, weights=n))
    expected = np.tanh(np.average(np.arctanh(r), axis=0, weights=n))
    np.testing.assert_allclose(weighted_mean(r, n, "fisher-z"), expected)
    np.testing.assert_allclose(weighted_mean(r[:1], [7], "fisher-z"), r[0])
    assert weighted_mean([[1.0], [0.2]], [1, 9], "fisher-z") == 1


def test_friedman_and_nemenyi_agree_with_scikit_posthocs():
    """scikit-posthocs 0.17.1, posthoc_nemenyi_friedman: p of each pair; SciPy 1.17.1, friedmanchisquare."""
    scores = [
        [0.78, 0.74, 0.80, 0.70],
        [0.75, 0.76, 0.79, 0.66],
        [0.66, 0.60, 0.71, 0.59],
        [0.82, 0.80, 0.85, 0.81],
        [0.58, 0.55, 0.57, 0.50],
        [0.71, 0.70, 0.76, 0.69],
    ]
    p = {
        (0, 1): 0.536287,
        (0, 2): 0.678388,
        (0, 3): 0.066389,
        (1, 2): 0.066389,
        (1, 3): 0.678388,
        (2, 3): 0.001966,
    }
    for alpha in (0.001, 0.01, 0.05, 0.1, 0.6, 0.9):
        found = critical_difference(scores, alpha)
        assert found.friedman_p == pytest.approx(0.002192438137306533)
        for (a, b), value in p.items():
            apart = abs(found.mean_ranks[a] - found.mean_ranks[b]) > found.critical_difference
            assert apart == (value < alpha)


@pytest.mark.parametrize(
    ("function", "given", "text"),
    [
        (weighted_mean, ([[0.5, 0.6]], [1, 2]), r"got \(1, 2\) and \(2,\)"),
        (weighted_mean, ([[1.2]], [1]), "in -1 .. 1"),
        (weighted_mean, ([[np.nan]], [1]), "in -1 .. 1"),
        (weighted_mean, ([[0.2]], [0]), "above 0"),
        (weighted_mean, ([[0.2]], [1], "median"), "plain, fisher-z, got 'median'"),
        (weighted_mean, ([[1.0], [-1.0]], [1, 1], "fisher-z"), "not defined"),
        (bayesian_signed_rank, ([],), "one finite difference per dataset"),
        (bayesian_signed_rank, ([np.nan],), "one finite difference per dataset"),
        (bayesian_signed_rank, ([0.1], -0.01), "rope >= 0"),
    ],
)
def test_impossible_input_is_one_sentence(function, given, text):
    with pytest.raises(ParameterError, match=text):
        function(*given)
