"""A row of a store that cannot be read is absent: computed again, counted, told once, and replaced."""

from __future__ import annotations

import json
import os
import sqlite3
import stat
import tracemalloc
import zlib
from contextlib import closing
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest
from commands import run
from small_videos import moving

import vqa_features as vf
from vqa_features.batch.resume import Resume, StoredColumns
from vqa_features.batch.store import Store
from vqa_features.registry import make_all
from vqa_features.specs import VideoInfo
from vqa_features.tables.reading import read_table
from vqa_features.video_task import Rows, VideoResult, VideoTask

EXTRACTORS = tuple(make_all("siti,colorfulness"))
INFO = VideoInfo("a.mp4", 64, 48, float("nan"), 3, None, "h264", "yuv420p")
ROWS = {
    "siti": Rows(np.array([0.0, 0.04]), np.array([0, 1]), np.array([[1.0, 2.0], [3.0, 4.0]])),
    "colorfulness": Rows(np.array([0.0, 0.04]), np.array([0, 1]), np.arange(10.0).reshape(2, 5)),
}


def described(**changes: object) -> str:
    """The description of a video as JSON with some fields changed; None leaves one out."""
    fields = {**asdict(INFO), **changes}
    return json.dumps({name: value for name, value in fields.items() if name not in changes or value != "-"})


def bomb(size: int) -> bytes:
    packing = zlib.compressobj(9)
    return b"".join(packing.compress(bytes(1 << 20)) for _ in range(size >> 20)) + packing.flush()


#: What a stranger, a fault or another version puts into a pooled result: column and value.
ODD = {
    "no JSON": ("warnings", "["),
    "deep JSON": ("warnings", "[" * 100_000),
    "long number": ("seconds", '{"decode": 1' + "0" * 5000 + "}"),
    "object for list": ("warnings", "{}"),
    "numbers for warnings": ("warnings", "[1]"),
    "text for list": ("warnings", '"abc"'),
    "list for object": ("seconds", "[]"),
    "text for seconds": ("seconds", '{"decode": "1"}'),
    "nan seconds": ("seconds", '{"decode": NaN}'),
    "negative seconds": ("seconds", '{"decode": -1}'),
    "null seconds": ("seconds", '{"decode": null}'),
    "twice": ("seconds", '{"decode": 1, "decode": 2}'),
    "seconds of others": ("seconds", '{"brisque": 1.0}'),
    "null for info": ("info", "null"),
    "text for info": ("info", '"a"'),
    "unknown field": ("info", described(depth=3)),
    "missing field": ("info", described(codec="-")),
    "text for number": ("info", described(width="64")),
    "list for text": ("info", described(codec=["h264"])),
    "true for number": ("info", described(width=True)),
    "huge number": ("info", described(width=10**30)),
    "fraction for count": ("info", described(frames=2.5)),
    "no status": ("status", ""),
    "unknown status": ("status", "good"),
    "open status": ("status", "failed("),
    "status that writes on the terminal": ("status", "failed(\x1b]0;owned\x07)"),
    "failed with data": ("status", "failed(decode)"),
    "blob for text": ("error", b"\x00\x01"),
    "text that is not UTF-8": ("error", "CAST(x'ff80' AS TEXT)"),
    "blob for JSON": ("info", b"{}"),
    "text for count": ("frames_decoded", "three"),
    "negative count": ("frames_decoded", -1),
    "fraction": ("frames_expected", 2.5),
    "greatest count": ("frames_decoded", 2**63 - 1),
    "blob for count": ("n", b"1"),
    "short blob": ("data", b"\x00" * 7),
    "longer blob": ("data", b"\x00" * 80),
    "no blob": ("data", b""),
    "text for blob": ("data", "abc"),
    "other width": ("d, data", (3, bytes(24))),
    "huge width": ("d", 2**53 - 1),
    "negative width": ("d", -4),
    "huge and negative": ("n, d", (-(2**62), -(2**62))),
}

ODD_ROWS = {
    "no zlib": ("data", b"garbage"),
    "cut zlib": ("data", zlib.compress(bytes(2 * 4 * 8))[:-1]),
    "more behind": ("data", zlib.compress(bytes(2 * 4 * 8)) + b"x"),
    "too many rows": ("data", zlib.compress(bytes(3 * 4 * 8))),
    "too few rows": ("data", zlib.compress(bytes(1 * 4 * 8))),
    "zip bomb": ("data", bomb(64 << 20)),
    "announced bomb": ("n, data", ((64 << 20) // 32, bomb(64 << 20)[:-9])),
    "more than memory": ("n", 2**50),
    "other width": ("n, d, data", (2, 5, zlib.compress(bytes(2 * 7 * 8)))),
    "nan frames": ("data", zlib.compress(np.full((8, 8), 255, np.uint8).tobytes())),
    "no blob": ("data", b""),
}


@pytest.fixture
def task(tmp_path: Path) -> VideoTask:
    video = tmp_path / "a.mp4"
    video.write_bytes(b"the bytes of a video")
    return VideoTask("a", str(video), EXTRACTORS)


def result(task: VideoTask, status: str = "ok", **settings: object) -> VideoResult:
    made = VideoResult(task.id, task.path, status, "", ("w",), 2, 3, INFO, ROWS, {"decode": 0.5, "siti": 1.0})
    return replace(made, **settings)  # type: ignore[arg-type]


class Run:
    """One run over tasks with a store, in which what is pending gets `answer`."""

    def __init__(
        self, folder: Path, task: VideoTask, answer: VideoResult | None = None, keep_rows: bool = False
    ) -> None:
        self.told: list[str] = []
        self.taken: list[tuple[VideoResult, StoredColumns]] = []
        options = {"keep_rows": keep_rows, "on_trouble": self.told.append}
        with Resume(folder / "run.sqlite", ("mean",), **options) as resume:  # type: ignore[arg-type]
            self.complete = resume.complete([task])
            self.pending = list(resume.pending([task], lambda *taken: self.taken.append(taken)))
            if answer is not None:
                resume.record(answer, lambda *taken: self.taken.append(taken))
        self.failed = resume.failed


def change(store: Path, column: str, value: object, where: str = "label = 'siti'") -> None:
    """Change a stored result as someone who leaves no checksum."""
    values = value if isinstance(value, tuple) else (value,)
    with closing(sqlite3.connect(store)) as database, database:
        marks = ", ".join("?" * len(values))
        if isinstance(value, str) and value.startswith("CAST"):
            marks, values = value, ()
        database.execute(f"UPDATE results SET checksum = NULL WHERE {where}")
        changed = database.execute(f"UPDATE results SET ({column}) = ({marks}) WHERE {where}", values)
        assert changed.rowcount > 0


@pytest.mark.parametrize("kind", ODD)
def test_an_odd_pooled_result_is_computed_again_told_once_and_replaced(
    tmp_path: Path, task: VideoTask, kind: str
) -> None:
    Run(tmp_path, task, result(task))
    change(tmp_path / "run.sqlite", *ODD[kind])
    again = Run(tmp_path, task, result(task))
    assert (again.complete, again.failed) == (0, False)
    assert [[one.label for one in pending.extractors] for pending in again.pending] == [["siti"]]
    assert again.told == [
        f"1 of 2 stored results in '{tmp_path / 'run.sqlite'}' could not be read and are computed again"
    ]
    ((found, known),) = again.taken
    assert (found.status, set(found.rows), set(known)) == ("ok", {"siti", "colorfulness"}, {"colorfulness"})
    last = Run(tmp_path, task)
    assert (last.complete, last.pending, last.told) == (1, [], [])
    assert last.taken[0][1]["siti"].tolist() == [2.0, 3.0]


@pytest.mark.parametrize("kind", ODD_ROWS)
def test_odd_rows_of_windows_are_computed_again_within_little_memory(
    tmp_path: Path, task: VideoTask, kind: str
) -> None:
    Run(tmp_path, task, result(task), keep_rows=True)
    change(tmp_path / "run.sqlite", *ODD_ROWS[kind])
    tracemalloc.start()
    again = Run(tmp_path, task, result(task), keep_rows=True)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < (300 << 20 if kind == "announced bomb" else 16 << 20)
    assert again.told[0].startswith("1 of 2 stored results")
    last = Run(tmp_path, task, keep_rows=True)
    assert (last.complete, last.pending, last.told) == (1, [], [])
    np.testing.assert_array_equal(last.taken[0][0].rows["siti"].values, ROWS["siti"].values)


@pytest.mark.parametrize("keep_rows", [False, True])
def test_a_failure_takes_the_place_of_an_odd_result_too(
    tmp_path: Path, task: VideoTask, keep_rows: bool
) -> None:
    Run(tmp_path, task, result(task), keep_rows=keep_rows)
    change(tmp_path / "run.sqlite", "warnings", "[", "1")
    again = Run(tmp_path, task, result(task, "failed(decode)", rows={}), keep_rows=keep_rows)
    assert again.told[0].startswith("2 of 2 stored results")
    last = Run(tmp_path, task, keep_rows=keep_rows)
    assert (last.pending, last.told, last.taken[0][0].status) == ([], [], "ok")
    assert set(last.taken[0][0].failures) == {"siti", "colorfulness"}


def test_an_odd_failure_is_tried_again(tmp_path: Path, task: VideoTask) -> None:
    Run(tmp_path, task, result(task, "failed(decode)", rows={}))
    assert Run(tmp_path, task).pending == []
    change(tmp_path / "run.sqlite", "error", b"\xff", "1")
    assert Run(tmp_path, task, result(task)).told[0].startswith("2 of 2")
    assert Run(tmp_path, task).taken[0][0].status == "ok"


def test_rows_of_windows_that_are_odd_hide_no_pooled_result(tmp_path: Path, task: VideoTask) -> None:
    Run(tmp_path, task, result(task))
    Run(tmp_path, task, result(task), keep_rows=True)
    change(tmp_path / "run.sqlite", "data", b"garbage", "form = 'rows'")
    run = Run(tmp_path, task)
    assert (run.pending, run.told) == ([], [])
    assert run.taken[0][1]["siti"].tolist() == [2.0, 3.0]


@pytest.mark.parametrize("column", ["data", "status", "frames_decoded", "info", "stored_s"])
def test_a_result_that_changed_by_itself_does_not_match_its_checksum(
    tmp_path: Path, task: VideoTask, column: str
) -> None:
    Run(tmp_path, task, result(task))
    value = {"data": bytes(16), "status": "suspect", "frames_decoded": 1, "info": "{}", "stored_s": 0.0}
    with closing(sqlite3.connect(tmp_path / "run.sqlite")) as database, database:
        database.execute(f"UPDATE results SET {column} = ? WHERE label = 'siti'", (value[column],))
    again = Run(tmp_path, task, result(task))
    assert again.told[0].startswith("1 of 2 stored results")
    assert Run(tmp_path, task).told == []


@pytest.mark.parametrize("video", ["", "0" * 63, "x" * 64, b"\xff" * 64, 7])
def test_an_odd_hash_of_a_video_is_read_again(tmp_path: Path, video: object) -> None:
    path = tmp_path / "a.mp4"
    path.write_bytes(b"bytes")
    os.utime(path, ns=(10**18, 10**18))
    with Store(tmp_path / "run.sqlite") as store:
        expected = store.video_hash(path)
        assert store.knows(path)
    with closing(sqlite3.connect(tmp_path / "run.sqlite")) as database, database:
        database.execute("UPDATE files SET video = ?", (video,))
    with Store(tmp_path / "run.sqlite") as store:
        assert not store.knows(path)
        assert store.video_hash(path) == expected
        assert store.unreadable() == "1 remembered hashes of videos"
    with Store(tmp_path / "run.sqlite") as store:
        assert store.knows(path)
        assert store.unreadable() == ""


def test_numbers_of_a_file_that_need_64_bits_are_remembered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.mp4"
    path.write_bytes(b"bytes")
    os.utime(path, ns=(10**18, 10**18))
    real = os.fstat

    def far_inode(descriptor: int) -> os.stat_result:
        found = list(real(descriptor))
        found[stat.ST_INO] = 2**64 - 2
        return os.stat_result(found, {"st_mtime_ns": 10**18})

    with Store(tmp_path / "run.sqlite") as store:
        monkeypatch.setattr(os, "fstat", far_inode)
        monkeypatch.setattr(os, "stat", lambda _: far_inode(opened.fileno()))
        with path.open("rb") as opened:
            store.video_hash(path)
            assert store.knows(path)
        monkeypatch.undo()


@pytest.mark.parametrize("dry", [True, False])
def test_the_command_says_how_many_results_are_computed_again(tmp_path: Path, dry: bool) -> None:
    videos = tmp_path / "videos"
    videos.mkdir()
    for n in range(3):
        moving(videos / f"v{n}.mp4", 2 + n)
    asked = ("extract", videos, "-e", "siti", "-o", "t.csv", "--store", "s.sqlite")
    first = vf.extract_many([videos], "siti", store=tmp_path / "s.sqlite")
    change(tmp_path / "s.sqlite", "info", "{", "rowid = 2")
    done = run(*asked, *["--dry-run"] * dry, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stderr.count(f"1 of 3 stored results in '{tmp_path}/s.sqlite' could not be read") == 1
    assert "Traceback" not in done.stderr
    if dry:
        assert json.loads(done.stdout)["stored"] == 2
    else:
        assert "2 of 3 videos are complete" in done.stderr
        np.testing.assert_array_equal(read_table(tmp_path / "t.csv")["siti.si.mean"], first["siti.si.mean"])
        assert "could not be read" not in run(*asked, cwd=tmp_path).stderr
