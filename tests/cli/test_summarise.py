"""`summarise`: files, page and printed table, held against Python; mistakes are one sentence."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from commands import one_error, run_here
from made_up_videos import made_up

from vqa_features.comparison import compare
from vqa_features.comparison.over_datasets import over_datasets
from vqa_features.comparison.saved import read_comparison

QUICK = {"splits": 2, "regressors": ["ridge", "svr-linear"], "bootstrap": 5}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("datasets")
    for number, rows in enumerate((50, 60, 70)):
        tables, mos = made_up(rows, seed=number)
        compare(tables, mos, **QUICK).save(place / f"set{number}")
    tables, mos = made_up(50, seed=5)
    ridge = {**QUICK, "regressors": ["ridge"]}
    compare(tables, mos, protocol="literature", **ridge).save(place / "published")
    compare(tables, mos, protocol="both", **ridge).save(place / "both")
    renamed = {"x": tables["good"], "y": tables["poor"]}
    compare(renamed, mos, **ridge).save(place / "others")
    return place


def summarised(folder: Path, *arguments: object) -> tuple[dict[str, pd.DataFrame], dict, str, str, str]:
    """Run `summarise`; return tables, settings, page, stdout and stderr."""
    done = run_here("summarise", *arguments, "-o", "out", cwd=folder)
    assert done.returncode == 0, done.stderr
    out = folder / "out"
    tables = {name: pd.read_csv(out / f"{name}.csv") for name in ("over_datasets", "datasets", "pairs")}
    settings = json.loads((out / "settings.json").read_text("utf-8"))
    return tables, settings, (out / "report.html").read_text("utf-8"), done.stdout, done.stderr


def test_tables_are_those_of_the_function_and_the_settings_say_how(folder: Path) -> None:
    given = ["one=set0", "two=set1", "three=set2"]
    options = ["--metric", "plcc", "--rope", "0.02", "--seed", "3"]
    tables, settings, page, text, told = summarised(folder, *given, *options)
    comparisons = {one.partition("=")[0]: read_comparison(folder / one.partition("=")[2]) for one in given}
    expected = over_datasets(comparisons, metric="plcc", rope=0.02, seed=3)
    parts = {"over_datasets": expected.models, "datasets": expected.scores, "pairs": expected.pairs}
    for name, table in parts.items():
        pd.testing.assert_frame_equal(tables[name], table, check_dtype=False, rtol=1e-8)
    assert list(tables["datasets"]["dataset"]) == ["one", "two", "three"]
    assert (settings["metric"], settings["rope"], settings["seed"]) == ("plcc", 0.02, 3)
    assert settings["datasets"]["two"]["folder"] == "set1"
    assert settings["datasets"]["two"]["results"] == comparisons["two"].digests()
    assert settings["friedman_p"] == pytest.approx(expected.friedman_p)
    assert settings["warnings"] == list(expected.warnings)
    assert text.startswith("PLCC over 3 datasets")
    best = expected.models.iloc[0]
    assert f"{best['table']} · {best['regressor']}" in page
    assert "report: out/report.html" in told
    assert all(f"warning: {warning}" in told for warning in expected.warnings)


def test_quiet_prints_the_table_alone(folder: Path) -> None:
    *_, text, told = summarised(folder, "a=set0", "b=set1", "--quiet")
    assert told == ""
    assert "critical difference of mean ranks" in text
    assert "pairs of models are in pairs.csv" in text


def test_different_protocols_are_a_warning_everywhere(folder: Path) -> None:
    _, settings, page, _, told = summarised(folder, "a=set0", "b=published")
    sentence = "the datasets were compared by different protocols (a: strict, b: literature)"
    assert f"warning: {sentence}" in told
    assert sentence in settings["warnings"]
    assert sentence in page


def test_a_protocol_is_chosen(folder: Path) -> None:
    tables, *_ = summarised(folder, "a=set0", "b=both", "--protocol", "strict")
    assert set(tables["datasets"]["protocol"]) == {"strict"}
    done = run_here("summarise", "a=set0", "b=both", "-o", "out", cwd=folder)
    assert "b holds several protocols, name one: strict, literature" in one_error(done)


def test_texts_are_quoted_for_a_spreadsheet(folder: Path) -> None:
    for number in range(2):
        tables, mos = made_up(50, seed=number)
        named = {"=cmd()": tables["good"], "poor": tables["poor"]}
        compare(named, mos, **{**QUICK, "regressors": ["ridge"]}).save(folder / f"formula{number}")
    given = ["a=formula0", "b=formula1"]
    tables, _, _, _, told = summarised(folder, *given)
    assert "=cmd()" in set(tables["over_datasets"]["table"])
    assert "that a spreadsheet would run as a formula" in told
    tables, _, _, _, told = summarised(folder, *given, "--csv-safe")
    assert "'=cmd()" in set(tables["over_datasets"]["table"])
    assert "spreadsheet" not in told


MISTAKES = {
    "one folder": (["a=set0"], "needs at least two folders, got 1"),
    "no name": (["set0", "b=set1"], "write NAME=FOLDER, the name of a dataset and its results, got 'set0'"),
    "an empty name": (["=set0", "b=set1"], "write NAME=FOLDER"),
    "an empty folder": (["a=", "b=set1"], "write NAME=FOLDER"),
    "one name twice": (["a=set0", "a=set1"], "two folders are called 'a'"),
    "one folder twice": (["a=set0", "b=./set0/"], "a and b are the same folder './set0/'"),
    "no such folder": (["a=set0", "b=nowhere"], "nowhere is no folder: name the folder that compare wrote"),
    "no common model": (["a=set0", "b=others"], "needs two models that all 2 datasets have"),
    "no such protocol": (["a=set0", "b=set1", "--protocol", "official"], "holds no protocol 'official'"),
    "an error as metric": (["a=set0", "b=set1", "--metric", "rmse"], "metric must be one of srcc, "),
    "a wide region": (["a=set0", "b=set1", "--rope", "2"], "--rope"),
    "over an input": (["a=set0", "b=set1", "-o", "set1"], "would replace the input"),
}


@pytest.mark.parametrize("kind", MISTAKES)
def test_a_mistake_is_one_sentence_and_nothing_is_written(folder: Path, kind: str) -> None:
    arguments, told = MISTAKES[kind]
    done = run_here("summarise", "-o", "none", *arguments, cwd=folder)
    assert told in one_error(done)
    assert not (folder / "none").exists()


def _no_folder(folder: Path) -> None:
    shutil.rmtree(folder)
    folder.write_text("x")


DAMAGES: dict[str, tuple[Callable[[Path], object], str]] = {
    "empty": (lambda folder: [one.unlink() for one in folder.iterdir()], "settings.json cannot be read"),
    "a file": (_no_folder, "is no folder"),
    "cut": (
        lambda folder: (folder / "summary.csv").write_bytes((folder / "summary.csv").read_bytes()[:-200]),
        "summary.csv",
    ),
    "of two runs": (
        lambda folder: shutil.copy(folder.parent / "set2" / "summary.csv", folder / "summary.csv"),
        "summary.csv is not the summary of scores.csv",
    ),
}


@pytest.mark.parametrize("kind", DAMAGES)
def test_a_damaged_folder_is_one_sentence(folder: Path, kind: str, tmp_path: Path) -> None:
    for name in ("set0", "set1", "set2"):
        shutil.copytree(folder / name, tmp_path / name)
    damage, told = DAMAGES[kind]
    damage(tmp_path / "set1")
    done = run_here("summarise", "a=set0", "b=set1", "-o", "out", cwd=tmp_path)
    assert told in one_error(done)
    assert "set1" in done.stderr


def test_names_of_strangers_act_on_nothing(folder: Path, tmp_path: Path) -> None:
    for number in range(2):
        tables, mos = made_up(50, seed=number)
        named = {"<script>alert(1)</script>": tables["good"], "a\x1b[31mb": tables["poor"]}
        compare(named, mos, **{**QUICK, "regressors": ["ridge"]}).save(tmp_path / f"s{number}")
    tables, _, page, text, _ = summarised(tmp_path, "<b>x=s0", "y=s1")
    assert "<script>alert" not in page
    assert "<b>x" not in page
    assert "\x1b" not in page + text
    assert np.isfinite(tables["over_datasets"]["mean"]).all()
