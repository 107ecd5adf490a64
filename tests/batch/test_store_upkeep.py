"""A store described, checked and cleaned: every kind of damage found, no good result of this version lost."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from commands import one_error, run_here
from made_stores import EARLIER, KEY, cells, changed, made_store, result, video
from small_videos import moving

import vqa_features as vf
from vqa_features.batch.store import Store
from vqa_features.batch.store_gc import Rules, clean_store
from vqa_features.batch.store_info import store_info
from vqa_features.batch.store_verify import verify_store
from vqa_features.errors import ParameterError, StoreError


@pytest.fixture
def mixed(tmp_path: Path) -> Path:
    """Results of this version, of an earlier one, of an unknown extractor and key, and failures."""
    path = made_store(tmp_path / "s.sqlite", range(5))
    made_store(path, range(3), EARLIER)
    made_store(path, range(2), "some key")
    with Store(path) as store:
        store.save(video(7), KEY, result(7), "siti")
        store.save(video(8), KEY, result(8, "failed(decode)"), "siti")
        store.save(video(9), KEY, result(9, "failed(timeout)"), "siti")
    return path


def test_info_tells_extractors_versions_forms_and_failures(mixed: Path) -> None:
    info = store_info(str(mixed))
    found = {(group.version, group.installed, group.form): group.results for group in info.results}
    assert found == {
        (2, "installed", "mean"): 5,
        (2, "installed", "rows"): 1,
        (2, "installed", "failed"): 2,
        (0, "other version", "mean"): 3,
        (None, "not known", "mean"): 2,
    }
    assert (info.videos, info.failures) == (8, {"failed(decode)": 1, "failed(timeout)": 1})
    assert info.bytes >= mixed.stat().st_size
    assert info.oldest is not None
    assert info.newest is not None
    text = run_here("store", "info", mixed, cwd=mixed.parent).stdout
    assert "8 videos with results" in text
    assert "1 failed(timeout)" in text


def test_a_store_of_a_stranger_opens_no_file_and_writes_no_control_characters(tmp_path: Path) -> None:
    path = made_store(tmp_path / "s", [0, 1, 2])
    precious = tmp_path / "model.npz"
    os.mkfifo(precious)  # opening it would hang
    changed(path, f"UPDATE results SET label = 'niqe[model={precious}]', form = 'a\x1b]0;x\x07'")
    changed(path, "UPDATE results SET label = x'ff', stored_s = 'later' WHERE rowid = 1")
    done = run_here("store", "info", path, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "\x1b" not in done.stdout
    assert "not known" in done.stdout
    assert verify_store(str(path)).unreadable == 3
    assert run_here("store", "gc", path, "--other-versions", "--dry-run", cwd=tmp_path).returncode == 0


def test_a_sound_store_is_sound(mixed: Path) -> None:
    check = verify_store(str(mixed))
    assert check.sound
    assert (check.results, check.failures, check.videos) == (13, 2, None)
    done = run_here("store", "verify", mixed, cwd=mixed.parent)
    assert (done.returncode, done.stderr) == (0, "")
    assert "13 results read, 2 of them failures; nothing is damaged" in done.stdout


DAMAGE = {
    "a bit": ("UPDATE results SET frames_decoded = 4 WHERE rowid = 1", "unreadable"),
    "numbers": ("UPDATE results SET data = x'00' WHERE rowid = 1", "unreadable"),
    "a status": ("UPDATE results SET status = 'fine', checksum = NULL WHERE rowid = 1", "unreadable"),
    "a form": ("UPDATE results SET form = x'ff' WHERE rowid = 1", "unreadable"),
    "a width": (
        "UPDATE results SET d = 1, data = zeroblob(8), checksum = NULL WHERE rowid = 1",
        "widths",
    ),
    "a description": ("UPDATE computations SET text = '{}'", "keys"),
    "a hash": ("INSERT INTO files VALUES (x'2f61', 1, 1, 1, 'abc')", "hashes"),
}


@pytest.mark.parametrize("kind", DAMAGE)
def test_damage_is_counted_and_ends_with_1(tmp_path: Path, kind: str) -> None:
    path = made_store(tmp_path / "s", range(4))
    statement, field = DAMAGE[kind]
    changed(path, statement)
    check = verify_store(str(path))
    assert not check.sound
    assert getattr(check, field) == 1
    done = run_here("store", "verify", path, "--json", cwd=tmp_path)
    assert done.returncode == 1
    assert json.loads(done.stdout)[field] == 1


def test_damaged_pages_are_told_and_not_raised(tmp_path: Path) -> None:
    path = made_store(tmp_path / "s", range(400))
    changed(path, "")
    whole = path.read_bytes()
    path.write_bytes(whole[:40_000] + b"\xff" * 8192 + whole[48_192:])
    done = run_here("store", "verify", path, cwd=tmp_path)
    assert done.returncode == 1
    assert "DAMAGED" in done.stdout
    assert "SQLite: " in done.stdout
    assert "Traceback" not in done.stderr


def test_remembered_videos_are_hashed_again_only_where_asked(tmp_path: Path) -> None:
    paths = [moving(tmp_path / f"{name}.mp4", 3 + n) for n, name in enumerate(("same", "changed", "gone"))]
    for path in paths:
        os.utime(path, (10**9, 10**9))
    store = tmp_path / "s"
    vf.extract_many(paths, "siti", store=store)
    stamp = paths[1].stat()
    data = bytearray(paths[1].read_bytes())
    data[-1] ^= 1
    paths[1].write_bytes(data)  # of the same size, time and inode
    os.utime(paths[1], ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
    paths[2].unlink()
    check = verify_store(str(store), videos=True)
    assert check.sound
    assert check.videos == {"same": 1, "changed": 1, "missing": 1, "unreadable": 0, "remote": 0}
    assert clean_store(str(store), Rules(missing=True)).files == 1
    assert cells(store, "SELECT count(*) FROM files") == [(2,)]
    assert cells(store, "SELECT count(*) FROM results") == [(3,)]


def test_gc_removes_by_default_only_what_every_run_computes_again(mixed: Path) -> None:
    changed(mixed, f"UPDATE results SET n = 7 WHERE video = '{video(4)}'")
    before = mixed.read_bytes()
    looked = clean_store(str(mixed), dry_run=True)
    assert mixed.read_bytes() == before
    assert looked.results == {"unreadable": 1, "tried again anyway": 1}
    assert looked.after is None
    done = clean_store(str(mixed))
    assert (done.results, done.bytes) == (looked.results, looked.bytes)
    assert cells(mixed, "SELECT count(*) FROM results") == [(11,)]
    assert verify_store(str(mixed)).sound
    assert clean_store(str(mixed)).results == {}


def test_gc_removes_old_failures_and_other_versions_where_asked(mixed: Path) -> None:
    removal = clean_store(str(mixed), Rules(failures_days=1, other_versions=True))
    assert removal.results == {"tried again anyway": 1, "other version": 3}
    assert removal.kept == {"siti": 2}  # of the key without a text
    assert clean_store(str(mixed), Rules(failures_days=0)).results == {"failure": 1}
    statuses = cells(mixed, "SELECT DISTINCT status, key FROM results ORDER BY key")
    assert statuses == [("ok", str(KEY)), ("ok", "some key")]
    assert cells(mixed, "SELECT key FROM computations") == [(str(KEY),)]
    with pytest.raises(ParameterError, match="0 days or more"):
        Rules(failures_days=-1)


def test_gc_gives_the_space_back(tmp_path: Path) -> None:
    path = made_store(tmp_path / "s", range(2000), EARLIER)
    removal = clean_store(str(path), Rules(other_versions=True))
    assert removal.results == {"other version": 2000}
    assert removal.after is not None
    assert removal.after < removal.before / 5
    assert path.stat().st_size == removal.after


def test_a_store_in_use_is_described_and_not_cleaned(mixed: Path) -> None:
    with Store(mixed):
        assert store_info(str(mixed)).videos == 8
        assert verify_store(str(mixed)).sound
        assert clean_store(str(mixed), dry_run=True).results == {"tried again anyway": 1}
        with pytest.raises(StoreError, match="in use by another run"):
            clean_store(str(mixed))


@pytest.mark.parametrize("command", ["info", "verify", "gc"])
def test_what_is_no_store_is_one_sentence_and_is_not_made(tmp_path: Path, command: str) -> None:
    (tmp_path / "text").write_text("no store\n" * 100)
    (tmp_path / "empty").touch()
    for name, words in (("absent", "there is no store"), ("text", "not a database"), (".", "it is a folder")):
        assert words in one_error(run_here("store", command, name, cwd=tmp_path))
    assert sorted(path.name for path in tmp_path.iterdir() if path.suffix != ".lock") == ["empty", "text"]
    assert (tmp_path / "text").read_text() == "no store\n" * 100
