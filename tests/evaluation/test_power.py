"""Power of the tests of differences: simulated shares of rejections, and closed forms."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import nct, norm
from scipy.stats import t as student

from vqa_features.errors import ParameterError
from vqa_features.evaluation.paired_tests import compare_correlations, rank_difference
from vqa_features.evaluation.power import (
    detectable_on_videos,
    detectable_over_splits,
    error_needed_on_videos,
    power_on_videos,
    power_over_splits,
)
from vqa_features.evaluation.significance import corrected_t

#: Three standard errors of a share of .8 among so many simulated comparisons.
DRAWS = 1500
DRAWN = 3 * np.sqrt(0.8 * 0.2 / DRAWS)


@pytest.mark.parametrize(("splits", "share"), [(5, 0.2), (20, 0.2), (100, 0.2), (10, 0.1)])
@pytest.mark.parametrize("power", [0.5, 0.8])
def test_equally_correlated_splits_show_the_detectable_difference_as_often_as_said(splits, share, power):
    """Nadeau and Bengio's model: the differences of splits have the correlation n_test / n."""
    random = np.random.default_rng(splits)
    ratio, sd = share / (1 - share), 0.02
    deviation = sd * np.sqrt(1 - share)  # what the splits of one comparison show
    true = detectable_over_splits(deviation, splits, ratio, power)
    seen = 0
    for _ in range(DRAWS):
        common, own = random.normal(), random.normal(size=splits)
        d = true + sd * (np.sqrt(share) * common + np.sqrt(1 - share) * own)
        seen += corrected_t(d, ratio).p < 0.05
    assert seen / DRAWS == pytest.approx(power, abs=DRAWN * 1.3)


def drawn(r_a, r_b, r_ab, rows, random):
    """Return normal predictions of two models and MOS with these Pearson correlations."""
    cov = [[1, r_ab, r_a], [r_ab, 1, r_b], [r_a, r_b, 1]]
    return random.multivariate_normal([0, 0, 0], cov, rows).T


@pytest.mark.parametrize(("r_a", "r_b", "r_ab", "rows"), [(0.85, 0.8, 0.85, 240), (0.6, 0.5, 0.4, 400)])
def test_one_test_set_shows_a_difference_as_often_as_said(r_a, r_b, r_ab, rows):
    random = np.random.default_rng(0)
    large = rank_difference(*drawn(r_a, r_b, r_ab, 200_000, random))
    error = large.error * np.sqrt(200_000 / rows)
    middle = np.tanh((np.arctanh(large.srcc_a) + np.arctanh(large.srcc_b)) / 2)
    said = power_on_videos(large.srcc_a - large.srcc_b, middle, error)
    assert 0.5 < said < 0.95
    seen = [compare_correlations(*drawn(r_a, r_b, r_ab, rows, random)).p < 0.05 for _ in range(DRAWS)]
    assert np.mean(seen) == pytest.approx(said, abs=DRAWN + 0.01)


def test_what_is_detectable_has_its_power_and_needs_its_error():
    for power in (0.1, 0.8, 0.99):
        one = detectable_over_splits(0.03, 20, 0.25, power)
        assert power_over_splits(one, 0.03, 20, 0.25) == pytest.approx(power)
        assert power_over_splits(-one, 0.03, 20, 0.25) == pytest.approx(power)
        other = detectable_on_videos(0.7, 0.08, power)
        assert power_on_videos(other, 0.7, 0.08) == pytest.approx(power)
        assert error_needed_on_videos(other, 0.7, power) == pytest.approx(0.08)


@pytest.mark.parametrize("splits", [2, 3, 10, 100])
@pytest.mark.parametrize("shift", [0.5, 2.0, 4.0])
def test_power_over_splits_is_a_noncentral_t(splits, shift):
    limit = student.ppf(0.975, splits - 1)
    expected = nct.sf(limit, splits - 1, shift) + nct.cdf(-limit, splits - 1, shift)
    error = 0.02 * np.sqrt(1 / splits + 0.25)
    assert power_over_splits(shift * error, 0.02, splits, 0.25) == pytest.approx(expected, abs=1e-6)


def test_many_splits_reach_the_limit_of_the_shared_training_part():
    limit = (norm.ppf(0.975) + norm.ppf(0.8)) * 0.02 * np.sqrt(0.25)
    found = [detectable_over_splits(0.02, splits, 0.25) for splits in (5, 100, 10_000, 1_000_000)]
    assert found == sorted(found, reverse=True)
    assert found[-1] == pytest.approx(limit, rel=1e-4)
    assert found[1] < 1.05 * limit


def test_the_ends_are_plain():
    assert power_over_splits(0, 0.02, 10, 0.25) == pytest.approx(0.05)
    assert power_over_splits(1e-9, 0.02, 10, 0.25) == pytest.approx(0.05, abs=1e-6)
    assert power_over_splits(0.01, 0, 10, 0.25) == 1
    assert detectable_over_splits(0, 10, 0.25) == detectable_on_videos(0.5, 0) == 0
    assert power_on_videos(0, 0.5, 0.1) == pytest.approx(0.05)
    assert power_on_videos(0.01, 0.5, 0) == 1
    assert power_on_videos(1.9, 0.0, 0.1) == pytest.approx(1)
    assert power_over_splits(5, 0.001, 10, 0.25) == pytest.approx(1)


def test_a_near_perfect_model_shows_smaller_differences():
    found = [detectable_on_videos(r, 0.1) for r in (0.0, 0.5, 0.9, 0.99)]
    assert found == sorted(found, reverse=True)
    assert detectable_on_videos(-0.9, 0.1) == pytest.approx(found[2])


@pytest.mark.parametrize(
    ("function", "given", "text"),
    [
        (power_over_splits, (0.1, -1, 10, 0.25), "2 splits or more"),
        (power_over_splits, (0.1, np.nan, 10, 0.25), "2 splits or more"),
        (detectable_over_splits, (0.1, 1, 0.25), "2 splits or more"),
        (detectable_over_splits, (0.1, 5, 0.25, 0.01), r"power must lie between alpha \(0.05\) and 1"),
        (detectable_on_videos, (0.5, 0.1, 1.0), "power must lie"),
        (detectable_on_videos, (1.0, 0.1), r"inside \(-1, 1\)"),
        (power_on_videos, (0.1, 0.5, np.inf), "an error of at least 0"),
        (power_on_videos, (2.5, 0.5, 0.1), "less than 2, got 2.5"),
    ],
)
def test_impossible_input_is_one_sentence(function, given, text):
    with pytest.raises(ParameterError, match=text):
        function(*given)
