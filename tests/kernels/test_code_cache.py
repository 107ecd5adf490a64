"""Processes that use one cache of kernels at once compile each kernel once and never read another's code."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from vqa_features.kernels.claims import _LOOK_S, claim, claimed, release

KERNEL = """\
from vqa_features.kernels.jit import SUMMING, jit

@jit()
def scaled(value):
    return value * 3

@jit(**SUMMING)
def total(values):
    found = scaled(values[0]) - scaled(values[0])
    for value in values:
        found += scaled(value)
    return found
"""
USE = """\
import sys, numpy as np, kernel
for kind in sys.argv[1:]:
    print(kernel.total(np.arange(5).astype(kind)))
from vqa_features.kernels import compiling
print(compiling.compiled(), compiling.stored())
"""


def started(folder: Path, *kinds: str) -> subprocess.Popen[str]:
    if not (folder / "kernel.py").exists():
        (folder / "kernel.py").write_text(KERNEL)
    environment = {key: value for key, value in os.environ.items() if key != "NUMBA_CACHE_DIR"}
    return subprocess.Popen(
        [sys.executable, "-c", USE, *kinds], cwd=folder, env=environment, stdout=subprocess.PIPE, text=True
    )


def test_processes_that_start_at_once_compile_each_kernel_once(tmp_path: Path) -> None:
    told = [one.communicate(timeout=200)[0].split() for one in [started(tmp_path, "f8") for _ in range(3)]]
    assert [lines[0] for lines in told] == ["30.0"] * 3
    assert sum(int(lines[1]) for lines in told) == 2  # each function once
    assert sum(int(lines[2]) for lines in told) == 2


def test_types_compiled_at_once_keep_their_own_code(tmp_path: Path) -> None:
    kinds = ["f8", "f4", "i8", "u1"]
    for process in [started(tmp_path, kind) for kind in kinds]:
        process.communicate(timeout=200)
    lines = started(tmp_path, *kinds).communicate(timeout=200)[0].split()
    assert lines == ["30.0", "30.0", "30", "30", "0", "0"]  # every type was read, none is compiled again


HOLD = """\
import sys
from vqa_features.kernels.claims import claim
claim(sys.argv[1], "held")
print("claimed", flush=True)
sys.stdin.read()
"""


def test_a_claim_ends_with_its_process_and_one_held_for_long_is_not_waited_for(
    tmp_path: Path, monkeypatch
) -> None:
    monkeypatch.setattr("vqa_features.kernels.claims._LONGEST_S", 0.2)
    pauses: list[float] = []

    def look_later(seconds: float) -> None:
        if seconds == _LOOK_S:  # and no pause of another thread
            pauses.append(seconds)

    monkeypatch.setattr("vqa_features.kernels.claims.time.sleep", look_later)
    command = [sys.executable, "-c", HOLD, str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "claimed\n"
        claim(str(tmp_path), "other")
        assert not pauses
        claim(str(tmp_path), "held")
        assert pauses
        process.kill()
        process.wait()
    pauses.clear()
    with claimed(str(tmp_path), "held"):
        assert not pauses
    release(str(tmp_path), "other")
    release(str(tmp_path), "never claimed")


def test_where_no_file_can_be_locked_nothing_is_claimed(tmp_path: Path) -> None:
    claim(str(tmp_path / "none"), "name")
    release(str(tmp_path / "none"), "name")
