"""The arithmetic of a plan: the end of a run, the mean from a sample, and the sample itself."""

from __future__ import annotations

import heapq
import math
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from vqa_features.batch.inputs import Input
from vqa_features.batch.makespan import makespan
from vqa_features.batch.size_strata import MOST_SIZES, Sizes, drawn_by_size, known_sizes
from vqa_features.batch.two_phase import Mean, Strata, mean_of

#: Quantiles stand for a continuous distribution, and an integral has steps.
DISCRETE = 0.02


def one_stratum(drawn: int, population: int) -> Strata:
    return Strata(np.array([float(population)]), np.zeros(drawn, np.int64), population)


def test_the_last_of_exponential_tasks_ends_a_harmonic_number_later() -> None:
    # residual times of exponential tasks are exponential: mean 1, largest of m has mean 1 + 1/2 + ... + 1/m
    quantiles = -np.log1p(-(np.arange(2000) + 0.5) / 2000)
    for workers in (2, 10, 100):
        later = sum(1 / k for k in range(2, workers + 1))
        found = makespan(quantiles, np.full(2000, 50.0), workers) - 50 * quantiles.sum() / workers
        assert found == pytest.approx(later, rel=DISCRETE)


@pytest.mark.parametrize("driver_s", [0.0, 0.01])
@pytest.mark.parametrize("films", [0, 40])
@pytest.mark.parametrize("workers", [3, 30, 300])
def test_makespan_is_that_of_simulated_runs(workers: int, films: int, driver_s: float) -> None:
    rng = np.random.default_rng(0)
    durations = np.concatenate([rng.lognormal(0, 0.7, 5000), np.full(films, 60.0)])
    ends = []
    for _ in range(8):
        free, driver, last = [0.0] * workers, 0.0, 0.0
        for seconds in rng.permutation(durations):
            driver = max(driver, free[0]) + driver_s
            last = max(last, driver + seconds)
            heapq.heapreplace(free, driver + seconds)
        ends.append(last)
    found = makespan(durations, np.ones(len(durations)), workers, driver_s * len(durations))
    assert found == pytest.approx(np.mean(ends), rel=0.04)


def test_makespan_is_never_less_than_the_longest_task_or_the_even_share() -> None:
    assert makespan([1.0, 9.0], [1, 1], 1000) == 9.0
    assert makespan([1.0, 9.0], [1, 1], 1) == 10.0
    assert makespan([0.0], [5], 4) == 0.0
    assert makespan([0.0], [5], 4, given_out_s=3.0) == 3.0


def test_an_exact_model_leaves_no_uncertainty() -> None:
    modelled = np.array([1.0, 2.0, 5.0, 8.0])
    measured = np.array([3.0, np.nan, 15.0, np.nan])
    found = mean_of(one_stratum(4, 4), modelled, measured)
    assert (found.value, found.low, found.high) == pytest.approx((12.0, 12.0, 12.0))


def test_without_a_model_the_interval_is_that_of_a_mean() -> None:
    measured = np.random.default_rng(1).uniform(5, 6, 40)
    found = mean_of(one_stratum(40, 10**9), np.ones(40), measured)
    low, high = stats.t.interval(0.95, 39, measured.mean(), stats.sem(measured))
    assert found.value == pytest.approx(measured.mean())
    assert (found.low, found.high) == pytest.approx((low, high), rel=1e-3)


def test_one_measurement_has_no_upper_limit() -> None:
    found = mean_of(one_stratum(2, 5), np.array([1.0, 3.0]), np.array([2.0, np.nan]))
    assert found == Mean(4.0, 0.0, math.inf)


def test_intervals_hold_the_mean_of_skewed_populations() -> None:
    rng = np.random.default_rng(2)
    sizes = rng.lognormal(0, 1.2, 3000)
    modelled = sizes * rng.lognormal(0, 0.5, 3000)
    seconds = modelled * rng.lognormal(0, 0.2, 3000)
    known = Sizes(np.arange(3000), sizes, 3000)
    held = 0
    for seed in range(200):
        numbers, strata = drawn_by_size(known, 100, seed)
        measured = np.where(np.arange(len(numbers)) < 30, seconds[numbers], np.nan)
        found = mean_of(strata, modelled[numbers], measured)
        held += found.low <= seconds.mean() <= found.high
    assert held / 200 > 0.9  # 0.95 is wanted; 0.9 is 3 standard errors below


def test_a_set_that_stands_for_more_videos_is_less_certain() -> None:
    sizes = np.random.default_rng(3).lognormal(0, 1, 50)
    known = Sizes(np.arange(50), sizes, 50)
    exact, wide = known.total(50), known.total(10**6)
    assert exact.low == exact.value == exact.high == pytest.approx(sizes.sum())
    assert wide.value == pytest.approx(sizes.mean() * 10**6)
    assert wide.low < wide.value < wide.high


def test_the_sample_is_that_of_its_seed_and_has_the_largest_files() -> None:
    sizes = np.random.default_rng(4).lognormal(0, 2, 5000)
    known = Sizes(np.arange(5000), sizes, 5000)
    numbers, strata = drawn_by_size(known, 100, seed=7)
    again, _ = drawn_by_size(known, 100, seed=7)
    other, _ = drawn_by_size(known, 100, seed=8)
    assert numbers.tolist() == again.tolist() != other.tolist()
    assert len(set(numbers.tolist())) == len(numbers) <= 100
    assert set(np.argsort(sizes)[-5:].tolist()) <= set(numbers.tolist())
    assert strata.counts.sum() == 5000
    assert strata.weights().sum() == pytest.approx(1.0)
    assert len(set(strata.drawn[: len(strata.counts)])) == len(strata.counts)  # every stratum comes first


@pytest.mark.parametrize(
    "sizes", [[1.0] * 300, [0.0] * 300, [1e12] + [1.0] * 299, [np.nan] * 200 + [5.0] * 100]
)
def test_odd_sizes_are_sampled(sizes: list[float]) -> None:
    known = Sizes(np.arange(300), np.array(sizes), 300)
    numbers, strata = drawn_by_size(known, 40, seed=0)
    assert len(set(numbers.tolist())) == len(numbers) > 20
    assert not np.isnan(np.array(sizes)[numbers]).any()
    assert strata.counts.sum() == np.isfinite(sizes).sum()


def test_of_many_files_a_bounded_number_is_looked_up(tmp_path: Path) -> None:
    there = tmp_path / "a.mp4"
    there.write_bytes(b"12345")
    many = [Input(str(there)) for _ in range(MOST_SIZES + 5)]
    found = known_sizes(many, seed=0)
    assert len(found.numbers) == MOST_SIZES
    assert set(found.bytes) == {5.0}
    assert found.total(len(many)).value == pytest.approx(5.0 * len(many))
    assert known_sizes([Input(str(tmp_path / "no.mp4"))], seed=0).missing == 1
