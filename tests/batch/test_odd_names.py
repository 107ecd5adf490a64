"""Names that are not UTF-8, or look like something else: no row is lost, every format holds them."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from small_videos import moving

import vqa_features as vf
from vqa_features.cli import cli
from vqa_features.tables.ids import match
from vqa_features.tables.reading import read_table
from vqa_features.tables.writing import write_table

NAMES = [
    b"ok",
    b"caf\xe9",
    b"\xff\xfe",
    rb"caf\xE9",
    b"line\nbreak",
    b"carriage\rreturn",
    b"\x1b[31mred",
    b'q"uo,te;',
    b"-lead",
    b"n" * 240,
    "😀".encode(),
    "שלום\u202eabc".encode(),
    "e\u0301".encode(),
    "\u00e9".encode(),
    b"back\\slash",
    *(b"001", b"1", b"10e1", b"1.0", b"5115335471"),
    *(b"NaN", b"None", b"NA", b"null", b"=1+1", b"#hash", b"x.mov"),
]
SHORT = vf.Sampling(frames=2)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of videos with these names, and one file that is no video."""
    folder = tmp_path_factory.mktemp("odd")
    clip = moving(tmp_path_factory.mktemp("clip") / "clip.mp4", 3)
    for name in NAMES:
        shutil.copy(clip, os.fsencode(folder) + b"/" + name + b".mp4")
    Path(os.fsdecode(os.fsencode(folder) + b"/bad\xe9.mp4")).write_text("no video")
    return folder


@pytest.fixture(scope="module")
def rows() -> list[pd.DataFrame]:
    return []


@pytest.fixture(scope="module")
def table(folder: Path, rows: list[pd.DataFrame], tmp_path_factory: pytest.TempPathFactory) -> pd.DataFrame:
    store = tmp_path_factory.mktemp("store") / "run.sqlite"
    found = vf.extract_many([folder], "siti", sampling=SHORT, store=store, on_rows=rows.append)
    again = vf.extract_many([folder], "siti", sampling=SHORT, store=store)
    pd.testing.assert_frame_equal(found, again, check_exact=True)
    return found


def test_no_row_is_lost(table: pd.DataFrame) -> None:
    assert len(table) == len(NAMES) + 1
    assert table.drop(r"bad\xE9")["status"].eq("ok").all()
    assert {r"caf\xE9", r"caf\x5CxE9", r"\xFF\xFE", r"line\x0Abreak", "001", "NaN", "x.mov"} <= set(
        table.index
    )
    error, path = table.loc[r"bad\xE9", ["error", "path"]]
    assert error.startswith(f"'{path}' is not a video")


@pytest.mark.parametrize("kind", ["csv", "parquet", "npz", "mat"])
def test_every_format_holds_the_names_as_text(table: pd.DataFrame, tmp_path: Path, kind: str) -> None:
    back = read_table(write_table(table, tmp_path / f"t.{kind}"))
    assert list(back.index) == list(table.index)
    assert list(back["path"]) == list(table["path"])
    np.testing.assert_array_equal(match(back.index, table.index).rows, np.arange(len(table)))


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_per_frame_rows_are_written(
    table: pd.DataFrame, rows: list[pd.DataFrame], tmp_path: Path, kind: str
) -> None:
    file = write_table(pd.concat(rows), tmp_path / f"frames.{kind}", table.attrs["settings"])
    assert file.stat().st_size > 0


def test_the_written_names_open_the_files_again(table: pd.DataFrame, tmp_path: Path) -> None:
    listing = tmp_path / "list.csv"
    table[["path"]].to_csv(listing)
    pd.testing.assert_frame_equal(
        vf.extract_many([listing], "siti", sampling=SHORT).filter(regex="^(siti|status|path)"),
        table.filter(regex="^(siti|status|path)"),
    )
    path = table.loc[r"\xFF\xFE", "path"]
    assert vf.extract(path, "siti", frames=2)["siti.si.mean"] == table.loc["ok", "siti.si.mean"]
    assert list(vf.extract_many([path], "siti", sampling=SHORT).index) == [r"\xFF\xFE"]
    assert vf.VideoFeatures("siti", frames=2).transform(table["path"][:3]).shape == (3, 2)


@pytest.mark.parametrize("kind", ["csv", "parquet", "mat", "npz"])
def test_the_command_line_writes_and_prints_them(folder: Path, tmp_path: Path, kind: str) -> None:
    videos = [
        os.fsdecode(os.fsencode(folder) + b"/" + name) for name in (b"caf\xe9.mp4", b"bad\xe9.mp4", b"ok.mp4")
    ]
    output = Path(os.fsdecode(os.fsencode(tmp_path) + b"/o\xe9." + kind.encode()))
    plan = CliRunner().invoke(cli, ["extract", *videos, "-e", "siti", "-o", str(output), "--dry-run"])
    assert json.loads(plan.stdout)["videos"] == 3
    done = CliRunner().invoke(
        cli, ["extract", *videos, "-e", "siti", "-o", str(output)], standalone_mode=False
    )
    assert done.return_value == 1, done.output
    assert r"bad\xE9.mp4" in done.stderr
    assert list(read_table(output).index) == [r"caf\xE9", r"bad\xE9", "ok"]
    assert read_table(output).attrs["settings"]["inputs"][0].endswith(r"/caf\xE9.mp4")


def test_a_comparison_and_its_report_hold_them(tmp_path: Path) -> None:
    ids = [rf"caf\x{byte:02X}" for byte in range(0x80, 0xA8)]
    random = np.random.default_rng(0)
    mos = pd.Series(random.uniform(1, 5, len(ids)), ids)
    values = pd.DataFrame(mos.to_numpy()[:, None] + random.normal(0, 0.5, (len(ids), 3)), ids)
    file = Path(os.fsdecode(os.fsencode(tmp_path) + b"/t\xe9.parquet"))
    write_table(values.add_prefix("siti.x"), file)
    mos.rename("mos").to_csv(tmp_path / "m.csv", index_label="id")
    asked = ["compare", "--features", str(file), "--mos", str(tmp_path / "m.csv"), "--splits", "2"]
    asked += ["--regressors", "ridge", "-o", str(tmp_path / "out")]
    told = CliRunner().invoke(cli, asked, standalone_mode=False, catch_exceptions=False)
    assert told.return_value == 0
    assert r"t\xE9" in told.stdout
    assert r",caf\x" in (tmp_path / "out/predictions.csv").read_text(encoding="utf-8")
    assert r"caf\\x" in (tmp_path / "out/report.html").read_text(encoding="utf-8")
