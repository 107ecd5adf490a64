"""A file that cannot be written is found before the work, and its content finds another place after it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from vqa_features.errors import ParameterError
from vqa_features.files.atomic import write_text
from vqa_features.files.writable import (
    check_distinct,
    check_file,
    check_folder,
    check_folder_of,
    free_name,
    other_places,
    write_somewhere,
)


def everything(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*"))


@pytest.mark.parametrize("name", ["new.csv", "old.csv", "far/away/new.csv", "link.csv", "dangling.csv"])
def test_what_can_be_written_leaves_no_trace(tmp_path: Path, name: str) -> None:
    (tmp_path / "old.csv").write_text("old")
    (tmp_path / "link.csv").symlink_to("old.csv")
    (tmp_path / "dangling.csv").symlink_to("none.csv")
    before = everything(tmp_path)
    check_file(tmp_path / name)
    assert everything(tmp_path) == before
    assert (tmp_path / "old.csv").read_text() == "old"


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("folder", "a folder"),
        ("pipe", "a pipe"),
        ("/dev/full", "a device"),
        ("protected", "write-protected"),
        ("protected/x.csv", "Not a directory"),
        ("protected/x/y.csv", "Not a directory"),
        ("folder/" + "x" * 300, "too long"),
        ("/proc/new.csv", "proc"),
        ("loop", "symbolic links"),
    ],
)
def test_what_cannot_be_written_is_named_with_the_reason(tmp_path: Path, name: str, reason: str) -> None:
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "protected").touch(0o400)
    (tmp_path / "loop").symlink_to("loop")
    with pytest.raises(ParameterError, match=f"cannot write '.*{name[-20:]}'") as refused:
        check_file(tmp_path / name)
    assert reason in str(refused.value)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_permission_is_refused(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(ParameterError, match="Permission denied"):
            check_folder(tmp_path)
    finally:
        tmp_path.chmod(0o700)


def test_names_of_one_file_are_one_output(tmp_path: Path) -> None:
    file, link, hard = (tmp_path / name for name in ("file", "link", "hard"))
    file.touch()
    link.symlink_to(file)
    os.link(file, hard)
    for other in (file, link, hard, tmp_path / "x" / ".." / "file"):
        with pytest.raises(ParameterError, match="a and b are the same file"):
            check_distinct({"a": str(file), "b": str(other)}, [])
        with pytest.raises(ParameterError, match="a would replace the input"):
            check_distinct({"a": str(file)}, ["elsewhere", str(other)])
    with pytest.raises(ParameterError, match="same file"):
        check_distinct({"a": str(tmp_path / "new"), "b": f"{tmp_path}/./new"}, [])
    check_distinct({"a": str(file), "b": str(tmp_path / "new")}, ["elsewhere", str(tmp_path)])


def test_a_result_that_would_replace_an_input_is_named(tmp_path: Path) -> None:
    (tmp_path / "scores.csv").touch()
    with pytest.raises(ParameterError, match=r"the result scores\.csv would replace the input"):
        check_folder_of(str(tmp_path), ["scores.csv"], [str(tmp_path / "scores.csv")])
    check_folder_of(str(tmp_path / "new"), ["scores.csv"], [str(tmp_path / "scores.csv")])
    assert not (tmp_path / "new").exists()


def test_a_free_name_is_no_file(tmp_path: Path) -> None:
    seen = []
    for _ in range(3):
        name = free_name(tmp_path / "a.csv", "part")
        name.touch()
        seen.append(name.name)
    assert seen == ["a.part.csv", "a.part-2.csv", "a.part-3.csv"]


def test_content_goes_to_the_first_place_that_takes_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    for name in ("here", "home"):
        (tmp_path / name).mkdir()
    monkeypatch.chdir(tmp_path / "here")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    bad = tmp_path / "file" / "a.txt"
    place, problem = write_somewhere(lambda path: write_text(path, "rows"), bad)
    assert place == tmp_path / "here" / "a.rescued.txt"
    assert isinstance(problem, NotADirectoryError)
    assert place.read_text() == "rows"
    assert write_somewhere(lambda path: write_text(path, ""), tmp_path / "a.txt") == (
        tmp_path / "a.txt",
        None,
    )
    (tmp_path / "here" / "a.rescued.txt").unlink()
    (tmp_path / "here").rmdir()  # the current folder has vanished
    assert next(other_places(bad)).parent == tmp_path / "home"
    with pytest.raises(NotADirectoryError):
        write_somewhere(lambda path: write_text(path, ""), bad, [bad])


def test_only_the_failures_that_are_named_lead_elsewhere(tmp_path: Path) -> None:
    def fail(path: Path) -> None:
        raise KeyError(path)

    with pytest.raises(KeyError):
        write_somewhere(fail, tmp_path / "a", [tmp_path / "b"], failures=OSError)


@pytest.mark.parametrize("name", ["a\0b", "lone\ud800"])
def test_what_is_no_file_name_is_refused_in_one_sentence(name: str) -> None:
    for check in (check_file, check_folder):
        with pytest.raises(ParameterError, match="no file can have this name"):
            check(name)
