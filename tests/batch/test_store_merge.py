"""Stores joined: equal results once, a success before a failure, differences reported, nothing by halves."""

from __future__ import annotations

import dataclasses
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from commands import one_error, run_here
from made_stores import INFO, KEY, cells, changed, made_store, pooled, result, video

from vqa_features.batch.store import Store
from vqa_features.batch.store_merge import StoresDiffer, merge_stores
from vqa_features.errors import ParameterError, StoreError
from vqa_features.video_task import Rows

CONTENT = "SELECT video, key, form, label, status, n, d, data FROM results ORDER BY video, key, form"


def bytes_below(folder: Path) -> dict[str, bytes]:
    """The content of every file that is no store's lock or shared memory."""
    return {
        path.name: path.read_bytes() for path in folder.iterdir() if not path.name.endswith((".lock", "-shm"))
    }


def test_shards_joined_are_the_store_of_one_run(tmp_path: Path) -> None:
    whole = made_store(tmp_path / "whole", range(20))
    shards = [made_store(tmp_path / f"{k}", range(k, 20, 7)) for k in range(7)]
    merged = merge_stores(str(tmp_path / "m"), [*map(str, shards)])
    assert (merged.read, merged.added, merged.equal, merged.results) == (20, 20, 0, 20)
    assert cells(tmp_path / "m", CONTENT) == cells(whole, CONTENT)
    assert cells(tmp_path / "m", "SELECT * FROM computations") == [(KEY, KEY.text)]
    again = merge_stores(str(tmp_path / "m"), [*map(str, shards)])
    assert (again.added, again.equal, again.results) == (0, 20, 20)


def test_measured_times_names_of_files_and_packing_are_no_difference(tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    moved = dataclasses.replace(INFO, path="/elsewhere/b.mp4")
    with Store(one) as store:
        store.save(video(0), KEY, result(0), "siti")
    with Store(other) as store:
        slow = result(0, info=moved, seconds={"siti": 9.0}, warnings=("in /elsewhere/b.mp4",))
        store.save(video(0), KEY, slow, "siti")
    merged = merge_stores(str(tmp_path / "m"), [str(one), str(other)])
    assert (merged.equal, merged.differing) == (1, 0)


def test_frames_that_a_sparse_reading_leaves_out_are_no_difference(tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    with Store(one) as store:
        store.save(video(0), KEY, result(0, frames_decoded=3), "siti")
    told = ("not decoded and not checked: 1 of 3 frames, which are not sampled",)
    with Store(other) as store:
        store.save(video(0), KEY, result(0, frames_decoded=2, warnings=told), "siti")
    merged = merge_stores(str(tmp_path / "m"), [str(one), str(other)])
    assert (merged.equal, merged.differing) == (1, 0)


@pytest.mark.parametrize(
    ("what", "settings"),
    [
        ("status", {"status": "partial"}),
        ("frames_decoded", {"frames_decoded": 2}),
        ("frames_expected", {"frames_expected": None}),
        ("description of the video", {"info": dataclasses.replace(INFO, width=32)}),
        ("values", {"rows": {"siti": Rows(np.arange(3) / 25, np.arange(3), np.zeros((3, 2)))}}),
    ],
)
def test_differences_are_named_and_refused_without_a_rule(
    tmp_path: Path, what: str, settings: dict[str, object]
) -> None:
    one, other, out = tmp_path / "one", tmp_path / "other", tmp_path / "m"
    for path, given in ((one, {}), (other, settings)):
        made_store(path, [5])
        with Store(path) as store:
            store.save(video(0), KEY, result(0, **given), "siti")  # type: ignore[arg-type]
    with pytest.raises(StoresDiffer, match="1 of 4 results differ") as refused:
        merge_stores(str(out), [str(one), str(other)])
    (found,) = refused.value.merged.differences
    assert (found.video, found.label, found.form, found.what) == (video(0), "siti", "rows", what)
    assert (found.first, found.second) == (str(one), str(other))
    assert not out.exists()
    merged = merge_stores(str(out), [str(one), str(other)], prefer="first")
    assert (merged.differing, merged.results) == (1, 2)
    assert cells(out, CONTENT) == cells(one, CONTENT)


def test_minus_zero_is_not_zero_and_nan_is_nan(tmp_path: Path) -> None:
    for name, value in (("one", 0.0), ("other", -0.0)):
        with Store(tmp_path / name) as store:
            for number, cell in ((0, value), (1, np.nan)):
                columns = np.array([cell])
                store.save(video(number), KEY, result(number), "siti", pools=("mean",), pooled=columns)
    with pytest.raises(StoresDiffer) as refused:
        merge_stores(str(tmp_path / "m"), [str(tmp_path / "one"), str(tmp_path / "other")])
    assert (refused.value.merged.differing, refused.value.merged.equal) == (1, 1)


@pytest.mark.parametrize("order", [("good", "bad"), ("bad", "good")])
def test_a_success_beats_a_failure_of_any_store_and_form(tmp_path: Path, order: tuple[str, str]) -> None:
    good, bad = made_store(tmp_path / "good", [0]), tmp_path / "bad"
    with Store(good) as store:
        store.save(video(1), KEY, result(1), "siti")
    with Store(bad) as store:
        for number in range(3):
            store.save(video(number), KEY, result(number, "failed(timeout)"), "siti")
    merged = merge_stores(str(tmp_path / "m"), [str(tmp_path / name) for name in order])
    assert (merged.failures, merged.results) == (2, 3)
    kinds = cells(tmp_path / "m", "SELECT form, status FROM results ORDER BY video")
    assert kinds == [("mean", "ok"), ("rows", "ok"), ("rows", "failed(timeout)")]


def test_stores_of_earlier_versions_are_read_and_left_alone(tmp_path: Path) -> None:
    old = made_store(tmp_path / "old", [0, 1])
    drop = "DROP TABLE computations; ALTER TABLE results DROP COLUMN checksum; PRAGMA user_version=1"
    changed(old, drop)
    before = old.read_bytes()
    made_store(tmp_path / "new", [1, 2])
    merged = merge_stores(str(tmp_path / "m"), [str(old), str(tmp_path / "new")])
    assert (merged.added, merged.equal) == (3, 1)
    assert old.read_bytes() == before
    assert cells(tmp_path / "m", "SELECT count(checksum) FROM results") == [(3,)]


def test_damaged_rows_are_left_out_counted_and_replaced(tmp_path: Path) -> None:
    one, other = made_store(tmp_path / "one", range(4)), made_store(tmp_path / "other", range(4))
    changed(one, f"UPDATE results SET n = 7 WHERE video IN ('{video(1)}', '{video(2)}')")
    merged = merge_stores(str(tmp_path / "m"), [str(one)])
    assert (merged.unreadable, merged.results) == (2, 2)
    changed(tmp_path / "m", f"UPDATE results SET n = 7 WHERE video = '{video(3)}'")
    healed = merge_stores(str(tmp_path / "m"), [str(other)])
    assert (healed.added, healed.equal, healed.differing, healed.results) == (3, 1, 0, 4)
    assert cells(tmp_path / "m", CONTENT) == cells(other, CONTENT)


def test_what_can_be_read_of_a_damaged_store_is_joined_and_told(tmp_path: Path) -> None:
    path = made_store(tmp_path / "s", range(400))
    changed(path, "")
    whole = path.read_bytes()
    path.write_bytes(whole[:200_000] + b"\xff" * 4096 + whole[204_096:])
    done = run_here("store", "merge", "m", "s", cwd=tmp_path)
    assert done.returncode == 1
    assert "s is damaged: what could be read of it is joined" in done.stderr
    ((count,),) = cells(tmp_path / "m", "SELECT count(*) FROM results")
    assert 0 < count < 400
    again = made_store(tmp_path / "again", range(400))
    assert merge_stores(str(tmp_path / "m"), [str(again)]).results == 400
    assert cells(tmp_path / "m", CONTENT) == cells(again, CONTENT)


def test_of_two_files_of_one_name_the_first_is_remembered(tmp_path: Path) -> None:
    for number, name in enumerate(("one", "other")):
        made_store(tmp_path / name, [number])
        row = f"(x'2f612e6d7034', 3, 4, 5, '{video(number)}')"
        changed(tmp_path / name, f"INSERT INTO files VALUES {row}")
    merged = merge_stores(str(tmp_path / "m"), [str(tmp_path / "one"), str(tmp_path / "other")])
    assert merged.paths == 1
    assert cells(tmp_path / "m", "SELECT path, video FROM files") == [(b"/a.mp4", video(0))]


def test_what_cannot_be_joined_is_refused_and_nothing_is_changed(tmp_path: Path) -> None:
    made_store(tmp_path / "one", [0])
    (tmp_path / "text").write_text("no store\n" * 100)
    changed(made_store(tmp_path / "strange", [0]), "CREATE VIEW v AS SELECT * FROM results")
    (tmp_path / "link").symlink_to("one")
    (tmp_path / "empty").touch()
    before = bytes_below(tmp_path)
    for out, given, words in (
        ("one", ["one"], "would replace the input"),
        ("link", ["one"], "would replace the input"),
        ("m", ["absent"], "there is no store"),
        ("m", ["one", "text"], "not a database"),
        ("m", ["strange"], "the view 'v'"),
        ("m", ["empty"], "it is empty"),
        ("m", ["."], "it is a folder"),
        ("absent/m", ["one"], "cannot"),
        ("text", ["one"], "not a database"),
    ):
        done = run_here("store", "merge", out, *given, cwd=tmp_path)
        assert words in one_error(done), (out, given)
    with Store(tmp_path / "one"), pytest.raises(StoreError, match="in use by another run"):
        merge_stores(str(tmp_path / "one"), [str(tmp_path / "strange")])
    with pytest.raises(ParameterError, match="at least one"):
        merge_stores(str(tmp_path / "m"), [])
    after = bytes_below(tmp_path)
    assert {name: after[name] for name in before} == before
    assert set(after) - set(before) <= {"one-wal"}


JOIN = """
import sys
from vqa_features.batch import store_merge
def tell(count):
    if count == 150:
        print("in the middle", flush=True)
        sys.stdin.read()
store_merge.merge_stores(sys.argv[1], sys.argv[2:], on_row=tell)
"""


@pytest.mark.parametrize("exists", [True, False])
def test_a_kill_in_the_middle_leaves_the_joined_store_as_it_was(tmp_path: Path, exists: bool) -> None:
    shards = [str(made_store(tmp_path / f"{k}", range(k * 100, k * 100 + 100))) for k in range(2)]
    out = tmp_path / "m"
    if exists:
        made_store(out, range(300, 310))
    child = subprocess.Popen(
        [sys.executable, "-c", JOIN, out, *shards], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    assert child.stdout.readline() == "in the middle\n"
    child.send_signal(signal.SIGKILL)
    child.wait()
    child.communicate()
    assert out.exists() == exists
    if exists:
        assert cells(out, "PRAGMA integrity_check") == [("ok",)]
        assert cells(out, "SELECT count(*) FROM results") == [(10,)]
    merged = merge_stores(str(out), shards)
    assert merged.results == 200 + 10 * exists


def test_a_full_disk_leaves_the_joined_store_as_it_was(tmp_path: Path) -> None:
    shard, out = tmp_path / "shard", made_store(tmp_path / "m", range(300, 310))
    wide = np.random.default_rng(0).normal(size=2048)
    with Store(shard) as store:
        for number in range(40):
            store.save(video(number), KEY, result(number), "siti", pools=("mean",), pooled=wide)
    code = (
        "import resource, signal, sys\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000))\n"
        "from vqa_features.cli import main\n"
        "main(sys.argv[1:])\n"
    )
    for target in (out, tmp_path / "new"):
        words = (sys.executable, "-c", code, "store", "merge", target, shard)
        done = subprocess.run(words, capture_output=True, text=True, check=False)
        assert done.returncode == 2, done.stderr
        assert f"the store {str(target)!r} failed" in done.stderr
        assert "Traceback" not in done.stderr
    assert cells(out, "SELECT count(*) FROM results") == [(10,)]
    assert cells(out, "PRAGMA integrity_check") == [("ok",)]
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith((".", "new"))] == ["new.lock"]


def test_the_command_names_differences_and_ends_with_1(tmp_path: Path) -> None:
    one, other = made_store(tmp_path / "one", [0, 1]), made_store(tmp_path / "other", [1])
    with Store(other) as store:
        store.save(video(0), KEY, result(0), "siti", pools=("mean",), pooled=pooled(2))
    done = run_here("store", "merge", "m", "one", "other", cwd=tmp_path)
    assert done.returncode == 1
    assert done.stdout == ""
    assert f"differs: siti (mean) of video {video(0)[:12]}: values, in other and one" in done.stderr
    assert "1 of 4 results differ" in done.stderr
    assert not (tmp_path / "m").exists()
    done = run_here("store", "merge", "m", "one", "other", "--prefer", "first", cwd=tmp_path)
    assert done.returncode == 0
    assert "1 differ: the first is kept" in done.stdout
    assert cells(tmp_path / "m", CONTENT) == cells(one, CONTENT)
