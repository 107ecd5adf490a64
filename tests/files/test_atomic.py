"""A written file is the old one or the whole new one, and no temporary file remains."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vqa_features.files.atomic import atomic_path, write_text
from vqa_features.files.hashing import hold_to_record, recorded
from vqa_features.tables.writing import write_table

OLD = "the old content"


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@settings(max_examples=50, deadline=None)
@given(text=st.text(st.characters(exclude_categories=["Cs"])))
def test_text_comes_back_as_it_was_given(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    folder = tmp_path_factory.mktemp("text")
    write_text(folder / "a.txt", text)
    assert (folder / "a.txt").read_bytes() == text.encode()
    assert names(folder) == ["a.txt"]


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, OSError])
def test_a_failed_write_leaves_the_old_file_and_no_other(tmp_path: Path, error: type[BaseException]) -> None:
    target = tmp_path / "a.csv"
    target.write_text(OLD)

    def fail() -> None:
        with atomic_path(target) as part:
            part.write_text("half of the new")
            raise error

    with pytest.raises(error):
        fail()
    assert target.read_text() == OLD
    assert names(tmp_path) == ["a.csv"]


def test_the_old_file_is_read_until_the_new_one_is_complete(tmp_path: Path) -> None:
    target = tmp_path / "a.csv"
    target.write_text(OLD)
    with atomic_path(target) as part:
        part.write_text("the new content")
        assert target.read_text() == OLD
        assert part.parent == target.parent
    assert target.read_text() == "the new content"
    assert names(tmp_path) == ["a.csv"]


def test_a_writer_that_writes_nothing_leaves_the_old_file(tmp_path: Path) -> None:
    target = tmp_path / "a.csv"
    target.write_text(OLD)
    with pytest.raises(FileNotFoundError), atomic_path(target):
        pass
    assert target.read_text() == OLD


def test_a_link_is_replaced_and_its_file_is_left_alone(tmp_path: Path) -> None:
    original, link = tmp_path / "original.csv", tmp_path / "link.csv"
    original.write_text(OLD)
    link.symlink_to(original)
    write_text(link, "new")
    assert not link.is_symlink()
    assert (link.read_text(), original.read_text()) == ("new", OLD)


def test_a_new_file_has_the_permissions_of_any_new_file(tmp_path: Path) -> None:
    (tmp_path / "plain.txt").write_text("")
    write_text(tmp_path / "a.txt", "")
    assert (tmp_path / "a.txt").stat().st_mode == (tmp_path / "plain.txt").stat().st_mode


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o664])
def test_a_file_that_is_replaced_hands_on_its_permissions(tmp_path: Path, mode: int) -> None:
    (tmp_path / "a.txt").write_text(OLD)
    (tmp_path / "a.txt").chmod(mode)
    write_text(tmp_path / "a.txt", "new")
    assert (tmp_path / "a.txt").stat().st_mode & 0o777 == mode


def test_a_pipe_is_not_replaced(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(OSError, match="pipe or a device"):
        write_text(tmp_path / "pipe", "new")
    assert (tmp_path / "pipe").is_fifo()
    assert names(tmp_path) == ["pipe"]


def test_a_file_name_of_the_greatest_length_is_written(tmp_path: Path) -> None:
    target = tmp_path / ("a" * (os.pathconf(tmp_path, "PC_NAME_MAX") - 4) + ".csv")
    write_text(target, "new")
    assert target.read_text() == "new"


def test_a_folder_in_the_place_of_the_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.csv").mkdir()
    with pytest.raises(IsADirectoryError):
        write_text(tmp_path / "a.csv", "new")
    assert names(tmp_path) == ["a.csv"]


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="absent"):
        write_text(tmp_path / "absent" / "a.csv", "new")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_write_permission_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "locked"
    folder.mkdir()
    (folder / "a.csv").write_text(OLD)
    folder.chmod(0o500)
    try:
        with pytest.raises(PermissionError):
            write_text(folder / "a.csv", "new")
        assert (folder / "a.csv").read_text() == OLD
    finally:
        folder.chmod(0o700)


def test_concurrent_writers_give_one_whole_file(tmp_path: Path) -> None:
    target = tmp_path / "a.txt"
    texts = [f"{number}" * 100_000 for number in range(8)]
    write_text(target, texts[0])
    seen: set[str] = set()
    ready = threading.Barrier(len(texts))

    def write(text: str) -> None:
        ready.wait()
        for _ in range(5):
            write_text(target, text)
            seen.add(target.read_text())

    threads = [threading.Thread(target=write, args=(text,)) for text in texts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen <= set(texts)
    assert names(tmp_path) == ["a.txt"]


def test_a_killed_writer_leaves_the_old_file(tmp_path: Path) -> None:
    target = tmp_path / "a.txt"
    target.write_text(OLD)
    code = (
        "import os, signal\nfrom vqa_features.files.atomic import atomic_path\n"
        f"with atomic_path({str(target)!r}) as part:\n"
        "    part.write_text('half')\n    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == -9
    assert target.read_text() == OLD


@pytest.mark.parametrize("suffix", [".csv", ".parquet", ".npz", ".mat"])
def test_a_table_that_cannot_be_written_leaves_the_old_table(tmp_path: Path, suffix: str) -> None:
    class Unwritable:
        def __str__(self) -> str:
            raise ValueError("no text")

    target = tmp_path / f"t{suffix}"
    write_table(pd.DataFrame({"x": [1.0]}, index=pd.Index(["a"], name="id")), target)
    before = target.read_bytes()
    broken = pd.DataFrame({"x": [Unwritable()]}, index=pd.Index(["a"], name="id"))
    with pytest.raises((ValueError, TypeError)):
        write_table(broken, target)
    assert target.read_bytes() == before
    assert not list(tmp_path.glob(".*"))


def test_a_digest_is_recorded_once_and_whole(tmp_path: Path) -> None:
    file = tmp_path / "weights.pth"
    file.write_bytes(b"weights")
    threads = [threading.Thread(target=hold_to_record, args=(file, "0" * 64)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert recorded(file) == "0" * 64
    assert names(tmp_path) == ["weights.pth", "weights.pth.sha256"]
