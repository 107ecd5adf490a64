"""CSV files as Excel opens them, with commas or semicolons, and read back by this program."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import vqa_features as vf
from vqa_features.errors import ParameterError
from vqa_features.tables.csv_style import CsvStyle

SETTINGS = {"comma": (",", "."), "semicolon": (";", ",")}


def table() -> pd.DataFrame:
    values = np.random.default_rng(0).normal(size=(6, 2)) * [1e-7, 1e5]
    return pd.DataFrame(
        {
            "path": ["a;b.mp4", "c,d.mp4", 'e"f.mp4', "é.mp4", "日.mp4", "=1+1.mp4"],
            "frames_decoded": [1, 2, 3, 4, 5, 6],
            "video.container": ["mov,mp4"] * 6,
            "video.width": pd.array([480, None, 480, 480, 480, 480], "Int64"),
            "siti.si.mean": values[:, 0],
            "siti.ti.mean": [np.nan, *values[1:, 1]],
        },
        index=pd.Index(["ä", "b", "c", "d", "-x", "f"], name="id"),
    )


def cells(file: Path, separator: str) -> list[list[str]]:
    """What a spreadsheet with this separator shows."""
    assert file.read_bytes().startswith(b"\xef\xbb\xbf")  # without it Excel takes Windows-1252
    with file.open(newline="", encoding="utf-8-sig") as stream:
        return list(csv.reader(stream, delimiter=separator))


@pytest.mark.parametrize("excel", SETTINGS)
def test_every_cell_is_its_own_and_every_number_is_one_there(excel: str, tmp_path: Path) -> None:
    made = table()
    file = vf.write_table(made, tmp_path / "t.csv", {}, excel=excel)  # type: ignore[arg-type]
    separator, point = SETTINGS[excel]
    header, *rows = cells(file, separator)
    assert header == ["id", *made.columns]
    number = re.compile(rf"-?\d+(\{point}\d+)?(e[+-]\d+)?|")
    for row, (name, given) in zip(rows, made.iterrows(), strict=True):
        assert row[0] == ("'-x" if name == "-x" else name)
        assert row[1] == ("'=1+1.mp4" if name == "f" else given["path"])
        for cell, value in zip(row[4:], given.iloc[3:], strict=True):
            assert number.fullmatch(cell), cell
            assert (cell == "") == pd.isna(value)
            if cell:
                assert float(cell.replace(point, ".")) == value


@pytest.mark.parametrize("excel", SETTINGS)
def test_it_is_read_back_unchanged(excel: str, tmp_path: Path) -> None:
    made = table()
    back = vf.read_table(vf.write_table(made, tmp_path / "t.csv", {"a": 1}, excel=excel))  # type: ignore[arg-type]
    assert list(back.index) == list(made.index)
    assert list(back["path"]) == list(made["path"])
    for name in ("siti.si.mean", "siti.ti.mean", "video.width", "frames_decoded"):
        np.testing.assert_array_equal(back[name].astype(float), made[name].astype(float))
    assert back.attrs["settings"] == {"a": 1, "csv_safe": True}


def test_another_word_is_refused_and_other_formats_take_no_notice(tmp_path: Path) -> None:
    with pytest.raises(ParameterError, match="excel must be one of comma, semicolon, got 'tab'"):
        CsvStyle(excel="tab")  # type: ignore[arg-type]
    file = vf.write_table(table(), tmp_path / "t.parquet", {}, excel="semicolon")
    assert vf.read_table(file).attrs["settings"] == {}
