"""The table of metrics: one line is one column of every result and one choice on the page."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from vqa_features.evaluation.metrics import METRICS, Metric

SUPPORT = Path(__file__).resolve().parents[1] / "support"
ONE_MORE_LINE = """
import sys
sys.path.insert(0, sys.argv[1])
from made_up_videos import made_up
from vqa_features.evaluation import metrics

def worst(predicted, mos):
    return abs(predicted - mos).max()

metrics.METRICS = (*metrics.METRICS, metrics.Metric("worst", worst, "Largest error", False))
import vqa_features as vf

tables, mos = made_up()
found = vf.compare(tables, mos, splits=3, regressors=["ridge", "mean"], bootstrap=10)
assert {"worst", "worst_mean", "worst_low"} <= set(found.summary.columns)
assert (found.scores["worst"] >= found.scores["mae"]).all()
page = vf.write_report(found, sys.argv[2], figures=False).read_text(encoding="utf-8")
assert page.count("Largest error") >= 2
"""


def test_one_more_line_is_one_more_column_and_choice_on_the_page(tmp_path):
    command = [sys.executable, "-c", ONE_MORE_LINE, str(SUPPORT), str(tmp_path / "page.html")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr


def test_metrics_score_the_predictions_that_they_name():
    mos = np.array([1.0, 2, 3])
    given = {"raw": mos, "mapped": mos + 1, "test-mapped": mos * 2}
    for kind, expected in (("raw", 0.0), ("mapped", 1.0), ("test-mapped", 2.0)):
        gap = Metric("gap", lambda x, y: float(np.mean(x - y)), "gap", False, kind)
        assert gap.of(given, mos) == pytest.approx(expected)


def test_only_a_correlation_that_is_not_defined_counts_as_zero():
    nothing = {"mapped": np.ones(3)}
    assert Metric("r", lambda x, y: float("nan"), "r").of(nothing, np.ones(3)) == 0.0
    assert np.isnan(Metric("e", lambda x, y: float("nan"), "e", False).of(nothing, np.ones(3)))


def test_errors_are_the_metrics_of_which_less_is_better():
    assert [metric.name for metric in METRICS if not metric.higher_is_better] == ["rmse", "mae"]
    assert len({metric.name for metric in METRICS}) == len({metric.label for metric in METRICS}) == 7
