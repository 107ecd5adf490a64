"""A report written where something is already: what is replaced, what is refused, and all or nothing."""

from __future__ import annotations

import os
from pathlib import Path

import pandas as pd
import pytest
from synthetic import make_comparison

from vqa_features.comparison.result import Comparison
from vqa_features.errors import ParameterError
from vqa_features.report import write_report
from vqa_features.report.figure_data import figure_tables
from vqa_features.report.figure_folder import DATA, ENDINGS, NAMES
from vqa_features.report.figures.files import figure_files
from vqa_features.report.page import sections_of
from vqa_features.report.view import ProtocolView, views_of


@pytest.fixture
def small() -> Comparison:
    return make_comparison(40, 2, protocols=("strict",))


def contents(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_an_earlier_report_is_replaced(tmp_path: Path, small: Comparison) -> None:
    page = write_report(make_comparison(50, 3, protocols=("strict",), seed=1), tmp_path / "report.html")
    earlier = contents(tmp_path)
    assert write_report(small, page) == page
    later = contents(tmp_path)
    assert later.keys() == earlier.keys()
    assert all(later[path] != earlier[path] for path in later)


def test_files_that_matplotlib_signed_in_earlier_versions_are_replaced(
    tmp_path: Path, small: Comparison
) -> None:
    from matplotlib.figure import Figure

    (tmp_path / "report_figures").mkdir()
    for ending in ENDINGS:
        Figure().savefig(tmp_path / "report_figures" / f"boxes{ending}")
    earlier = contents(tmp_path)
    write_report(small, tmp_path / "report.html")
    assert all(contents(tmp_path)[path] != earlier[path] for path in earlier)


def test_a_failed_report_leaves_the_earlier_one_whole(tmp_path: Path, small: Comparison) -> None:
    page = write_report(small, tmp_path / "report.html")
    earlier = contents(tmp_path)
    broken = make_comparison(50, 3, protocols=("strict",), seed=1).with_extra(
        "learning_curve", pd.DataFrame({"protocol": ["strict"], "n_train": [3]})
    )
    with pytest.raises(KeyError):
        write_report(broken, page)
    assert contents(tmp_path) == earlier


FIGURES = [(name + ending, b"\x89PNG mine") for name in NAMES for ending in ENDINGS]
TABLES = [
    (f"{name}.csv", text) for name in DATA for text in (b"id,mos\na,1\n", b"\x00\xff", b"protocol,part\n")
]


@pytest.mark.parametrize(("name", "content"), [*FIGURES, *TABLES])
def test_a_file_that_is_not_ours_is_refused_before_anything_is_written(
    tmp_path: Path, small: Comparison, name: str, content: bytes
) -> None:
    folder = tmp_path / "report_figures"
    folder.mkdir()
    mine = folder / name
    mine.write_bytes(content)
    with pytest.raises(ParameterError, match="was not made by vqa-features"):
        write_report(small, tmp_path / "report.html")
    assert contents(tmp_path) == {mine: content}


def test_other_files_in_the_folder_of_figures_stay(tmp_path: Path, small: Comparison) -> None:
    (tmp_path / "report_figures").mkdir()
    mine = tmp_path / "report_figures" / "mine.png"
    mine.write_bytes(b"mine")
    write_report(small, tmp_path / "report.html")
    assert mine.read_bytes() == b"mine"


@pytest.mark.parametrize("target", ["elsewhere", "absent", "."])
def test_a_link_in_place_of_the_folder_is_refused(tmp_path: Path, small: Comparison, target: str) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "report_figures").symlink_to(tmp_path / target)
    with pytest.raises(ParameterError, match="it is a link"):
        write_report(small, tmp_path / "report.html")
    assert not contents(tmp_path)


def test_a_page_that_is_a_link_leaves_the_file_it_points_to_alone(tmp_path: Path, small: Comparison) -> None:
    mine = tmp_path / "mine.txt"
    mine.write_bytes(b"mine")
    page = tmp_path / "report.html"
    page.symlink_to(mine)
    write_report(small, page, figures=False)
    assert mine.read_bytes() == b"mine"
    assert not page.is_symlink()


def test_a_page_that_is_a_pipe_is_refused_without_waiting(tmp_path: Path, small: Comparison) -> None:
    os.mkfifo(tmp_path / "report.html")
    with pytest.raises(ParameterError, match="pipe or a device"):
        write_report(small, tmp_path / "report.html", figures=False)


def test_the_names_that_are_checked_are_those_that_are_written(comparison: Comparison) -> None:
    assert {file.name for file in figure_files(ProtocolView(comparison))} == set(NAMES)
    assert set(figure_tables(list(sections_of(views_of(comparison)).values()))) == set(DATA)
