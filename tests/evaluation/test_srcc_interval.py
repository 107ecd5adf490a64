"""Intervals of one SRCC over videos, and scales of MOS without measurements."""

from __future__ import annotations

import numpy as np
import pytest

from vqa_features.evaluation.paired_tests import srcc_interval
from vqa_features.evaluation.scale_alignment import MOST_DEVIATIONS, share_below, usual

DRAWS = 400
#: Three standard errors of a share of .95 in 400 draws.
NEAR = 3 * np.sqrt(0.05 * 0.95 / DRAWS)


def of_normal(correlation: float) -> float:
    """Return the SRCC of two normal variables, in the limit of many videos."""
    return float(6 / np.pi * np.arcsin(correlation / 2))


@pytest.mark.parametrize("correlation", [0.0, 0.8, 0.95])
@pytest.mark.parametrize("rows", [50, 300])
def test_the_interval_holds_the_true_value_in_95_of_100_draws(correlation, rows):
    random, inside = np.random.default_rng(rows), 0
    for _ in range(DRAWS):
        a, noise = random.normal(size=(2, rows))
        low, high = srcc_interval(a, correlation * a + np.sqrt(1 - correlation**2) * noise)
        inside += low <= of_normal(correlation) <= high
    assert inside / DRAWS == pytest.approx(0.95, abs=NEAR)


def test_videos_of_one_content_do_not_count_as_independent():
    random, groups = np.random.default_rng(0), np.repeat(np.arange(50), 6)
    inside = {"contents": 0, "videos": 0}
    for _ in range(DRAWS):
        content_a, noise = random.normal(size=(2, 50))
        content_b = 0.8 * content_a + 0.6 * noise
        a, b = (0.8 * one[groups] + 0.6 * random.normal(size=300) for one in (content_a, content_b))
        for name, given in (("contents", groups), ("videos", None)):
            low, high = srcc_interval(a, b, given)
            inside[name] += low <= of_normal(0.64 * 0.8) <= high
    assert inside["contents"] / DRAWS == pytest.approx(0.95, abs=NEAR)
    assert inside["videos"] / DRAWS < 0.85


def test_ends_without_an_answer():
    rows = np.arange(10.0)
    assert srcc_interval(rows, rows**3) == (1.0, 1.0)
    assert srcc_interval(rows, -rows) == (-1.0, -1.0)
    assert np.isnan(srcc_interval(np.ones(10), rows)).all()
    assert np.isnan(srcc_interval(rows[:3], rows[:3])).all()
    assert np.isnan(srcc_interval(rows, np.sin(rows), np.zeros(10))).all()


def test_a_wider_level_gives_a_wider_interval():
    random = np.random.default_rng(1)
    a, b = random.normal(size=(2, 40))
    (low, high), (lower, higher) = srcc_interval(a, a + b), srcc_interval(a, a + b, level=0.99)
    assert lower < low < high < higher


def test_the_share_below_is_that_of_the_ranks():
    assert share_below([10.0, 30.0, 20.0, 20.0]).tolist() == [0.125, 0.875, 0.5, 0.5]
    assert share_below(np.exp([1.0, 3.0, 2.0])).tolist() == share_below([1.0, 3.0, 2.0]).tolist()


def test_unusual_measurements_lie_beyond_three_scaled_deviations():
    # The median absolute deviation of 0 .. 100 is 25: 37.07 on the scale of a standard deviation.
    edge = 50 + MOST_DEVIATIONS * 25 * 1.4826022185056018
    values = np.arange(101.0)
    assert usual(values).all()
    assert usual([*values, edge - 2]).all()
    assert not usual([*values, edge + 3])[-1]
