"""The page of a cross-dataset evaluation: what it shows, what it leaves out, how it looks."""

from __future__ import annotations

import re
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from vqa_features.comparison.cross import SETTINGS_KEY
from vqa_features.comparison.notices import KEY
from vqa_features.errors import ParameterError
from vqa_features.report import figure_data
from vqa_features.report.cross_page import finding, render_cross, sections_of, write_cross
from vqa_features.report.tradeoffs import MOST_DATASETS, MOST_TRANSFERS, cross_scores

HOSTILE = '<img src=x onerror="alert(1)">'


def rows_of(
    datasets: list[str], models: list[tuple[str, str]], joint: tuple[str, ...] = (), aligned: bool = True
) -> pd.DataFrame:
    """Return rows as `cross` makes them, each score of its own."""
    random = np.random.default_rng(0)
    found = []
    for train in [*datasets, *joint]:
        for test in datasets:
            if train in joint and test in train.split("+"):
                continue
            for table, regressor in models:
                srcc = round(float(random.uniform(0.2, 0.8)), 3)
                kind = "within" if train == test else "joint" if train in joint else "across"
                found.append(
                    {
                        **{"train": train, "test": test, "kind": kind, "table": table},
                        **{"family": "deep", "regressor": regressor},
                        **{"srcc": srcc, "srcc_low": srcc - 0.05, "srcc_high": srcc + 0.05, "krcc": srcc / 2},
                        **{"plcc_raw": srcc, "plcc_test_mapped": srcc + 0.001},
                        "rmse": 0.5 + srcc / 10 if aligned or kind == "within" else np.nan,
                        **{"rmse_test_mapped": 12.345, "scale": datasets[0], "n_train": 100, "n_test": 50},
                        **{"shift": 0.5 if kind == "within" else 0.876, "chosen": ""},
                    }
                )
    matrix = pd.DataFrame(found)
    one = {"mos": "m.csv", "videos": 50, "groups": None, "lowest": 1.0, "highest": 5.0}
    maps = {"gain": 1.1241, "offset": -0.0993} if aligned else {}
    matrix.attrs[SETTINGS_KEY] = {
        "datasets": {name: {**one, **maps} for name in datasets},
        "align": "inlsa" if aligned else "none",
        "seed": 0,
    }
    return matrix


@pytest.fixture
def matrix() -> pd.DataFrame:
    return rows_of(["konvid", "live", "ugc"], [("net", "ridge"), ("net", "svr-rbf")], ("konvid+live",))


def texts(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def test_every_score_is_on_the_page_once_per_model(matrix):
    page = render_cross(matrix)
    for row in matrix.to_dict("records"):
        low, high = (f"{row[key]:.3f}".removeprefix("0") for key in ("srcc_low", "srcc_high"))
        assert f"{low} – {high}" in page
    assert page.count('class="within"') == 3 * 2 * 4  # data sets, models, metrics
    assert page.count('aria-label="not run"') > 0
    assert ".876" in page
    assert "1.1241" in page
    assert "−.0993" in page
    assert "konvid+<wbr>live" in page


def test_the_headline_names_the_model_that_transfers_best(matrix):
    sentence, detail = finding(matrix)
    means = matrix.groupby(["regressor", "kind"])["srcc"].mean().unstack()
    best = means["across"].idxmax()
    across, within = (f"{means.loc[best, kind]:.3f}".removeprefix("0") for kind in ("across", "within"))
    assert (
        sentence == f"net · {best} reaches a mean SRCC of {across} on other data sets, {within} within one."
    )
    mine = matrix[(matrix["regressor"] == best) & (matrix["kind"] == "across")]
    lowest = mine.loc[mine["srcc"].idxmin()]
    assert f"({lowest['train']} → {lowest['test']})" in detail
    assert "Of 2 models" in detail
    assert "Trained on several data sets" in detail


def test_the_headline_holds_without_a_result():
    matrix = rows_of(["a", "b"], [("net", "mean")])
    assert finding(matrix) == ("Only the baseline was run.", "")
    empty = rows_of(["a", "b"], [("net", "ridge")])
    empty["srcc"] = np.nan
    assert finding(empty)[0] == "net · ridge reaches a mean SRCC of – on other data sets, – within one."
    assert "net" in render_cross(empty)


def test_errors_across_scales_have_no_section():
    keys = [one.key for one in sections_of(rows_of(["a", "b"], [("net", "ridge")], aligned=False))]
    assert keys == ["srcc", "plcc_test_mapped", "rmse_test_mapped"]
    page = render_cross(rows_of(["a", "b"], [("net", "ridge")], aligned=False))
    assert "gain × MOS" not in page


def test_the_training_mean_is_shown_once_and_only_where_it_has_a_value():
    matrix = rows_of(["a", "b"], [("net", "ridge"), ("net", "mean"), ("nss", "mean")])
    matrix.loc[matrix["regressor"] == "mean", ["srcc", "plcc_test_mapped"]] = np.nan
    shown = {one.key: [square.model.label for square in one.matrices] for one in sections_of(matrix)}
    assert shown["srcc"] == shown["plcc_test_mapped"] == ["net · ridge"]
    assert shown["rmse_test_mapped"] == ["net · ridge", "training mean"]
    assert "regressor 1 " in texts(render_cross(matrix))


def test_warnings_and_names_are_shown_as_text(matrix):
    matrix = matrix.replace({"konvid": HOSTILE, "net": HOSTILE})
    matrix.attrs = {KEY: [f"a and b share 3 video(s) {HOSTILE}"] * 12, SETTINGS_KEY: {"align": HOSTILE}}
    page = render_cross(matrix)
    assert HOSTILE not in page
    assert "<img" not in page
    assert "12 warnings" in texts(page)
    assert "(12 times)" in texts(page)


def test_the_page_runs_no_script_and_loads_nothing(matrix):
    page = render_cross(matrix)
    assert "<script" not in page
    assert "default-src 'none'; style-src 'unsafe-inline'" in page
    assert not re.search(r"""(src|href)=["'](?!#)""", page)


def test_what_there_is_no_room_for_is_said():
    datasets = [f"d{k}" for k in range(MOST_DATASETS + 2)]
    models = [(f"t{k}", "ridge") for k in range(MOST_TRANSFERS + 3)]
    page = texts(render_cross(rows_of(datasets, models[:1])))
    assert "2 training sets and 2 data sets are not shown; all are in cross.csv" in page
    page = texts(render_cross(rows_of(datasets[:2], models)))
    assert "3 models are not shown; all are in cross.csv" in page


def test_the_page_is_a_file_that_ends_in_html(matrix, tmp_path):
    target = write_cross(matrix, tmp_path / "new" / "cross.html", title="Mine & yours")
    assert "<title>Mine &amp; yours" in target.read_text("utf-8")
    with pytest.raises(ParameterError, match=r"must end in \.html"):
        write_cross(matrix, tmp_path / "cross.txt")
    with pytest.raises(ParameterError, match="holds no scores"):
        write_cross(matrix.iloc[:0], tmp_path / "none.html")


@pytest.mark.parametrize("size", [(1280, 900), (390, 844)])
def test_the_page_fits_both_widths(matrix, browser, tmp_path, size):
    browser.problems.clear()
    browser.resize(*size, phone=size[0] < 400)
    browser.open(write_cross(matrix, tmp_path / "cross.html"))
    assert browser.js("document.documentElement.scrollWidth") <= size[0]
    assert browser.js("document.querySelectorAll('.matrix').length") == 4 * 2 + 1
    # Marks and frames need no script.
    assert browser.js("getComputedStyle(document.querySelector('td.within')).boxShadow") != "none"
    assert browser.js("document.querySelectorAll('svg.swatch circle').length") == 4 * 2 + 1
    assert browser.problems == []


def test_joint_training_sets_are_rows_of_the_comparison_page():
    held = SimpleNamespace(extras={"cross": rows_of(["a", "b", "c"], [("net", "ridge")], ("a+b",))})
    (found,) = cross_scores(held)
    assert (found.trained, found.datasets) == (["a", "b", "c", "a+b"], ["a", "b", "c"])
    assert np.isnan(found.srcc[3]).tolist() == [True, True, False]


def test_joint_training_sets_are_in_the_data_of_the_figure():
    rows = rows_of(["a", "b", "c"], [("net", "ridge")], ("a+b",))
    view = SimpleNamespace(comparison=SimpleNamespace(extras={"cross": rows}))
    found = {(row["train"], row["test"]): row["srcc"] for row in figure_data._crossed(view)}
    expected = rows.set_index(["train", "test"])["srcc"]
    assert found["a+b", "c"] == expected["a+b", "c"]
    assert found["c", "a"] == expected["c", "a"]
    assert ("a", "a+b") not in found
