"""Statistics weighted by display time: repeated rows as the oracle, plain statistics at a constant rate."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from vqa_features.kernels.display_time import (
    display_weights,
    weighted_deviation,
    weighted_mean,
    weighted_percentile,
)
from vqa_features.kernels.time_pools import power_mean

#: Sums of up to 10 000 doubles.
TOLERANCE = 1e-12
Weighted = Callable[[np.ndarray, np.ndarray], np.ndarray]
Plain = Callable[[np.ndarray], np.ndarray]
PAIRS: dict[str, tuple[Weighted, Plain]] = {
    "mean": (weighted_mean, lambda x: np.nanmean(x, axis=0)),
    "std": (weighted_deviation, lambda x: np.nanstd(x, axis=0)),
    **{
        f"p{q}": (
            lambda x, w, q=q: weighted_percentile(x, w, q),
            lambda x, q=q: np.nanpercentile(x, q, axis=0),
        )
        for q in (0, 2.5, 10, 50, 75, 100)
    },
    "harmonic": (lambda x, w: power_mean(x, -1, w), lambda x: power_mean(x, -1)),
    "minkowski3": (lambda x, w: power_mean(x, 3, w), lambda x: power_mean(x, 3)),
}
pytestmark = pytest.mark.filterwarnings("ignore:All-NaN slice", "ignore:Mean of empty slice")
pairs = pytest.mark.parametrize(("weighted", "plain"), PAIRS.values(), ids=PAIRS)


def signal(n: int, seed: int = 0) -> np.ndarray:
    """Rows of three columns above 0, of which one lacks values and one has ties."""
    values = np.random.default_rng(seed).gamma(2, 10, (n, 3))
    values[:: max(n // 4, 2), 1] = np.nan
    values[:, 2] = np.round(values[:, 2] / 10)
    return values


@pytest.mark.parametrize("n", [1, 2, 7, 60, 400])
@pairs
def test_a_row_shown_k_times_as_long_counts_as_k_rows(weighted: Weighted, plain: Plain, n: int) -> None:
    times = np.random.default_rng(n).integers(1, 9, n)
    times[0] = 1  # the shortest row has a value in every column
    values = signal(n)
    values[0, 1] = 3.0
    np.testing.assert_allclose(
        weighted(values, times * 0.04), plain(np.repeat(values, times, axis=0)), rtol=TOLERANCE
    )


@pytest.mark.parametrize("rate", [1.0, 8.0, 23.976, 30000 / 1001, 50.0, 120.0])
@pytest.mark.parametrize("digits", [3, 6, 15])
@pairs
def test_a_constant_rate_gives_the_plain_statistic_however_times_are_rounded(
    weighted: Weighted, plain: Plain, rate: float, digits: int
) -> None:
    times = np.round(np.arange(301) / rate + 0.042, digits)
    values = signal(301)
    np.testing.assert_allclose(weighted(values, display_weights(times)), plain(values), rtol=TOLERANCE)


@pairs
def test_weights_that_hardly_differ_hardly_matter(weighted: Weighted, plain: Plain) -> None:
    values = signal(200)
    weights = 0.04 * (1 + 1e-9 * np.random.default_rng(1).uniform(-1, 1, 200))
    np.testing.assert_allclose(weighted(values, weights), plain(values), rtol=1e-6)


def test_a_stall_has_its_share_of_time() -> None:
    times = np.append(np.arange(20) * 0.05, 2.05)  # the last of twenty frames holds 1.1 s of 2.1 s
    weights = display_weights(times)[:20]
    values = np.r_[np.zeros(19), 1.0][:, None]
    assert weighted_mean(values, weights)[0] == pytest.approx(1.1 / 2.05, rel=TOLERANCE)
    assert weighted_percentile(values, weights, 50)[0] == 1
    assert weighted_percentile(values, weights, 40)[0] == 0
    share = 1.1 / 2.05
    assert weighted_deviation(values, weights)[0] == pytest.approx((share * (1 - share)) ** 0.5)


def test_a_dropped_frame_and_a_short_frame_are_no_constant_rate() -> None:
    times = np.delete(np.arange(100) / 25, 50)
    assert display_weights(times)[49] == pytest.approx(0.08)
    fast = np.delete(np.arange(1000) / 1000, 500)
    assert display_weights(fast)[499] == pytest.approx(0.002)
    assert display_weights(np.array([3.0])).tolist() == [1.0]
    assert display_weights(np.zeros(4)).tolist() == [0.25] * 4


def test_columns_without_a_value_have_none() -> None:
    values, weights = np.full((3, 1), np.nan), np.array([1.0, 2.0, 3.0])
    for weighted, _ in PAIRS.values():
        assert np.isnan(weighted(values, weights)).all()


def test_a_mean_near_zero_keeps_its_digits() -> None:
    values = np.random.default_rng(3).normal(0, 1, (5000, 1))
    values -= values.mean()
    weights = display_weights(np.round(np.arange(5000) / 29.97, 3))
    assert weighted_mean(values, weights)[0] == pytest.approx(values.mean(), abs=1e-15)
