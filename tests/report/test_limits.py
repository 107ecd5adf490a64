"""Axes that few extreme values do not stretch."""

from __future__ import annotations

import numpy as np
import pytest
from synthetic import make_comparison

from vqa_features.report.figures import PredictionDisplay, ScoreBoxDisplay
from vqa_features.report.limits import count_outside, robust_limits


@pytest.mark.parametrize("count", [5, 20, 100, 2000])
@pytest.mark.parametrize("outlier", [1e6, -1e6])
def test_one_outlier_is_left_out_at_any_number_of_values(count: int, outlier: float) -> None:
    values = np.random.default_rng(count).uniform(2, 4, count)
    values[count // 2] = outlier
    others = np.delete(values, count // 2)
    assert robust_limits(values) == (others.min(), others.max())
    assert count_outside(values, robust_limits(values)) == 1


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("kind", ["normal", "uniform", "exponential"])
def test_usual_values_are_all_inside(kind: str, seed: int) -> None:
    values = getattr(np.random.default_rng(seed), kind)(size=300)
    low, high = robust_limits(values)
    assert count_outside(values, (low, high)) <= (6 if kind == "exponential" else 0)
    assert robust_limits(values[values <= np.quantile(values, 0.9)])[1] <= high


def test_a_second_group_of_values_is_no_outlier() -> None:
    values = np.concatenate([np.linspace(0, 1, 90), np.linspace(100, 101, 10)])
    assert robust_limits(values) == (0.0, 101.0)


def test_odd_values() -> None:
    assert robust_limits([]) == robust_limits([np.nan, np.inf]) == (0.0, 1.0)
    assert robust_limits([3.0]) == (3.0, 3.0)
    assert robust_limits([0.5] * 9 + [3]) == (0.5, 3.0)
    assert robust_limits([[1, 2], [3, np.nan]]) == (1.0, 3.0)
    assert count_outside([np.nan, 0, 5], (1, 2)) == 2


def test_figures_end_where_most_points_end_and_say_how_many_are_beyond() -> None:
    import matplotlib

    matplotlib.use("Agg")
    display = PredictionDisplay.from_comparison(make_comparison(60, 4, protocols=("strict",)))
    usual = display.plot().ax_
    assert not [text for text in usual.texts if "beyond" in text.get_text()]
    display.predicted = np.where(np.arange(len(display.mos)) == 3, 1e5, display.predicted)
    far = display.plot().ax_
    assert far.get_ylim()[1] < 10
    assert "1 beyond the axes" in [text.get_text() for text in far.texts]
    boxes = ScoreBoxDisplay.from_comparison(make_comparison(60, 12, protocols=("strict",)), metric="rmse")
    boxes.values[0] = np.append(boxes.values[0], 1e5)
    drawn = boxes.plot().ax_
    assert drawn.get_xlim()[1] < 10
    assert "1 beyond the axes" in [text.get_text() for text in drawn.texts]
