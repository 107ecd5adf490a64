"""One fitted model: its score on the test part, with the bootstrap interval over videos if there is one."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from browser import Page

from vqa_features.comparison import compare
from vqa_features.comparison.result import Comparison
from vqa_features.report import write_report
from vqa_features.report.figures import CostDisplay, ScoreBoxDisplay
from vqa_features.report.headline import headline
from vqa_features.report.page import render
from vqa_features.report.sections import ProtocolSection
from vqa_features.report.view import METRIC_NAMES, ProtocolView, views_of
from vqa_features.tables.split_lists import SplitList

IDS = [f"clip{k:03d}" for k in range(90)]


@pytest.fixture(scope="module")
def fixed() -> Comparison:
    """A comparison of two tables on one training part and two test parts."""
    rng = np.random.default_rng(0)
    mos = pd.Series(rng.normal(3, 1, 90), index=IDS)
    tables = {
        name: (
            pd.DataFrame(rng.normal(0, 1, (90, 4)), index=IDS).add_prefix("f").add(k * mos, axis=0),
            family,
        )
        for name, k, family in (("good", 1.0, "handcrafted"), ("poor", 0.4, "deep"))
    }
    splits = SplitList.of([(IDS[:50], IDS[50:70]), (IDS[:50], IDS[70:])])
    splits = replace(splits, parts=("easy", "hard"))
    comparison = compare(tables, mos, splits=splits, regressors=["ridge", "mean"], bootstrap=50)
    seconds = comparison.summary["table"].map({"good": 2.0, "poor": 0.5})
    return replace(comparison, summary=comparison.summary.assign(seconds_per_video=seconds))


@pytest.fixture(scope="module")
def fixed_page(fixed: Comparison, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_report(fixed, tmp_path_factory.mktemp("fixed") / "report.html")


def test_the_interval_is_that_of_the_bootstrap_and_the_other_metrics_have_none(fixed: Comparison) -> None:
    for view in views_of(fixed).values():
        assert view.statistic == "SRCC on the fixed test part"
        truth = fixed.summary[fixed.summary["part"] == view.part].set_index("table")
        for model in view.trained:
            row, mine = view.rows[model], truth[truth["regressor"] == model.regressor].loc[model.table]
            assert (row["srcc_low"], row["srcc_high"]) == (mine["srcc_pooled_low"], mine["srcc_pooled_high"])
            assert row["srcc_low"] < row["srcc"] < row["srcc_high"]
            for name in METRIC_NAMES:
                if name != "srcc":
                    assert np.isnan(row[f"{name}_low"])
                    assert np.isnan(row[f"{name}_high"])
        (baseline,) = [model for model in view.models if model.role == "baseline"]
        assert np.isnan(view.rows[baseline]["srcc_low"])


def test_no_word_of_the_page_speaks_of_medians_or_percentiles(fixed: Comparison) -> None:
    view = next(iter(views_of(fixed).values()))
    found = headline(view)
    assert "median" not in found.sentence + found.detail
    assert "SRCC on the fixed test part" in found.detail
    page = render(views_of(fixed))
    text = page[page.index("<main>") : page.index('<section id="protocol"')]
    for word in ("median", "percentile", "over the splits</h2>", "Scores by split", "SRCC, pooled"):
        assert word.lower() not in text.lower().replace("mean predictions over the splits", ""), word
    assert "95 % bootstrap interval over videos" in text


def test_a_single_table_is_reported_by_its_score(fixed: Comparison) -> None:
    tables = {name: getattr(fixed, name) for name in ("scores", "summary", "predictions")}
    alone = {name: table[table["table"] == "good"] for name, table in tables.items()}
    view = ProtocolView(replace(fixed, **alone, significance=fixed.significance.iloc[:0]))
    assert headline(view).sentence.startswith("good, ")
    assert ", reaches an SRCC on the fixed test part of " in headline(view).sentence


def test_where_there_is_no_bootstrap_there_is_no_interval(fixed: Comparison) -> None:
    missing = fixed.summary.assign(srcc_pooled_low=np.nan, srcc_pooled_high=np.nan)
    comparison = replace(fixed, summary=missing)
    view = ProtocolView(comparison)
    section = ProtocolSection(view)
    for scores in section.script_data["scores"]:
        spread = scores["srcc"]["spread"]
        assert not spread or spread[0] == spread[-1]
    assert all(cost["low"] is None for cost in section.script_data["cost"])
    boxes = ScoreBoxDisplay.from_view(view).plot()
    assert boxes.ax_ is not None
    assert " – " not in render({"strict": view}).split('id="summary-table"')[1].split("</table>")[0]


def test_the_figures_draw_a_marker_and_the_interval(fixed: Comparison) -> None:
    view = ProtocolView(fixed)
    display = ScoreBoxDisplay.from_view(view).plot()
    assert display.intervals == [
        (view.rows[model]["srcc_low"], view.rows[model]["srcc_high"]) for model in display.models
    ]
    assert display.ax_ is not None
    assert display.ax_.get_xlabel() == "SRCC on the fixed test part"
    assert not display.ax_.patches
    cost = CostDisplay.from_view(view).plot()
    assert cost.ax_ is not None
    assert cost.ax_.get_ylabel() == "SRCC on the fixed test part"


def test_several_splits_keep_their_percentiles(comparison: Comparison) -> None:
    view = ProtocolView(comparison)
    assert not view.over_videos
    assert view.statistic == "median SRCC"
    model = view.trained[0]
    scores = view.split_scores(model, "srcc")
    ends = [view.rows[model]["srcc_low"], view.rows[model]["srcc_high"]]
    np.testing.assert_allclose(ends, np.quantile(scores, [0.025, 0.975]))
    assert ScoreBoxDisplay.from_view(view).intervals is None


@pytest.mark.parametrize("width", [1280, 390])
def test_the_browser_draws_markers_with_intervals(browser: Page, fixed_page: Path, width: int) -> None:
    browser.problems.clear()
    browser.resize(width, 900, phone=width < 600)
    browser.open(fixed_page)
    assert browser.js("document.querySelectorAll('#chart-boxes .box').length") == 0
    assert browser.js("document.querySelectorAll('#chart-boxes .mark').length") == 4
    widths = browser.js("[...document.querySelectorAll('#chart-boxes .line')].map(l => l.getBBox().width)")
    assert min(widths) > 10
    label = browser.js("document.querySelector('#chart-boxes [role=img]').getAttribute('aria-label')")
    assert "95 % bootstrap interval over videos" in label
    assert "median" not in browser.js("document.querySelector('#chart-cost').innerHTML")
    assert browser.js("document.querySelectorAll('#chart-cost .ring').length") == 2
    assert browser.js("document.documentElement.scrollWidth") <= width
    assert browser.problems == []


def test_the_methods_are_copied_or_selected(browser: Page, fixed_page: Path) -> None:
    browser.problems.clear()
    browser.open(fixed_page)
    browser.js("document.getElementById('copy').click()")
    browser.js("new Promise(done => setTimeout(done, 200))")
    label = browser.js("document.getElementById('copy').textContent.trim()")
    assert label in ("Copied", "Selected")
    if label == "Selected":
        assert "Protocol strict." in browser.js("getSelection().toString()")
    assert browser.problems == []
