from __future__ import annotations

import numpy as np
import pytest
from matplotlib.figure import Figure
from synthetic import make_comparison

from vqa_features.report.figures import (
    CostDisplay,
    CrossDisplay,
    LearningCurveDisplay,
    PredictionDisplay,
    ResidualDisplay,
    ScoreBoxDisplay,
    SignificanceDisplay,
)
from vqa_features.report.figures.files import save_figures
from vqa_features.report.view import ProtocolView

DISPLAYS = (
    ScoreBoxDisplay,
    PredictionDisplay,
    ResidualDisplay,
    SignificanceDisplay,
    CostDisplay,
    LearningCurveDisplay,
    CrossDisplay,
)


@pytest.mark.parametrize("display", DISPLAYS)
def test_displays_draw_on_given_axes_and_keep_them(display, comparison):
    ax = Figure().subplots()
    drawn = display.from_comparison(comparison).plot(ax)
    assert drawn.ax_ is ax
    assert drawn.figure_ is ax.get_figure()


def test_box_display_is_ordered_by_median_and_holds_one_value_per_split(comparison):
    display = ScoreBoxDisplay.from_comparison(comparison)
    medians = [np.median(values) for values in display.values]
    assert medians == sorted(medians, reverse=True)
    assert {values.size for values in display.values} == {comparison.scores["split"].nunique()}
    assert all(model.role != "baseline" for model in display.models)


def test_errors_are_ordered_smallest_first(comparison):
    medians = [
        np.median(values) for values in ScoreBoxDisplay.from_comparison(comparison, metric="rmse").values
    ]
    assert medians == sorted(medians)


def test_single_table_leaves_out_figures_of_pairs(tmp_path):
    view = ProtocolView(make_comparison(splits=3, tables=("brisque",)))
    names = save_figures(view, tmp_path / "figures")
    assert "residuals" not in names
    assert all((tmp_path / "figures" / f"{name}.svg").stat().st_size > 0 for name in names)


def test_displays_draw_the_protocol_asked_for(comparison):
    strict, literature = (
        ScoreBoxDisplay.from_comparison(comparison, protocol=name) for name in ("strict", "literature")
    )
    assert any((a != b).any() for a, b in zip(strict.values, literature.values, strict=True))
    assert ScoreBoxDisplay.from_view(ProtocolView(comparison)).models == strict.models
