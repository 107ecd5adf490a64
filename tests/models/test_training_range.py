from __future__ import annotations

import numpy as np
import pytest

from vqa_features.models.training_range import TrainingRange


def test_the_distance_is_the_mean_over_columns_in_widths_of_the_range() -> None:
    values = np.column_stack([np.linspace(0, 10, 11), np.linspace(0, 1, 11)])
    span = TrainingRange.of(values)
    new = np.array([[5.0, 0.5], [15.0, 0.5], [-5.0, 1.25], [1e9, -1e9], [np.nan, 1.5]])
    assert span.distance(new).tolist() == [0.0, 0.25, 0.375, 1.0, 0.25]


def test_the_limit_is_the_greatest_distance_of_a_left_out_video_of_few() -> None:
    values = np.array([0.0, 1.0, 2.0, 3.0, 4.0, 6.0])[:, None]
    # without 6 the range is 0 .. 4, so 6 lies half a width outside
    assert TrainingRange.of(values).limit == 0.5


def left_out_by_hand(values: np.ndarray) -> list[float]:
    return [
        float(TrainingRange.of(np.delete(values, row, axis=0)).distance(values[[row]])[0])
        for row in range(len(values))
    ]


@pytest.mark.parametrize("seed", range(3))
def test_the_limit_is_that_of_leaving_each_video_out(seed: int) -> None:
    values = np.random.default_rng(seed).standard_t(2, (40, 7))
    assert np.isclose(TrainingRange.of(values).limit, max(left_out_by_hand(values)), rtol=1e-12)


@pytest.mark.parametrize(
    ("columns", "draw"),
    [(3, "normal"), (36, "normal"), (36, "heavy"), (200, "heavy"), (200, "correlated")],
)
def test_about_one_of_a_hundred_videos_of_the_same_kind_is_flagged(columns: int, draw: str) -> None:
    flagged = []
    for seed in range(30):
        random = np.random.default_rng(seed)
        values = random.normal(size=(400, columns))
        if draw == "heavy":
            values = random.standard_t(3, (400, columns))
        if draw == "correlated":
            values = random.normal(size=(400, 3)) @ random.normal(size=(3, columns)) + 0.1 * values
        flagged.append(TrainingRange.of(values[:300]).outside(values[300:]).mean())
    # 30 training sets of 300, 100 new videos each: the mean of 3000 has a standard error of about 0.003
    assert 0.002 < np.mean(flagged) < 0.02


def test_videos_of_another_kind_are_flagged() -> None:
    random = np.random.default_rng(0)
    span = TrainingRange.of(random.normal(size=(300, 36)))
    assert span.outside(random.normal(size=(50, 36)) + 6).all()
    assert span.outside(random.normal(size=(50, 36)) * 4).mean() > 0.95


def test_columns_without_values_and_constant_ones_do_not_count() -> None:
    values = np.column_stack([np.linspace(0, 1, 20), np.full(20, np.nan), np.full(20, 7.0)])
    span = TrainingRange.of(values)
    assert span.distance(np.array([[0.5, 3.0, 9.0], [2.0, 3.0, 9.0]])).tolist() == [0.0, 1.0]
    assert not TrainingRange.of(values[:, 1:]).outside(np.array([[1.0, 1.0]])).any()
