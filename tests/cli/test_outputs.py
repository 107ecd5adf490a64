"""What `extract` writes: checked before the work, never in the place of something better, never lost."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from commands import one_error, run, run_here
from small_videos import moving

from vqa_features.cli import table_file as module
from vqa_features.cli.outputs import Outputs
from vqa_features.errors import ParameterError, TableError
from vqa_features.tables.reading import read_table
from vqa_features.tables.writing import write_table

FORMATS = (".csv", ".parquet", ".npz", ".mat")


@pytest.fixture
def videos(tmp_path: Path) -> list[Path]:
    folder = tmp_path / "videos"
    folder.mkdir()
    return [moving(folder / f"{name}.mp4", 2 + n) for n, name in enumerate("abc")]


@pytest.fixture
def text(tmp_path: Path) -> Path:
    """A file that fails as a video."""
    path = tmp_path / "text.mp4"
    path.write_text("no video\n" * 50)
    return path


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def refused(tmp_path: Path, *arguments: object) -> str:
    """The sentence of a request that is refused with nothing written and no video opened."""
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*") if path.is_file()}
    done = run_here("extract", *arguments, "-e", "siti", cwd=tmp_path)
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*") if path.is_file()} == before
    assert "extract:" not in done.stderr
    return one_error(done)


@pytest.mark.parametrize("option", ["-o", "--per-frame", "--store"])
@pytest.mark.parametrize(
    ("place", "reason"),
    [
        ("/proc/x/o.csv", "No such file"),
        ("videos/a.mp4/o.csv", "ot a "),
        ("folder.csv", "folder"),
        ("pipe.csv", "pipe"),
        ("x" * 252 + ".csv", "too long"),
    ],
)
def test_what_cannot_be_written_is_refused(
    videos: list[Path], tmp_path: Path, option: str, place: str, reason: str
) -> None:
    (tmp_path / "folder.csv").mkdir()
    os.mkfifo(tmp_path / "pipe.csv")
    sentence = refused(tmp_path, *videos, *(() if option == "-o" else ("-o", "good.csv")), option, place)
    assert reason in sentence
    assert place.split("/")[-1] in sentence


@pytest.mark.parametrize("suffix", FORMATS)
def test_a_write_protected_table_is_refused(videos: list[Path], tmp_path: Path, suffix: str) -> None:
    (tmp_path / f"o{suffix}").touch(0o444)
    assert "write-protected" in refused(tmp_path, *videos, "-o", f"o{suffix}")


@pytest.mark.parametrize("name", ["o.txt", "o", "/dev/stdout", "o.parquet.gz", "o.xlsx"])
def test_an_unknown_format_is_refused(videos: list[Path], tmp_path: Path, name: str) -> None:
    assert ".parquet, .csv" in refused(tmp_path, *videos, "-o", name)


def test_a_format_whose_package_is_missing_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(TableError, match="pyarrow"):
        Outputs.of("o.parquet", None, None).check([], [])


@pytest.mark.parametrize(
    ("output", "more", "needed"),
    [
        ("o.csv", ["--per-frame", "./o.csv"], "same file"),
        ("o.csv", ["--per-frame", "link.csv"], "same file"),
        ("o.csv", ["--per-frame", "hard.csv"], "same file"),
        ("o.csv", ["--store", "o.csv"], "same file"),
        ("o.csv", ["--store", "o.csv.settings.json"], "same file"),
        ("o.parquet", ["--per-frame", "new.csv", "--store", "new.csv"], "same file"),
        ("list.csv", [], "replace the input"),
        ("tolist.csv", [], "replace the input"),
        ("new.csv", ["--store", "videos/a.mp4"], "replace the input"),
        ("new.csv", ["--per-frame", "list.csv"], "replace the input"),
        ("new.csv", ["--store", ""], "empty"),
    ],
)
def test_two_names_of_one_file_are_refused(
    videos: list[Path], tmp_path: Path, output: str, more: list[str], needed: str
) -> None:
    (tmp_path / "o.csv").write_text("id,x\na,1\n")
    (tmp_path / "link.csv").symlink_to("o.csv")
    os.link(tmp_path / "o.csv", tmp_path / "hard.csv")
    (tmp_path / "list.csv").write_text("path\n" + "".join(f"{path}\n" for path in videos))
    (tmp_path / "tolist.csv").symlink_to("list.csv")
    assert needed in refused(tmp_path, "list.csv", "-o", output, *more)


@pytest.mark.parametrize("suffix", FORMATS)
def test_videos_that_do_not_exist_replace_no_table(tmp_path: Path, suffix: str) -> None:
    write_table(table_of("a", "b"), tmp_path / f"o{suffix}")
    assert "is kept" in refused(tmp_path, "vidoes", "more.mp4", "-o", f"o{suffix}")


def test_nothing_but_failures_replaces_no_good_table(text: Path, tmp_path: Path) -> None:
    write_table(table_of("a", "b"), tmp_path / "o.csv")
    before = (tmp_path / "o.csv").read_bytes()
    done = run("extract", text, "-e", "siti", "-o", "o.csv", cwd=tmp_path)
    assert done.returncode == 3
    assert (tmp_path / "o.csv").read_bytes() == before
    assert "o.incomplete.csv" in done.stderr
    assert list(read_table(tmp_path / "o.incomplete.csv")["status"]) == ["failed(not a video)"]


def test_the_same_command_may_run_again(videos: list[Path], text: Path, tmp_path: Path) -> None:
    for n in range(2):
        done = run("extract", *videos, text, "-e", "siti", "-o", "o.csv", cwd=tmp_path)
        assert done.returncode == 1, done.stderr
        assert ("is replaced when" in done.stderr) is bool(n)
    assert not [name for name in names(tmp_path) if "incomplete" in name]


def test_a_failure_that_ends_the_run_keeps_the_rows(videos: list[Path], text: Path, tmp_path: Path) -> None:
    inputs = [videos[0], text, videos[1]]
    done = run("extract", *inputs, "-e", "siti", "-o", "o.csv", "--on-error", "stop", cwd=tmp_path)
    assert done.returncode == 1
    assert "ended early: 2 of 3" in done.stderr
    assert list(read_table(tmp_path / "o.csv")["status"]) == ["ok", "failed(not a video)"]


@pytest.mark.parametrize("suffix", FORMATS)
def test_a_link_stays_and_its_file_is_replaced_with_its_permissions(tmp_path: Path, suffix: str) -> None:
    (tmp_path / "far").mkdir()
    link, file = tmp_path / f"link{suffix}", tmp_path / "far" / f"file{suffix}"
    table = pd.DataFrame({"siti.si.mean": [1.0, 2.0]}, index=pd.Index(["a", "b"], name="id"))
    write_table(table[:1], file, {"n": 1})
    file.chmod(0o640)
    link.symlink_to(file)
    write_table(table, link, {"n": 2})
    assert link.is_symlink()
    assert file.stat().st_mode & 0o777 == 0o640
    for name in (link, file):
        assert len(read_table(name)) == 2
        assert read_table(name).attrs["settings"] == {"n": 2}


def table_of(*ids: str, failed: str = "") -> pd.DataFrame:
    status = ["failed(decode)" if name in failed.split() else "ok" for name in ids]
    table = pd.DataFrame({"status": status, "x.y.mean": 1.5}, index=pd.Index(ids, name="id", dtype=object))
    table.attrs["settings"] = {}
    return table


@pytest.mark.parametrize(
    ("old", "new", "complete", "replaced"),
    [
        (table_of("a", "b"), table_of("a"), True, True),
        (table_of("a", "b"), table_of("a"), False, False),
        (table_of("a"), table_of("a", "b"), False, True),
        (table_of("a"), table_of("a", failed="a"), True, False),
        (table_of("a", failed="a"), table_of("b", failed="b"), True, True),
        (table_of("a", "b", failed="b"), table_of("a"), False, True),
    ],
)
def test_a_table_is_replaced_by_a_complete_run_or_by_one_that_has_all_of_it(
    tmp_path: Path, old: pd.DataFrame, new: pd.DataFrame, complete: bool, replaced: bool
) -> None:
    out = tmp_path / "o.csv"
    write_table(old, out)
    written = Outputs.of(str(out), None, None).write(new, [], complete)
    assert statuses(out) == dict((new if replaced else old)["status"])
    assert bool(written.notes) is not replaced
    beside = tmp_path / "o.incomplete.csv"
    assert beside.exists() is not replaced
    if not replaced:
        assert statuses(beside) == dict(new["status"])


def statuses(file: Path) -> dict[object, str]:
    return dict(read_table(file)["status"])


def test_what_is_no_table_is_not_replaced_by_an_incomplete_run(tmp_path: Path) -> None:
    (tmp_path / "o.parquet").write_text("my notes")
    Outputs.of(str(tmp_path / "o.parquet"), None, None).write(table_of("a"), [], False)
    assert (tmp_path / "o.parquet").read_text() == "my notes"


def test_rows_that_cannot_be_written_go_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "file").touch()
    monkeypatch.chdir(tmp_path / "home")
    made = Outputs.of(str(tmp_path / "file" / "o.csv"), None, None).write(table_of("a"), [], True)
    assert "file/o.csv could not be written" in made.notes[0]
    assert list(read_table(made.place).index) == ["a"]
    assert Path(made.place).parent == tmp_path / "home"
    monkeypatch.setattr(module, "other_places", lambda file: iter([tmp_path / "file" / "x.csv"]))
    made = Outputs.of(str(tmp_path / "file" / "o.csv"), None, None).write(table_of("a"), [], True)
    assert made.place == "stdout"
    assert capsys.readouterr().out.splitlines()[1].startswith("a,ok,1.5")


@pytest.mark.parametrize("size", [8192, 12_000])
def test_a_table_too_large_for_its_disk_is_written_in_parts(
    videos: list[Path], tmp_path: Path, size: int
) -> None:
    code = (
        "import resource, sys, pandas as pd\n"
        "from vqa_features.cli.outputs import Outputs\n"
        "table = pd.DataFrame({f'x.f{i}.mean': [i / 7] * 9 for i in range(100)}, index=list('abcdefghi'))\n"
        "table.attrs['settings'] = {}\n"
        f"resource.setrlimit(resource.RLIMIT_FSIZE, ({size}, {size}))\n"
        "print(Outputs.of('o.csv', None, None).write(table, [], True).place)\n"
    )
    env = {**os.environ, "HOME": str(tmp_path), "TMPDIR": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=env, capture_output=True, text=True, timeout=120
    )
    places = done.stdout.strip().split(", ")
    assert len(places) > 1, done.stderr
    ids = [name for place in places for name in read_table(place).index]
    assert ids == list("abcdefghi")


def test_the_disk_may_fill_at_any_moment() -> None:
    root = Path(__file__).resolve().parents[2]
    command = [sys.executable, "-m", "benchmarks.disk_full", "--moments", "2", "--videos", "3"]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "lost 0, tracebacks 0" in done.stdout


@pytest.mark.parametrize("content", [b"", b"id,path\n" * 100])
@pytest.mark.parametrize("dry", [False, True])
def test_a_file_that_is_no_store(videos: list[Path], tmp_path: Path, content: bytes, dry: bool) -> None:
    (tmp_path / "s.sqlite").write_bytes(content)
    flags = ["--dry-run"] if dry else []
    start = run_here if content or dry else run
    done = start("extract", *videos, "-e", "siti", "-o", "o.csv", "--store", "s.sqlite", *flags, cwd=tmp_path)
    if content:
        assert "cannot be used as a store" in one_error(done)
        assert (tmp_path / "s.sqlite").read_bytes() == content
    else:
        assert done.returncode == 0, done.stderr  # an empty file is an empty store
        assert (tmp_path / "s.sqlite").stat().st_size > 0 or dry


def test_a_run_and_a_plan_say_how_much_is_stored(videos: list[Path], tmp_path: Path) -> None:
    stored = ["-e", "siti", "-o", "o.csv", "--store", "s.sqlite"]
    assert "0 of 2 videos are complete" in run("extract", *videos[:2], *stored, cwd=tmp_path).stderr
    before = {path: path.read_bytes() for path in tmp_path.glob("s.sqlite*")}
    plan = run_here("extract", *videos, *stored, "--dry-run", cwd=tmp_path)
    assert '"stored": 2' in plan.stdout
    assert {path: path.read_bytes() for path in tmp_path.glob("s.sqlite*")} == before
    assert "2 of 3 videos are complete" in run("extract", *videos, *stored, cwd=tmp_path).stderr
    wider = run_here("extract", *videos, "-e", "siti,brisque", *stored[2:], "--dry-run", cwd=tmp_path)
    assert '"stored": 0' in wider.stdout
    none = run_here("extract", *videos, *stored[:-1], "new.sqlite", "--dry-run", cwd=tmp_path)
    assert '"stored": 0' in none.stdout
    assert not (tmp_path / "new.sqlite").exists()


def test_a_second_command_names_the_process_that_has_the_store(videos: list[Path], tmp_path: Path) -> None:
    (tmp_path / "s.sqlite.lock").write_text("my notes")
    code = (
        "import sys\nfrom vqa_features.batch.store import Store\n"
        "store = Store('s.sqlite')\nprint()\nsys.stdin.read()"
    )
    command = [sys.executable, "-u", "-c", code]
    with subprocess.Popen(command, cwd=tmp_path, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        sentence = refused(tmp_path, *videos, "-o", "o.csv", "--store", "s.sqlite")
        holder.kill()
    assert f"in use by another run (process {holder.pid})" in sentence
    assert (tmp_path / "s.sqlite.lock").read_text() == "my notes"


def test_a_lock_that_is_a_link_is_not_followed(videos: list[Path], tmp_path: Path) -> None:
    (tmp_path / "notes").write_text("my notes")
    (tmp_path / "s.sqlite.lock").symlink_to("notes")
    sentence = refused(tmp_path, *videos, "-o", "o.csv", "--store", "s.sqlite")
    assert "symbolic link" in sentence
    assert (tmp_path / "notes").read_text() == "my notes"


def test_a_store_of_another_program_is_left_as_it_is(videos: list[Path], tmp_path: Path) -> None:
    database = sqlite3.connect(tmp_path / "s.sqlite")
    database.executescript("CREATE TABLE results (name TEXT); PRAGMA user_version=1")
    database.close()
    before = (tmp_path / "s.sqlite").read_bytes()
    done = run_here("extract", *videos, "-e", "siti", "-o", "o.csv", "--store", "s.sqlite", cwd=tmp_path)
    assert "another program" in one_error(done)
    assert (tmp_path / "s.sqlite").read_bytes() == before


def test_outputs_of_one_name_in_two_folders_are_two_files(tmp_path: Path) -> None:
    (tmp_path / "far").mkdir()
    Outputs.of(f"{tmp_path}/o.csv", f"{tmp_path}/far/o.csv", f"{tmp_path}/o.sqlite").check([], [])
    with pytest.raises(ParameterError, match="same file"):
        Outputs.of(f"{tmp_path}/o.csv", f"{tmp_path}/far/../o.csv", None).check([], [])


def test_a_folder_that_vanished_during_the_run_is_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    outputs = Outputs.of("o.csv", None, None)
    outputs.check([], [])
    (tmp_path / "here").rmdir()
    assert outputs.write(table_of("a"), [], True).notes == []
    assert statuses(tmp_path / "here" / "o.csv") == {"a": "ok"}
