"""`compare` tries the folder of figures before the work, and replaces nothing in it that is not its own."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from commands import one_error, run_here


def _a_file(folder: Path) -> None:
    folder.touch()


def _a_link(folder: Path) -> None:
    folder.symlink_to(folder.parent)


def _a_link_to_nothing(folder: Path) -> None:
    folder.symlink_to(folder.parent / "absent")


def _a_file_of_the_users(folder: Path) -> None:
    folder.mkdir()
    (folder / "boxes.png").write_bytes(b"a picture of mine")


def _a_link_in_it(folder: Path) -> None:
    folder.mkdir()
    (folder / "cost.svg").symlink_to(folder.parent / "mine")


def _a_pipe_in_it(folder: Path) -> None:
    folder.mkdir()
    os.mkfifo(folder / "cross.png")


@pytest.mark.parametrize(
    "found", [_a_file, _a_link, _a_link_to_nothing, _a_file_of_the_users, _a_link_in_it, _a_pipe_in_it]
)
def test_figures_never_replace_what_is_not_theirs(tmp_path: Path, found: Callable[[Path], None]) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "mine").write_text("mine")
    found(out / "report_figures")
    before = sorted(out.rglob("*"))
    done = run_here(*"compare --features f.csv --mos scores.csv -o out".split(), cwd=tmp_path)
    told = one_error(done)
    assert "report_figures" in told
    assert sorted(out.rglob("*")) == before
    assert (out / "mine").read_text() == "mine"
