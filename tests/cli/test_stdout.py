"""``-o -``: tables on stdout as CSV or JSON; ``--excel`` and ``.json`` through the commands."""

from __future__ import annotations

import io
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from commands import one_error, run_here

import vqa_features as vf
from vqa_features.comparison.saved import read_comparison


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, scenes: list[Path]) -> Path:
    place = tmp_path_factory.mktemp("out")
    for scene in scenes[:2]:
        (place / scene.name).write_bytes(scene.read_bytes())
    done = run_here("extract", ".", "-e", "siti", "--frames", "2", "-o", "o.json", cwd=place)
    assert done.returncode == 0, done.stderr
    return place


FEATURES = ["siti.si.mean", "siti.ti.mean"]


def test_the_table_goes_to_stdout_and_nothing_else(folder: Path) -> None:
    expected = vf.read_table(folder / "o.json")
    words = ("extract", ".", "-e", "siti", "--frames", "2", "-o", "-")
    done = run_here(*words, cwd=folder)
    assert done.returncode == 0, done.stderr
    table = pd.read_csv(io.StringIO(done.stdout), index_col="id")
    np.testing.assert_array_equal(table[FEATURES], expected[FEATURES])
    assert "columns in stdout" in done.stderr
    done = run_here(*words, "--json", "--quiet", cwd=folder)
    assert done.stderr == ""
    found = json.loads(done.stdout)
    assert found["settings"]["extractors"] == ["siti"]
    assert [[row[name] for name in FEATURES] for row in found["rows"]] == expected[
        FEATURES
    ].to_numpy().tolist()
    assert sorted(one.name for one in folder.iterdir()) == sorted(
        ["o.json", *(path.name for path in folder.glob("*.mp4"))]
    )


def test_failed_rows_are_there_too_and_the_exit_code_says_so(tmp_path: Path) -> None:
    done = run_here("extract", "no.mp4", "-e", "siti", "-o", "-", "--quiet", cwd=tmp_path)
    assert done.returncode == 1
    assert done.stdout.splitlines()[1].startswith("no,no.mp4,failed(missing)")
    done = run_here("extract", "no.mp4", "-e", "siti", "-o", "-", "--store", "-", cwd=tmp_path)
    assert "--store is a file of its own: - is for --output" in one_error(done)


def test_a_json_table_is_an_input_of_every_command_that_takes_one(folder: Path, tmp_path: Path) -> None:
    again = ("extract", folder, "--settings", folder / "o.json", "-o", tmp_path / "p.json", "--json")
    done = run_here(*again, cwd=tmp_path)
    assert json.loads(done.stdout)["table"] == str(tmp_path / "p.json")
    np.testing.assert_array_equal(
        vf.read_table(tmp_path / "p.json")[FEATURES], vf.read_table(folder / "o.json")[FEATURES]
    )


@pytest.mark.parametrize("excel", ["comma", "semicolon"])
def test_results_of_compare_open_in_excel_and_are_read_back(excel: str, tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    quality = rng.uniform(1, 5, 40)
    ids = [f"v{i}" for i in range(40)]
    table = pd.DataFrame(quality[:, None] + rng.normal(size=(40, 3)), index=ids, columns=list("abc"))
    vf.write_table(table, tmp_path / "f.json", {})
    pd.DataFrame({"id": ids, "mos": quality}).to_csv(tmp_path / "mos.csv", index=False)
    words = "compare --features f.json --mos mos.csv --splits 2 --regressors ridge --bootstrap 10".split()
    for out, more in (("plain", []), (excel, ["--excel", excel])):
        assert run_here(*words, "-o", out, *more, cwd=tmp_path).returncode == 0
    written = tmp_path / excel / "scores.csv"
    assert written.read_bytes().startswith(b"\xef\xbb\xbf")
    separator, point = (",", ".") if excel == "comma" else (";", ",")
    opened = pd.read_csv(written, sep=separator, decimal=point, encoding="utf-8-sig")
    plain = pd.read_csv(tmp_path / "plain" / "scores.csv")
    pd.testing.assert_frame_equal(opened.drop(columns="seconds"), plain.drop(columns="seconds"))
    one, other = read_comparison(tmp_path / "plain"), read_comparison(tmp_path / excel)
    for name in ("scores", "summary", "significance", "predictions"):
        mine, theirs = getattr(one, name), getattr(other, name)
        pd.testing.assert_frame_equal(
            mine.drop(columns="seconds", errors="ignore"), theirs.drop(columns="seconds", errors="ignore")
        )
