"""Contributions against analytic answers, and against all orders written out."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.kernel_ridge import KernelRidge
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import PolynomialFeatures, StandardScaler
from sklearn.svm import SVR

import vqa_features as vf
from vqa_features.errors import VqaError
from vqa_features.models.background import MOST_ROWS, check_sample, sample_of
from vqa_features.models.contributions import LEAST_ROWS, Contributions, exact, is_linear, sampled
from vqa_features.models.kernel_prediction import predictor

Values = NDArray[np.float64]
#: Rounding of sums of numbers near 1.
ROUNDING = 1e-12
RANDOM = np.random.default_rng(0)
BACKGROUND = RANDOM.normal(size=(40, 5))
ROW = np.array([1.5, -0.5, 2.0, 0.3, -1.0])


def curved(rows: Values) -> Values:
    """A function with interactions of columns 0 and 1, and of 2 and 3; it ignores column 4."""
    return np.sin(rows[:, 0] * rows[:, 1]) + rows[:, 2] * np.exp(rows[:, 3] / 3) + rows[:, 0]


def by_all_orders(background: Values, groups: Sequence[Sequence[int]]) -> Values:
    """Mean change of `curved` with each column over every order that keeps groups together."""
    total, count = np.zeros(5), 0
    for turn in itertools.permutations(range(len(groups))):
        inner = [itertools.permutations(groups[place]) for place in turn]
        for parts in itertools.product(*inner):
            rows, count = background.copy(), count + 1
            for column in itertools.chain(*parts):
                before = curved(rows).mean()
                rows[:, column] = ROW[column]
                total[column] += curved(rows).mean() - before
    return total / count


@pytest.mark.parametrize("groups", [[[0, 1, 2, 3, 4]], [[0, 1], [2, 3, 4]], [[0], [1, 2], [3], [4]]])
def test_the_estimate_is_that_of_all_orders_within_its_error(groups: list[list[int]]) -> None:
    found = sampled(curved, ROW, BACKGROUND, groups)
    expected = by_all_orders(BACKGROUND, groups)
    assert (np.abs(found.values - expected) <= 4 * found.errors + ROUNDING).all()
    assert found.errors.max() < 0.05
    assert found.values[4] == found.errors[4] == 0  # ignored
    assert found.values.sum() == pytest.approx(curved(ROW[None])[0] - curved(BACKGROUND).mean(), abs=1e-12)


def test_the_columns_of_an_extractor_sum_to_its_shapley_value() -> None:
    groups = [[0, 2], [1, 3, 4]]
    values = sampled(curved, ROW, BACKGROUND, groups).values
    first, second = BACKGROUND.copy(), BACKGROUND.copy()
    first[:, groups[0]], second[:, groups[1]] = ROW[groups[0]], ROW[groups[1]]
    nothing, alone, other = (curved(rows).mean() for rows in (BACKGROUND, first, second))
    shapley = ((alone - nothing) + (curved(ROW[None])[0] - other)) / 2
    assert values[groups[0]].sum() == pytest.approx(shapley, abs=0.05)


def test_symmetric_columns_share() -> None:
    background = np.repeat(RANDOM.normal(size=(30, 1)), 3, axis=1)
    found = sampled(lambda rows: rows.prod(axis=1), np.full(3, 2.0), background, [[0, 1, 2]])
    assert np.ptp(found.values) <= 6 * found.errors.max()
    two = sampled(lambda rows: rows[:, 0] * rows[:, 1], np.full(3, 2.0), background, [[0, 1], [2]])
    assert two.values[0] == pytest.approx(two.values[1], abs=ROUNDING)
    assert two.values[2] == 0


def test_of_a_linear_function_the_estimate_is_exact() -> None:
    weights = np.array([2.0, -1.0, 0.5, 0.0, 3.0])
    found = sampled(lambda rows: rows @ weights, ROW, BACKGROUND, [[0, 1], [2, 3, 4]])
    assert found.values == pytest.approx(weights * (ROW - BACKGROUND.mean(axis=0)), abs=1e-12)
    assert found.errors.max() < 1e-12


def test_the_same_seed_gives_the_same_numbers() -> None:
    first, again, other = (sampled(curved, ROW, BACKGROUND, [[0, 1, 2, 3, 4]], seed) for seed in (3, 3, 4))
    assert first.values.tolist() == again.values.tolist() != other.values.tolist()


def test_many_columns_use_fewer_training_rows_and_still_add_up() -> None:
    columns = 1500
    weights, row = RANDOM.normal(size=columns), RANDOM.normal(size=columns)
    used: list[int] = []

    def predict(rows: Values) -> Values:
        used.append(len(rows))
        return np.tanh(rows @ weights / 50)

    background = RANDOM.normal(size=(100, columns))
    found = sampled(predict, row, background, [list(range(columns))])
    assert sum(used) == LEAST_ROWS * 4 * (columns + 1) + LEAST_ROWS + 1
    assert max(used) <= 1024
    assert found.values.sum() == pytest.approx(found.prediction - found.mean, abs=1e-9)


def test_a_regressor_that_changes_its_mind_is_refused() -> None:
    random = np.random.default_rng(0)
    with pytest.raises(VqaError, match="gives other predictions for the same row"):
        sampled(lambda rows: random.normal(size=len(rows)), ROW, BACKGROUND, [[0, 1, 2, 3, 4]])


@pytest.mark.parametrize("blocks", [(), (2, 3)])
@pytest.mark.parametrize("regressor", ["ridge", "svr-linear", "sklearn.linear_model.BayesianRidge"])
def test_of_a_linear_pipeline_they_are_coefficient_times_distance(regressor: str, blocks: Any) -> None:
    values = RANDOM.normal(size=(50, 5)) * [1, 10, 0.1, 5, 1] + [0, 100, 3, -2, 7]
    mos = values @ [0.3, -0.02, 2.0, 0.0, 0.5] + RANDOM.normal(size=50)
    pipeline = vf.regressors.make(regressor, blocks=blocks).fit(values, mos)
    assert is_linear(pipeline, values[:9])
    row, mean = values[7] * 1.1, values.mean(axis=0)
    step = np.diag(np.ones(5))
    slopes = pipeline.predict(mean + step) - pipeline.predict(mean[None])
    found = exact(pipeline.predict, row)
    assert found.values == pytest.approx(slopes * (row - mean), abs=1e-8)
    assert found.mean == pytest.approx(pipeline.predict(values).mean(), abs=1e-9)
    assert found.mean + found.values.sum() == pytest.approx(pipeline.predict(row[None])[0], abs=1e-9)


@pytest.mark.parametrize(
    ("estimator", "linear"),
    [
        (LinearRegression(), True),
        (make_pipeline(StandardScaler(), LinearRegression()), True),
        (make_pipeline(PolynomialFeatures(2), LinearRegression()), False),
        (SVR(kernel="linear"), True),
        (SVR(kernel="poly", degree=2), False),
        (SVR(), False),
        (KernelRidge(kernel="rbf"), False),
    ],
)
def test_a_linear_pipeline_is_told_from_others(estimator: Any, linear: bool) -> None:
    values = RANDOM.normal(size=(60, 4))
    mos = values[:, 0] ** 2 + values[:, 1]
    pipeline = vf.regressors.make(estimator).fit(values, mos)
    assert is_linear(pipeline, values[:9]) is linear


@pytest.mark.parametrize("blocks", [(), (2, 3)])
def test_many_rows_are_predicted_as_by_the_pipeline(blocks: Any) -> None:
    values = RANDOM.normal(size=(80, 5))
    values[3, 2] = np.nan
    mos = 3 + np.sin(values[:, 0])
    for regressor in ("svr-rbf", "kernel-ridge", "ridge", HistGradientBoostingRegressor(max_iter=4)):
        pipeline = vf.regressors.make(regressor, blocks=blocks).fit(values, mos)
        assert predictor(pipeline)(values) == pytest.approx(pipeline.predict(values), abs=1e-10)


@pytest.mark.parametrize("rows", [1, 10, 100, 101, 357, 1200])
def test_the_kept_rows_are_spread_over_the_mos(rows: int) -> None:
    mos = RANDOM.uniform(1, 5, rows)
    kept = sample_of(np.stack([mos, -mos], axis=1), mos)
    assert kept.shape == (min(rows, MOST_ROWS), 2)
    assert (np.diff(kept[:, 0]) > 0).all()
    assert kept[0, 0] == mos.min()
    assert kept[:, 0].mean() == pytest.approx(mos.mean(), abs=0.05)


@pytest.mark.parametrize(
    "rows",
    [
        *(None, [[1.0, 2.0]], np.ones(2), np.ones((0, 2)), np.ones((3, 1)), np.ones((101, 2))),
        *(np.full((2, 2), np.inf), np.ones((2, 2), dtype=np.float32)),
    ],
)
def test_training_rows_of_another_shape_are_refused(rows: Any) -> None:
    with pytest.raises(ValueError, match="training rows"):
        check_sample(rows, 2)


def test_a_sum_that_is_off_is_refused() -> None:
    from vqa_features.models.contributions import checked

    with pytest.raises(VqaError, match="sum to 1, and the prediction differs from the mean by 2"):
        checked(Contributions(0.0, 2.0, np.ones(1), np.zeros(1)))
