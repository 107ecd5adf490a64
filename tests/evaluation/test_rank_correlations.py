"""Rank correlations of all columns at once: those of scipy, at the cost of one sort a column."""

from __future__ import annotations

import time

import numpy as np
import pytest
from scipy.stats import spearmanr

from vqa_features.evaluation.rank_correlations import rank_correlations

#: Sums of ranks are exact; the root and the quotient round.
ROUNDING = 1e-14


def random_table(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return a table with ties, constants and missing cells, and a target with ties."""
    random = np.random.default_rng(seed)
    rows = int(random.integers(2, 80))
    values = random.normal(size=(rows, 9)) * 10.0 ** random.integers(-200, 200, 9)
    values[:, :3] = np.round(random.normal(size=(rows, 3)), int(random.integers(0, 2)))
    values[:, 4] = 7.0
    values[random.random(values.shape) < random.choice([0, 0.1, 0.9])] = random.choice([np.nan, np.inf])
    return np.asarray(values, order=random.choice(["C", "F"])), np.round(random.normal(size=rows), 1)


@pytest.mark.parametrize("seed", range(60))
def test_correlations_are_those_of_scipy_over_the_finite_cells(seed):
    values, target = random_table(seed)
    found = rank_correlations(values, target)
    assert found.shape == (9,)
    for mine, cells in zip(found, values.T, strict=True):
        kept = np.isfinite(cells)
        if kept.sum() < 2 or np.ptp(cells[kept]) == 0 or np.ptp(target[kept]) == 0:
            assert np.isnan(mine)
        else:
            assert mine == pytest.approx(spearmanr(cells[kept], target[kept]).statistic, abs=ROUNDING)


def test_many_rows_and_more_columns_than_a_block():
    random = np.random.default_rng(0)
    target = random.normal(size=40_000)
    values = target[:, None] * random.normal(size=70) + random.normal(size=(40_000, 70))
    expected = [spearmanr(cells, target).statistic for cells in values.T]
    np.testing.assert_allclose(rank_correlations(values, target), expected, rtol=0, atol=1e-12)


def test_a_table_without_columns_has_no_correlations():
    assert rank_correlations(np.zeros((5, 0)), np.arange(5.0)).shape == (0,)


def test_a_column_costs_little_more_than_its_sort():
    """Two rankings of each column cost about ten sorts."""
    random = np.random.default_rng(0)
    values, target = np.asfortranarray(random.normal(size=(30_000, 60))), random.normal(size=30_000)

    def cost(work) -> float:
        started = time.process_time()
        work()
        return time.process_time() - started

    sorts = min(cost(lambda: [np.argsort(cells) for cells in values.T]) for _ in range(3))
    assert min(cost(lambda: rank_correlations(values, target)) for _ in range(3)) < 5 * sorts
