from __future__ import annotations

import json
import re
import sys
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pandas as pd
import pytest
from synthetic import make_comparison

from vqa_features.comparison import compare
from vqa_features.errors import ParameterError, VqaError
from vqa_features.report import write_report
from vqa_features.report.formatting import signed
from vqa_features.report.page import render
from vqa_features.report.view import views_of

PAGE_LIMIT = 3_000_000
HOSTILE = "<img src=x onerror=alert(1)></script><script>alert(2)</script>"


def data_of(page: str) -> dict:
    return json.loads(re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.S)[1])


def test_page_loads_no_other_file(page_file):
    text = page_file.read_text()
    assert not re.findall(r"""(?:src|href)\s*=\s*["'](?:https?:)?//""", text)
    assert not re.findall(r"@import|url\(", text)
    assert "default-src 'none'" in text


def test_figures_are_beside_the_page_and_linked(page_file):
    folder = page_file.with_name("report_figures")
    names = {path.name for path in folder.iterdir()}
    assert {
        f"{name}.{end}"
        for name in ("boxes", "scatter", "residuals", "significance", "cost", "curve", "cross")
        for end in ("png", "svg")
    } <= names
    links = re.findall(r'href="(report_figures/[^"]+)"', page_file.read_text())
    assert sorted(page_file.parent.joinpath(link).name for link in links) == sorted(names)


def test_every_element_is_closed(page_file):
    class Nesting(HTMLParser):
        optional = frozenset(("meta", "img", "wbr", "input"))

        def __init__(self) -> None:
            super().__init__()
            self.open: list[str] = []

        def handle_starttag(self, tag, attrs):
            if tag not in self.optional:
                self.open.append(tag)

        def handle_endtag(self, tag):
            assert self.open.pop() == tag, self.getpos()

    nesting = Nesting()
    nesting.feed(page_file.read_text())
    assert nesting.open == []


def test_odd_file_names_are_quoted_in_links(tmp_path):
    page = write_report(make_comparison(40, 2, protocols=("strict",)), tmp_path / "run #1?.html").read_text()
    assert 'href="run%20%231%3F_figures/boxes.png"' in page


def test_a_real_comparison_is_reported(tmp_path):
    rng = np.random.default_rng(0)
    ids = [f"clip_{k:02d}" for k in range(60)]
    mos = pd.Series(rng.normal(3, 1, 60), index=ids)
    tables = {
        family: (pd.DataFrame(mos.to_numpy()[:, None] + rng.normal(0, 1, (60, 4)), index=ids), family)
        for family in ("handcrafted", "deep")
    }
    tables = {name: (table.add_prefix("f"), family) for name, (table, family) in tables.items()}
    comparison = compare(tables, mos, splits=4, regressors=["ridge", "mean"], fusion=True, bootstrap=20)
    data = data_of(write_report(comparison, tmp_path / "report.html").read_text())
    assert data["protocols"]["strict"]["videos"]["models"][0]["role"] in ("handcrafted", "deep")
    assert {model["role"] for model in data["protocols"]["strict"]["models"]} == {
        "handcrafted",
        "deep",
        "fusion",
        "baseline",
    }


def test_hostile_names_stay_text():
    comparison = make_comparison(splits=3, ids=[f"{HOSTILE}{k}" for k in range(40)])
    comparison.settings[HOSTILE] = HOSTILE
    comparison.scores["table"] = comparison.scores["table"].replace("brisque", HOSTILE)
    comparison.predictions["table"] = comparison.predictions["table"].replace("brisque", HOSTILE)
    comparison.summary["table"] = comparison.summary["table"].replace("brisque", HOSTILE)
    renamed = comparison.significance.replace("brisque", HOSTILE)
    comparison = replace(comparison, significance=renamed, warnings=(HOSTILE,))

    class Elements(HTMLParser):
        def __init__(self) -> None:
            super().__init__()
            self.seen: list[tuple[str, dict]] = []

        def handle_starttag(self, tag, attrs):
            self.seen.append((tag, dict(attrs)))

    parser = Elements()
    parser.feed(render(views_of(comparison), title=HOSTILE))
    assert sum(tag == "script" for tag, _ in parser.seen) == 2
    assert not any(tag == "img" for tag, _ in parser.seen)
    assert not any(name.startswith("on") for _, attributes in parser.seen for name in attributes)


def test_data_is_finite_json_with_every_video_once(comparison, page_file):
    data = data_of(page_file.read_text())
    ids = data["protocols"]["strict"]["videos"]["ids"]
    assert len(ids) == len(set(ids)) == comparison.predictions.query("protocol == 'strict'")["id"].nunique()


def test_a_hundred_splits_of_1200_videos_stay_below_three_megabytes():
    comparison = make_comparison(videos=1200, splits=2)
    rng = np.random.default_rng(0)
    many = [comparison.scores.assign(split=k, srcc=rng.random(len(comparison.scores))) for k in range(100)]
    comparison = replace(comparison, scores=pd.concat(many, ignore_index=True))
    assert len(render(views_of(comparison)).encode()) < PAGE_LIMIT


def test_proxy_target_is_named_in_headline_and_badge():
    comparison = make_comparison(splits=4)
    comparison.settings["target"] = "proxy: full-reference score against the source"
    text = render(views_of(comparison))
    assert "judged by a proxy, not by MOS" in text
    assert "proxy target, not MOS" in text
    comparison.settings["target"] = "MOS"
    assert "proxy target" not in render(views_of(comparison))


def test_one_table_gives_a_page_without_residuals_or_empty_frames():
    comparison = make_comparison(splits=4, tables=("brisque",), protocols=("strict",))
    text = render(views_of(comparison))
    assert "Correlation of residuals" not in text
    assert "Largest differences between" not in text


def test_same_comparison_gives_the_same_bytes(tmp_path, monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1795000000")
    pages = [
        write_report(make_comparison(40, 3, protocols=("strict",)), tmp_path / name / "r.html")
        for name in "ab"
    ]
    for file in sorted(pages[0].parent.rglob("*.*")):
        assert file.read_bytes() == (pages[1].parent / file.relative_to(pages[0].parent)).read_bytes(), (
            file.name
        )


def test_thumbnails_are_embedded_small_and_unreadable_ones_left_out(tmp_path):
    import cv2

    comparison = make_comparison(splits=4)
    first, second = comparison.predictions["id"].iloc[:2]
    picture = tmp_path / "a.png"
    cv2.imwrite(str(picture), np.full((270, 480, 3), 90, np.uint8))
    text = render(views_of(comparison), thumbnails={first: picture, second: b"no picture"})
    thumbnails = data_of(text)["thumbnails"]
    assert list(thumbnails) == [first]
    assert thumbnails[first].startswith("data:image/jpeg;base64,")


def test_page_name_must_be_html(comparison, tmp_path):
    with pytest.raises(ParameterError, match=r"must end in \.html"):
        write_report(comparison, tmp_path / "report.pdf")


def test_missing_extra_is_named(comparison, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "jinja2", None)
    with pytest.raises(VqaError, match=r"needs jinja2: pip install 'vqa-features\[report\]'"):
        write_report(comparison, tmp_path / "report.html")
    assert list(tmp_path.iterdir()) == []


def test_feature_tables_are_listed_with_columns_seconds_and_how_they_were_made():
    comparison = make_comparison(40, 3, ("videval", "paq2piq", "videval+paq2piq"), ("strict",))
    sampling = {"sampling": {"fps": 2.0, "every": None, "offset": 0}}
    made = {"extractors": ["brisque", "siti"], "pools": ["mean", "p10"], "settings": sampling}
    settings = {**comparison.settings, "tables": {"videval": made, "paq2piq": {"settings": {}}}}
    page = render(views_of(replace(comparison, settings=settings)))
    section = page[page.index('id="h-tables"') : page.index('id="h-splits"')]
    rows = [re.sub(r"<[^>]+>|\s+", " ", row) for row in section.split("<tr>")[2:]]
    told = {row.split()[0]: " ".join(row.split()) for row in rows}
    assert set(told) == {"videval", "paq2piq"}
    assert " 10 9.5 " in told["videval"]
    assert "brisque, siti; pools: mean, p10; sampling: fps 2.0" in told["videval"]
    assert "not recorded in the table" in told["paq2piq"]


def test_cards_have_signed_errors():
    comparison = make_comparison(40, 3, protocols=("strict",))
    view = next(iter(views_of(comparison).values()))
    page = render({"strict": view})
    worst = view.residuals(view.rivals[:1]).iloc[:, 0].abs().idxmax()
    card = page[page.index(f'data-video="{worst}"') :].partition("</li>")[0]
    errors = [signed(view.predicted(model)[worst] - view.mos[worst], 2) for model in view.rivals[:2]]
    assert re.findall(r'class="error">([^<]+)<', card) == errors


def test_command_line_and_date_are_on_the_page(monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1795000000")
    comparison = make_comparison(40, 2, protocols=("strict",))
    assert "not recorded, as for a call from Python" in render(views_of(comparison))
    settings = {**comparison.settings, "command_line": "vqa-features compare -o 'a <b>'"}
    page = render(views_of(replace(comparison, settings=settings)))
    assert "<code>vqa-features compare -o &#39;a &lt;b&gt;&#39;</code>" in page
    assert page.count("18 November 2026, 11:06 UTC") == 2


def test_repeated_warnings_are_folded_and_paths_are_cut():
    warnings = tuple(f"/data/tables/{k}.csv has no ids" for k in range(4))
    page = render(views_of(replace(make_comparison(40, 2, protocols=("strict",)), warnings=warnings)))
    section = page[page.index('id="warnings"') : page.index("<noscript>")]
    assert "4 warnings" in section
    assert "(4 of this kind)" in section
    assert '<span class="path" title="/data/tables/3.csv">…/3.csv</span> has no ids' in section
