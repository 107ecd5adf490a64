"""The log of a run: whole lines that other programs read, whatever happens to the file and the run."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from vqa_features.batch.events import Event
from vqa_features.batch.run_log import COLUMNS, RunLog, check_log, command_words
from vqa_features.batch.run_summary import SLOWEST, RunSummary
from vqa_features.errors import ParameterError
from vqa_features.video_task import VideoResult

ENDED = Event("end", "v1", "v1.mp4", "here/1", "ok", "", 1.25, 100.0, 25)


def lines_of(file: Path) -> list[dict[str, Any]]:
    text = file.read_text()
    assert text.endswith("\n")
    return [json.loads(line) for line in text.splitlines()]


def no_trouble(text: str) -> None:
    raise AssertionError(text)


def write_run(file: Path, *events: Event, close: bool = True) -> RunLog:
    log = RunLog(str(file), {"videos": 1}, no_trouble)
    for event in events:
        log.write(event)
    if close:
        log.close("complete", "", RunSummary().as_dict())
    return log


def test_every_program_reads_the_types_though_most_lines_have_few_keys(tmp_path: Path) -> None:
    polars, duckdb = pytest.importorskip("polars"), pytest.importorskip("duckdb")
    file = tmp_path / "run.jsonl"
    came = [Event("worker", worker=f"here/{number}") for number in range(2000)]  # more than polars looks at
    write_run(file, *came, Event("end", "007", "a/007.mp4", "here/1", "ok", "", 2.5, 33.0, 25))
    by_pandas = pd.read_json(file, lines=True)
    by_polars = polars.read_ndjson(file)
    by_duckdb = duckdb.sql(f"SELECT * FROM '{file}'").df()
    for table in (by_pandas, by_polars.to_pandas(), by_duckdb):
        assert list(table.columns) == list(COLUMNS)
        (end,) = table[table["event"] == "end"].to_dict("records")
        assert (end["id"], end["seconds"], end["peak_memory_mb"]) == ("007", 2.5, 33.0)
        assert end["frames_decoded"] == 25
        assert json.loads(table["about"].iloc[-1])["results"] == 0
        age = pd.Timestamp.now("UTC") - pd.to_datetime(table["time"], utc=True)
        assert age.between(pd.Timedelta(0), pd.Timedelta("1min")).all()


def test_names_and_messages_are_one_line_of_plain_text(tmp_path: Path) -> None:
    file = tmp_path / "run.jsonl"
    raw = os.fsdecode(b"caf\xe9\n\x1b]0;x\x07.mp4")
    write_run(file, Event("end", "caf\\xE9", raw, "h/1", "failed(decode)", f"'{raw}' is\u202e bad"))
    assert file.read_text().isascii()
    (end,) = [line for line in lines_of(file) if line["event"] == "end"]
    assert end["path"] == "caf\\xE9\\x0A\\x1B]0;x\\x07.mp4"
    assert end["id"] == "caf\\xE9"  # an id is escaped already
    assert end["error"] == "'caf\\xE9\\x0A\\x1B]0;x\\x07.mp4' is\\xE2\\x80\\xAE bad"


def test_no_secret_of_an_address_or_of_the_environment_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "run.jsonl"
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "a5ecret/key")
    address = "https://me:5ecret@host/clip.mp4?X-Amz-Signature=5ecret"
    log = RunLog(str(file), {"command": command_words(["extract", address, "-o", "x"])}, no_trouble)
    log.write(Event("end", address, address, "h/1", "failed(io)", f"cannot read {address} now"))
    log.write(Event("end", "a", "s3://b/a", "h/1", "failed(io)", "key a5ecret/key is not known"))
    log.close("ended early", f"no {address}", RunSummary().as_dict())
    assert "5ecret" not in file.read_text()
    assert lines_of(file)[1]["path"] == "https://host/clip.mp4"


def test_very_many_words_of_a_command_are_cut() -> None:
    words = command_words([str(number) for number in range(5000)])
    assert len(words) < 200
    assert words[-1].endswith(f"{5000 - len(words) + 1} more")


def test_runs_append_to_one_file_and_are_told_apart(tmp_path: Path) -> None:
    file = tmp_path / "run.jsonl"
    first, second = write_run(file, ENDED), write_run(file, ENDED, ENDED)
    runs = [line["run"] for line in lines_of(file)]
    assert runs == [first.run] * 3 + [second.run] * 4


def test_half_a_line_of_a_machine_that_failed_is_removed(tmp_path: Path) -> None:
    file = tmp_path / "run.jsonl"
    write_run(file, ENDED)
    whole = file.read_text()
    file.write_text(whole + whole.splitlines()[1][:40])
    write_run(file, ENDED)
    assert [line["event"] for line in lines_of(file)] == ["run", "end", "summary"] * 2


def test_a_line_that_another_run_is_writing_stays(tmp_path: Path) -> None:
    file = tmp_path / "run.jsonl"
    other = write_run(file, ENDED, close=False)
    with file.open("ab", buffering=0) as half:
        half.write(b'{"run": "x", ')
        mine = write_run(file, close=False)
        assert b'{"run": "x", ' in file.read_bytes()
    for log in (other, mine):
        log.close("complete", "", RunSummary().as_dict())


@contextmanager
def no_space_above(size: int) -> Iterator[None]:
    """Let files grow to `size` bytes, as on a disk that is then full: a write ends short, the next fails."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_full_disk_is_told_once_and_leaves_whole_lines(tmp_path: Path) -> None:
    file, told = tmp_path / "run.jsonl", list[str]()
    log = RunLog(str(file), {}, told.append)
    size = file.stat().st_size
    with no_space_above(size + 250):  # one line and a half
        for _ in range(5):
            log.write(ENDED)
    assert len(told) == 1
    assert "cannot be written" in told[0]
    assert "the run goes on" in told[0]
    log.write(ENDED)  # there is space again
    log.close("complete", "", RunSummary().as_dict())
    found = lines_of(file)
    written = [line["event"] for line in found].count("end")
    assert written + log.lost == 6
    assert 1 <= written < 6
    assert json.loads(found[-1]["about"])["lines_lost"] == log.lost
    assert told[1] == f"{log.lost} lines are missing in the log {str(file)!r}; the table has every result"


def test_a_disk_that_is_full_before_the_work_refuses_the_log(tmp_path: Path) -> None:
    with no_space_above(100), pytest.raises(ParameterError, match="cannot write the log"):
        RunLog(str(tmp_path / "run.jsonl"), {}, no_trouble)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("", "name one, such as run.jsonl"),
        ("-", "name one, such as run.jsonl"),
        ("s3://bucket/run.jsonl?key=5ecret", "'s3://bucket/run.jsonl' is an address"),
        ("table.csv", "is no log of a run"),
        ("list.json", "is no log of a run"),
        ("deep.json", "is no log of a run"),
        ("bytes", "is no log of a run"),
    ],
)
def test_what_is_no_log_is_refused_and_kept(
    name: str, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("table.csv").write_text("id,path\na,b\n")
    Path("list.json").write_text('["run", "event"]\n')
    Path("deep.json").write_text("[" * 100_000)
    Path("bytes").write_bytes(bytes(range(256)))
    with pytest.raises(ParameterError, match=words):
        check_log(name)


WRITER = """
import sys
from vqa_features.batch.events import Event
from vqa_features.batch.run_log import RunLog
log = RunLog(sys.argv[1], {}, print)
for number in range(500):
    log.write(Event("end", f"v{number}", "x" * 300, "h/1", "ok"))
"""


def test_processes_that_share_a_log_tear_no_line(tmp_path: Path) -> None:
    file = tmp_path / "run.jsonl"
    writers = [subprocess.Popen([sys.executable, "-c", WRITER, str(file)]) for _ in range(2)]
    assert [writer.wait(60) for writer in writers] == [0, 0]
    by_run: dict[str, list[str]] = {}
    for line in lines_of(file):
        by_run.setdefault(line["run"], []).append(line["event"])
    assert list(by_run.values()) == [["run"] + ["end"] * 500] * 2


def test_a_summary_counts_and_keeps_the_slowest() -> None:
    summary = RunSummary()
    for number in range(40):
        status = "failed(decode)" if number % 4 == 0 else "ok"
        summary.on_event(Event("start", f"v{number}"))
        if number == 7:
            summary.on_event(Event("retry", "v7", seconds=100.0))
            summary.on_event(Event("worker lost", "v7"))
        ended = Event("end", f"v{number}", seconds=float(number), status=status, peak_memory_mb=50.0 + number)
        summary.on_event(ended)
        assert summary.on_result(VideoResult(f"v{number}", "", status, f"why {number}"))
    assert not summary.on_result(VideoResult("old", "", "ok"))
    found = summary.as_dict()
    assert found["results"] == 41
    assert found["stored"] == 1
    assert found["status"] == {"failed(decode)": 10, "ok": 31}
    assert [one["id"] for one in found["slowest"]] == ["v7", *(f"v{39 - n}" for n in range(SLOWEST - 1))]
    assert found["slowest"][0]["seconds"] == 107.0  # both tries
    assert found["failures"] == [{"status": "failed(decode)", "count": 10, "id": "v0", "error": "why 0"}]
    assert (found["retries"], found["workers_lost"]) == (1, 1)
    assert found["peak_memory_mb"] == 89.0
    assert found["work_seconds"] == sum(range(40)) + 100


def test_the_memory_of_a_summary_does_not_grow_with_the_run() -> None:
    summary = RunSummary()

    def run(first: int, last: int) -> None:
        for number in range(first, last):
            summary.on_event(Event("start", f"v{number}", worker="h/1"))
            summary.on_event(Event("end", f"v{number}", worker="h/1", seconds=number % 977 / 10))
            summary.on_result(VideoResult(f"v{number}", "", f"failed({number % 7})", f"why {number}"))

    run(0, 2000)
    tracemalloc.start()
    run(2000, 12_000)
    grown = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert grown < 20_000
