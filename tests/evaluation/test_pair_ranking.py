"""Pairs in the right order: counted one by one, Kendall's tau, and the spread of new videos."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from scipy.stats import kendalltau, norm

from vqa_features.errors import ParameterError
from vqa_features.evaluation import pair_ranking
from vqa_features.evaluation.pair_ranking import listed_pair_accuracy, pair_accuracy
from vqa_features.evaluation.paired_tests import krasula


def drawn(rows=60, seed=0, ties=True):
    random = np.random.default_rng(seed)
    mos = random.uniform(1, 5, rows)
    predicted = mos + random.normal(0, 1, rows)
    if ties:
        mos, predicted = mos.round(1), predicted.round(0)
    return predicted, mos, random.uniform(0.5, 1.5, rows), random.integers(5, 30, rows)


def counted(x, y, keep):
    pairs = [(i, j) for i, j in combinations(range(len(x)), 2) if keep(i, j)]
    right = [0.5 if x[i] == x[j] else float((x[i] > x[j]) == (y[i] > y[j])) for i, j in pairs]
    return np.mean(right), len(pairs), sum(value == 0.5 for value in right)


@pytest.mark.parametrize("at_once", [7, 4_000_000])
@pytest.mark.parametrize("case", ["all", "margin", "significant", "both", "groups"])
def test_pairs_are_those_counted_one_by_one(case, at_once, monkeypatch):
    monkeypatch.setattr(pair_ranking, "AT_ONCE", at_once)
    x, y, std, n = drawn()
    groups = np.array([f"scene{row % 7}" for row in range(len(x))])
    margin = 0.5 if case in ("margin", "both") else 0.0
    opinions = {"std": std, "counts": n} if case in ("significant", "both") else {}

    def keep(i, j):
        if abs(y[i] - y[j]) <= margin or (case == "groups" and groups[i] != groups[j]):
            return False
        error = np.sqrt(std[i] ** 2 / n[i] + std[j] ** 2 / n[j])
        return not opinions or abs(y[i] - y[j]) / error > norm.ppf(0.975)

    found = pair_accuracy(x, y, margin=margin, groups=groups if case == "groups" else None, **opinions)
    assert (found.accuracy, found.pairs, found.ties) == pytest.approx(counted(x, y, keep))
    assert found.ties > 0
    assert found.units == (7 if case == "groups" else 60)


def test_without_ties_it_is_kendalls_tau_and_krasulas_share():
    x, y, std, n = drawn(ties=False)
    assert 2 * pair_accuracy(x, y).accuracy - 1 == pytest.approx(kendalltau(x, y).statistic)
    found, areas = pair_accuracy(x, y, std=std, counts=n), krasula(x, y, std, n)
    assert (found.accuracy, found.pairs) == pytest.approx((areas.correct, areas.different_pairs))


def test_a_perfect_and_a_reversed_order():
    y = np.arange(9.0)
    assert pair_accuracy(y**3, y)[:2] == (1.0, 0.0)
    assert pair_accuracy(-y, y).accuracy == 0
    assert pair_accuracy(y * 0, y)[:4] == (0.5, 0.0, 36, 36)


@pytest.mark.parametrize("grouped", [False, True])
def test_the_error_is_the_spread_over_drawn_videos_or_groups(grouped):
    """Groups differ in how well they are predicted, so their pairs vary more than single pairs would."""
    accuracies, errors = [], []
    for seed in range(300):
        random = np.random.default_rng(seed)
        groups = np.repeat(np.arange(25), 4)
        mos = random.normal(0, 1, 100)
        spread = np.repeat(random.choice([0.2, 3.0], 25), 4) if grouped else random.choice([0.2, 3.0], 100)
        predicted = mos + spread * random.normal(0, 1, 100)
        found = pair_accuracy(predicted, mos, groups=groups if grouped else None)
        accuracies.append(found.accuracy)
        errors.append(found.error)
    assert np.mean(errors) == pytest.approx(np.std(accuracies), rel=0.12)


def test_the_error_of_listed_pairs_is_binomial_where_they_share_no_video():
    random = np.random.default_rng(0)
    x = random.normal(size=2000)
    found = listed_pair_accuracy(x, np.arange(1000), np.arange(1000, 2000))
    p = np.mean(x[:1000] > x[1000:])
    assert found.accuracy == pytest.approx(p)
    assert found.error == pytest.approx(np.sqrt(p * (1 - p) / 1000), rel=1e-3)
    assert (found.pairs, found.units, found.ties) == (1000, 2000, 0)


def test_all_pairs_as_a_list_are_all_pairs():
    x, y, _, _ = drawn()
    better, worse = np.transpose(
        [(i, j) if y[i] > y[j] else (j, i) for i, j in combinations(range(60), 2) if y[i] != y[j]]
    )
    listed, whole = listed_pair_accuracy(x, better, worse), pair_accuracy(x, y)
    assert tuple(listed) == pytest.approx(tuple(whole))
    assert listed_pair_accuracy(x, worse, better).accuracy == pytest.approx(1 - whole.accuracy)


def test_no_pair_has_no_accuracy():
    found = pair_accuracy([1.0, 2.0, 3.0], [1.0, 2.0, 3.0], margin=5)
    assert np.isnan(found.accuracy)
    assert (found.pairs, found.units) == (0, 0)
    assert np.isnan(listed_pair_accuracy([1.0, 2.0], [], []).accuracy)
    one = pair_accuracy([1.0, 2.0, 3.0], [1.0, 2.0, 3.0], groups=["a", "a", "b"])
    assert (one.accuracy, one.pairs, one.units) == (1.0, 1, 1)
    assert np.isnan(one.error)


@pytest.mark.parametrize(
    ("changed", "text"),
    [
        ({"margin": -1}, "margin >= 0"),
        ({"margin": np.nan}, "margin >= 0"),
        ({"level": 1}, "0 < level < 1"),
        ({"std": [1, 1, 1]}, "std and counts together"),
        ({"std": [1, 1, 1], "counts": [1, 0, 1]}, "counts above 0"),
        ({"std": [1, 1], "counts": [1, 1]}, "one value per video"),
        ({"groups": ["a"]}, "one value per video"),
        ({"predicted": [1, np.nan, 2]}, "finite"),
    ],
)
def test_impossible_input_is_one_sentence(changed, text):
    given = {"predicted": [1.0, 2.0, 3.0], "mos": [1.0, 3.0, 2.0]} | changed
    with pytest.raises(ParameterError, match=text):
        pair_accuracy(given.pop("predicted"), given.pop("mos"), **given)


@pytest.mark.parametrize(
    ("better", "worse", "text"),
    [
        ([0, 1], [2], "of one length"),
        ([0], [3], r"0 \.\. 2"),
        ([-1], [1], r"0 \.\. 2"),
        ([1], [1], "one video twice"),
    ],
)
def test_impossible_pairs_are_one_sentence(better, worse, text):
    with pytest.raises(ParameterError, match=text):
        listed_pair_accuracy([1.0, 2.0, 3.0], better, worse)
