"""Tables, MOS, lists and splits as people save them, given on the command line."""

from __future__ import annotations

import itertools
import json
import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from commands import one_error, run_here

from vqa_features.cli import main
from vqa_features.cli._tables import read_splits
from vqa_features.errors import TableError
from vqa_features.tables.reading import read_table

IDS = [f"clip{row:02}" for row in range(60)]
RANDOM = np.random.default_rng(3)
QUALITY = RANDOM.normal(size=60)


def exit_code(*arguments: object) -> object:
    with pytest.raises(SystemExit) as stop:
        main([str(one) for one in arguments])
    return stop.value.code


def inputs(folder: Path) -> tuple[Path, Path]:
    """Return a feature table and a MOS file as a spreadsheet of a country with decimal commas saves them."""
    features = pd.DataFrame(
        QUALITY[:, None] + RANDOM.normal(0, 0.4, (60, 3)), pd.Index(IDS, name="id"), ["x", "y", "z"]
    )
    texts = features.map(lambda value: f"{value:.6f}".replace(".", ","))
    texts.loc["clip07", "y"] = "#DIV/0!"
    texts.to_csv(folder / "f.csv", sep=";", encoding="utf-16")
    mos = pd.DataFrame(
        {"mos": [f"{value:.4f}" for value in QUALITY], "scene": [i // 3 for i in range(60)]}, IDS
    )
    mos.loc["clip03", "mos"] = "n/a"
    mos.to_csv(folder / "m.csv", index_label="Video", encoding="utf-8-sig")
    return folder / "f.csv", folder / "m.csv"


def test_a_comparison_reads_them_and_tells_what_it_found(tmp_path, capsys):
    features, mos = inputs(tmp_path)
    out = tmp_path / "out"
    options = ["--splits", 3, "--regressors", "ridge", "-o", out]
    assert exit_code("compare", "--features", f"{features}:t:deep", "--mos", mos, *options) == 0
    warnings = json.loads((out / "settings.json").read_text())["warnings"]
    assert warnings[:6] == [
        f"{mos}: 1 cell(s) are no numbers and count as missing: 1 in 'mos' (first 'n/a' in row clip03)",
        f"{mos}: the column 'scene' may hold the source content, and is not used: name it with group_column "
        "(--group scene) to keep each content on one side of a split",
        "1 video(s) have no MOS and are left out",
        "t: read with the encoding UTF-16, a semicolon between cells",
        "t: 1 cell(s) are no numbers and count as missing: 1 in 'y' (first '#DIV/0!' in row clip07)",
        "t: 3 column(s) have decimal commas: x, y, z",
    ]
    printed, page = capsys.readouterr().err, (out / "report.html").read_text()
    for warning in warnings:
        assert f"warning: {warning}" in printed
    assert "count as missing: 1 in" in page
    assert pd.read_csv(out / "summary.csv")["srcc"].max() > 0.7


def test_cross_tells_the_same(tmp_path, capsys):
    features, mos = inputs(tmp_path)
    given = [f"{name}={features}:t:deep,{mos}" for name in "ab"]
    options = ["--regressors", "ridge", "-o", tmp_path / "out"]
    assert exit_code("cross", "--dataset", given[0], "--dataset", given[1], *options) == 0
    printed = capsys.readouterr().err
    for name in "ab":
        assert f"warning: {name}: t: 1 cell(s) are no numbers" in printed
        assert f"warning: {name}: 1 video(s) have no MOS" in printed


@pytest.mark.parametrize("quiet", [[], ["--quiet"]])
def test_a_mos_that_is_no_number_is_told_before_the_work_and_stays_missing(
    scenes: list[Path], tmp_path, capsys, quiet
):
    listing = tmp_path / "list.csv"
    listing.write_text(f"path;mos\n{scenes[0]};3,5\n{scenes[1]};n/a\n", encoding="utf-8-sig")
    out = tmp_path / "o.csv"
    assert exit_code("extract", listing, "-e", "siti", "--frames", 2, "-o", out, *quiet) == 0
    printed = capsys.readouterr().err
    assert f"warning: {listing}: read with a semicolon between cells" in printed
    assert "1 cell(s) are no numbers and count as missing: 1 in 'mos' (first 'n/a' in line 3)" in printed
    np.testing.assert_array_equal(read_table(out)["mos"], [3.5, np.nan])


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_split_files_are_read_by_the_same_reader(tmp_path, mark, encoding):
    file = tmp_path / "splits.csv"
    text = "id,s1,s2\n001,train,test\n10e1, Test ,train\nNA,,none\n\n,,\n".replace(",", mark)
    file.write_bytes(text.encode(encoding))
    splits = read_splits(str(file), 0.2)
    assert [(list(train), list(test)) for train, test in splits] == [
        (["001"], ["10e1"]),
        (["10e1"], ["001"]),
    ]


def test_a_wrong_split_file_is_refused_by_its_line(tmp_path):
    file = tmp_path / "splits.csv"
    file.write_text("id,s1\na,train\n\nb,tset\n")
    with pytest.raises(TableError, match=r"line 4 of .*: column 's1' must hold train, val, .* got 'tset'"):
        read_splits(str(file), 0.2)
    with pytest.raises(TableError, match=r"none\.csv cannot be read as a split file: No such file"):
        read_splits(str(tmp_path / "none.csv"), 0.2)


@pytest.mark.parametrize("kind", ["pipe", "device", "folder"])
@pytest.mark.parametrize("option", ["--split-file", "--mos", "--features"])
def test_what_is_no_file_is_refused_at_once(tmp_path: Path, kind: str, option: str) -> None:
    for name, column in (("f.csv", "f"), ("m.csv", "mos")):
        rows = [f"v{k},{k % 7 + k / 9}" for k in range(30)]
        (tmp_path / name).write_text("\n".join([f"id,{column}", *rows]))
    odd = tmp_path / "odd.csv"
    if kind == "pipe":
        os.mkfifo(odd)
    elif kind == "device":
        odd.symlink_to("/dev/zero")
    else:
        odd.mkdir()
    given = {"--features": "f.csv", "--mos": "m.csv"} | {option: "odd.csv"}
    told = one_error(run_here("compare", *itertools.chain(*given.items()), "-o", "out", cwd=tmp_path))
    assert "odd.csv" in told
