"""A store from a stranger runs nothing, touches no other file, and is refused in one sentence or used."""

from __future__ import annotations

import os
import random
import sqlite3
import struct
import subprocess
import sys
from collections import Counter
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from commands import one_error, run
from small_videos import moving

from vqa_features.batch.store import Store
from vqa_features.errors import StoreError
from vqa_features.video_task import Rows, VideoResult

ROWS = {"siti": Rows(np.arange(9) / 25, np.arange(9), np.random.default_rng(0).normal(size=(9, 2)))}
RESULT = VideoResult("a", "a.mp4", "ok", rows=ROWS)

#: SQL of what another program may have put into a store, and how the sentence names it.
FOREIGN = {
    "trigger": (
        "CREATE TRIGGER t AFTER INSERT ON results BEGIN DELETE FROM results; END",
        "the trigger 't'",
    ),
    "view": ("CREATE VIEW v AS SELECT * FROM results", "the view 'v'"),
    "index": ("CREATE INDEX i ON results (status)", "the index 'i'"),
    "index on an expression": ("CREATE INDEX i ON results (abs(n))", "the index 'i'"),
    "table": ("CREATE TABLE songs (name)", "the table 'songs'"),
    "virtual table": ("CREATE VIRTUAL TABLE text USING fts5(a)", "the table 'text"),
    "statistics": ("ANALYZE", "sqlite_stat1"),
    "generated column": (
        "ALTER TABLE results ADD COLUMN twice AS (hex(zeroblob(n)))",
        "the table 'results'",
    ),
    "default": ("ALTER TABLE files ADD COLUMN x DEFAULT 1", "the table 'files'"),
    "check": (
        "DROP TABLE files; CREATE TABLE files (path BLOB PRIMARY KEY, size INTEGER CHECK (size > 0),"
        " mtime_ns INTEGER, inode INTEGER, video TEXT NOT NULL) WITHOUT ROWID",
        "the table 'files'",
    ),
    "view for a table": (
        "ALTER TABLE results RENAME TO real; CREATE VIEW results AS SELECT * FROM real",
        "the view 'results'",
    ),
    "no table": ("DROP TABLE files", "a table is missing"),
    "name that writes on the terminal": ('CREATE TABLE "\x1b]0;owned\x07" (a)', r"\x1b]0;owned"),
}


@pytest.fixture
def store(tmp_path: Path) -> Path:
    path = tmp_path / "folder" / "s.sqlite"
    path.parent.mkdir()
    with Store(path) as opened:
        for number in range(20):
            opened.save(f"video {number}", "key", RESULT, "siti")
            opened.save(f"video {number}", "key", RESULT, "siti", pools=("mean",), pooled=np.ones(2))
    (path.parent / "s.sqlite.lock").unlink()
    return path


@pytest.mark.parametrize("kind", FOREIGN)
@pytest.mark.parametrize("read_only", [False, True])
def test_what_no_store_holds_is_refused_and_left_alone(store: Path, kind: str, read_only: bool) -> None:
    statements, named = FOREIGN[kind]
    with closing(sqlite3.connect(store)) as database:
        database.executescript(statements)
        database.execute("PRAGMA journal_mode=DELETE")
    before = store.read_bytes()
    for _ in range(2):
        with pytest.raises(StoreError, match="cannot be used as a store") as refused:
            Store(store, read_only=read_only)
        assert named in str(refused.value)
        assert str(refused.value).isprintable()
    assert store.read_bytes() == before


def test_no_other_file_is_attached_and_no_function_of_the_schema_runs(store: Path, tmp_path: Path) -> None:
    with Store(store) as opened:
        database = opened._database
        with pytest.raises(sqlite3.Error, match="too many attached"):
            database.execute("ATTACH ? AS other", (str(tmp_path / "other.sqlite"),))
        for setting, value in (("trusted_schema", 0), ("cell_size_check", 1), ("mmap_size", 0)):
            found = database.execute(f"PRAGMA {setting}").fetchone()
            assert found in ((value,), None)
        assert database.getlimit(sqlite3.SQLITE_LIMIT_LENGTH) <= 10**9
    assert not (tmp_path / "other.sqlite").exists()


#: SQL that makes the schema of an earlier version, and the number of checksums after one result is replaced.
EARLIER = {
    1: (
        "DROP TABLE computations; ALTER TABLE results DROP COLUMN checksum; PRAGMA user_version=1",
        1,
    ),
    2: ("DROP TABLE computations; PRAGMA user_version=2", 40),
}


@pytest.mark.parametrize("version", EARLIER)
def test_a_store_of_an_earlier_version_is_read_and_brought_up_to_this_one(store: Path, version: int) -> None:
    statements, checksums = EARLIER[version]
    with closing(sqlite3.connect(store)) as database:
        database.executescript(statements)
    with Store(store, read_only=True) as opened:
        assert opened.load("video 3", "key", ("mean",)) is not None
        assert opened.unreadable() == ""
    with Store(store) as opened:
        found = opened.load("video 3", "key")
        assert found is not None
        assert found.rows is not None
        assert found.rows.values.tobytes() == ROWS["siti"].values.tobytes()
        opened.save("video 3", "key", RESULT, "siti")
        assert len(opened) == 40
    with closing(sqlite3.connect(store)) as database:
        assert database.execute("PRAGMA user_version").fetchone() == (3,)
        assert database.execute("SELECT count(checksum) FROM results").fetchone() == (checksums,)
    Store(store).close()


@pytest.mark.parametrize("ending", ["-wal", "-shm", "-journal"])
@pytest.mark.parametrize("how", ["link", "hard link", "dangling", "fifo", "folder"])
def test_a_file_beside_a_store_that_leads_elsewhere_is_refused(
    store: Path, tmp_path: Path, ending: str, how: str
) -> None:
    precious, beside = tmp_path / "thesis.txt", Path(f"{store}{ending}")
    precious.write_text("years of work\n" * 1000)
    match how:
        case "link":
            beside.symlink_to(precious)
        case "hard link":
            beside.hardlink_to(precious)
        case "dangling":
            beside.symlink_to(tmp_path / "new")
        case "fifo":
            os.mkfifo(beside)
        case "folder":
            beside.mkdir()
    with pytest.raises(StoreError, match=f"{ending} beside it is a link or no regular file; remove it"):
        Store(store)
    linked = tmp_path / "linked.sqlite"
    linked.symlink_to(store)
    with pytest.raises(StoreError, match="is a link or no regular file"):
        Store(linked, read_only=True)
    assert precious.read_text() == "years of work\n" * 1000
    assert not (tmp_path / "new").exists()


def journal(store: Path, deleted: Path) -> bytes:
    """A journal after whose replay SQLite deletes another file."""
    name = os.fsencode(deleted)
    magic = bytes.fromhex("d9d505f920a163d7")
    head = magic + struct.pack(">5I", 0, 1, store.stat().st_size // 4096, 512, 4096)
    tail = struct.pack(">I", 2**30 // 4096 + 1) + name + struct.pack(">2I", len(name), sum(name)) + magic
    return head.ljust(512, b"\0") + tail


def test_a_journal_that_would_delete_another_file_is_refused(store: Path, tmp_path: Path) -> None:
    precious = tmp_path / "thesis.txt"
    precious.write_text("years of work\n")
    Path(f"{store}-journal").write_bytes(journal(store, precious))
    for read_only in (True, False):
        with pytest.raises(StoreError, match="names another file, which SQLite would delete"):
            Store(store, read_only=read_only)
    assert precious.exists()
    moving(tmp_path / "v.mp4", 3)
    done = run("extract", "v.mp4", "-e", "siti", "-o", "t.csv", "--store", store, cwd=tmp_path)
    assert "which SQLite would delete" in one_error(done)
    assert precious.exists()
    with closing(sqlite3.connect(store)) as plain:  # what the refusal saves the user from
        plain.execute("SELECT count(*) FROM results").fetchone()
    assert not precious.exists()


def test_a_journal_of_a_killed_run_is_still_replayed(tmp_path: Path) -> None:
    path = tmp_path / "s.sqlite"
    code = (
        "import os, sqlite3\n"
        f"database = sqlite3.connect({str(path)!r}, isolation_level=None)\n"
        "database.execute('PRAGMA cache_size=1')\n"
        "database.execute('BEGIN')\n"
        "database.executescript('DROP TABLE results')\n"
        "database.execute('CREATE TABLE filler AS SELECT zeroblob(9000000) AS a')\n"
        "os._exit(0)\n"
    )
    with Store(path) as opened:
        opened.save("video", "key", RESULT, "siti")
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA journal_mode=DELETE")
    subprocess.run([sys.executable, "-c", code.replace("executescript", "execute")], check=True, timeout=60)
    assert Path(f"{path}-journal").stat().st_size > 0
    with Store(path) as opened:
        assert opened.load("video", "key") is not None


USE = """
import sys
import numpy as np
from vqa_features.batch.store import Store
from vqa_features.errors import StoreError

EXPECTED = np.random.default_rng(0).normal(size=(9, 2))
ASKED = [(f"video {n}", pools) for n in range(20) for pools in (None, ["mean"])]

def use(path):
    try:
        with Store(path, exclusive=False) as store:
            found = [store.load(video, "key", pools, widths=(2, 2)) for video, pools in ASKED]
            for one in found:
                assert one is None or one.rows is None or (one.rows.values == EXPECTED).all()
                assert one is None or one.pooled is None or (one.pooled == 1).all()
            store.video_hash(__file__)
            store.knows(__file__)
            return "odd" if store.unreadable() else "all" if all(found) else "fewer"
    except StoreError as error:
        assert str(error).isprintable() and len(str(error)) < 1000, str(error)
        return "refused"

for name in sys.argv[1:]:
    print(use(name))
"""


def test_mutated_stores_end_no_process_and_give_no_traceback(store: Path, tmp_path: Path) -> None:
    with closing(sqlite3.connect(store)) as database:
        database.execute("PRAGMA journal_mode=DELETE")
    whole, rng = store.read_bytes(), random.Random(11)
    names = []
    for number in range(300):
        data = bytearray(whole)
        for _ in range(rng.choice([1, 1, 4, 50])):
            start = rng.randrange(100 if rng.random() < 0.2 else len(data))
            data[start : start + rng.choice([1, 1, 8])] = rng.randbytes(rng.choice([1, 1, 8]))
        if rng.random() < 0.1:
            del data[rng.randrange(len(data)) :]
        names.append(tmp_path / f"m{number}.sqlite")
        names[-1].write_bytes(data)
    code = tmp_path / "use.py"
    code.write_text(USE)
    done = subprocess.run([sys.executable, code, *names], capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stderr) == (0, "")
    outcomes = Counter(done.stdout.split())
    assert outcomes.total() == len(names)
    assert outcomes["refused"] > 20
    assert outcomes["odd"] > 5
