"""Completion in a real bash, from the script that the documentation says to load."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from commands import run

PAGE = Path(__file__).resolve().parents[2] / "docs" / "command-line.md"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the program in ``bin``."""
    folder = tmp_path_factory.mktemp("completion")
    (folder / "bin").mkdir()
    (folder / "bin" / "vqa-features").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m vqa_features "$@"\n')
    (folder / "bin" / "vqa-features").chmod(0o755)
    return folder


def offered(place: Path, line: list[list[str]]) -> list[list[str]]:
    """What bash offers for the last word of each command line."""
    # compopt works where a line is typed; "-o default" lets bash complete files
    script = ['compopt() { COMPREPLY+=("$1 $2"); }']
    script += [next(text for text in PAGE.read_text().splitlines() if "bash_source" in text)]
    for words in line:
        quoted = " ".join(f"'{word}'" for word in ["vqa-features", *words])
        script += [
            f"COMP_WORDS=({quoted}); COMP_CWORD={len(words)}; COMPREPLY=()",
            "_vqa_features_completion vqa-features; printf '%s|' \"${COMPREPLY[@]}\"; echo",
        ]
    done = subprocess.run(
        ["bash", "-c", "\n".join(script)],
        cwd=place,
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": f"{place / 'bin'}:/usr/bin:/bin"},
    )
    assert done.returncode == 0, done.stderr
    return [sorted(text for text in one.split("|") if text) for one in done.stdout.splitlines()]


@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash")
def test_bash_completes_commands_options_values_names_and_files(place: Path) -> None:
    found = offered(
        place,
        [
            ["summ"],
            ["weights", "f"],
            ["extract", "--luma", "rgb"],
            ["extract", "clips", "-e", "siti,bris"],
            ["extract", "-e", "all,-dee"],
            ["describe", "il-"],
            ["extract", "cl"],
            ["compare", "--features", "cl"],
        ],
    )
    assert found == [
        ["summarise"],
        ["fetch"],
        ["rgb2gray"],
        ["siti,brisque"],
        ["all,-deep"],
        ["il-niqe"],
        ["-o default"],
        ["-o default"],
    ]


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_other_shells_get_a_script_too(shell: str) -> None:
    done = run(_VQA_FEATURES_COMPLETE=f"{shell}_source")
    assert done.returncode == 0, done.stderr
    assert "_VQA_FEATURES_COMPLETE" in done.stdout
    assert "vqa-features" in done.stdout
    word = "1" if shell == "zsh" else "summ"
    asked = run(_VQA_FEATURES_COMPLETE=f"{shell}_complete", COMP_WORDS="vqa-features summ", COMP_CWORD=word)
    assert "summarise" in asked.stdout


def test_another_shell_is_an_exit_code() -> None:
    assert run(_VQA_FEATURES_COMPLETE="cmd_source").returncode == 1
