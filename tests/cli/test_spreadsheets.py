"""``--csv-safe`` in every command that writes CSV files, and the word about it without."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import pandas as pd
import pytest
from commands import run_here

from vqa_features.tables.formulas import is_formula


def run_by_a_spreadsheet(file: Path) -> list[str]:
    with file.open(newline="", encoding="utf-8") as stream:
        return [cell for row in csv.reader(stream) for cell in row if is_formula(cell) and cell[0] != "'"]


@pytest.fixture
def tables(tmp_path: Path) -> Path:
    ids = [f"={i}+1" for i in range(30)]
    pd.DataFrame({"id": ids, "mos": range(30)}).to_csv(tmp_path / "mos.csv", index=False)
    pd.DataFrame({"id": ids, "f": [i % 7 + i / 9 for i in range(30)]}).to_csv(tmp_path / "f.csv", index=False)
    return tmp_path


@pytest.mark.parametrize("safe", [False, True])
def test_extract(scenes: list[Path], tmp_path: Path, safe: bool) -> None:
    shutil.copy(scenes[0], tmp_path / "=1+1.mp4")
    done = run_here(
        *"extract =1+1.mp4 -e siti --frames 2 --per-frame rows.csv -o o.csv".split(),
        *(["--csv-safe"] if safe else []),
        cwd=tmp_path,
    )
    assert done.returncode == 0
    assert ("--csv-safe" in done.stderr) is not safe
    for name in ("o.csv", "rows.csv"):
        assert bool(run_by_a_spreadsheet(tmp_path / name)) is not safe


@pytest.mark.parametrize("safe", [False, True])
@pytest.mark.parametrize(
    "command",
    [
        "compare --features f.csv:=t --mos mos.csv --splits 2 --regressors ridge -o out",
        "cross --dataset +a=f.csv,mos.csv --dataset @b=f.csv,mos.csv --regressors ridge -o out",
    ],
)
def test_compare_and_cross(tables: Path, command: str, safe: bool) -> None:
    done = run_here(*command.split(), *(["--csv-safe"] if safe else []), cwd=tables)
    assert done.returncode == 0, done.stderr
    assert ("--csv-safe" in done.stderr) is not safe
    found = [cell for file in (tables / "out").glob("*.csv") for cell in run_by_a_spreadsheet(file)]
    assert bool(found) is not safe
