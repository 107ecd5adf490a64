"""The option ``--jobs`` of every command that has it: a number of processes, or -1 for one per core."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from commands import one_error, run_here

from vqa_features.processes.cores import processes_of

REST = {
    "extract": ("INPUT", "-e", "siti", "-o", "out.csv"),
    "predict": ("INPUT",),
    "train": ("--features", "a.csv", "--mos", "b.csv", "-o", "model.skops"),
    "compare": ("--features", "a.csv", "--mos", "b.csv"),
    "cross": ("--dataset", "a=a.csv,b.csv"),
    "demo": (),
}


@pytest.mark.parametrize("command", REST)
@pytest.mark.parametrize("jobs", ["0", "-2"])
def test_other_numbers_below_one_are_refused(command: str, jobs: str, tmp_path: Path) -> None:
    done = run_here(command, *REST[command], "--jobs", jobs, cwd=tmp_path)
    assert done.returncode == 2
    assert f"jobs must be above 0, or -1 for one per core, got {jobs}" in one_error(done)
    assert list(tmp_path.iterdir()) == []


def test_minus_one_is_one_process_per_core(scenes: list[Path], tmp_path: Path) -> None:
    words = ("extract", scenes[0], "-e", "siti", "-o", "out.csv", "--jobs", "-1", "--dry-run")
    done = run_here(*map(str, words), cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["jobs"] == processes_of(-1) >= 1
