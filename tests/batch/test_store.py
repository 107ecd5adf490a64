"""The store: what goes in comes out, is found by what it depends on, and survives its writer's death."""

from __future__ import annotations

import dataclasses
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from vqa_features.batch.result_key import result_key
from vqa_features.batch.store import SCHEMA, Store
from vqa_features.errors import DecodeError, TableError
from vqa_features.registry import make_all
from vqa_features.specs import RawFormat, Sampling, VideoInfo
from vqa_features.video_task import Rows, VideoResult

ROOT = Path(__file__).resolve().parents[2]
INFO = VideoInfo("a.mp4", 64, 48, float("nan"), 3, None, "h264", "yuv420p")


def result(status: str = "ok", n: int = 3, **settings: object) -> VideoResult:
    values = np.random.default_rng(n).normal(size=(n, 4))
    values[:1, 0] = np.nan
    values[:1, 1] = -np.inf
    rows = {"siti": Rows(np.arange(n) / 25, np.arange(n) * 2, values)}
    made = VideoResult(
        "a", "a.mp4", status, "", ("odd",), n, n + 1, INFO, rows, {"decode": 0.1, "siti": 1 / 3, "other": 2.0}
    )
    return dataclasses.replace(made, **settings)  # type: ignore[arg-type]


@pytest.mark.parametrize("n", [0, 1, 3])
def test_rows_come_back_bit_by_bit(tmp_path: Path, n: int) -> None:
    given = result(n=n)
    with Store(tmp_path / "a.sqlite") as store:
        store.save("video", "key", given, "siti")
    with Store(tmp_path / "a.sqlite") as store:
        found = store.load("video", "key")
    assert found is not None
    assert found.rows is not None
    assert found.pooled is None
    for name in ("times_s", "frames", "values"):
        stored, expected = getattr(found.rows, name), getattr(given.rows["siti"], name)
        assert stored.dtype == expected.dtype
        assert stored.shape == expected.shape
        assert stored.tobytes() == expected.tobytes()
    assert (found.label, found.status, found.warnings) == ("siti", "ok", ("odd",))
    assert (found.frames_decoded, found.frames_expected) == (n, n + 1)
    assert found.seconds == {"decode": 0.1, "siti": 1 / 3}
    assert repr(found.info) == repr(INFO)  # nan is not equal to itself


def test_pooled_columns_are_found_by_their_pools_and_rows_serve_all(tmp_path: Path) -> None:
    pooled = np.array([1.5, np.nan, -0.0])
    with Store(tmp_path / "a.sqlite") as store:
        store.save("video", "key", result(), "siti", pools=("mean", "std"), pooled=pooled)
        found = store.load("video", "key", ("mean", "std"))
        assert found is not None
        assert found.pooled is not None
        assert found.pooled.tobytes() == pooled.tobytes()
        assert store.load("video", "key", ("std", "mean")) is None
        assert store.load("video", "key") is None
        assert store.load("other", "key", ("mean", "std")) is None
        store.save("video", "key", result(), "siti")
        again = store.load("video", "key", ("p10",))
        assert again is not None
        assert again.rows is not None


def test_a_failure_is_stored_and_a_later_success_takes_its_place(tmp_path: Path) -> None:
    failed = result("failed(crash: SIGSEGV)", error="bad \udce9 name", rows={})
    with Store(tmp_path / "a.sqlite") as store:
        store.save("video", "key", failed, "siti")
        found = store.load("video", "key", ("mean",))
        assert found is not None
        assert found.failed
        assert found.rows is found.pooled is None
        store.save("video", "key", result(), "siti", pools=("mean",), pooled=np.ones(4))
        found = store.load("video", "key", ("mean",))
        assert found is not None
        assert found.status == "ok"
        assert len(store) == 1


@pytest.mark.parametrize(
    ("status", "again"),
    [
        ("failed(crash: SIGSEGV)", True),
        ("failed(timeout)", True),
        ("failed(io)", True),
        ("failed(memory)", True),
        ("failed(WeightsMissing)", True),
        ("failed(ValueError)", False),
        ("failed(not a video)", False),
        ("partial", False),
        ("ok", False),
    ],
)
def test_only_what_may_end_otherwise_is_worth_retrying(tmp_path: Path, status: str, again: bool) -> None:
    with Store(tmp_path / "a.sqlite") as store:
        store.save("video", "key", result(status), "siti")
        found = store.load("video", "key")
    assert found is not None
    assert found.worth_retrying is again


def test_the_key_depends_on_everything_that_changes_a_number() -> None:
    (siti, brisque) = make_all(["siti", "brisque"])
    keys = [
        result_key(siti, Sampling()),
        result_key(brisque, Sampling()),
        result_key(siti, Sampling(fps=1)),
        result_key(siti, Sampling(start_s=1)),
        result_key(siti, Sampling(), "rgb2gray"),
        result_key(siti, Sampling(), "y", RawFormat(2, 2, "yuv420p", 25)),
    ]
    assert len(set(keys)) == len(keys)
    assert result_key(make_all(["siti"])[0], Sampling()) == keys[0]


def test_a_video_is_known_by_its_bytes(tmp_path: Path) -> None:
    one, two = tmp_path / "one.mp4", tmp_path / "two.mp4"
    one.write_bytes(b"a" * 3_000_000)
    two.write_bytes(b"a" * 3_000_000)
    with Store(tmp_path / "a.sqlite") as store:
        assert store.video_hash(one) == store.video_hash(two)
        # the same size within the same tick of the clock is still another video
        status = two.stat()
        two.write_bytes(b"b" * 3_000_000)
        os.utime(two, ns=(status.st_atime_ns, status.st_mtime_ns))
        assert store.video_hash(one) != store.video_hash(two)
        with pytest.raises(DecodeError, match="nowhere"):
            store.video_hash(tmp_path / "nowhere.mp4")


def test_an_unchanged_file_is_hashed_once(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    path.write_bytes(b"first")
    os.utime(path, ns=(10**18, 10**18))
    with Store(tmp_path / "a.sqlite") as store:
        first = store.video_hash(path)
    with Store(tmp_path / "a.sqlite") as store:
        path.write_bytes(b"other")
        os.utime(path, ns=(10**18, 10**18))
        assert store.video_hash(path) == first  # size, time and inode say that nothing changed
        os.utime(path, ns=(10**18, 10**18 + 1))
        assert store.video_hash(path) != first


def test_two_runs_cannot_have_one_store(tmp_path: Path) -> None:
    path = tmp_path / "a.sqlite"
    code = f"from vqa_features.batch.store import Store\nStore({str(path)!r})"
    with Store(path):
        with pytest.raises(TableError, match="in use"):
            Store(path)
        other = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
        assert "in use by another run" in other.stderr
    Store(path).close()


def test_what_is_no_store_of_this_version_is_refused_and_left_alone(tmp_path: Path) -> None:
    text = tmp_path / "text.sqlite"
    text.write_text("id,path\n" * 100)
    with pytest.raises(TableError, match="cannot be used as a store"):
        Store(text)
    assert text.read_text() == "id,path\n" * 100
    newer = tmp_path / "newer.sqlite"
    with sqlite3.connect(newer) as database:
        database.execute(f"PRAGMA user_version={SCHEMA + 1}")
    database.close()
    with pytest.raises(TableError, match=f"version {SCHEMA + 1}"):
        Store(newer)
    foreign = tmp_path / "foreign.sqlite"
    with sqlite3.connect(foreign) as database:
        database.execute("CREATE TABLE songs (name TEXT)")
    database.close()
    with pytest.raises(TableError, match="version 0"):
        Store(foreign)
    with pytest.raises(TableError, match="cannot be made"):
        Store(tmp_path / "no folder" / "a.sqlite")


def test_killed_runs_resume_with_nothing_lost_doubled_or_altered() -> None:
    command = [
        sys.executable,
        "-m",
        "benchmarks.store_kill",
        "--cycles",
        "3",
        "--jobs",
        "2",
        "--videos",
        "30",
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "lost 0, doubled 0, altered 0, redone beyond the tasks in flight 0" in done.stdout
