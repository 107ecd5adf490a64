"""Readers in a process of their own: their end is an error, wherever they are called."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import isolated_work as work
import pytest
from commands import default_signals

from vqa_features.errors import TableError
from vqa_features.files.reading import reading
from vqa_features.processes.isolation import ReadingFailed, read_isolated
from vqa_features.processes.limits import LEAST_MEMORY, memory_allowed

SUPPORT = Path(work.__file__).parent


@pytest.fixture
def file(tmp_path: Path) -> Path:
    made = tmp_path / "file.mat"
    made.write_bytes(b"content")
    return made


def start(name: str, *arguments: object) -> subprocess.Popen[str]:
    """Run a program of the support module."""
    program = f"import sys, isolated_work; isolated_work.{name}(*sys.argv[1:])"
    return subprocess.Popen(
        [sys.executable, "-c", program, *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=default_signals,
        env={**os.environ, "PYTHONPATH": str(SUPPORT)},
    )


def output(name: str, *arguments: object) -> list[str]:
    program = start(name, *arguments)
    out, err = program.communicate(timeout=60)
    assert err == ""
    assert program.returncode == 0
    return out.split()


def test_one_process_serves_one_call_after_another(file: Path) -> None:
    first, second = (read_isolated(work.process_id, file) for _ in range(2))
    assert first == second != os.getpid()


@pytest.mark.parametrize(
    ("function", "reason"),
    [
        (work.segfault, "it crashes the process that reads it (SIGSEGV)"),
        (work.bus_error, "it crashes the process that reads it (SIGBUS)"),
        (work.leave, "it crashes the process that reads it (exit status 7)"),
    ],
)
def test_a_crash_is_a_sentence_that_names_its_signal(file: Path, function, reason: str) -> None:
    with pytest.raises(TableError) as told, reading(file, "a table"):
        read_isolated(function, file)
    assert str(told.value) == f"{file} cannot be read as a table: {reason}"
    assert read_isolated(work.process_id, file) != os.getpid()  # in a new process


@pytest.mark.parametrize("function", [work.hang, work.hang_with_the_interpreter_lock])
def test_a_hang_ends_at_its_deadline(file: Path, function) -> None:
    read_isolated(work.process_id, file)
    begun = time.monotonic()
    with pytest.raises(ReadingFailed, match="it is not read within 1 s"):
        read_isolated(function, file, deadline_s=1)
    assert time.monotonic() - begun < 6


def test_a_growing_memory_is_bounded(file: Path) -> None:
    with pytest.raises(ReadingFailed, match="reading it takes more than 300 MiB of memory"):
        read_isolated(work.grow, file, memory_mb=300)


def test_the_memory_of_a_small_file_is_less_than_a_gigabyte() -> None:
    assert memory_allowed(1 << 20) < 1 << 30
    assert memory_allowed(0) == LEAST_MEMORY


def test_a_process_that_has_grown_is_not_kept(file: Path) -> None:
    before = read_isolated(work.keep_much, file, memory_mb=2000)
    assert read_isolated(work.process_id, file) != before


def test_what_the_reader_raises_is_raised(file: Path) -> None:
    before = read_isolated(work.process_id, file)
    with pytest.raises(KeyError, match=r"file\.mat"):
        read_isolated(work.refuse, file)
    assert read_isolated(work.process_id, file) == before


def test_a_process_that_was_killed_between_calls_is_replaced(file: Path) -> None:
    before = read_isolated(work.process_id, file)
    os.kill(before, signal.SIGKILL)
    assert read_isolated(work.process_id, file) not in (before, os.getpid())


def test_a_relative_name_is_that_of_the_callers_folder(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read_isolated(work.process_id, file)
    monkeypatch.chdir(file.parent)
    with pytest.raises(KeyError, match=str(file)):
        read_isolated(work.refuse, "file.mat")


def test_the_kernel_opens_no_other_file_and_no_socket(file: Path) -> None:
    assert read_isolated(work.open_another, file) == "-1 -1"


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_a_daemon_reads_in_a_process_of_its_own_and_ends(file: Path, method: str) -> None:
    daemon, reader, exitcode = output("in_a_daemon", file, method)
    assert daemon != reader
    assert exitcode == "0"


def test_a_fork_leaves_the_process_of_its_parent_alone(file: Path) -> None:
    assert output("in_a_fork", file) == ["0", "True"]


def test_the_process_outlives_the_thread_that_started_it(file: Path) -> None:
    assert output("in_ending_threads", file) == ["3", "1"]


def test_joblib_workers_read_in_processes_of_their_own(file: Path) -> None:
    readers, *told = output("in_joblib", file)
    assert 1 <= int(readers) <= 2
    assert " ".join(told) == "it crashes the process that reads it (SIGSEGV)"


def test_ctrl_c_ends_the_call_at_once(file: Path) -> None:
    program = start("interrupted", file)
    reader = int(program.stdout.readline())  # type: ignore[union-attr]
    time.sleep(0.3)
    begun = time.monotonic()
    program.send_signal(signal.SIGINT)
    out, err = program.communicate(timeout=20)
    assert (out, err) == ("interrupted 1\n", "")
    assert time.monotonic() - begun < 5
    assert not _runs(reader)


def test_the_process_ends_with_a_driver_that_is_killed(file: Path) -> None:
    program = start("until_killed", file)
    reader = int(program.stdout.readline())  # type: ignore[union-attr]
    program.kill()
    program.communicate(timeout=10)
    deadline = time.monotonic() + 5
    while _runs(reader) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not _runs(reader)


def _runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
