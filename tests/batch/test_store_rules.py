"""Rules of the store: what is remembered, replaced, rolled back and waited for, on real SQLite files."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from vqa_features.batch.result_key import result_key
from vqa_features.batch.store import Store, Stored
from vqa_features.errors import TableError
from vqa_features.registry import make
from vqa_features.specs import RawFormat, Sampling
from vqa_features.video import DECODING_VERSION
from vqa_features.video_task import Rows, VideoResult

ROWS = {"siti": Rows(np.array([0.0, 0.04]), np.array([0, 1]), np.array([[1.0, 2.0], [3.0, 4.0]]))}


def result(status: str = "ok", **settings: object) -> VideoResult:
    return dataclasses.replace(VideoResult("a", "a.mp4", status, rows=ROWS), **settings)  # type: ignore[arg-type]


def cells(path: Path, query: str) -> list[tuple[object, ...]]:
    """Read a store through a connection of its own."""
    database = sqlite3.connect(path)
    try:
        return database.execute(query).fetchall()
    finally:
        database.close()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "run.sqlite"


def test_a_new_store_has_version_3_and_no_results(path: Path) -> None:
    with Store(path) as store:
        assert len(store) == 0
    assert cells(path, "PRAGMA user_version") == [(3,)]


def test_an_empty_file_becomes_a_store(path: Path) -> None:
    path.touch()
    with Store(path) as store:
        store.save("video", "key", result(), "siti")
        assert len(store) == 1


@pytest.mark.parametrize("version", [-1, 4, 7])
def test_a_store_of_another_version_is_refused_and_named(path: Path, version: int) -> None:
    Store(path).close()
    database = sqlite3.connect(path)
    database.execute(f"PRAGMA user_version={version}")
    database.close()
    with pytest.raises(TableError, match=f"has version {version}, this program reads 1 to 3"):
        Store(path)


def test_a_store_whose_pages_are_overwritten_is_refused_and_its_lock_released(path: Path) -> None:
    with Store(path) as store:
        store.save("video", "key", result(), "siti")
    whole = path.read_bytes()
    path.write_bytes(whole[:100] + b"\xff" * (len(whole) - 100))
    for _ in range(2):  # the second refusal is not "in use by another run"
        with pytest.raises(TableError, match=r"cannot be used as a store: .*malformed"):
            Store(path)
    path.write_bytes(whole)
    with Store(path) as store:
        assert len(store) == 1


def test_opening_waits_for_five_seconds_for_another_program_and_then_refuses(path: Path) -> None:
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("PRAGMA journal_mode=DELETE")
    other.execute("BEGIN EXCLUSIVE")
    begin = time.monotonic()
    with pytest.raises(TableError, match="cannot be used as a store: database is locked"):
        Store(path)
    assert time.monotonic() - begin > 4
    other.execute("ROLLBACK")
    other.close()
    Store(path).close()


def test_a_reader_does_not_hinder_the_writer_and_sees_each_result_at_once(path: Path) -> None:
    with Store(path) as store:
        reader = sqlite3.connect(path, isolation_level=None)
        reader.execute("BEGIN")
        assert reader.execute("SELECT count(*) FROM results").fetchall() == [(0,)]
        store.save("video", "key", result(), "siti")
        assert reader.execute("SELECT count(*) FROM results").fetchall() == [(0,)]
        reader.execute("COMMIT")
        assert reader.execute("SELECT count(*) FROM results").fetchall() == [(1,)]
        reader.close()


def test_a_save_waits_while_another_connection_writes(path: Path) -> None:
    with Store(path) as store:
        other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        other.execute("BEGIN IMMEDIATE")
        release = threading.Timer(0.3, other.execute, ["ROLLBACK"])
        release.start()
        begin = time.monotonic()
        store.save("video", "key", result(), "siti")
        assert time.monotonic() - begin > 0.2
        release.join()
        other.close()
        assert store.load("video", "key") is not None


def test_a_process_that_ends_without_closing_leaves_its_results_and_no_lock(path: Path) -> None:
    code = (
        "import os\nfrom vqa_features.batch.store import Store\n"
        "from vqa_features.video_task import VideoResult\n"
        f"store = Store({str(path)!r})\n"
        "store.save('video', 'key', VideoResult('a', 'a.mp4', 'failed(memory)'), 'siti')\nos._exit(0)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
    with Store(path) as store:
        found = store.load("video", "key")
    assert found is not None
    assert found.status == "failed(memory)"


def test_a_save_that_fails_half_way_changes_nothing(path: Path) -> None:
    with Store(path) as store:
        store.save("video", "key", result("failed(timeout)"), "siti")
        unwritable = result(warnings=(object(),))
        with pytest.raises(TypeError):
            store.save("video", "key", unwritable, "siti", pools=("mean",), pooled=np.ones(2))
        found = store.load("video", "key", ("mean",))
        assert found is not None
        assert found.status == "failed(timeout)"
        store.save("video", "key", result(), "siti", pools=("mean",), pooled=np.ones(2))
        found = store.load("video", "key", ("mean",))
        assert found is not None
        assert found.status == "ok"


def test_a_failure_is_stored_without_numbers_whatever_it_came_with(path: Path) -> None:
    with Store(path) as store:
        store.save("video", "rows", result("failed(memory)"), "siti")
        store.save("video", "pools", result("failed(io)"), "siti", pools=("mean",), pooled=np.ones(2))
        store.save("video", "nothing", result("partial", rows={}), "siti")
        for key, status in (("rows", "failed(memory)"), ("pools", "failed(io)"), ("nothing", "partial")):
            found = store.load("video", key)
            assert found is not None
            assert (found.status, found.rows, found.pooled) == (status, None, None)
    assert cells(path, "SELECT DISTINCT form, n, d, length(data) FROM results") == [("rows", 0, 0, 0)]


def test_pooled_columns_are_stored_as_one_row_and_replace_nothing_but_failures(path: Path) -> None:
    with Store(path) as store:
        store.save("video", "key", result(), "siti")
        store.save("video", "key", result(), "siti", pools=("mean", "p5"), pooled=np.ones(3))
        assert len(store) == 2
        found = store.load("video", "key", ("mean", "p5"))
        assert found is not None
        assert found.rows is not None  # rows of every window are preferred
    query = "SELECT form, n, d, length(data) FROM results WHERE form != 'rows'"
    assert cells(path, query) == [("mean+p5", 1, 3, 24)]


def test_pooled_columns_without_frames_are_kept_beside_pools_of_other_names(path: Path) -> None:
    with Store(path) as store:
        store.save("video", "key", result(rows={}), "siti", pools=("mean",), pooled=np.array([1.5, np.nan]))
        store.save("video", "key", result(rows={}), "siti", pools=("std",), pooled=np.array([0.5]))
        found = store.load("video", "key", ("mean",))
        assert found is not None
        np.testing.assert_array_equal(found.pooled, [1.5, np.nan])
        assert store.load("video", "key", ("max",)) is None
        assert store.load("video", "key") is None


@pytest.mark.parametrize(
    ("status", "failed", "again"),
    [
        ("ok", False, False),
        ("suspect", False, False),
        ("partial", False, False),
        ("failed(crash)", True, True),
        ("failed(crash: SIGKILL)", True, True),
        ("failed(timeout)", True, True),
        ("failed(io)", True, True),
        ("failed(memory)", True, True),
        ("failed(ModuleNotFoundError)", True, True),
        ("failed(decode)", True, False),
        ("failed(TypeError)", True, False),
    ],
)
def test_a_crash_a_timeout_and_an_error_of_reading_are_tried_again(
    status: str, failed: bool, again: bool
) -> None:
    stored = Stored("siti", status, "", (), 0, None, None, {})
    assert (stored.failed, stored.worth_retrying) == (failed, again)
    with pytest.raises(dataclasses.FrozenInstanceError):
        stored.status = "ok"  # type: ignore[misc]


def test_what_is_not_known_of_a_video_stays_unknown(path: Path) -> None:
    with Store(path) as store:
        store.save("video", "key", result(), "siti")
        found = store.load("video", "key")
    assert found is not None
    assert (found.info, found.frames_expected, found.frames_decoded) == (None, None, 0)
    assert (found.warnings, found.seconds, found.error) == ((), {}, "")


def test_only_decoding_and_the_extractors_own_time_are_stored(path: Path) -> None:
    with Store(path) as store:
        store.save("video", "key", result(seconds={"siti": 0.25, "brisque": 2.0}), "siti")
        found = store.load("video", "key")
    assert found is not None
    assert found.seconds == {"siti": 0.25}


def test_the_hash_of_a_video_is_the_sha_256_of_its_bytes(path: Path, tmp_path: Path) -> None:
    video = tmp_path / "a.mp4"
    content = np.random.default_rng(0).bytes(3 * 2**20 + 17)
    video.write_bytes(content)
    with Store(path) as store:
        assert store.video_hash(video) == hashlib.sha256(content).hexdigest()
        video.write_bytes(b"a")
        assert store.video_hash(video) == hashlib.sha256(b"a").hexdigest()


@pytest.mark.parametrize(("age_s", "remembered"), [(0, 0), (1, 0), (3, 1), (3600, 1)])
def test_a_hash_is_remembered_only_of_a_file_unchanged_for_two_seconds(
    path: Path, tmp_path: Path, age_s: int, remembered: int
) -> None:
    video = tmp_path / "a.mp4"
    video.write_bytes(b"bytes")
    changed = time.time_ns() - age_s * 10**9
    os.utime(video, ns=(changed, changed))
    with Store(path) as store:
        store.video_hash(video)
    assert cells(path, "SELECT count(*) FROM files") == [(remembered,)]


def test_a_remembered_hash_holds_for_one_size_time_and_inode(path: Path, tmp_path: Path) -> None:
    video, other = tmp_path / "a.mp4", tmp_path / "b.mp4"
    stamp = (10**18, 10**18)
    video.write_bytes(b"first")
    os.utime(video, ns=stamp)
    with Store(path) as store:
        first = store.video_hash(video)
        video.write_bytes(b"longer")
        os.utime(video, ns=stamp)
        assert store.video_hash(video) != first
        other.write_bytes(b"second")
        os.utime(other, ns=stamp)
        before = store.video_hash(video)
        other.replace(video)  # the same size and time in another inode
        assert store.video_hash(video) != before


def test_the_key_is_the_sha_256_of_all_settings_as_sorted_json() -> None:
    siti = make("siti")
    raw = RawFormat(2, 4, "yuv420p", 25.0)
    parts = {
        "extractor": {"name": "siti", "version": 2, "parameters": {"pairs": "adjacent"}, "weights": None},
        "decoding": DECODING_VERSION,
        "rows": "numbered in the source",
        "sampling": dataclasses.asdict(Sampling(fps=2)),
        "luma": "rgb2gray",
        "raw": {"width": 2, "height": 4, "pix_fmt": "yuv420p", "fps": 25.0},
    }
    text = json.dumps(parts, sort_keys=True)
    expected = hashlib.sha256(text.encode()).hexdigest()
    assert result_key(siti, Sampling(fps=2), "rgb2gray", raw) == expected
    assert result_key(siti, Sampling()) == result_key(siti, Sampling(), "y", None)


def test_a_store_where_no_file_can_be_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TableError, match="cannot be made: No such file"):
        Store(tmp_path / "none" / "run.sqlite")
