"""Text files with one path per line as inputs."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from commands import one_error, run_here

from vqa_features.batch.inputs import find_inputs
from vqa_features.batch.plain_list import is_plain_list, plain_list
from vqa_features.errors import TableError


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Empty files with names of videos; the current folder is another one."""
    for name in ("v/a.mp4", "v/b, c.mkv", "v/é.mp4", "v/#d.mp4", "w/x.mp4", "w/y.mov", "noext"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"")
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    return tmp_path


def ids(file: Path) -> list[str]:
    return [one.id for one in find_inputs([file], print)]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_a_line_is_a_file_a_folder_or_a_pattern(folder: Path, encoding: str, end: str) -> None:
    lines = [
        "# videos of May",
        "",
        "v/a.mp4",
        "  v/é.mp4  ",
        "v/b, c.mkv",
        "w",
        "v/[a]*.mp4",
        "gone.mp4",
        "noext",
    ]
    (folder / "list.txt").write_bytes(end.join(lines).encode(encoding))
    assert ids(folder / "list.txt") == ["a", "é", "b, c", "x", "y", "gone", "noext"]


def test_lines_are_relative_to_the_list_and_a_number_sign_can_be_named(folder: Path) -> None:
    (folder / "here" / "list.TXT").write_text(f"../v/a.mp4\n./../v/#d.mp4\n{folder}/w/x.mp4\n")
    paths = [one.path for one in find_inputs(["list.TXT"])]
    expected = [folder / name for name in ("v/a.mp4", "v/#d.mp4", "w/x.mp4")]
    assert [os.path.realpath(path) for path in paths] == [*map(str, expected)]


def test_bytes_that_are_no_text_name_the_file_that_has_them(folder: Path) -> None:
    name = os.fsencode(folder) + b"/v/\xff\xe9.mp4"
    open(name, "wb").close()
    (folder / "list.txt").write_bytes(b"v/\xff\xe9.mp4\nv/a.mp4\n")
    assert ids(folder / "list.txt") == [r"\xFF\xE9", "a"]


@pytest.mark.parametrize(
    "text", ["path\na.mp4\n", "id;Path\n1;a.mp4\n", '# x\nmos\t"path"\n1\ta.mp4\n', "sep=,\npath\na\n"]
)
def test_a_table_with_a_column_path_is_no_plain_list(folder: Path, text: str) -> None:
    (folder / "list.txt").write_text(text)
    assert plain_list(folder / "list.txt") is None
    assert not is_plain_list(folder / "list.txt")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "names no video: write one path per line"),
        ("\n# nothing\n\n", "names no video"),
        (
            "file,mos\na.mp4,1\n",
            "line 1 of .* is no path of a video or folder: 'file,mos'; a table of videos has",
        ),
        ("v/a.mp4\nhello world\n", "line 2 of .* is no path of a video or folder: 'hello world'"),
        ("v/a.mp4\n\x1b]0;t\n", r"line 2 of .*: '\\x1B\]0;t'"),
        ("v/a.mp4\0b\n", "zero bytes"),
        ("v/a.mp4\n" + "x" * 5000, "line 2 of .*"),
    ],
)
def test_what_is_no_list_is_one_sentence(folder: Path, text: str, told: str) -> None:
    (folder / "list.txt").write_text(text)
    with pytest.raises(TableError, match=told) as caught:
        find_inputs([folder / "list.txt"])
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 500


def test_the_commands_take_it(scenes: list[Path], tmp_path: Path) -> None:
    (tmp_path / "list.txt").write_text(f"# two\n{scenes[0]}\n{scenes[1]}\n")
    done = run_here("extract", "list.txt", "-e", "siti", "--frames", "2", "-o", "-", "--quiet", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert [line.partition(",")[0] for line in done.stdout.splitlines()] == [
        "id",
        scenes[0].stem,
        scenes[1].stem,
    ]
    (tmp_path / "other.txt").write_text("f0\tf1\n1\t2\n")
    assert "is no path of a video" in one_error(
        run_here("extract", "other.txt", "-e", "siti", "-o", "-", cwd=tmp_path)
    )
