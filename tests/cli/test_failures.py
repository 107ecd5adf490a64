"""Every error of a command is one sentence and an exit code; a traceback needs --debug."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from commands import COMMAND, LIMIT_S, one_error, run, run_here

from vqa_features import cli
from vqa_features.cli.failures import sentence_of
from vqa_features.errors import ParameterError


class PanicException(BaseException):
    """What libraries written in Rust raise where they meet a fault of their own."""


def shell(line: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    command = " ".join(COMMAND)
    return subprocess.run(
        ["bash", "-c", line.replace("vqa-features", command)],
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=False,
    )


@pytest.mark.parametrize(
    ("error", "sentence", "code"),
    [
        (FileNotFoundError(2, "No such file or directory", "a.csv"), "No such file or directory: 'a.csv'", 3),
        (OSError(28, "No space left on device"), "No space left on device", 3),
        (UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid start byte"), "invalid start byte", 3),
        (sqlite3.OperationalError("database or disk is full"), "database or disk is full", 3),
        (MemoryError(), "there is not enough memory", 3),
        (RuntimeError("CUDA out of memory"), "there is not enough memory", 3),
        (KeyError("x"), "unexpected, a fault of this program: KeyError: 'x' (--debug shows where)", 70),
        (RecursionError("too deep"), "unexpected, a fault of this program: RecursionError: too deep", 70),
        (PanicException("index"), "unexpected, a fault of this program: PanicException: index", 70),
        (ParameterError("no"), "no", 2),
    ],
)
@pytest.mark.parametrize("debug", [False, True])
def test_any_error_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    error: BaseException,
    sentence: str,
    code: int,
    debug: bool,
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(cli.cli, "invoke", fail)
    with pytest.raises(SystemExit) as ended:
        cli.main(["list", *(["--debug"] if debug else [])])
    told = capsys.readouterr().err
    assert ended.value.code == code
    assert sentence in told.strip().splitlines()[-1]
    assert ("Traceback" in told) is debug
    assert sentence in sentence_of(error)


def test_debug_may_stand_anywhere_and_shows_a_traceback(tmp_path: Path) -> None:
    wrong = ["describe", "niqee"]
    assert "Traceback" not in run(*wrong).stderr
    for arguments in (["--debug", *wrong], [*wrong, "--debug"]):
        done = run(*arguments)
        assert done.returncode == 2
        assert "Traceback" in done.stderr


@pytest.mark.parametrize("end", ["| true", "| head -1", ">&-", "| head -c 0"])
def test_a_stdout_that_is_gone_is_quiet(tmp_path: Path, end: str) -> None:
    done = shell(f"set -o pipefail; vqa-features list {end}", tmp_path)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_stdout_on_a_full_disk_is_told(tmp_path: Path) -> None:
    done = shell("vqa-features list > /dev/full", tmp_path)
    assert (done.returncode, done.stderr) == (3, "error: No space left on device\n")


@pytest.mark.parametrize("end", ["2>&1 | true", "2>&-", "2>/dev/full", ">&- 2>&- <&-"])
def test_a_stderr_that_is_gone_ends_no_run(scenes: list[Path], tmp_path: Path, end: str) -> None:
    line = f"set -o pipefail; vqa-features extract {scenes[0]} no.mp4 -e siti --frames 2 -o o.csv {end}"
    assert shell(line, tmp_path).returncode == 1
    assert list(pd.read_csv(tmp_path / "o.csv")["status"]) == ["ok", "failed(missing)"]


def test_no_file_takes_the_descriptor_of_a_closed_stream() -> None:
    seen = "import os; from vqa_features.cli import _open_standard_streams as f; f(); print(os.open('/', 0))"
    for closed in ("<&-", "2>&-", "<&- 2>&-"):
        line = f'{sys.executable} -c "{seen}" {closed}'
        done = subprocess.run(["bash", "-c", line], capture_output=True, text=True, check=True)
        assert int(done.stdout) > 2


def test_an_unexpected_error_in_a_run_keeps_the_rows_and_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], scenes: list[Path], tmp_path: Path
) -> None:
    def step(*_: object, **__: object) -> None:
        raise KeyError("step")

    monkeypatch.setattr("vqa_features.progress.Progress.step", step)
    out = tmp_path / "o.csv"
    with pytest.raises(SystemExit) as ended:
        cli.main(["extract", str(scenes[0]), str(scenes[1]), "-e", "siti", "--frames", "2", "-o", str(out)])
    assert ended.value.code == 70
    told = capsys.readouterr().err
    assert "ended early: 1 of 2 videos" in told
    assert "unexpected, a fault of this program: KeyError: 'step'" in told.strip().splitlines()[-1]
    assert len(pd.read_csv(out)) == 1


def mos_and_features(folder: Path) -> None:
    ids = [f"v{i:02d}" for i in range(30)]
    pd.DataFrame({"id": ids, "mos": range(30)}).to_csv(folder / "scores.csv", index=False)
    pd.DataFrame({"id": ids, "f": [i % 7 + i / 9 for i in range(30)]}).to_csv(folder / "f.csv", index=False)


@pytest.mark.parametrize(
    ("command", "output", "needed"),
    [
        ("compare --features f.csv --mos scores.csv", ".", "replace the input"),
        ("compare --features f.csv --mos scores.csv", "f.csv", "not a folder"),
        ("compare --features f.csv --mos scores.csv", "/proc/x", "cannot write"),
        ("cross --dataset a=f.csv,scores.csv --dataset b=cross.csv,scores.csv", ".", "replace the input"),
        ("cross --dataset a=f.csv,scores.csv --dataset b=f.csv,scores.csv", "/proc/x/y", "cannot write"),
        ("demo", "/proc/x", "cannot write"),
        ("demo", "f.csv", "not a folder"),
        ("demo", "x" * 300, "File name too long"),
        ("compare --features f.csv --mos scores.csv", "x" * 300, "File name too long"),
    ],
)
def test_results_that_cannot_be_written_are_refused_before_the_work(
    tmp_path: Path, command: str, output: str, needed: str
) -> None:
    mos_and_features(tmp_path)
    (tmp_path / "cross.csv").write_bytes((tmp_path / "f.csv").read_bytes())
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert needed in one_error(run_here(*command.split(), "-o", output, cwd=tmp_path))
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_results_whose_folder_fails_at_the_end_are_written_elsewhere(tmp_path: Path) -> None:
    mos_and_features(tmp_path)
    home = tmp_path / "home"
    home.mkdir()
    # while the models are fitted, a file takes the place of the folder of the figures
    (home / "spoiling.py").write_text(
        "import pathlib, sklearn.linear_model\n"
        "class Spoiling(sklearn.linear_model.Ridge):\n"
        "    def fit(self, X, y, sample_weight=None):\n"
        "        pathlib.Path('../out').mkdir(exist_ok=True)\n"
        "        pathlib.Path('../out/report_figures').touch()\n"
        "        return super().fit(X, y, sample_weight)\n"
    )
    command = "compare --features ../f.csv --mos ../scores.csv --splits 3 -o ../out --regressors"
    done = run(*command.split(), "spoiling.Spoiling", cwd=home, HOME=str(home), PYTHONPATH=str(home))
    assert done.returncode == 3, done.stderr
    assert "Traceback" not in done.stderr
    assert (home / "out.rescued" / "report.html").stat().st_size > 0
    assert "Spoiling" in done.stdout


@pytest.mark.parametrize(
    ("command", "told"),
    [
        ("compare --features f.csv --mos scores.csv -o out --seed -1", "seed must be a whole number from 0"),
        (
            "compare --features f.csv --mos scores.csv -o out --seed 5000000000",
            "seed must be a whole number from 0",
        ),
        (
            "compare --features f.csv --mos scores.csv -o out --splits 1000000000000",
            "splits must be a whole number from 1 to 100000",
        ),
        ("compare --features f.csv --mos scores.csv -o out --test-size 0.999999", "leaves none to train on"),
        ("cross --dataset a=f.csv,scores.csv --dataset b=f.csv,scores.csv -o out --seed -1", "seed must be"),
        ("extract f.mp4 -e siti -o o.csv --jobs 99999999999999999999999", "jobs must be at most"),
        ("extract f.mp4 -o o.csv -e " + "a" * 10_000, "unknown extractor 'aaaa"),
        ("describe " + "a" * 10_000, "unknown extractor 'aaaa"),
        (f"compare --features f.csv:{'n' * 5000} --mos nope.csv -o out", "nope.csv"),
    ],
)
def test_extreme_options_are_refused_in_one_short_sentence(tmp_path: Path, command: str, told: str) -> None:
    mos_and_features(tmp_path)
    sentence = one_error(run_here(*command.split(), cwd=tmp_path))
    assert told in sentence
    assert len(sentence) < 500
