"""Names from strangers on the page, in the figures and in the files of a comparison."""

from __future__ import annotations

import csv
import json
import re
import xml.dom.minidom
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from browser import Page
from hostile_names import HOSTILE_NAMES, LONG
from matplotlib.figure import Figure
from synthetic import extras, make_comparison

from vqa_features.comparison import compare
from vqa_features.comparison.result import Comparison
from vqa_features.errors import ParameterError
from vqa_features.report import write_report
from vqa_features.report.figures import (
    CostDisplay,
    CrossDisplay,
    LearningCurveDisplay,
    PredictionDisplay,
    ResidualDisplay,
    ScoreBoxDisplay,
    SignificanceDisplay,
)
from vqa_features.report.formatting import MOST_NAME, shown
from vqa_features.report.page import render
from vqa_features.report.view import Model, views_of

LONE = "lone\ud800 byte\udcff"


@pytest.fixture(scope="module")
def hostile() -> Comparison:
    """A comparison whose tables, videos, data sets, settings and warnings have hostile names."""
    ids = [f"{name}{k or ''}" for k in range(3) for name in HOSTILE_NAMES if name.strip()]
    comparison = make_comparison(splits=2, tables=HOSTILE_NAMES, protocols=("strict",), ids=ids)
    more = extras(comparison.scores)
    for column in ("train", "test"):
        more["cross"][column] = more["cross"][column].replace(
            {"konvid-1k": "a$a^^b$" + LONG, "live-vqc": "__proto__"}
        )
    deep: object = "deep"
    for _ in range(900):
        deep = {"deeper": deep}
    settings = {
        **comparison.settings,
        **dict(zip(HOSTILE_NAMES, reversed(HOSTILE_NAMES), strict=True)),
        LONE: LONE,
        "nan": float("nan"),
        "numbers": [float("inf"), -np.float64("inf"), np.float64("nan"), np.arange(3), 1],
        "nested": {"nan": float("nan"), LONE: {("a", 1): LONE}},
        "deep": deep,
    }
    return replace(comparison, extras=more, settings=settings, warnings=(*HOSTILE_NAMES, LONE))


@pytest.fixture(scope="module")
def page_of_hostile(hostile: Comparison, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("hostile")
    hostile.save(folder)
    return write_report(hostile, folder / "report.html", title=LONE, figures=False)


class Elements(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.seen: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))


def elements_of(page: str) -> list[tuple[str, dict[str, str | None]]]:
    parser = Elements()
    parser.feed(page)
    return parser.seen


def test_the_page_is_utf8_without_characters_that_act(page_of_hostile):
    text = page_of_hostile.read_bytes().decode("utf-8")
    assert not re.search(
        "[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufffe\uffff]", text
    )
    assert r"lone\xED\xA0\x80 byte\xFF" in text
    assert r"line\x0Abreak\x0D\x09\x00\x1B[31m\x7F\xE2\x80\xA8" in text
    assert "x" * (MOST_NAME + 1) not in re.sub("<li>[^<]*</li>|<dd>[^<]*</dd>|<p>[^<]*</p>", "", text)


def test_the_page_has_its_own_scripts_links_and_pictures_alone(page_of_hostile):
    seen = elements_of(page_of_hostile.read_text())
    assert [attributes.get("type") for tag, attributes in seen if tag == "script"] == [
        "application/json",
        None,
    ]
    assert not {tag for tag, _ in seen} & {"img", "iframe", "object", "embed", "form", "base", "link"}
    for _, attributes in seen:
        assert not any(name.startswith("on") for name in attributes)
        assert "src" not in attributes
        assert attributes.get("href") in (None, "#summary")


def test_its_policy_admits_the_page_s_own_script_alone(page_of_hostile):
    policies = [
        attributes["content"]
        for tag, attributes in elements_of(page_of_hostile.read_text())
        if attributes.get("http-equiv") == "Content-Security-Policy"
    ]
    assert len(policies) == 1
    rules = dict(rule.split(maxsplit=1) for rule in re.split(r";\s*", str(policies[0])))
    assert rules.pop("script-src").startswith("'sha256-")
    assert rules == {
        "default-src": "'none'",
        "style-src": "'unsafe-inline'",
        "img-src": "data:",
        "base-uri": "'none'",
        "form-action": "'none'",
    }


def test_figures_are_drawn_hold_no_script_and_are_linked(tmp_path):
    tables = ("a$a^^b$", LONG, "", "</script><script>", "../up")
    comparison = make_comparison(splits=2, tables=tables, protocols=("strict",), full=True)
    page = write_report(comparison, tmp_path / "byte\udcff $a^^$#?.html")
    links = {
        str(attributes["href"])
        for tag, attributes in elements_of(page.read_text())
        if tag == "a" and attributes["href"] != "#summary"
    }
    folder = page.with_name(f"{page.stem}_figures")
    assert links == {f"byte%FF%20%24a%5E%5E%24%23%3F_figures/{file.name}" for file in folder.iterdir()}
    names = {file.name for file in folder.iterdir()}
    drawn = ("boxes", "scatter", "residuals", "significance", "curve", "cross")
    assert names == {f"{name}.{end}" for name in drawn for end in ("png", "svg", "csv")} | {
        "contrasts.csv",
        "residual_correlation.csv",
    }
    for file in folder.glob("*.svg"):
        document = xml.dom.minidom.parseString(file.read_bytes())
        assert not document.getElementsByTagName("script")
        assert "javascript:" not in "".join(re.findall(r'href="([^"]*)"', file.read_text()))


@pytest.mark.parametrize("name", [*HOSTILE_NAMES, LONE, "\\$", "$a$$b$", r"\$a\$", "{", "^_^"])
def test_a_name_in_a_figure_is_drawn_as_it_is(name):
    """Every text of every display is drawn, and none of them is read as a formula."""
    first, second = Model(name, "ridge", "deep"), Model("b", name, name)
    values = np.linspace(1, 5, 9)
    matrix = np.eye(2)
    displays = (
        ScoreBoxDisplay([first, second], [values, values]),
        PredictionDisplay(first, values, values),
        ResidualDisplay((first, second), np.column_stack([values, values]), 1.0),
        SignificanceDisplay([first, second], {}),
        CostDisplay([(cost := _cost(first)), cost._replace(model=second, seconds=3.0)]),
        LearningCurveDisplay([_curve(first), _curve(second)]),
        CrossDisplay(_cross(first, [name, "other"], matrix)),
    )
    for display in displays:
        figure = Figure()
        display.plot(figure.subplots())
        figure.canvas.draw()
        texts = {text.get_text() for text in figure.findobj(match=_is_text)}
        drawn = {text.replace(r"\$", "$") for text in texts}
        assert any(shown(name, 40) in text or shown(first.label, 40) in text for text in drawn), texts
        assert not any(_is_formula(text) for text in texts if "mathdefault" not in text)


def _is_text(artist: object) -> bool:
    from matplotlib.text import Text

    return isinstance(artist, Text)


def _is_formula(text: str) -> bool:
    from matplotlib.cbook import is_math_text

    return bool(is_math_text(text))


def _cost(model: Model):
    from vqa_features.report.tradeoffs import Cost

    return Cost(model, 1.0, 0.5, 0.4, 0.6)


def _curve(model: Model):
    from vqa_features.report.tradeoffs import Curve

    sizes = np.array([10, 20])
    return Curve(model, sizes, sizes / 40, sizes / 50, sizes / 30)


def _cross(model: Model, names: list[str], matrix):
    from vqa_features.report.tradeoffs import CrossScores

    return CrossScores(model, names, names, matrix, matrix)


def test_no_latex_is_run_on_names(tmp_path):
    import matplotlib

    comparison = make_comparison(40, 2, ("\\input{/etc/passwd}",), ("strict",))
    with matplotlib.rc_context({"text.usetex": True}):
        page = write_report(comparison, tmp_path / "report.html")
        assert matplotlib.rcParams["text.usetex"]
    assert (tmp_path / "report_figures" / "boxes.svg").stat().st_size > 0
    assert page.exists()


def test_settings_are_valid_json_with_numbers_that_are_not_finite_as_text(hostile, page_of_hostile):
    def refuse(constant: str) -> None:
        raise AssertionError(constant)

    text = page_of_hostile.with_name("settings.json").read_bytes().decode("utf-8")
    settings = json.loads(text, parse_constant=refuse)
    assert settings["nan"] == "nan"
    assert settings["numbers"] == ["inf", "-inf", "nan", "[0 1 2]", 1]
    assert settings[r"lone\xED\xA0\x80 byte\xFF"] == r"lone\xED\xA0\x80 byte\xFF"
    assert settings["nested"][r"lone\xED\xA0\x80 byte\xFF"]["('a', 1)"] == r"lone\xED\xA0\x80 byte\xFF"
    assert "nested deeper than" in json.dumps(settings["deep"])
    assert settings["warnings"][: len(HOSTILE_NAMES)] == list(HOSTILE_NAMES)


def test_tables_keep_every_name_as_it_is(hostile, page_of_hostile):
    with page_of_hostile.with_name("scores.csv").open(encoding="utf-8", newline="") as file:
        names = {row["table"] for row in csv.DictReader(file)}
    assert names == set(HOSTILE_NAMES)


def test_numbers_that_are_not_finite_are_null_in_the_data_of_the_page():
    comparison = make_comparison(40, 2, protocols=("strict",))
    comparison.scores.loc[comparison.scores["table"] == "brisque", "srcc"] = np.nan
    comparison.predictions.loc[::7, "predicted"] = np.inf
    text = render(views_of(comparison))
    found = re.search(r'id="data">(.*?)</script>', text, re.DOTALL)
    assert found is not None
    json.loads(found[1], parse_constant=lambda name: pytest.fail(name))


def test_a_carriage_return_in_a_name_ends_no_row(tmp_path):
    make_comparison(40, 2, ("a\rb", "c"), ("strict",)).save(tmp_path)
    with (tmp_path / "scores.csv").open(encoding="utf-8", newline="") as file:
        assert {row["table"] for row in csv.DictReader(file)} == {"a\rb", "c"}


@pytest.mark.parametrize("name", ["../up", "a/b", "", "/tmp/x", ".", "scores"])
def test_an_extra_table_is_written_inside_the_folder_alone(tmp_path, name):
    comparison = make_comparison(40, 2, protocols=("strict",)).with_extra(name, pd.DataFrame({"a": [1]}))
    with pytest.raises(ParameterError, match="an extra table is written to a file of its name"):
        comparison.save(tmp_path / "out")
    assert not list(tmp_path.rglob("*.csv"))


# Names given to `compare`


def tables_of(names: tuple[str, str], ids: list[str]) -> tuple[dict, pd.Series]:
    rng = np.random.default_rng(0)
    index = pd.Index(ids, dtype=object)
    mos = pd.Series(rng.normal(3, 1, len(ids)), index=index)
    return {
        name: (pd.DataFrame(rng.normal(0, 1, (len(ids), 3)), index=index).add_prefix("f"), family)
        for name, family in zip(names, ("handcrafted", "deep"), strict=True)
    }, mos


@pytest.mark.parametrize("as_mapping", [False, True])
def test_lone_surrogates_in_names_and_ids_are_written_with_their_bytes(tmp_path, as_mapping):
    tables, mos = tables_of((LONE, "b\udc80"), [f"clip\udce9{k}" for k in range(40)])
    groups = {name: f"scene\ud800{k % 8}" for k, name in enumerate(mos.index)}
    given = mos.to_dict() if as_mapping else mos
    comparison = compare(
        tables, given, groups=groups if as_mapping else None, splits=2, regressors=["ridge"], bootstrap=5
    )
    comparison.save(tmp_path)
    page = write_report(comparison, tmp_path / "report.html").read_text(encoding="utf-8")
    assert r"lone\xED\xA0\x80 byte\xFF" in page
    found = pd.read_csv(tmp_path / "predictions.csv")
    assert set(found["table"]) == {r"lone\xED\xA0\x80 byte\xFF", r"b\x80"}
    assert found["id"].str.fullmatch(r"clip\\xE9\d+").all()


def test_two_tables_of_one_name_as_text_are_refused():
    tables, mos = tables_of(("b\udc80", r"b\x80"), [f"clip{k}" for k in range(40)])
    with pytest.raises(ParameterError, match="two tables have the same name"):
        compare(tables, mos, splits=2, regressors=["ridge"], bootstrap=5)


@pytest.mark.parametrize(
    ("name", "options"),
    [("fusion", {"fusion": True}), ("late-fusion", {"fusion": True}), ("b/2d", {"components": 2})],
)
def test_a_table_may_not_have_the_name_of_one_that_is_added(name, options):
    tables, mos = tables_of((name, "b"), [f"clip{k}" for k in range(40)])
    with pytest.raises(ParameterError, match="give the table another name"):
        compare(tables, mos, splits=2, regressors=["ridge"], bootstrap=5, **options)


# In the browser


def test_hostile_names_are_drawn_and_none_of_them_runs(browser: Page, page_of_hostile: Path):
    browser.problems.clear()
    for width, phone in ((1280, False), (390, True)):
        browser.resize(width, 900, phone=phone)
        browser.open(page_of_hostile)
        assert browser.js("document.documentElement.scrollWidth") <= width
        assert browser.js("document.querySelectorAll('#chart-boxes .box').length") == len(HOSTILE_NAMES)
        assert browser.js("document.querySelectorAll('#videos-table tbody tr').length") == 15
        assert browser.js("window.hacked") is None
    assert browser.problems == []


def test_the_names_of_an_object_s_properties_have_no_picture(browser: Page, tmp_path: Path):
    import cv2

    ids = ["__proto__", "constructor", "toString", "hasOwnProperty", *(f"clip{k}" for k in range(30))]
    comparison = make_comparison(splits=3, protocols=("strict",), ids=ids)
    picture = bytes(cv2.imencode(".png", np.zeros((9, 16, 3), np.uint8))[1])
    browser.problems.clear()
    page = write_report(
        comparison, tmp_path / "r.html", thumbnails={"__proto__": picture, "clip3": picture}, figures=False
    )
    browser.open(page)
    shown_with = """[...now().videos.ids.keys()].map(index => {
        markVideo(index, 0, 0);
        return [now().videos.ids[index], document.querySelectorAll("#tip img").length];
    }).filter(([, pictures]) => pictures).map(([id]) => id).sort()"""
    tested = set(comparison.predictions["id"])
    assert browser.js(shown_with) == sorted(tested & {"__proto__", "clip3"})
    assert browser.problems == []


# The text of one name


@pytest.mark.parametrize("name", [*HOSTILE_NAMES, LONE])
def test_a_shown_name_is_short_printable_and_stays_as_it_is_when_shown_again(name):
    text = shown(name)
    assert 0 < len(text) <= MOST_NAME
    assert text.encode("utf-8").decode().isprintable() or "\u05e9" in text
    assert shown(text) == text


def test_long_names_that_differ_anywhere_look_different():
    names = [LONG, LONG[:-1], LONG[:5000] + "y" + LONG[5001:], "y" + LONG[1:]]
    assert len({shown(name) for name in names}) == len(names)


def test_families_without_a_style_are_drawn_as_others():
    assert Model("a", "ridge", "constructor").role == "other"
    assert Model("a", "ridge", "baseline").role == "other"
    assert Model("a", "ridge", "deep").role == "deep"
    assert Model("a", "mean", "deep").role == "baseline"
