"""Comparisons read from their folders: equal to what was written, and one sentence for a damaged file."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from made_up_videos import made_up

from vqa_features.comparison import Comparison, compare
from vqa_features.comparison import saved as module
from vqa_features.comparison.given_scores import GivenScore
from vqa_features.comparison.result import result_csv
from vqa_features.comparison.saved import NEEDED, read_comparison
from vqa_features.errors import TableError

QUICK = {"splits": 2, "regressors": ["ridge", "mean"], "bootstrap": 5}


@cache
def _several() -> Comparison:
    tables, mos = made_up(50)
    niqe = GivenScore("0.5", 9 - mos + np.arange(50) % 3, higher_is_better=False)
    return compare({"007": tables["good"], "=1+1": tables["poor"]}, mos, given_scores=[niqe], **QUICK)


@cache
def _official() -> Comparison:
    tables, mos = made_up(60)
    ids = list(mos.index)
    parts = [(ids[:40], ids[40:50]), (ids[:40], ids[50:])]
    return compare(tables, mos, protocol="official", regressors=["ridge"], bootstrap=5, splits=parts)


@cache
def _one_model() -> Comparison:
    tables, mos = made_up(50)
    return compare({"only": tables["good"]}, mos, splits=2, regressors=["ridge"], bootstrap=5)


@cache
def _numbered() -> Comparison:
    tables, mos = made_up(50)
    names = [f"{k:03d}" for k in range(49)] + ['a,"b"\r\nc']
    renamed = {name: (table.set_axis(names), family) for name, (table, family) in tables.items()}
    return compare(renamed, mos.round().set_axis(names), protocol="both", duplicates="warn", **QUICK)


@pytest.mark.parametrize("make", [_several, _official, _one_model, _numbered])
@pytest.mark.parametrize("csv_safe", [False, True])
def test_tables_settings_and_warnings_are_those_that_were_saved(
    tmp_path: Path, make: Callable[[], Comparison], csv_safe: bool
) -> None:
    made = make()
    found = read_comparison(made.save(tmp_path / "run", csv_safe=csv_safe))
    assert list(found.tables()) == list(made.tables())
    for name, table in made.tables().items():
        other = found.tables()[name]
        assert result_csv(other) == result_csv(table), name
        if len(table):
            texts = [
                list(one.columns[[kind.kind not in "fiub" for kind in one.dtypes]]) for one in (table, other)
            ]
            assert texts[0] == texts[1], name
            assert {"equivalent"} & set(table) == set(other.select_dtypes(bool))
    assert found.warnings == made.warnings
    assert found.settings == json.loads(json.dumps(made.settings, default=list))
    again = found.save(tmp_path / "again", csv_safe=csv_safe)
    for file in (tmp_path / "run").iterdir():
        assert (again / file.name).read_bytes() == file.read_bytes(), file.name


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _several().save(tmp_path_factory.mktemp("saved") / "run")


@pytest.fixture
def folder(whole: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(whole, tmp_path / "run"))


def cell(file: str, column: str, value: object) -> Callable[[Path], None]:
    """Return what writes a value into the first row of a column."""

    def change(folder: Path) -> None:
        table = pd.read_csv(folder / file, dtype=str, keep_default_na=False)
        table.loc[0, column] = value
        table.to_csv(folder / file, index=False)

    return change


def text(file: str, content: str | bytes) -> Callable[[Path], None]:
    """Return what replaces a file."""
    data = content if isinstance(content, bytes) else content.encode()
    return lambda folder: (folder / file).write_bytes(data) and None


def linked(file: str) -> Callable[[Path], None]:
    """Return what replaces a file by a link to one elsewhere."""

    def change(folder: Path) -> None:
        (folder / file).rename(folder.parent / file)
        (folder / file).symlink_to(folder.parent / file)

    return change


def piped(folder: Path) -> None:
    (folder / "scores.csv").unlink()
    os.mkfifo(folder / "scores.csv")


def twice(folder: Path) -> None:
    rows = (folder / "summary.csv").read_text().splitlines()
    (folder / "summary.csv").write_text("\n".join([*rows, rows[1]]))


def setting(key: str, value: object) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        file = folder / "settings.json"
        file.write_text(json.dumps({**json.loads(file.read_text()), key: value}))

    return change


AGREE = "summary.csv is not the summary of scores.csv and predictions.csv"
DAMAGES = {
    "summary removed": (lambda folder: (folder / "summary.csv").unlink(), "cannot be read as the summary"),
    "settings removed": (lambda folder: (folder / "settings.json").unlink(), "No such file"),
    "scores a folder": (
        lambda folder: ((folder / "scores.csv").unlink(), (folder / "scores.csv").mkdir()),
        "it is a folder",
    ),
    "scores a pipe": (piped, "it is a pipe or a device"),
    "linked table": (linked("predictions.csv"), "predictions.csv is a symbolic link and is not read"),
    "linked settings": (linked("settings.json"), "settings.json is a symbolic link and is not read"),
    "no bytes": (text("summary.csv", b""), "summary.csv"),
    "zeros": (text("scores.csv", b"\0" * 5000), "scores.csv cannot be read as the scores of a comparison"),
    "a page": (text("significance.csv", "<html>\n<p>1</p>\n"), "it lacks protocol, part, metric"),
    "header alone": (text("predictions.csv", ",".join(NEEDED["predictions"])), "a header but no rows"),
    "column twice": (text("summary.csv", "n,n\n1,1\n"), "summary.csv"),
    "a word for a number": (cell("scores.csv", "srcc", "high"), "'srcc' must hold numbers, row 1 has 'high'"),
    "a formula": (cell("scores.csv", "rmse", "=1+1"), "'rmse' must hold numbers, row 1 has '=1+1'"),
    "digits in groups": (cell("scores.csv", "mae", "1 234 567"), "'mae' must hold numbers"),
    "a correlation of 2": (cell("summary.csv", "krcc", "2"), "'krcc' must hold numbers from -1 to 1"),
    "infinite correlation": (cell("summary.csv", "srcc", "inf"), "'srcc' must hold numbers from -1 to 1"),
    "half a video": (cell("summary.csv", "n", "1.5"), "'n' must hold whole numbers"),
    "no count": (cell("summary.csv", "videos", ""), "'videos' must hold whole numbers"),
    "a huge count": (cell("summary.csv", "n", "1e300"), "'n' must hold whole numbers"),
    "negative split": (cell("scores.csv", "split", "-1"), "'split' must hold whole numbers"),
    "no flag": (cell("significance.csv", "equivalent", "2"), "'equivalent' must hold True or False"),
    "another score": (cell("summary.csv", "srcc", "0.99"), AGREE),
    "another name": (cell("summary.csv", "table", "best"), AGREE),
    "another count": (cell("summary.csv", "n", "1"), AGREE),
    "a row twice": (twice, AGREE),
    "settings a list": (text("settings.json", "[]"), "it is no JSON object"),
    "settings deep": (text("settings.json", "[" * 100_000), "nested too deeply"),
    "settings cut": (text("settings.json", '{"a": '), "settings.json cannot be read as the settings"),
    "warnings a text": (setting("warnings", "none"), "warnings must be a list of texts"),
    "warnings of objects": (setting("warnings", [{}]), "warnings must be a list of texts"),
    "results a list": (setting("results", []), "and results an object"),
}


@pytest.mark.parametrize("kind", DAMAGES)
def test_a_damaged_folder_is_one_sentence(folder: Path, kind: str) -> None:
    damage, told = DAMAGES[kind]
    damage(folder)
    with pytest.raises(TableError) as caught:
        read_comparison(folder)
    assert told in str(caught.value)
    assert str(folder) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_table_that_changed_since_the_run_is_a_warning(folder: Path) -> None:
    cell("predictions.csv", "predicted", "0.125")(folder)
    cell("splits.csv", "strict-0", "train")(folder)
    cell("scores.csv", "seconds", "100")(folder)
    found = read_comparison(folder)
    assert found.predictions["predicted"][0] == 0.125
    told = found.warnings[-1]
    assert told.startswith("predictions.csv")
    assert "scores.csv" not in told
    assert "changed since the run" in told


def test_a_file_that_is_too_large_is_not_read(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_BYTES", 1000)
    with pytest.raises(TableError, match=r"scores.csv cannot be read as .*bytes, at most 1,000 are read"):
        read_comparison(folder)


def test_a_file_in_the_place_of_a_folder_is_named(folder: Path) -> None:
    for place in (folder / "summary.csv", folder / "none"):
        with pytest.raises(TableError, match="is no folder: name the folder that compare wrote"):
            read_comparison(place)


def test_splits_may_be_missing(folder: Path) -> None:
    (folder / "splits.csv").unlink()
    assert read_comparison(folder).splits is None
