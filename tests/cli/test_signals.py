"""A signal ends a run with its finished rows written, its workers gone and no file torn."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from commands import LIMIT_S, default_signals, start
from small_videos import moving

import vqa_features as vf
from vqa_features.cli import signals
from vqa_features.cli.signals import Ended, ending_signals, undisturbed


def ignoring(*numbers: signal.Signals) -> Callable[[], None]:
    """Start a process as ``nohup`` or a script's ``&`` does."""

    def prepare() -> None:
        default_signals()
        for number in numbers:
            signal.signal(number, signal.SIG_IGN)

    return prepare


@pytest.fixture
def videos(scenes: list[Path], tmp_path: Path) -> list[Path]:
    """One file that is no video, whose row is finished at once, and a video that takes long."""
    text, long = tmp_path / "text.mp4", tmp_path / "long.mp4"
    text.write_text("no video\n" * 50)
    long.symlink_to(scenes[0])
    return [text, long]


def begun(videos: list[Path], out: Path, *more: object, **options: Any) -> Any:
    """Start a run and return once its first row is finished and its worker is at the long video."""
    command = start("extract", *videos, "-e", "friquee", "-o", out, *more, **options)
    while "text.mp4" not in command.stderr.readline():
        assert command.poll() is None
    time.sleep(0.3)
    return command


def descendants(pid: int) -> set[int]:
    found = set()
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = entry.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == pid and fields[0] != "Z":
            found |= {int(entry.parts[2])} | descendants(int(entry.parts[2]))
    return found


def gone(pids: set[int]) -> bool:
    """Whether every process has ended, or is only waited for, within five seconds."""
    end = time.monotonic() + 5
    while time.monotonic() < end:
        if not any(Path(f"/proc/{pid}").exists() and not zombie(pid) for pid in pids):
            return True
        time.sleep(0.05)
    return False


def zombie(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


@pytest.mark.parametrize(
    ("number", "ignored", "code"),
    [
        (signal.SIGINT, [], 130),
        (signal.SIGTERM, [], 143),
        (signal.SIGHUP, [], 129),
        (signal.SIGTERM, [signal.SIGINT], 143),
        (signal.SIGTERM, [signal.SIGINT, signal.SIGHUP], 143),
    ],
)
def test_finished_rows_are_written_and_workers_are_gone(
    videos: list[Path], tmp_path: Path, number: signal.Signals, ignored: list[signal.Signals], code: int
) -> None:
    command = begun(videos, tmp_path / "o.csv", prepare=ignoring(*ignored))
    try:
        workers = descendants(command.pid)
        assert workers
        command.send_signal(number)
        talk = command.communicate(timeout=LIMIT_S)[1]
    finally:
        command.kill()
    assert command.returncode == code, talk
    assert "interrupted: 1 of 2" in talk
    assert "Traceback" not in talk
    assert list(pd.read_csv(tmp_path / "o.csv")["status"]) == ["failed(not a video)"]
    assert gone(workers)


def test_an_ignored_hang_up_does_not_end_a_run(videos: list[Path], tmp_path: Path) -> None:
    command = begun(videos, tmp_path / "o.csv", prepare=ignoring(signal.SIGHUP))
    try:
        os.killpg(command.pid, signal.SIGHUP)  # the workers too, as a closed terminal does
        with pytest.raises(subprocess.TimeoutExpired):
            command.wait(1.0)
        command.send_signal(signal.SIGTERM)
        talk = command.communicate(timeout=LIMIT_S)[1]
    finally:
        command.kill()
    assert command.returncode == 143
    assert "SIGHUP" not in talk


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_a_signal_to_workers_too_is_no_failure_of_a_video(
    videos: list[Path], tmp_path: Path, number: signal.Signals, code: int
) -> None:
    command = begun(videos, tmp_path / "o.csv")
    try:
        os.killpg(command.pid, number)  # as schedulers and `timeout` do
        talk = command.communicate(timeout=LIMIT_S)[1]
    finally:
        command.kill()
    assert command.returncode == code, talk
    assert list(pd.read_csv(tmp_path / "o.csv")["id"]) == ["text"]


def test_many_signals_at_once_end_a_run_as_one_does(videos: list[Path], tmp_path: Path) -> None:
    command = begun(videos, tmp_path / "o.parquet")
    try:
        while command.poll() is None:
            os.killpg(command.pid, signal.SIGINT)
            command.send_signal(signal.SIGTERM)
            time.sleep(0.002)
        talk = command.communicate(timeout=LIMIT_S)[1]
    finally:
        command.kill()
    assert command.returncode in (130, 143), talk
    assert len(pd.read_parquet(tmp_path / "o.parquet")) == 1
    assert not list(tmp_path.glob(".*"))


def test_without_a_finished_row_the_old_table_is_left_alone(videos: list[Path], tmp_path: Path) -> None:
    out = tmp_path / "o.csv"
    out.write_text("id,x\na,1\n")
    command = start("extract", videos[1], "-e", "friquee", "-o", out)
    try:
        assert "is replaced when" in command.stderr.readline()
        time.sleep(1.0)
        command.send_signal(signal.SIGTERM)
        talk = command.communicate(timeout=LIMIT_S)[1]
    finally:
        command.kill()
    assert command.returncode == 143, talk
    assert "no video was finished" in talk
    assert out.read_text() == "id,x\na,1\n"
    assert {path.name for path in tmp_path.glob("o*")} == {"o.csv"}


def test_a_table_that_has_more_is_kept_and_the_finished_rows_go_beside_it(
    videos: list[Path], tmp_path: Path
) -> None:
    out = tmp_path / "o.csv"
    out.write_text("id,status,x\nlong,ok,1\n")
    command = begun(videos, out)
    try:
        command.send_signal(signal.SIGINT)
        talk = command.communicate(timeout=LIMIT_S)[1]
    finally:
        command.kill()
    assert command.returncode == 130, talk
    assert out.read_text() == "id,status,x\nlong,ok,1\n"
    assert list(pd.read_csv(tmp_path / "o.incomplete.csv")["id"]) == ["text"]
    assert "o.incomplete.csv" in talk


def test_a_signal_waits_while_results_are_written_and_ends_the_command_then() -> None:
    done: list[str] = []

    def write() -> None:
        with undisturbed():
            os.kill(os.getpid(), signal.SIGTERM)
            time.sleep(0.05)
            os.kill(os.getpid(), signal.SIGINT)
            time.sleep(0.05)
            done.append("written")
        done.append("not reached")

    with pytest.raises(Ended) as ended, ending_signals():
        write()
    assert done == ["written"]
    assert ended.value.code == 143


def test_a_later_signal_ends_a_command_whose_first_one_was_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signals, "_GRACE_S", 0.1)
    with ending_signals():
        with pytest.raises(Ended):
            os.kill(os.getpid(), signal.SIGTERM)
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(0.15)
        with pytest.raises(Ended):
            os.kill(os.getpid(), signal.SIGTERM)


def test_handlers_are_those_of_before_after_a_command_and_in_other_threads() -> None:
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = [signal.getsignal(number) for number in numbers]
    seen: list[object] = []

    def in_a_thread() -> None:
        with ending_signals():
            seen.extend(signal.getsignal(number) for number in numbers)

    thread = threading.Thread(target=in_a_thread)
    thread.start()
    thread.join()
    assert seen == before
    with ending_signals():
        pass
    assert [signal.getsignal(number) for number in numbers] == before


@pytest.mark.parametrize("thread", [False, True])
def test_a_program_keeps_its_own_handlers(tmp_path: Path, thread: bool) -> None:
    video = moving(tmp_path / "a.mp4", 3)
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = [signal.getsignal(number) for number in numbers]
    seen: list[list[object]] = []

    def look(result: object) -> None:
        seen.append([signal.getsignal(number) for number in numbers])

    def extract() -> None:
        vf.extract_many([video], "siti", isolate=True, on_result=look)

    if thread:
        worker = threading.Thread(target=extract)
        worker.start()
        worker.join(LIMIT_S)
    else:
        extract()
    assert seen == [before]


def test_the_suite_itself_may_run_with_interrupts_ignored() -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        code = "import signal; print(signal.getsignal(signal.SIGINT) is signal.default_int_handler)"
        done = subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True,
            text=True,
            check=True,
            preexec_fn=default_signals,
            timeout=LIMIT_S,
        )
    finally:
        signal.signal(signal.SIGINT, before)
    assert done.stdout == "True\n"
