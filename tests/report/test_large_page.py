"""The page of many videos, models and splits: its size is bounded, and it says what it leaves out."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from browser import Page
from synthetic import make_comparison, with_splits, with_videos

from vqa_features.comparison.result import Comparison
from vqa_features.report import sections, write_report
from vqa_features.report.excerpt import MOST_POINTS, MOST_WORST, evenly, excerpt_of, shown_splits
from vqa_features.report.page import render
from vqa_features.report.sections import MOST_COMPARED, ProtocolSection
from vqa_features.report.view import ProtocolView, views_of

MANY = 100_000
#: The bounds that docs/report.md states, in bytes: of 100 000 videos and four tables, and of any comparison.
USUAL_LIMIT, GREATEST_LIMIT = 3_000_000, 8_000_000


@pytest.fixture(scope="module")
def large() -> Comparison:
    return with_videos(make_comparison(60, 8, protocols=("strict",)), MANY)


@pytest.fixture(scope="module")
def large_page(large: Comparison, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_report(large, tmp_path_factory.mktemp("large") / "report.html")


def data_of(page: str) -> dict:
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.DOTALL)
    assert found is not None
    return json.loads(found[1])


def text_of(page: str) -> str:
    return " ".join(re.sub(r"<[^>]*>", " ", page).split())


def test_a_page_of_100_000_videos_and_four_tables_is_small_and_so_are_its_figures(large_page):
    assert large_page.stat().st_size < USUAL_LIMIT
    for file in large_page.with_name("report_figures").glob("*.[ps][nv]g"):
        assert file.stat().st_size < 1_000_000, file.name


def test_it_says_how_many_videos_are_left_out_and_where_they_are(large_page):
    page = large_page.read_text()
    videos = data_of(page)["protocols"]["strict"]["videos"]
    held = len(videos["ids"])
    assert videos["total"] == MANY
    assert videos["drawn"] == MOST_POINTS < held <= MOST_POINTS + 3 * MOST_WORST
    words = text_of(page)
    assert (
        "98,000 videos are not drawn: the 2,000 dots are evenly spaced in order of MOS; all are in "
        "predictions.csv." in words
    )
    assert f"{MANY - held:,} videos are not on this page; all are in predictions.csv." in words


def test_a_page_of_few_videos_leaves_none_out():
    comparison = make_comparison(60, 4, protocols=("strict",))
    text = render(views_of(comparison))
    assert 'class="rest"' not in text
    tested = comparison.predictions["id"].nunique()
    assert len(data_of(text)["protocols"]["strict"]["videos"]["ids"]) == tested


def test_drawn_videos_are_spread_over_the_scale_and_the_worst_are_held(large):
    view = ProtocolView(large, "strict")
    section = ProtocolSection(view)
    rows, drawn, total = section.excerpt
    assert len(set(rows.tolist())) == len(rows)
    assert (np.diff(rows[:drawn]) > 0).all()
    assert rows[0] == 0
    assert rows[drawn - 1] == total - 1
    np.testing.assert_allclose(view.mos.iloc[rows[:drawn]].mean(), view.mos.mean(), atol=0.01)
    held = set(view.videos.index[rows])
    for gallery in section.galleries:
        assert {video.id for video in gallery.videos} <= held
    worst = view.residuals(section.rivals).abs().max(axis=1).nlargest(MOST_WORST // 2)
    assert set(worst.index) <= held


def test_the_correlation_of_residuals_is_that_of_all_videos(large):
    view = ProtocolView(large, "strict")
    section = ProtocolSection(view)
    errors = view.residuals(section.drawn[:2]).to_numpy()
    shown = section.script_data["videos"]["correlation"]
    assert shown == pytest.approx(np.corrcoef(errors.T)[0, 1], rel=1e-4)


def test_boxes_are_of_all_splits_and_dots_of_some():
    comparison = with_splits(make_comparison(40, 2, protocols=("strict",)), 5_000)
    section = ProtocolSection(ProtocolView(comparison))
    model = section.view.trained[0]
    scores = section.script_data["scores"][list(section.rows).index(model)]["srcc"]
    values = section.view.split_scores(model, "srcc")
    np.testing.assert_allclose(scores["spread"], np.quantile(values, [0.025, 0.25, 0.5, 0.75, 0.975]), 1e-4)
    assert scores["count"] == 5_000
    assert len(scores["values"]) == len(section.splits) < 5_000
    np.testing.assert_allclose(scores["values"], values[section.splits], 1e-4)
    left_out = 5_000 - len(section.splits)
    assert section.rest["splits"] == (
        f"{left_out:,} splits have no dot, but count in boxes, lines and whiskers; all are in scores.csv."
    )


@pytest.mark.parametrize(("count", "most"), [(0, 5), (5, 5), (6, 5), (1000, 7), (100_001, 2000)])
def test_even_positions_are_distinct_and_hold_both_ends(count, most):
    found = evenly(count, most)
    assert len(found) == min(count, most)
    assert (np.diff(found) > 0).all()
    if count:
        assert (found[0], found[-1]) == (0, count - 1)


def test_every_model_has_some_splits():
    assert len(shown_splits(10_000, 500)) >= 50
    assert len(shown_splits(100, 12)) == 100


def test_an_excerpt_without_rivals_holds_the_drawn_videos():
    view = ProtocolView(make_comparison(40, splits=2))
    assert excerpt_of(view, []).left_out == 0


def many_tables(count: int, name: str = "table-{}", splits: int = 2) -> Comparison:
    return make_comparison(40, splits, tuple(name.format(k) for k in range(count)), ("strict",))


def test_many_tables_are_all_in_the_summary_and_the_matrix_says_what_it_leaves_out(tmp_path):
    comparison = many_tables(22)
    text = write_report(comparison, tmp_path / "report.html").read_text()
    rows = re.search(r'<table id="summary-table".*?</table>', text, re.DOTALL)
    assert rows is not None
    assert rows[0].count('<th scope="row"') == 45  # two regressors each, and the training mean
    assert f"{22 - MOST_COMPARED} tables of lower SRCC are not shown; all are in significance.csv." in text


def test_models_beyond_the_limit_are_counted(monkeypatch):
    monkeypatch.setattr(sections, "MOST_MODELS", 5)
    section = ProtocolSection(ProtocolView(many_tables(4)))
    assert list(section.rows) == [*section.view.trained[:5], section.view.models[-1]]
    assert section.view.models[-1].role == "baseline"
    assert section.rest["summary"] == "3 models of lower SRCC are not shown; all are in summary.csv."
    assert len(section.script_data["models"]) == len(section.script_data["scores"]) == 6


def test_the_greatest_page_is_below_its_bound():
    # every character of these names takes six bytes in the data of the page
    names = tuple(f"{k:04d}" + "<" * 100 for k in range(30))
    comparison = make_comparison(30, 1, names, ("strict", "literature"))
    comparison = with_splits(with_videos(comparison, 3_000, "{:06d}" + "<" * 100), 1_000)
    comparison = with_warnings(comparison)
    page = render(views_of(comparison), thumbnails=pictures(comparison))
    assert data_of(page)["thumbnails"]
    assert len(page.encode()) < GREATEST_LIMIT


def with_warnings(comparison: Comparison) -> Comparison:
    nested = {f"table {k}": {"settings": ["<" * 1_000] * 1_000} for k in range(20)}
    settings = {f"setting {k}": "<" * 10_000 for k in range(300)} | {"tables": nested}
    return replace(comparison, warnings=("<" * 10_000,) * 1_000, settings=settings)


def pictures(comparison: Comparison) -> dict[str, bytes]:
    import cv2

    noise = np.random.default_rng(0).integers(0, 255, (94, 168, 3), dtype=np.uint8)
    encoded = bytes(cv2.imencode(".png", noise)[1])
    return dict.fromkeys(comparison.predictions["id"].unique(), encoded)


# In the browser


@pytest.fixture
def opened(browser: Page, large_page: Path):
    browser.problems.clear()
    browser.resize(1280, 900)
    browser.open(large_page)
    yield browser
    assert browser.problems == []


def test_a_page_of_100_000_videos_is_drawn(opened):
    dots = "document.querySelectorAll('#chart-scatter .faint').length"
    assert opened.js(dots) == 4 * MOST_POINTS
    assert opened.js("document.querySelectorAll('#chart-residuals .faint').length") == MOST_POINTS
    assert opened.js("document.querySelectorAll('#chart-boxes .box').length") == 8


FIRST_ROW = "document.querySelector('#videos-table tbody tr')"
ROWS = "document.querySelectorAll('#videos-table tbody tr').length"


def search(page: Page, words: str) -> None:
    page.js(f"document.getElementById('search').value = {json.dumps(words)}")
    page.js("document.getElementById('search').dispatchEvent(new Event('input'))")


def test_the_table_of_videos_begins_with_the_largest_error(opened, large):
    view = ProtocolView(large, "strict")
    worst = view.residuals(ProtocolSection(view).rivals).abs().max(axis=1).idxmax()
    assert opened.js(f"{FIRST_ROW}.cells[0].textContent") == worst
    assert opened.js(f"{FIRST_ROW}.cells.length") == 6
    assert opened.js(ROWS) == 15


def test_videos_are_found_by_their_id(opened, large):
    known = opened.js("now().videos.ids[1234]")
    search(opened, f" {known.upper()}")
    assert opened.js(ROWS) == 1
    assert opened.js(f"{FIRST_ROW}.cells[0].textContent") == known
    view = ProtocolView(large, "strict")
    assert opened.js(f"{FIRST_ROW}.cells[1].textContent") == f"{view.mos[known]:.2f}".removeprefix("0")
    assert opened.js("document.getElementById('found').textContent").startswith("1 of the 2,")
    search(opened, "no such video")
    assert opened.js(ROWS) == 0
    assert "0 of the" in opened.js("document.getElementById('found').textContent")
    search(opened, "")
    assert opened.js(ROWS) == 15


def test_a_dot_shows_its_video(opened):
    opened.js("document.querySelector('#chart-scatter svg').focus()")
    opened.key("ArrowRight")
    assert opened.js("document.querySelector('#tip strong').textContent") == opened.js("now().videos.ids[0]")
    assert opened.js("document.querySelectorAll('.lit[visibility=visible]').length") == 5


def test_more_splits_and_tables_than_are_drawn_open(browser, tmp_path):
    comparison = with_splits(many_tables(50, splits=1), 2_000)
    browser.problems.clear()
    browser.resize(390, 844, phone=True)
    browser.open(write_report(comparison, tmp_path / "report.html", figures=False))
    assert browser.problems == []
    assert browser.js("document.documentElement.scrollWidth") <= 390
    assert browser.js("document.querySelectorAll('#chart-boxes .box').length") == 50
