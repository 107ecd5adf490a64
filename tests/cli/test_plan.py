"""`plan`: hours, cost and bytes, held against a run; mistakes are one sentence."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
from commands import run_here

#: The machine of a test may have other work during one of the two runs.
LOAD = 8.0


def test_the_plan_has_the_size_of_the_run(scenes: list[Path], tmp_path: Path) -> None:
    words = (*scenes[:4], "-e", "siti", "--frames", "30")
    done = run_here(
        "plan",
        *words,
        "--workers",
        "1,2",
        "--price",
        "3",
        "--calibrate",
        "3",
        "--jobs",
        "1",
        "--json",
        cwd=tmp_path,
    )
    assert done.returncode == 0, done.stderr
    assert list(tmp_path.iterdir()) == []
    found = json.loads(done.stdout)
    assert (found["videos"], found["opened"], found["sizes"], found["missing"]) == (4, 4, 4, 0)
    assert 2 <= found["measured"] <= 4
    assert found["bytes"]["read"]["value"] == sum(path.stat().st_size for path in scenes[:4])
    assert list(found["times"]["by_part"]) == ["decode", "siti", "between videos"]
    assert sum(found["times"]["by_part"].values()) == pytest.approx(found["times"]["seconds"]["value"])
    one, two = found["runs"]
    for run in found["runs"]:
        assert run["hours"]["low"] <= run["hours"]["value"] <= run["hours"]["high"]
        assert run["worker_hours"]["value"] == pytest.approx(run["workers"] * run["hours"]["value"])
        assert run["tail_s"] >= 0
        assert run["cost"]["value"] == pytest.approx(3 * run["worker_hours"]["value"])
    assert two["hours"]["value"] < one["hours"]["value"]
    begun = time.monotonic()
    outputs = ("-o", "o.parquet", "--store", "s.sqlite", "--per-frame", "f.parquet")
    assert run_here("extract", *words, *outputs, "--quiet", cwd=tmp_path).returncode == 0
    assert 1 / LOAD < one["hours"]["value"] * 3600 / (time.monotonic() - begun) < LOAD
    assert 0.5 < found["bytes"]["table"] / (tmp_path / "o.parquet").stat().st_size < 2


def test_lines_say_what_was_measured_and_what_is_not_covered(scenes: list[Path], tmp_path: Path) -> None:
    done = run_here(
        *("plan", *scenes[:2], tmp_path / "no.mp4", "-e", "siti", "--frames", "5", "--workers", "100000"),
        *("--videos", "1000000", "--calibrate", "2", "--jobs", "1", "--quiet"),
        cwd=tmp_path,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    for text in (
        "1000000 videos, for which 3 stand: 3 sizes looked up, 2 opened",
        "1 of 3 files are missing",
        " s per video: decode ",
        "with 100000 workers the driver decides the hours: more workers do not help",
        "Not covered: another machine",
    ):
        assert text in done.stdout, done.stdout
    assert "cost" not in done.stdout


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["no.mp4", "-e", "siti"], "none of the 1 files that were looked up exists"),
        (["text.mp4", "-e", "siti"], "none of the 1 videos of the sample can be opened"),
        (["text.mp4", "no.mp4", "-e", "siti", "--videos", "1"], "must be at least the 2 named, got 1"),
        (["text.mp4", "-e", "siti", "--workers", "0"], "whole numbers from 1 to 1000000"),
        (["text.mp4", "-e", "siti", "--workers", "2,,3"], "whole numbers from 1 to 1000000"),
        (["text.mp4"], "name extractors with -e"),
        (["-e", "siti"], "name at least one video"),
    ],
)
def test_mistakes_are_one_sentence(words: list[str], told: str, tmp_path: Path) -> None:
    (tmp_path / "text.mp4").write_text("no video" * 100)
    done = run_here("plan", *words, cwd=tmp_path)
    assert done.returncode == 2
    assert told in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
