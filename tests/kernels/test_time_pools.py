"""Means over time that stress part of a signal: analytic answers, properties, and the paper's equations."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest

from vqa_features.kernels.time_pools import (
    HYSTERESIS_TAU_S,
    durations,
    hysteresis,
    lowest_mean,
    lowest_moving_mean,
    power_mean,
)

#: Sums of up to 1000 doubles.
TOLERANCE = 1e-12
Timed = Callable[[np.ndarray, np.ndarray], np.ndarray]
TIMED: dict[str, Timed] = {
    "lowest 2 s": lambda values, times: lowest_mean(values, times, 2.0),
    "moving 2 s": lambda values, times: lowest_moving_mean(values, times, 2.0),
    "hysteresis": hysteresis,
}
pytestmark = pytest.mark.filterwarnings("ignore:All-NaN slice", "ignore:Mean of empty slice")
timed = pytest.mark.parametrize("pool", TIMED.values(), ids=TIMED)


def column(*values: float) -> np.ndarray:
    return np.array(values, dtype=float)[:, None]


def paper_hysteresis(scores: list[float], rate: float) -> float:
    """Equations of Seshadrinathan and Bovik (2011) on frames 1 .. T at a constant rate, term by term."""
    tau = round(HYSTERESIS_TAU_S * rate)
    last = len(scores)
    q = dict(enumerate(scores, start=1))
    total = 0.0
    for t in range(1, last + 1):
        previous = [q[k] for k in range(max(1, t - tau), t)]
        memory = min(previous) if previous else q[t]
        coming = sorted(q[k] for k in range(t, min(t + tau, last) + 1))
        sigma = (2 * len(coming) - 1) / 12
        weights = [math.exp(-(rank**2) / (2 * sigma**2)) for rank in range(len(coming))]
        current = sum(w * v for w, v in zip(weights, coming, strict=True)) / sum(weights)
        total += 0.8 * memory + 0.2 * current
    return total / last


@pytest.mark.parametrize(
    ("count", "rate"), [(1, 25.0), (2, 25.0), (40, 1.0), (150, 24.0), (70, 30000 / 1001), (99, 24000 / 1001)]
)
def test_hysteresis_is_the_papers_at_a_constant_rate(count: int, rate: float) -> None:
    scores = np.random.default_rng(count).normal(50, 20, count)
    found = hysteresis(scores[:, None], np.arange(count) / rate)
    assert found[0] == pytest.approx(paper_hysteresis(scores.tolist(), rate), rel=TOLERANCE)


def test_hysteresis_of_a_dip_keeps_the_dip_in_memory() -> None:
    # 1 fps: the dip at 5 s is the coming minimum of 3 rows and the memory of 2
    values = column(*[10.0] * 5, 0, *[10.0] * 4)
    found = hysteresis(values, np.arange(10.0))[0]
    light = sum(math.exp(-0.5 * (rank * 12 / 5) ** 2) for rank in (1, 2))
    coming = 10 * light / (1 + light)
    assert found == pytest.approx((5 * 10 + 3 * (8 + 0.2 * coming) + 2 * (0.2 * 10)) / 10, rel=TOLERANCE)


def test_hysteresis_of_a_fall_is_lower_than_its_rise_and_a_late_dip_lasts_less() -> None:
    times = np.arange(20.0)
    step = column(*[1.0] * 10, *[5.0] * 10)
    assert hysteresis(step, times)[0] < np.mean(step)
    early, late = step * 0 + 5, step * 0 + 5
    early[10], late[19] = 0, 0
    assert hysteresis(early, times)[0] < hysteresis(late, times)[0]


def test_worst_seconds_of_a_step_and_of_a_dip() -> None:
    times = np.arange(100) / 10
    step = np.where(times < 4, 1.0, 3.0)[:, None]
    for seconds, expected in [(1, 1), (4, 1), (8, 2), (10, 2.2), (50, 2.2)]:
        assert lowest_mean(step, times, seconds)[0] == pytest.approx(expected, rel=TOLERANCE)
        assert lowest_moving_mean(step, times, seconds)[0] == pytest.approx(expected, rel=TOLERANCE)
    dips = np.where((times // 1) % 5 == 2, 0.0, 6.0)[:, None]  # 1 s at 2 s and 1 s at 7 s
    assert lowest_mean(dips, times, 2)[0] == 0
    assert lowest_moving_mean(dips, times, 2)[0] == pytest.approx(3, rel=TOLERANCE)
    assert lowest_mean(dips, times, 0.5)[0] == lowest_moving_mean(dips, times, 0.5)[0] == 0


def test_a_moving_mean_begins_between_rows_too() -> None:
    # held 1 s each; the lowest 1.5 s begin at 1.5 s or end at 2.5 s: (0.5 * 1 + 1 * 0) / 1.5
    values = column(5, 1, 0, 4)
    assert lowest_moving_mean(values, np.arange(4.0), 1.5)[0] == pytest.approx(0.5 / 1.5, rel=TOLERANCE)


def test_moving_means_are_those_of_a_loop_over_fine_starts() -> None:
    random = np.random.default_rng(3)
    times = np.round(np.cumsum(random.integers(1, 9, 30)) * 0.05, 2)
    values = random.normal(0, 1, (30, 1))
    fine = np.repeat(values[:, 0], np.round(durations(times) / 0.005).astype(int))
    for seconds in (0.3, 1.0, 4.0):
        length = round(seconds / 0.005)
        expected = min(fine[k : k + length].mean() for k in range(len(fine) - length + 1))
        assert lowest_moving_mean(values, times, seconds)[0] == pytest.approx(expected, abs=1e-9)


def test_a_row_that_is_shown_longer_counts_more() -> None:
    values, times = column(2, 0, 6, 6), np.array([0.0, 1.0, 4.0, 5.0])
    assert durations(times).tolist() == [1, 3, 1, 1]
    assert lowest_mean(values, times, 4)[0] == pytest.approx(0.5, rel=TOLERANCE)
    assert lowest_moving_mean(values, times, 4)[0] == pytest.approx(0.5, rel=TOLERANCE)
    assert lowest_mean(values, times, 100)[0] == pytest.approx((2 + 0 + 6 + 6) / 6, rel=TOLERANCE)


@pytest.mark.parametrize("level", [0.0, -7.25, 1e-9, 1e12])
@timed
def test_a_constant_signal_gives_its_level(pool: Timed, level: float) -> None:
    times = np.sort(np.random.default_rng(0).uniform(0, 30, 50))
    np.testing.assert_array_equal(pool(np.full((50, 2), level), times), [level, level])


@pytest.mark.parametrize("seed", range(5))
@timed
def test_results_lie_between_the_lowest_value_and_the_mean_over_time(pool: Timed, seed: int) -> None:
    random = np.random.default_rng(seed)
    times = np.cumsum(random.exponential(0.2, 60))
    values = random.normal(0, 10, (60, 3))
    found = pool(values, times)
    assert (found >= values.min(axis=0)).all()
    assert (found <= np.average(values, axis=0, weights=durations(times)) + 1e-9).all()


@pytest.mark.parametrize("every", [2, 5, 10])
@timed
def test_the_density_of_sampling_hardly_matters(pool: Timed, every: int) -> None:
    times = np.arange(2000) / 100
    values = (50 + 20 * np.sin(times) + 5 * np.cos(0.3 * times))[:, None]
    # 0.1 s between samples of a signal that moves 20 units per second
    assert pool(values[::every], times[::every])[0] == pytest.approx(pool(values, times)[0], abs=2.0)


def test_rows_that_are_split_in_two_change_no_worst_seconds() -> None:
    random = np.random.default_rng(2)
    times, values = np.arange(40) / 4, random.normal(0, 1, (40, 1))
    twice = np.sort(np.concatenate([times, times + 0.125]))
    for pool in (TIMED["lowest 2 s"], TIMED["moving 2 s"]):
        assert pool(np.repeat(values, 2, axis=0), twice)[0] == pytest.approx(
            pool(values, times)[0], abs=1e-12
        )


@timed
def test_undefined_rows_are_left_out_column_by_column(pool: Timed) -> None:
    random = np.random.default_rng(4)
    values = random.normal(0, 1, (30, 4))
    values[:10, 1] = np.nan
    values[:, 2] = np.nan
    values[1:, 3] = np.nan
    found = pool(values, np.arange(30.0))
    assert found[1] == pytest.approx(pool(values[10:, 1:2], np.arange(20.0))[0], rel=TOLERANCE)
    assert np.isnan(found[2])
    assert found[3] == values[0, 3]
    assert found[0] == pool(values[:, :1], np.arange(30.0))[0]


@timed
def test_rows_of_one_time_share_it(pool: Timed) -> None:
    times, values = np.zeros(3), column(1, 2, 6)
    assert durations(times).sum() == pytest.approx(1)
    assert 1 <= pool(values, times)[0] <= 3


def test_power_means_of_known_numbers() -> None:
    values = np.array([[1.0, 2.0, 0.0, -1.0, np.nan], [4.0, np.nan, 3.0, 5.0, np.nan]])
    np.testing.assert_allclose(power_mean(values, -1), [1.6, 2, 0, np.nan, np.nan], rtol=TOLERANCE)
    np.testing.assert_allclose(power_mean(values, 1), [2.5, 2, 1.5, np.nan, np.nan], rtol=TOLERANCE)
    np.testing.assert_allclose(
        power_mean(values, 2), [math.sqrt(8.5), 2, math.sqrt(4.5), np.nan, np.nan], rtol=TOLERANCE
    )
    np.testing.assert_allclose(power_mean(values, 0.5), [2.25, 2, 0.75, np.nan, np.nan], rtol=TOLERANCE)


@pytest.mark.parametrize("scale", [1e-300, 1.0, 1e300])
def test_power_means_grow_with_the_exponent_within_the_range_at_any_scale(scale: float) -> None:
    values = np.random.default_rng(5).uniform(0.1, 1, (50, 1)) * scale
    means = [power_mean(values, exponent)[0] for exponent in (-1, 0.5, 1, 2, 4, 50, 999)]
    assert means == sorted(means)
    assert values.min() <= means[0] < means[-1] <= values.max()
    assert power_mean(np.full((7, 1), 0.3), 3)[0] == 0.3
