"""Several processes on one store, and a store that fails during a run: no result lost, doubled or altered."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from batch_work import task
from small_videos import moving

import vqa_features as vf
from vqa_features.batch.many_videos import run_extraction
from vqa_features.batch.options import Extraction, Reporting
from vqa_features.batch.resume import Resume
from vqa_features.batch.store import Store
from vqa_features.errors import StoreError
from vqa_features.video_task import Rows, VideoResult

LIMIT_S = 120
CODE = """
import sys, pathlib
import vqa_features as vf
paths = sorted(pathlib.Path({folder!r}).glob("*.mp4"))
first, last, backwards = map(int, sys.argv[1:])
chosen = paths[first:last][::-1] if backwards else paths[first:last]
table = vf.extract_many(chosen, ["siti"], store={store!r})
assert set(table["status"]) == {{"ok"}}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    videos = tmp_path / "videos"
    videos.mkdir()
    for n in range(8):
        moving(videos / f"v{n}.mp4", 2 + n)
    return videos


def values(table: pd.DataFrame) -> pd.DataFrame:
    return table[[name for name in table.columns if not name.startswith("seconds.")]]


def test_processes_with_overlapping_videos_share_a_store(folder: Path, tmp_path: Path) -> None:
    store = tmp_path / "s.sqlite"
    script = tmp_path / "script.py"
    script.write_text(CODE.format(folder=str(folder), store=str(store)))
    parts = [("0", "8", "0"), ("0", "8", "1"), ("2", "6", "0")]
    started = [subprocess.Popen([sys.executable, str(script), *part]) for part in parts]
    assert [process.wait(LIMIT_S) for process in started] == [0, 0, 0]
    fresh = vf.extract_many([folder], "siti")
    with Store(store) as opened:
        assert len(opened) == 8
    seen: list[VideoResult] = []
    pd.testing.assert_frame_equal(
        values(vf.extract_many([folder], "siti", store=store, on_result=seen.append)),
        values(fresh),
        check_exact=True,
    )
    assert not any(result.rows for result in seen)  # nothing was computed again


def test_a_library_run_goes_on_beside_a_command_and_readers(folder: Path, tmp_path: Path) -> None:
    store = tmp_path / "s.sqlite"
    with Store(store) as command, Store(store, exclusive=False) as other:
        table = vf.extract_many([folder], "siti", store=store)
        assert set(table["status"]) == {"ok"}
        assert len(command) == len(other) == 8
        with pytest.raises(StoreError, match="in use by another run"):
            Store(store)
        looking = Store(store, read_only=True)
        with pytest.raises(StoreError, match="readonly"):
            looking.save("v", "k", result("failed(io)"), "siti")
        looking.close()


def test_grid_search_in_processes_scores_every_fold(folder: Path, tmp_path: Path) -> None:
    from sklearn.linear_model import Ridge
    from sklearn.model_selection import GridSearchCV
    from sklearn.pipeline import make_pipeline

    paths = np.array(sorted(map(str, folder.glob("*.mp4"))))
    features = vf.VideoFeatures("siti", store=tmp_path / "s.sqlite")
    model = make_pipeline(features, Ridge())
    search = GridSearchCV(model, {"videofeatures__pool": ["mean", "max"], "ridge__alpha": [0.1, 1]}, n_jobs=2)
    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        found = search.set_params(cv=4, error_score="raise", scoring="neg_mean_absolute_error")
        found.fit(paths, np.arange(8.0))
    scores = [found.cv_results_[f"split{k}_test_score"] for k in range(4)]
    assert np.isfinite(scores).all()


def result(status: str = "ok") -> VideoResult:
    rows = {} if status != "ok" else {"siti": Rows(np.zeros(1), np.zeros(1, int), np.ones((1, 2)))}
    return VideoResult("a", "a.mp4", status, rows=rows)


def test_a_failure_replaces_no_success_of_another_process(tmp_path: Path) -> None:
    with Store(tmp_path / "s.sqlite") as store:
        store.save("rows", "key", result(), "siti")
        store.save("rows", "key", result("failed(timeout)"), "siti")
        store.save("pools", "key", result(), "siti", pools=("mean",), pooled=np.ones(2))
        store.save("pools", "key", result("failed(timeout)"), "siti")
        for video in ("rows", "pools"):
            found = store.load(video, "key", ("mean",))
            assert found is not None
            assert found.status == "ok"
        other = store.load("pools", "key", ("std",))
        assert other is not None
        assert other.failed


def run(folder: Path, store: Path, told: list[str], break_after: int, how: str) -> pd.DataFrame:
    """Run over the videos; break the store once `break_after` results have come."""
    done: list[VideoResult] = []

    def breaking(result: VideoResult) -> None:
        done.append(result)
        if len(done) == break_after:
            damage(store, how)

    reporting = Reporting(on_result=breaking, on_trouble=told.append)
    return run_extraction([folder], Extraction.of("siti"), reporting=reporting, store=store)


def damage(store: Path, how: str) -> None:
    if how == "overwritten":
        for path in store.parent.glob(f"{store.name}*"):
            path.write_bytes(b"\xff" * max(4096, path.stat().st_size))
    elif how == "dropped":
        database = sqlite3.connect(store)
        database.execute("DROP TABLE results")
        database.close()
    elif how == "removed":
        for path in store.parent.glob(f"{store.name}*"):
            path.unlink()
    elif how == "replaced":
        store.rename(store.with_name("old.sqlite"))
        store.write_bytes(b"")


@pytest.mark.parametrize("break_after", [1, 4, 8])
@pytest.mark.parametrize("how", ["overwritten", "dropped", "removed", "replaced"])
def test_a_run_goes_on_without_a_store_that_fails(
    folder: Path, tmp_path: Path, break_after: int, how: str
) -> None:
    told: list[str] = []
    (tmp_path / "s").mkdir()
    table = run(folder, tmp_path / "s" / "s.sqlite", told, break_after, how)
    pd.testing.assert_frame_equal(values(table), values(vf.extract_many([folder], "siti")), check_exact=True)
    if not (break_after == 8 and how in ("overwritten", "dropped")):  # it is not used again
        assert len(told) == 1
        assert "goes on without it" in told[0]


def test_counting_reads_no_more_than_it_may(folder: Path, tmp_path: Path) -> None:
    store = tmp_path / "s.sqlite"
    vf.extract_many([folder], "siti", store=store)
    extraction = Extraction.of("siti")
    from vqa_features.batch import resume as module
    from vqa_features.batch.inputs import find_inputs

    tasks = [extraction.task(video) for video in find_inputs([folder])]
    with Resume(store, ("mean",), keep_rows=False, read_only=True) as resume:
        assert resume.complete(tasks) == 8
        assert resume.complete([*tasks, task("none", "/nowhere.mp4")]) == 8
    limit = module._COUNTING_BYTES
    try:
        module._COUNTING_BYTES = 0
        with Resume(store, ("mean",), keep_rows=False, read_only=True) as resume:
            assert resume.complete(tasks) == 0  # the files are younger than two seconds: none is remembered
            assert resume.complete(tasks, everything=True) == 8
    finally:
        module._COUNTING_BYTES = limit
    os.utime(folder / "v0.mp4", (1e9, 1e9))
    with Store(store) as opened:
        opened.video_hash(folder / "v0.mp4")
        assert opened.knows(folder / "v0.mp4")
        assert not opened.knows(folder / "v1.mp4")


@pytest.mark.parametrize("stored", [False, True])
def test_videos_that_vanish_during_a_run_cost_only_their_own_rows(
    folder: Path, tmp_path: Path, stored: bool
) -> None:
    def remove(result: VideoResult) -> None:
        for path in folder.glob("*.mp4"):
            path.unlink()

    table = vf.extract_many(
        sorted(folder.glob("*.mp4")),
        "siti",
        on_result=remove,
        store=tmp_path / "s.sqlite" if stored else None,
    )
    assert list(table["status"]) == ["ok"] + ["failed(missing)"] * 7
