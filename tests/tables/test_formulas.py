"""Texts that a spreadsheet would run are quoted in CSV files on request, and read back unchanged."""

from __future__ import annotations

import csv
from pathlib import Path

import pandas as pd
import pytest

import vqa_features as vf
from vqa_features.tables.formulas import formulas, is_formula

RUN = [
    "=cmd|' /C calc'!A0",
    "+1+1",
    "-2+3",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    "＝1",
    "＋1",
    "－1",
    "＠x",
    "-Abc",
]
PLAIN = ["video", "a=b", "1-2", "", "'", "'a", "-1.5", "+3e5", ".5", "é", "#x"]


@pytest.mark.parametrize("text", RUN)
def test_a_text_that_begins_a_formula_is_found(text: str) -> None:
    assert is_formula(text)
    assert is_formula("'" + text)


@pytest.mark.parametrize("text", [*PLAIN, -1.5, None, float("nan")])
def test_other_cells_are_left_alone(text: object) -> None:
    assert not is_formula(text)


#: Ids have no white space at their ends.
IDS = [text for text in RUN if text == text.strip()]


def table() -> pd.DataFrame:
    rows = len(IDS)
    return pd.DataFrame(
        {
            "siti.si.mean": [-1.5 * k for k in range(rows)],
            "error": ["=1+1", "'=1+1", "fine", "-1", "a\r=1", "\r=1", *["x"] * (rows - 6)],
            "=evil.f": range(rows),
        },
        index=pd.Index(IDS, name="id"),
    )


def test_quoted_cells_begin_no_formula_and_are_read_back(tmp_path: Path) -> None:
    made = table()
    file = vf.write_table(made, tmp_path / "t.csv", {"command": "x"}, csv_safe=True)
    with file.open(newline="") as stream:
        cells = [cell for row in csv.reader(stream) for cell in row]
    assert not [cell for cell in cells if is_formula(cell) and cell[0] != "'"]
    back = vf.read_table(file)
    assert list(back.index) == list(made.index)
    assert list(back.columns) == list(made.columns)
    assert list(back["error"]) == list(made["error"])
    assert list(back["siti.si.mean"]) == list(made["siti.si.mean"])
    assert back.attrs["settings"] == {"command": "x", "csv_safe": True}


def test_without_the_option_and_in_other_formats_nothing_is_quoted(tmp_path: Path) -> None:
    made = table()
    for name, safe in (("t.csv", False), ("t.parquet", True), ("t.npz", True)):
        back = vf.read_table(vf.write_table(made, tmp_path / name, csv_safe=safe))
        assert set(back.index) == set(made.index), name
    text = (tmp_path / "t.csv").read_text()
    assert "'=cmd" not in text


def test_a_table_written_back_is_not_quoted_twice(tmp_path: Path) -> None:
    once = vf.read_table(vf.write_table(table(), tmp_path / "a.csv", csv_safe=True))
    again = vf.read_table(vf.write_table(once, tmp_path / "b.csv", csv_safe=True))
    plain = vf.read_table(vf.write_table(again, tmp_path / "c.csv"))
    assert list(again.index) == list(plain.index) == IDS


def test_formulas_lists_ids_columns_and_texts() -> None:
    found = formulas(table())
    assert {*IDS, "=evil.f", "=1+1", "'=1+1", "\r=1"} == set(found)
