"""The estimate of `extract --dry-run`, held against a run."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from commands import run_here

from vqa_features.batch.calibration import Calibration
from vqa_features.batch.inputs import find_inputs
from vqa_features.batch.options import Extraction, Workers
from vqa_features.specs import Sampling
from vqa_features.tables.reading import read_table

#: The machine of a test may have other work during one of the two runs.
LOAD = 8.0
KEYS = [
    *("measured", "on", "size", "frames", "described", "getting_ready_s", "seconds", "total_s"),
    *("memory_mib", "table_bytes"),
]


def test_the_estimate_has_the_size_of_the_run(scenes: list[Path], tmp_path: Path) -> None:
    words = ("extract", *scenes[:4], "-e", "siti,niqe", "--jobs", "1", "-o", "o.parquet")
    done = run_here(*words, "--dry-run", "--calibrate", "5", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert list(tmp_path.iterdir()) == []
    assert "estimate, no promise: " in done.stderr
    found = json.loads(done.stdout)["estimate"]
    assert list(found) == KEYS
    assert found["measured"] is True
    assert found["size"][0] == 480
    assert found["described"] == 4
    assert 100 < found["memory_mib"] < 8000
    assert run_here(*words, "--quiet", cwd=tmp_path).returncode == 0
    table = read_table(tmp_path / "o.parquet")
    for name, seconds in found["seconds"].items():
        really = table[f"seconds.{name}"].sum()
        assert 1 / LOAD < seconds / really < LOAD, name
    assert sum(found["seconds"].values()) < found["total_s"]
    assert 0.5 < found["table_bytes"] / (tmp_path / "o.parquet").stat().st_size < 2


def test_stored_videos_take_no_time_and_only_sampled_frames_count(scenes: list[Path]) -> None:
    extraction = Extraction.of("siti", sampling=Sampling(fps=5))
    found = Calibration(extraction, Workers(1), 5.0).estimate(find_inputs(scenes[:2]), 0, ".csv")
    assert found["frames"] <= 10
    assert found["total_s"] == 0.0
    assert set(found["seconds"].values()) == {0.0}
    assert found["table_bytes"] > 0


def test_what_is_not_done_in_the_time_is_told(scenes: list[Path], tmp_path: Path) -> None:
    words = ("extract", scenes[0], "-e", "friquee", "-o", "-", "--dry-run", "--calibrate", "0.05")
    done = run_here(*words, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "that or more, since the first frames were not done in the time: raise --calibrate" in done.stderr
    found = json.loads(done.stdout)["estimate"]
    assert (found["measured"], found["memory_mib"]) == (False, None)
    assert found["total_s"] > 0


@pytest.mark.parametrize("name", ["no.mp4", "text.mp4"])
def test_videos_that_cannot_be_opened_give_no_estimate(name: str, tmp_path: Path) -> None:
    (tmp_path / "text.mp4").write_text("no video" * 100)
    done = run_here("extract", name, "-e", "siti", "-o", "o.csv", "--dry-run", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["estimate"] == {"problem": "no video could be opened"}
    assert "no estimate: no video could be opened" in done.stderr
