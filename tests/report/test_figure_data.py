"""The data of the figures as CSV: the numbers that are drawn, for every protocol and part."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from synthetic import make_comparison

from vqa_features.comparison.result import Comparison
from vqa_features.report import write_report
from vqa_features.report.figure_data import figure_tables
from vqa_features.report.figure_folder import DATA
from vqa_features.report.figures import CostDisplay, PredictionDisplay, ScoreBoxDisplay
from vqa_features.report.page import sections_of
from vqa_features.report.tradeoffs import costs, pareto_front
from vqa_features.report.view import ProtocolView, views_of


@pytest.fixture(scope="module")
def folder(page_file: Path) -> Path:
    return page_file.with_name("report_figures")


def read(folder: Path, name: str) -> pd.DataFrame:
    return pd.read_csv(folder / f"{name}.csv", dtype={"id": str})


def of_strict(frame: pd.DataFrame, **values: str) -> pd.DataFrame:
    for name, value in {"protocol": "strict", "part": "test", **values}.items():
        frame = frame[frame[name] == value]
    return frame


@pytest.mark.parametrize("name", list(DATA))
def test_each_file_has_its_columns_and_both_protocols(folder: Path, name: str) -> None:
    table = read(folder, name)
    assert tuple(table.columns) == DATA[name]
    if "protocol" in table:
        assert set(table["protocol"]) == {"strict", "literature"}
    assert len(table)


def test_the_files_hold_what_the_figures_draw(folder: Path, comparison: Comparison) -> None:
    view = ProtocolView(comparison)
    boxes = ScoreBoxDisplay.from_view(view)
    for model, values in zip(boxes.models, boxes.values, strict=True):
        mine = of_strict(read(folder, "boxes"), table=model.table, regressor=model.regressor)
        np.testing.assert_allclose(np.sort(mine["srcc"]), np.sort(values), rtol=1e-9)
    best = view.best_of_tables[0]
    drawn = PredictionDisplay.from_view(view, model=best)
    mine = of_strict(read(folder, "scatter"), table=best.table, regressor=best.regressor)
    np.testing.assert_allclose(
        mine[["mos", "predicted"]], np.column_stack([drawn.mos, drawn.predicted]), 1e-9
    )
    assert list(mine["id"]) == list(view.videos.index)
    errors = view.residuals(view.rivals[:2])
    found = of_strict(read(folder, "residuals"))
    wide = found.pivot_table(index="id", columns=["table", "regressor"], values="residual")
    np.testing.assert_allclose(wide[list(errors.columns)].loc[errors.index], errors, atol=1e-9)


def test_the_scores_of_a_split_have_its_number(folder: Path, comparison: Comparison) -> None:
    key = ["protocol", "table", "regressor", "split"]
    found = read(folder, "boxes")
    found = found[found["regressor"] != "mean"].set_index(key)["rmse"].sort_index()
    truth = comparison.scores.set_index(key)["rmse"].sort_index()
    np.testing.assert_allclose(found, truth.loc[found.index], rtol=1e-9)


def test_the_tested_pairs_are_those_of_the_results(folder: Path, comparison: Comparison) -> None:
    key = ["protocol", "table_a", "regressor_a", "table_b", "regressor_b"]
    truth = comparison.significance.set_index(key)
    drawn = read(folder, "significance").set_index(key)
    both = drawn.index.intersection(truth.index)
    assert len(both) == len(drawn) / 2  # each pair in both directions
    for name in ("difference", "low", "high", "p_holm"):
        np.testing.assert_allclose(drawn.loc[both, name], truth.loc[both, name], rtol=1e-8)


def test_the_residual_correlation_is_that_of_the_residuals(folder: Path) -> None:
    rows = of_strict(read(folder, "residual_correlation"))
    errors = of_strict(read(folder, "residuals"))
    wide = errors.pivot_table(index="id", columns=["table", "regressor"], values="residual")
    (a, b) = wide.columns
    row = rows[
        (rows["table_a"] == a[0]) & (rows["regressor_a"] == a[1])
        & (rows["table_b"] == b[0]) & (rows["regressor_b"] == b[1])
    ]  # fmt: skip
    assert row["correlation"].item() == pytest.approx(np.corrcoef(wide.to_numpy().T)[0, 1], rel=1e-8)


def test_names_that_a_spreadsheet_would_run_are_quoted(tmp_path: Path) -> None:
    tables = ("=HYPERLINK(1)", "+b", "@c", "plain")
    ids = [f"-cmd|{k}" for k in range(40)]
    comparison = make_comparison(40, 3, tables, ("strict",), ids=ids, full=True)
    page = write_report(comparison, tmp_path / "report.html")
    for file in page.with_name("report_figures").glob("*.csv"):
        with file.open(encoding="utf-8", newline="") as stream:
            for row in csv.reader(stream):
                assert not any(cell[:1] in "=+@" or cell.startswith("-cmd") for cell in row if cell), (
                    file.name
                )
    names = set(read(page.with_name("report_figures"), "scatter")["id"])
    assert names <= {f"'{name}" for name in ids}


def test_a_single_table_has_no_data_of_pairs() -> None:
    comparison = make_comparison(40, 3, ("brisque",), ("strict",))
    one = comparison.scores["regressor"] != "svr-rbf"
    comparison = replace(
        comparison,
        scores=comparison.scores[one],
        summary=comparison.summary[comparison.summary["regressor"] != "svr-rbf"],
        predictions=comparison.predictions[comparison.predictions["regressor"] != "svr-rbf"],
        significance=comparison.significance.iloc[:0],
    )
    assert set(figure_tables(list(sections_of(views_of(comparison)).values()))) == {"boxes", "scatter"}


# The Pareto front


def on_front_by_definition(seconds: list[float], srcc: list[float]) -> list[bool]:
    pairs = list(zip(seconds, srcc, strict=True))

    def better(a: tuple[float, float], b: tuple[float, float]) -> bool:
        return a[0] <= b[0] and a[1] >= b[1] and a != b

    return [one[1] == one[1] and not any(better(other, one) for other in pairs) for one in pairs]


@pytest.mark.parametrize(
    ("seconds", "srcc", "front"),
    [
        ([1, 2, 3], [0.5, 0.6, 0.7], [True, True, True]),
        ([1, 2, 3], [0.7, 0.6, 0.5], [True, False, False]),
        ([1, 1, 1], [0.5, 0.7, 0.6], [False, True, False]),
        ([1, 2, 3], [0.5, 0.5, 0.5], [True, False, False]),
        ([1, 1, 2], [0.5, 0.5, 0.5], [True, True, False]),
        ([2, 1], [np.nan, 0.1], [False, True]),
        ([1], [-0.2], [True]),
        ([], [], []),
    ],
)
def test_the_front_of_known_points(seconds: list[float], srcc: list[float], front: list[bool]) -> None:
    assert pareto_front(seconds, srcc).tolist() == front


def test_the_front_of_random_points_is_that_of_its_definition() -> None:
    rng = np.random.default_rng(0)
    for size in range(1, 30):
        seconds, srcc = rng.integers(1, 6, size).astype(float), rng.integers(0, 6, size) / 10
        expected = on_front_by_definition(seconds.tolist(), srcc.tolist())
        assert pareto_front(seconds, srcc).tolist() == expected


def test_file_page_and_figure_name_the_same_front(tmp_path: Path) -> None:
    comparison = make_comparison(splits=3, protocols=("strict",))
    slow = comparison.summary["seconds_per_video"].mask(comparison.summary["table"] == "brisque", 20.0)
    comparison = replace(comparison, summary=comparison.summary.assign(seconds_per_video=slow))
    page_file = write_report(comparison, tmp_path / "report.html")
    folder, view = page_file.with_name("report_figures"), ProtocolView(comparison)
    truth = {one.model.table: one.on_front for one in costs(view)}
    assert set(truth.values()) == {True, False}
    rows = of_strict(read(folder, "cost"))
    assert dict(zip(rows["table"], rows["on_front"], strict=True)) == truth
    assert rows["statistic"].unique().tolist() == ["median SRCC"]
    page = page_file.read_text(encoding="utf-8")
    table = page.split('class="plain front-table"')[1].split("</table>")[0]
    listed = [row.rpartition("<td>")[2].partition("<")[0] for row in table.split("</tr>")[1:-1]]
    by_time = sorted(costs(view), key=lambda one: one.seconds)
    assert listed == ["yes" if one.on_front else "no" for one in by_time]
    drawn = CostDisplay.from_view(view).plot().ax_
    assert drawn is not None
    ring = next(line for line in drawn.lines if line.get_markersize() == 12)
    assert sorted(ring.get_ydata()) == sorted(one.srcc for one in costs(view) if one.on_front)
