"""Rows of a feature table from a store without the videos: to the bit those of the run that filled it."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from commands import one_error, run_here
from made_stores import EARLIER, KEY, changed, made_store, result, video
from small_videos import moving

import vqa_features as vf
from vqa_features.batch import store_export
from vqa_features.batch.many_videos import run_extraction
from vqa_features.batch.options import Extraction, Reporting
from vqa_features.batch.store import Store
from vqa_features.tables.writing import write_table


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the store and the table of a run over videos that are gone."""
    folder = tmp_path_factory.mktemp("filled")
    (folder / "a").mkdir()
    for n in range(5):
        moving(folder / f"v{n}.mp4", 2 + n)
    moving(folder / "a" / "v1.mp4", 9)
    (folder / "broken.mp4").write_text("no video")
    for path in folder.rglob("*.mp4"):
        os.utime(path, (10**9, 10**9))  # so that its hash is remembered
    given = [folder]
    extraction = Extraction.of(["siti", "colorfulness"], ["mean", "p10"])
    table = run_extraction(given, extraction, store=folder / "s.sqlite")
    write_table(table, folder / "run.parquet")
    for path in folder.rglob("*.mp4"):
        path.unlink()
    return folder


def test_the_table_of_a_store_is_that_of_the_run(filled: Path, tmp_path: Path) -> None:
    run = vf.read_table(filled / "run.parquet")
    for suffix in ("parquet", "json", "csv"):
        name = f"t.{suffix}"
        expected = vf.read_table(write_table(run, tmp_path / f"expected.{suffix}"))
        done = run_here("store", "export", filled / "s.sqlite", "-o", name, cwd=tmp_path)
        assert done.returncode == 1, done.stderr  # the broken one
        assert f"7 videos, 1 of them failed, in {name}" in done.stderr
        table = vf.read_table(tmp_path / name)
        assert set(table.columns) == set(expected.columns)
        columns = [
            name for name in expected if name.startswith(("siti.", "colorfulness.", "video.", "frames_"))
        ]
        found = table.loc[expected.index]
        pd.testing.assert_frame_equal(
            found[columns], expected[columns], check_exact=True, check_dtype=suffix == "parquet"
        )
        assert list(found["status"]) == list(expected["status"])
        assert list(found["path"]) == list(expected["path"])
        made = table.attrs["settings"]
        assert made["exported_from"] == "s.sqlite"
        assert made["pool"] == ["mean", "p10"]


def test_many_parts_are_one_table(filled: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("one.csv", "one.parquet"):
        run_here("store", "export", filled / "s.sqlite", "-o", name, cwd=tmp_path)
    monkeypatch.setattr(store_export, "_ROWS_AT_ONCE", 1)
    for name in ("many.csv", "many.parquet"):
        run_here("store", "export", filled / "s.sqlite", "-o", name, cwd=tmp_path)
    assert (tmp_path / "many.csv").read_text() == (tmp_path / "one.csv").read_text()
    one, many = (vf.read_table(tmp_path / f"{name}.parquet") for name in ("one", "many"))
    pd.testing.assert_frame_equal(one, many, check_exact=True)


def test_named_videos_need_not_exist_and_get_their_ids(filled: Path, tmp_path: Path) -> None:
    names = ["v3.mp4", "v1.mp4", "never.mp4"]
    rows = pd.DataFrame({"path": [filled / name for name in names], "id": ["c", "a", "n"], "mos": [3, 1, 2]})
    rows.to_csv(tmp_path / "list.csv", index=False)
    words = ("store", "export", filled / "s.sqlite", "list.csv", "-o", "t.parquet", "-e", "siti")
    done = run_here(*words, cwd=tmp_path)
    assert done.returncode == 1, done.stderr
    table = vf.read_table(tmp_path / "t.parquet")
    assert list(table.index) == ["c", "a", "n"]
    assert list(table["status"]) == ["ok", "ok", "failed(not stored)"]
    assert list(table["mos"]) == [3, 1, 2]
    run = vf.read_table(filled / "run.parquet")
    assert table.loc["c", "siti.si.p10"] == run.loc["v3", "siti.si.p10"]
    assert not any("colorfulness" in name for name in table)


def test_settings_of_a_table_choose_and_give_ids_back(filled: Path, tmp_path: Path) -> None:
    words = ("store", "export", filled / "s.sqlite", "--settings", filled / "run.parquet", "-o", "t.parquet")
    run_here(*words, cwd=tmp_path)
    table, run = vf.read_table(tmp_path / "t.parquet"), vf.read_table(filled / "run.parquet")
    assert list(table.columns) == list(run.columns)
    assert set(table.index) == set(run.index)
    assert "a/v1" in table.index


def test_several_ways_and_pools_are_named_and_chosen(tmp_path: Path) -> None:
    clip, store = moving(tmp_path / "v.mp4", 12), tmp_path / "s.sqlite"
    tables = {}
    for every in (1, 3):
        tables[every] = vf.extract_many([clip], "siti", every=every, store=store)
    words = ("store", "export", store, "-o", "t.csv")
    told = one_error(run_here(*words, cwd=tmp_path))
    assert "were computed in 2 ways (every 1, every 3): choose one by its options" in told
    assert run_here(*words, "--every", "3", cwd=tmp_path).returncode == 0
    found = vf.read_table(tmp_path / "t.csv")
    assert found.loc["v", "siti.si.mean"] == tables[3].loc["v", "siti.si.mean"]
    vf.extract_many([clip], "siti", every=3, store=store, pool=["std", "max"])
    told = one_error(run_here(*words, "--every", "3", cwd=tmp_path))
    assert "several pools: choose them with --pool: mean, std,max" in told
    assert run_here(*words, "--every", "3", "--pool", "std,max", cwd=tmp_path).returncode == 0
    assert [name for name in vf.read_table(tmp_path / "t.csv") if name.startswith("siti")] == [
        *("siti.si.std", "siti.ti.std", "siti.si.max", "siti.ti.max"),
    ]
    assert "no result of" in one_error(run_here(*words, "--every", "7", cwd=tmp_path))


def test_rows_of_windows_are_pooled_as_in_the_run(tmp_path: Path) -> None:
    clip, store = moving(tmp_path / "v.mp4", 12), tmp_path / "s.sqlite"
    run_extraction([clip], Extraction.of("siti"), store=store, reporting=Reporting(on_rows=lambda rows: None))
    run_here("store", "export", store, "-o", "t.parquet", "--pool", "mean,p90", cwd=tmp_path)
    expected = vf.extract_many([clip], "siti", pool=["mean", "p90"])
    columns = [name for name in expected if name.startswith("siti.")]
    found = vf.read_table(tmp_path / "t.parquet")[columns]
    pd.testing.assert_frame_equal(found, expected[columns], check_exact=True)


def test_what_cannot_be_exported_is_said(tmp_path: Path) -> None:
    path = made_store(tmp_path / "s.sqlite", range(3))
    made_store(path, range(2), EARLIER)
    made_store(path, [7], "some key")
    with Store(path) as store:
        store.save(video(9), KEY, result(9, "failed(decode)", error="bad"), "siti")
    changed(path, f"UPDATE results SET n = 9 WHERE video = '{video(2)}' AND key = '{KEY}'")
    words = ("store", "export", "s.sqlite", "-o", "t.csv")
    done = run_here(*words, "--json", cwd=tmp_path)
    assert done.returncode == 1
    assert "not exported: 2 results of siti: another version of it" in done.stderr
    assert "not exported: 1 results of siti: the store does not say how they were computed" in done.stderr
    assert "could not be read" in done.stderr
    assert json.loads(done.stdout) == {"table": "t.csv", "rows": 3, "failed": 1}
    ids = {video(number) for number in (0, 1, 9)}  # all were decoded under one path, which one of them gets
    assert len(set(vf.read_table(tmp_path / "t.csv").index) - ids) == 1
    told = one_error(run_here(*words, "-e", "brisque", cwd=tmp_path))
    assert "no result of 's.sqlite' can be exported" in told
    old = made_store(tmp_path / "old.sqlite", range(2), EARLIER)
    told = one_error(run_here("store", "export", old, "-o", "t.csv", cwd=tmp_path))
    assert "another version of it, or of decoding, is installed here" in told


def test_refusals_write_nothing(filled: Path, tmp_path: Path) -> None:
    store = shutil.copy(filled / "s.sqlite", tmp_path / "s.sqlite")
    before = sorted(tmp_path.iterdir())
    for words, told in (
        ((store, "-o", "t.doc"), "the name must end in"),
        ((store, "-o", "absent/../s.sqlite"), "the name must end in"),
        (("absent", "-o", "t.csv"), "there is no store"),
        ((store, tmp_path / "none.mp4", "-o", "t.csv"), "all of them failures"),
    ):
        assert told in one_error(run_here("store", "export", *words, cwd=tmp_path))
    assert [path for path in sorted(tmp_path.iterdir()) if "-" not in path.name] == before
    assert np.isfinite(vf.read_table(filled / "run.parquet")["siti.si.mean"]).sum() == 6
