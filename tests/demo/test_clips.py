"""`demo --clips`: folders it refuses before the work. What it writes is tested with the README."""

from __future__ import annotations

from pathlib import Path

import pytest
from commands import one_error, run_here


@pytest.mark.parametrize(
    ("file", "text"),
    [("mine.mp4", ""), ("labels.csv", "id,mos\na,1\n"), ("labels.csv", "\0"), ("labels.txt", "")],
)
def test_a_folder_with_files_of_others_is_kept(tmp_path: Path, file: str, text: str) -> None:
    (tmp_path / "clips").mkdir()
    (tmp_path / "clips" / file).write_text(text)
    done = run_here("demo", "--clips", "clips", cwd=tmp_path)
    assert f"'clips' holds other files ({file}): name a new or empty folder" in one_error(done)
    assert [one.name for one in (tmp_path / "clips").iterdir()] == [file]
    assert (tmp_path / "clips" / file).read_text() == text


def test_a_file_and_an_empty_name_are_no_folder(tmp_path: Path) -> None:
    (tmp_path / "clips").write_text("")
    assert "is not a folder" in one_error(run_here("demo", "--clips", "clips", cwd=tmp_path))
    assert "--clips is empty: name a folder" in one_error(run_here("demo", "--clips", "", cwd=tmp_path))
