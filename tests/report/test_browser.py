"""The page in Chromium; skipped where Chromium is not installed."""

from __future__ import annotations

from dataclasses import replace

import pytest
from synthetic import baseline_alone, make_comparison

from vqa_features.report import write_report
from vqa_features.report.view import ProtocolView

DESKTOP, PHONE = (1280, 900), (390, 844)

CENTRE = """(() => { const node = document.querySelector(%r); node.scrollIntoView({block: "center"});
const box = node.getBoundingClientRect(); return [box.x + box.width / 2, box.y + box.height / 2]; })()"""
ORDER = """[...document.querySelectorAll("#summary-table tbody tr:not([hidden])")]
.map(row => row.cells[%d].dataset.value)"""


@pytest.fixture
def page(browser, page_file):
    browser.problems.clear()
    browser.resize(*DESKTOP)
    browser.open(page_file)
    yield browser
    assert browser.problems == []


def click(page, selector):
    page.click(*page.js(CENTRE % selector))


def test_page_fits_both_widths_and_draws_its_charts(page, page_file):
    for size, phone in ((DESKTOP, False), (PHONE, True)):
        page.resize(*size, phone=phone)
        page.open(page_file)
        assert page.js("document.documentElement.scrollWidth") <= size[0]
        assert page.js("document.querySelector('h1').getBoundingClientRect().left") >= 16
        assert page.js("document.querySelectorAll('#chart-scatter circle, #chart-scatter path').length") > 100
        assert page.js("document.querySelectorAll('[data-chart] text').length") > 30


def test_clicking_a_heading_sorts_and_sets_aria_sort(page):
    click(page, "[data-sort=rmse]")
    rmse = [float(value) for value in page.js(ORDER % 6)]
    assert rmse == sorted(rmse)
    assert (
        page.js("document.querySelector('[data-sort=rmse]').parentNode.getAttribute('aria-sort')")
        == "ascending"
    )
    click(page, "[data-sort=rmse]")
    assert [float(value) for value in page.js(ORDER % 6)] == rmse[::-1]


def test_sorting_works_from_the_keyboard(page):
    page.js("document.querySelector('[data-sort=label]').focus()")
    page.key("Enter")
    labels = page.js(ORDER % 0)
    assert labels == sorted(labels, key=str.lower)


def test_pointing_at_a_video_shows_its_id(page, comparison):
    page.hover(*page.js(CENTRE % "#chart-scatter svg g circle"))
    assert not page.js("document.getElementById('tip').hidden")
    assert page.js("document.querySelector('#tip strong').textContent") in set(comparison.predictions["id"])
    assert page.js("document.querySelectorAll('.lit[visibility=visible]').length") >= 2


def test_arrow_keys_select_the_videos_in_turn(page, comparison):
    page.js("document.querySelector('#chart-scatter svg').focus()")
    seen = []
    for _ in range(3):
        page.key("ArrowRight")
        seen.append(page.js("document.querySelector('#tip strong').textContent"))
    assert len(set(seen)) == 3
    assert set(seen) <= set(comparison.predictions["id"])


def test_protocol_switch_changes_headline_table_and_address(page):
    before = page.js("document.querySelector('.hero div:not([hidden]) h1').textContent")
    click(page, "[data-set-protocol=literature]")
    assert page.js("document.querySelector('.hero div:not([hidden]) h1').textContent") != before
    assert (
        page.js(
            "document.querySelectorAll('#summary-table tbody tr[data-protocol=strict]:not([hidden])').length"
        )
        == 0
    )
    assert "protocol=literature" in page.js("location.hash")


def test_address_restores_the_state(page, page_file):
    page.open(page_file, "#protocol=literature&sort=rmse&order=ascending&metric=plcc&theme=dark")
    assert page.js("document.documentElement.dataset.theme") == "dark"
    assert page.js("document.getElementById('metric').value") == "plcc"
    assert page.js("document.querySelector('[aria-sort=ascending] button').dataset.sort") == "rmse"


def test_theme_follows_the_system_and_can_be_switched(page, page_file):
    background = "getComputedStyle(document.documentElement).backgroundColor"
    page.scheme("dark")
    assert page.js(background) == "rgb(17, 20, 26)"
    click(page, "#theme")
    assert page.js(background) == "rgb(255, 255, 255)"
    page.scheme("light")


def test_contents_list_the_sections_that_are_shown_and_keep_the_state(page):
    listed = page.js("[...document.querySelectorAll('#contents a')].map(link => link.textContent)")
    heads = page.js(
        "[...document.querySelectorAll('main section h2')].filter(h => h.offsetParent)"
        ".map(h => h.textContent)"
    )
    assert listed == heads
    assert {"Scores", "Feature tables", "Methods"} <= set(listed)
    click(page, "[data-set-protocol=literature]")
    before = page.js("location.hash")
    page.js("document.querySelector('#contents li:last-child a').click()")
    assert page.js("location.hash") == before
    assert page.js("document.activeElement.textContent") == listed[-1]
    assert page.js("document.activeElement.getBoundingClientRect().top") < DESKTOP[1]


def test_wide_tables_say_on_a_phone_that_they_scroll_and_narrow_ones_do_not(page, page_file):
    hint = "getComputedStyle(document.querySelector(%r).closest('.scroll'), '::before').display"
    assert page.js(hint % "#summary-table") == "none"
    page.resize(*PHONE, phone=True)
    page.open(page_file)
    assert page.js(hint % "#summary-table") == "block"
    shown = page.js(
        "[...document.querySelectorAll('.scroll')].filter(box => box.checkVisibility()).every(box => "
        "(box.scrollWidth > box.clientWidth) === "
        "(getComputedStyle(box, '::before').display === 'block'))"
    )
    assert shown


def test_axes_leave_out_an_outlier_and_say_so(browser, tmp_path):
    comparison = make_comparison(60, 12, protocols=("strict",))
    predictions, scores = comparison.predictions.copy(), comparison.scores.copy()
    best = ProtocolView(comparison).rivals[0]
    mine = (predictions["table"] == best.table) & (predictions["regressor"] == best.regressor)
    far = mine & (predictions["id"] == predictions.loc[mine, "id"].iloc[0])
    predictions.loc[far, "predicted"] = 1e4
    row = scores.index[(scores["table"] == best.table) & (scores["regressor"] == best.regressor)][0]
    scores.loc[row, "rmse"] = 1e4
    changed = replace(comparison, predictions=predictions, scores=scores)
    browser.problems.clear()
    browser.resize(*DESKTOP)
    browser.open(write_report(changed, tmp_path / "r.html", figures=False), "#metric=rmse")
    told = (
        "[...document.querySelectorAll('%s text')].map(t => t.textContent).filter(t => t.includes('beyond'))"
    )
    assert browser.js(told % "#chart-scatter") == ["1 beyond the axes"]
    assert browser.js(told % "#chart-residuals") == ["1 beyond the axes"]
    assert browser.js(told % "#chart-boxes") == ["1 score beyond the axes, drawn at the edge"]
    ticks = "[...document.querySelectorAll('#chart-scatter text.end')].map(t => +t.textContent || 0)"
    assert max(browser.js(ticks)) < 10
    assert browser.problems == []


SHAPES = {
    "one split": lambda: make_comparison(40, splits=1),
    "one table": lambda: make_comparison(40, splits=3, tables=("brisque",), protocols=("strict",)),
    "baseline alone": lambda: baseline_alone(make_comparison(40, splits=2)),
    "eleven tables": lambda: make_comparison(40, 2, tuple(f"table-{k}" for k in range(11)), ("strict",)),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_odd_comparisons_draw_without_errors_or_empty_frames(browser, tmp_path, shape):
    browser.problems.clear()
    browser.resize(*PHONE, phone=True)
    browser.open(write_report(SHAPES[shape](), tmp_path / "odd.html"))
    assert browser.problems == []
    empty = """[...document.querySelectorAll("[data-chart]")].filter(box => box.offsetParent !== null
        && !box.closest("section").hidden && box.getBoundingClientRect().height < 20).map(box => box.id)"""
    assert browser.js(empty) == []
    assert browser.js("document.documentElement.scrollWidth") <= PHONE[0]
    assert "NaN" not in browser.js("document.body.innerHTML")


def test_hostile_video_id_does_not_run(browser, tmp_path):
    bad = '<img src=x onerror="window.hacked=1"></script><script>window.hacked=1</script>'
    comparison = make_comparison(splits=3, ids=[f"{bad}{k}" for k in range(40)])
    browser.problems.clear()
    browser.open(write_report(comparison, tmp_path / "bad.html", figures=False))
    browser.hover(*browser.js(CENTRE % "#chart-scatter svg g circle"))
    assert browser.js("document.querySelector('#tip strong').textContent").startswith("<img")
    assert browser.js("window.hacked") is None
    assert browser.problems == []


def test_the_range_of_as_many_values_as_a_large_dataset_has_is_found(page):
    assert page.js("extent(Array.from({length: 500000}, (_, k) => k - 1000), 0)") == [-1000, 498999]
    assert page.js("extent([NaN, 2, 5], 0)") == [2, 5]
