from __future__ import annotations

import numpy as np
import pytest

from vqa_features.evaluation.logistic_maps import logistic4
from vqa_features.models.monotone_map import fit_map


@pytest.mark.parametrize(("unit", "offset"), [(1.0, 0.0), (25.0, -3.0), (1e-3, 100.0)])
def test_a_logistic_is_found_on_any_scale(unit: float, offset: float) -> None:
    x = np.linspace(1, 5, 200)
    y = offset + unit * logistic4(x, 4.5, 1.5, 3.2, 0.6)
    curve = fit_map(x, y)
    assert np.abs(curve(x) - y).max() < 1e-4 * unit


@pytest.mark.parametrize("slope", [0.5, 1.0, 3.0])
def test_a_line_is_mapped_to_a_line(slope: float) -> None:
    x = np.linspace(20, 80, 100)
    assert np.abs(fit_map(x, slope * x)(x) - slope * x).max() < 0.02 * slope * 60


def test_the_map_never_decreases() -> None:
    for seed in range(50):
        random = np.random.default_rng(seed)
        x, y = random.normal(size=15), random.normal(size=15)
        curve = fit_map(x, y)
        assert np.all(np.diff(curve(np.linspace(-10, 10, 500))) >= 0)


def test_predictions_that_fall_with_the_mos_are_mapped_to_the_mean() -> None:
    x = np.linspace(0, 1, 30)
    curve = fit_map(x, 5 - x)
    assert curve.is_constant
    assert curve(np.array([0.0, 9.0])).tolist() == pytest.approx([4.5, 4.5])


def test_equal_predictions_are_mapped_to_the_mean() -> None:
    assert fit_map(np.full(20, 3.0), np.linspace(1, 5, 20))(np.array([3.0])).tolist() == pytest.approx([3.0])


def test_the_error_is_at_most_that_of_the_mean_and_of_the_line() -> None:
    for seed in range(20):
        random = np.random.default_rng(seed)
        x = random.uniform(1, 5, 80)
        y = x + random.normal(0, 0.7, 80)
        error = np.mean((fit_map(x, y)(x) - y) ** 2)
        line = np.polynomial.Polynomial.fit(x, y, 1)(x)
        assert error <= 1.001 * np.mean((line - y) ** 2)
        assert error < np.var(y)
