"""What runs tell: the log of real runs that end in every way, progress, and the summary."""

from __future__ import annotations

import json
import os
import signal
import time
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from commands import LIMIT_S, run_here, start
from small_videos import moving
from trouble import Trouble

from vqa_features.batch.events import Event
from vqa_features.batch.inputs import Input, find_inputs
from vqa_features.batch.options import Extraction, Workers
from vqa_features.cli._log import Watch
from vqa_features.cli.outputs import Outputs
from vqa_features.cli.run import Run
from vqa_features.video_task import VideoResult


def lines_of(file: Path) -> list[dict[str, Any]]:
    text = file.read_text()
    assert text.endswith("\n")
    return [json.loads(line) for line in text.splitlines()]


def test_a_log_tells_of_a_crash_a_hang_a_missing_video_and_good_ones(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    clips = [
        moving(tmp_path / f"{name}.mp4", 4, width=width)
        for name, width in {"good": 48, "crash": 64, "hang": 80, "fine": 48}.items()
    ]
    videos = find_inputs([*clips, tmp_path / "missing.mp4"])
    extraction = Extraction.of([Trouble("crash", at_width=64), Trouble("hang", at_width=80)])
    log, table = tmp_path / "run.jsonl", tmp_path / "o.csv"
    outputs = Outputs.of(str(table), None, str(tmp_path / "run.sqlite"), as_json=True)
    run = Run(videos, extraction, Workers(2, True, deadline_s=1), outputs, "row", False, str(log))
    assert run.execute() == 1

    status = pd.read_csv(table, index_col="id")["status"].to_dict()
    assert status == {
        "good": "ok",
        "fine": "ok",
        "crash": "incomplete",
        "hang": "failed(timeout)",
        "missing": "failed(missing)",
    }
    lines = lines_of(log)
    told = {name: [line for line in lines if line.get("id") == name] for name in status}
    kinds = {name: [line["event"] for line in found] for name, found in told.items()}
    assert kinds["good"] == kinds["fine"] == kinds["missing"] == ["start", "end"]
    assert kinds["hang"] == ["start", "end", "worker lost"]
    lost = ["start", "retry", "worker lost", "start", "end", "worker lost"]
    assert kinds["crash"][:6] == lost
    alone = {
        line["part"]: line["status"] for line in told["crash"] if line["event"] == "end" and "part" in line
    }
    assert alone == {
        extraction.extractors[0].label: "failed(crash: SIGSEGV)",
        extraction.extractors[1].label: "ok",
    }
    for name in ("good", "fine", "hang", "missing"):
        assert told[name][1]["status"] == status[name]
    assert 1 <= told["hang"][1]["seconds"] < 5
    assert "peak_memory_mb" not in told["hang"][1]  # killed
    assert 20 < told["good"][1]["peak_memory_mb"] < 1000
    assert told["good"][1]["frames_decoded"] == 4
    assert told["missing"][1]["path"] == str(tmp_path / "missing.mp4")

    first, last = lines[0], lines[-1]
    assert (first["event"], last["event"], last["status"]) == ("run", "summary", "complete")
    about = json.loads(first["about"])
    assert (about["videos"], about["pid"]) == (5, os.getpid())
    summary = json.loads(last["about"])
    out, err = capsys.readouterr()
    assert {**json.loads(out)["summary"], "lines_lost": 0} == summary
    assert summary["slowest"][0]["id"] == "hang"
    assert {one["status"]: one["id"] for one in summary["failures"]} == {
        "incomplete": "crash",
        "failed(timeout)": "hang",
        "failed(missing)": "missing",
    }
    assert (summary["retries"], summary["workers_lost"]) == (1, 4)
    *_, slowest, counts, end = err.splitlines()
    assert slowest.startswith("slowest: hang 1.")
    assert "5 videos in" in counts
    assert "retries: 1; workers: " in counts
    assert end.startswith("5 videos: 2 ok")

    # resumed: the videos that are done have no line, and are counted
    again = Run(find_inputs(clips[:1]), extraction, Workers(1, True), outputs, "row", True, str(log))
    assert again.execute() == 0
    rest = lines_of(log)[len(lines) :]
    assert [line["event"] for line in rest] == ["run", "summary"]
    assert json.loads(rest[1]["about"])["stored"] == 1


ENDINGS = (signal.SIGINT, signal.SIGTERM, signal.SIGKILL)


@pytest.fixture(scope="module")
def ended(tmp_path_factory: pytest.TempPathFactory) -> dict[signal.Signals, tuple[list[dict[str, Any]], str]]:
    """The log and the messages of runs that a signal ended when one of two videos was done."""
    folders = {number: tmp_path_factory.mktemp(number.name) for number in ENDINGS}
    options = ["-e", "siti", "--raw", "64x48:yuv420p:25", "-o", "o.csv", "--log", "run.jsonl"]
    runs = {}
    for number, folder in folders.items():
        (folder / "text.mp4").write_text("no video\n" * 50)
        with (folder / "long.yuv").open("wb") as file:
            file.truncate(1 << 32)  # black, and no byte on the disk
        runs[number] = start("extract", "text.mp4", "long.yuv", *options, cwd=folder)
    found = {}
    try:
        for number, command in runs.items():
            log = folders[number] / "run.jsonl"
            while not (log.exists() and '"id": "long"' in log.read_text()):
                assert command.poll() is None
                time.sleep(0.05)
            command.send_signal(number)
            talk = command.communicate(timeout=LIMIT_S)[1]
            found[number] = lines_of(log), talk
    finally:
        for command in runs.values():
            command.kill()
    return found


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_is_summed_up(ended: dict[signal.Signals, Any], number: signal.Signals) -> None:
    lines, talk = ended[number]
    assert [line["event"] for line in lines] == ["run", "worker", "start", "end", "start", "summary"]
    assert lines[-1]["status"] == "interrupted"
    summary = json.loads(lines[-1]["about"])
    assert summary["status"] == {"failed(not a video)": 1}
    assert "1 failed(not a video), such as text: " in talk
    assert "interrupted: 1 of 2 videos" in talk


def test_a_run_that_is_killed_leaves_whole_lines(ended: dict[signal.Signals, Any]) -> None:
    lines, _ = ended[signal.SIGKILL]
    assert [line["event"] for line in lines] == ["run", "worker", "start", "end", "start"]


def test_a_log_is_refused_before_the_work(tmp_path: Path, scenes: list[Path]) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "table.csv").write_text("id,siti.si.mean\na,1\n")
    asked = ("extract", scenes[0], "-e", "siti", "-o", "o.csv", "--store", "run.sqlite", "--log")
    for log, words in {
        "o.csv": "the table and the log are the same file",
        "run.sqlite": "the store and the log are the same file",
        str(scenes[0]): "is no log of a run",
        "table.csv": "is no log of a run",
        "folder": "it is a folder",
        "/proc/run.jsonl": "cannot write '/proc/run.jsonl'",
        "/dev/null": "it is a pipe or a device",
    }.items():
        done = run_here(*asked, log, cwd=tmp_path)
        assert done.returncode == 2, (log, done.stderr)
        assert words in done.stderr, (log, done.stderr)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["folder", "table.csv"]


def results(count: int, status: str) -> list[VideoResult]:
    return [VideoResult(f"v{number}", f"v{number}.mp4", status, "why") for number in range(count)]


def test_very_many_failures_of_a_kind_are_counted_and_not_listed(capsys: pytest.CaptureFixture[str]) -> None:
    watch = Watch("extract", [Input("absent.mp4", f"v{n}") for n in range(2005)], about={})
    with watch.progress:
        for result in [*results(2000, "failed(decode)"), *results(5, "partial")]:
            watch.on_result(result)
    lines = capsys.readouterr().err.splitlines()
    assert sum(line.startswith("failed(decode): v") for line in lines) == 20
    assert sum(line.startswith("partial: v") for line in lines) == 5
    assert lines[20] == "failed(decode): more than 20, the others are listed in the table only"
    assert lines[-1].startswith("extract: 2005/2005 (0 s; 2000 failed(decode), 5 partial)")
    assert len(lines) < 30


def test_the_time_left_is_told_by_the_bytes_that_are_left(tmp_path: Path) -> None:
    sizes = {"film": 98_000, "a": 1000, "b": 1000, "gone": 0}
    for name, size in sizes.items():
        (tmp_path / name).write_bytes(bytes(size))
    (tmp_path / "gone").unlink()
    videos = [Input(str(tmp_path / name), name) for name in sizes]
    watch = Watch("extract", videos, quiet=True, about={})
    watch.on_event(Event("start", "film"))
    time.sleep(1.1)  # a shorter time tells no rate
    watch.on_event(Event("end", "film", seconds=1.1))
    watch.on_result(VideoResult("film", "", "ok"))
    left_s = watch.progress._pace.left_s
    assert left_s is not None
    assert 0 < left_s < 0.5  # and not three times 1.1


def test_quiet_is_quiet(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    watch = Watch("extract", [], quiet=True, log=str(tmp_path / "run.jsonl"), about={})
    watch.begin()
    with watch.progress:
        for result in results(30, "failed(decode)"):
            watch.on_result(result)
    watch.end(KeyboardInterrupt())
    assert capsys.readouterr() == ("", "")
    assert lines_of(tmp_path / "run.jsonl")[-1]["status"] == "interrupted"
