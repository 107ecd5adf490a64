"""The statistics at the edges of their definitions: thresholds, defaults, refused input."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.stats

from vqa_features.errors import ParameterError
from vqa_features.evaluation.metrics import srcc
from vqa_features.evaluation.significance import (
    bootstrap_srcc,
    corrected_t,
    critical_difference,
    holm,
    percentile_interval,
)

#: Two double-precision ways to the same number.
ROUNDING = 1e-12
EPS = float(np.finfo(float).eps)
SPREAD = [0.01, 0.03, -0.01, 0.02, 0.05]


@pytest.mark.parametrize(
    "wrong", [[0.1], [], [0.1, np.nan], [np.inf, 0.1], [[0.1, 0.2], [0.3, 0.1]]], ids=repr
)
def test_fewer_than_two_finite_differences_are_refused(wrong: list[float]) -> None:
    with pytest.raises(ParameterError, match="at least two finite differences"):
        corrected_t(wrong, 0.25)


def test_two_differences_are_enough() -> None:
    found = corrected_t([0.0, 1.0], 0.0)
    assert found.df == 1
    assert found.t == pytest.approx(1, abs=ROUNDING)


@pytest.mark.parametrize(
    "wrong",
    [
        {"test_train_ratio": -0.01},
        {"margin": 0.0},
        {"margin": -0.1},
        {"level": 0.0},
        {"level": 1.0},
    ],
)
def test_settings_of_the_t_test_outside_their_range_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ParameterError, match="need test_train_ratio >= 0"):
        corrected_t(SPREAD, **({"test_train_ratio": 0.25} | wrong))


def test_the_default_margin_is_a_hundredth_and_the_default_level_95_percent() -> None:
    assert corrected_t(SPREAD, 0.25) == corrected_t(SPREAD, 0.25, margin=0.01, level=0.95)


def test_the_interval_is_the_t_interval_of_its_level() -> None:
    found = corrected_t(SPREAD, 0.25, level=0.8)
    d = np.array(SPREAD)
    low, high = scipy.stats.t.interval(0.8, 4, d.mean(), np.sqrt((1 / 5 + 0.25) * d.var(ddof=1)))
    assert (found.low, found.high) == pytest.approx((low, high), abs=ROUNDING)
    assert found.difference == pytest.approx(0.02, abs=ROUNDING)


def test_a_falling_difference_mirrors_a_rising_one() -> None:
    up, down = corrected_t(SPREAD, 0.25), corrected_t(np.negative(SPREAD), 0.25)
    assert (down.t, down.low, down.high) == pytest.approx((-up.t, -up.high, -up.low), abs=ROUNDING)
    assert (down.p, down.p_equivalence) == pytest.approx((up.p, up.p_equivalence), abs=ROUNDING)


def test_equivalence_uses_the_worse_side_also_of_a_negative_mean() -> None:
    found = corrected_t(np.negative(SPREAD), 0.0, margin=0.03)
    worse = scipy.stats.ttest_1samp(np.negative(SPREAD), -0.03, alternative="greater").pvalue
    assert found.p_equivalence == pytest.approx(worse, abs=ROUNDING)


@pytest.mark.parametrize(("constant", "equivalent"), [(0.125, 0.0), (0.25, 1.0), (-0.25, 1.0), (0.5, 1.0)])
def test_a_constant_difference_is_certain_and_equivalent_only_within_the_margin(
    constant: float, equivalent: float
) -> None:
    found = corrected_t([constant] * 4, 0.25, margin=0.25)
    assert found.t == np.copysign(np.inf, constant)
    assert (found.low, found.difference, found.high) == (constant, constant, constant)
    assert (found.df, found.p, found.p_equivalence) == (3, 0.0, equivalent)


def test_a_spread_within_rounding_counts_as_none() -> None:
    # For [0, 2h] the standard error of the mean is h, and the mean is h.
    none = corrected_t([0.0, 2 * EPS], 0.0)
    assert (none.t, none.p, none.p_equivalence) == (0.0, 1.0, 0.0)
    some = corrected_t([0.0, 3 * EPS], 0.0)
    assert some.t == pytest.approx(1, abs=ROUNDING)
    large = corrected_t([1000.0, np.nextafter(1000.0, 2000.0)], 0.0)  # rounding grows with the mean
    assert (large.t, large.p, large.p_equivalence) == (np.inf, 0.0, 1.0)


def test_a_constant_difference_just_above_rounding_is_not_equality() -> None:
    assert corrected_t([2 * EPS, 2 * EPS], 0.0).t == np.inf
    assert corrected_t([EPS, EPS], 0.0).t == 0.0


def test_holm_multiplies_by_the_number_of_hypotheses_left() -> None:
    np.testing.assert_allclose(holm([0.3, 0.01, 0.02]), [0.3, 0.03, 0.04], atol=ROUNDING)
    np.testing.assert_allclose(holm([0.5]), [0.5], atol=ROUNDING)


def test_a_percentile_interval_leaves_out_equal_tails() -> None:
    assert percentile_interval(np.arange(101.0), 0.9) == pytest.approx((5, 95), abs=ROUNDING)
    assert percentile_interval(np.arange(1001.0)) == pytest.approx((25, 975), abs=1e-9)


@pytest.mark.parametrize(
    ("predicted", "mos"),
    [
        ([1.0, 2.0, 3.0], [1.0, 2.0, 3.0]),
        ([[1.0], [2.0], [3.0]], [1.0, 2.0]),
        ([[1.0], [np.nan], [3.0]], [1.0, 2.0, 3.0]),
        ([[1.0], [2.0], [3.0]], [1.0, np.inf, 3.0]),
    ],
    ids=["one vector", "another length", "missing prediction", "infinite MOS"],
)
def test_the_bootstrap_refuses_what_it_cannot_rank(predicted: object, mos: object) -> None:
    with pytest.raises(ParameterError, match="need finite predictions"):
        bootstrap_srcc(predicted, mos, samples=3)  # type: ignore[arg-type]


def test_one_group_of_all_videos_gives_the_srcc_itself_every_time() -> None:
    random = np.random.default_rng(0)
    mos = np.round(random.normal(size=40), 1)
    noisy = mos + random.normal(size=(2, 40))
    models = np.column_stack([np.round(noisy[0], 1), np.ones(40), -mos, noisy[1]])
    draws = bootstrap_srcc(models, mos, np.zeros(40), samples=4)
    expected = [srcc(models[:, 0], mos), 0.0, -1.0, srcc(noisy[1], mos)]  # a constant side counts as 0
    np.testing.assert_allclose(draws, np.tile(expected, (4, 1)), atol=ROUNDING)


def test_whole_groups_are_drawn() -> None:
    mos = np.array([1.0, 2.0, 3.0, 4.0, 5.0, 6.0])
    model = np.array([1.0, 2.0, 3.0, 9.0, 8.0, 7.0])
    groups = np.array(["a", "a", "a", "b", "b", "b"])
    draws = bootstrap_srcc(model[:, None], mos, groups, samples=60)[:, 0]
    possible = {round(value, 9) for value in (1.0, srcc(model, mos), -1.0)}  # aa, ab, bb
    assert {round(value, 9) for value in draws} == possible


def test_every_video_can_be_drawn_as_often_as_any_other() -> None:
    # Only the first video contradicts the order of the others, so without it every draw gives 1.
    mos = np.arange(1.0, 7.0)
    model = np.where(mos == 1, 99, mos)
    draws = bootstrap_srcc(model[:, None], mos, samples=300)[:, 0]
    # (5/6)^6 = .335 of the draws leave it out
    assert np.mean(np.isclose(draws, 1)) == pytest.approx(0.335, abs=0.08)


def test_the_bootstrap_draws_1000_samples_of_seed_0_by_default() -> None:
    mos = np.arange(8.0)
    model = np.random.default_rng(1).normal(size=(8, 2))
    draws = bootstrap_srcc(model, mos)
    assert draws.shape == (1000, 2)
    np.testing.assert_array_equal(draws[:50], bootstrap_srcc(model, mos, samples=50, seed=0))
    assert not np.array_equal(draws[:50], bootstrap_srcc(model, mos, samples=50, seed=1))


@pytest.mark.parametrize("shape", [(4,), (1, 3), (3, 1), (2, 2, 2)], ids=str)
def test_a_critical_difference_needs_two_blocks_and_two_models(shape: tuple[int, ...]) -> None:
    with pytest.raises(ParameterError, match="each at least 2"):
        critical_difference(np.arange(np.prod(shape), dtype=float).reshape(shape))


def test_two_models_have_no_friedman_test() -> None:
    found = critical_difference([[1.0, 2.0], [3.0, 4.0]])
    assert np.isnan(found.friedman_p)
    np.testing.assert_array_equal(found.mean_ranks, [2, 1])


def test_the_friedman_test_is_scipys() -> None:
    scores = np.random.default_rng(2).normal(size=(6, 3))
    expected = scipy.stats.friedmanchisquare(*scores.T).pvalue
    assert critical_difference(scores).friedman_p == pytest.approx(expected, abs=ROUNDING)


def scores_of_ranks(*rows: tuple[int, int, int], order: tuple[int, int, int]) -> np.ndarray:
    return -np.array(rows, dtype=float)[:, order]


def test_cliques_may_overlap_and_list_models_from_best_to_worst() -> None:
    # Mean ranks 1.1, 2.0 and 2.9 with a critical difference of 1.05: neighbours only.
    rows = [(1, 2, 3)] * 8 + [(2, 1, 3), (1, 3, 2)]
    found = critical_difference(scores_of_ranks(*rows, order=(2, 0, 1)))
    np.testing.assert_allclose(found.mean_ranks, [2.9, 1.1, 2.0])
    assert found.critical_difference == pytest.approx(1.048, abs=0.001)
    assert found.cliques == [(1, 2), (2, 0)]


def test_a_clique_inside_another_is_not_listed() -> None:
    rows = [(1, 2, 3), (3, 1, 2), (2, 3, 1), (1, 2, 3)]
    assert critical_difference(scores_of_ranks(*rows, order=(0, 1, 2))).cliques == [(0, 1, 2)]


def test_models_far_apart_form_no_clique() -> None:
    rows = [(1, 2, 3)] * 40
    assert critical_difference(scores_of_ranks(*rows, order=(0, 1, 2))).cliques == []
