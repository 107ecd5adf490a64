"""Compiled kernels are cached on the disk; a cache that cannot be used does not fail the work."""

from __future__ import annotations

import os
import pickle
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from numba import config

#: Twice one kernel of a module of its own, which numba caches beside it.
KERNEL = """\
import numpy as np
from vqa_features.kernels.jit import SUMMING, jit

@jit(**SUMMING)
def total(values):
    found = 0.0
    for value in values:
        found += value
    return found
"""
USE = """\
import numpy as np, kernel
print(kernel.total(np.arange(5.0)), sum(kernel.total.stats.cache_hits.values()))
"""


def used(folder: Path, prepare: Callable[[], None] | None = None, **environment: str) -> str:
    if not (folder / "kernel.py").exists():
        (folder / "kernel.py").write_text(KERNEL)
    done = subprocess.run(
        [sys.executable, "-c", USE],
        cwd=folder,
        env={**os.environ, **environment},
        preexec_fn=prepare,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def cached(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.nb[ic]"))


def test_the_second_process_compiles_nothing(tmp_path: Path) -> None:
    assert used(tmp_path) == "10.0 0"
    assert cached(tmp_path)
    assert used(tmp_path) == "10.0 1"


def test_a_disk_without_room_for_the_cache_is_no_failure(tmp_path: Path) -> None:
    def small_files() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))

    assert used(tmp_path, small_files) == "10.0 0"
    assert not list(tmp_path.rglob("*.nbc"))


@pytest.mark.parametrize("content", [b"", bytes(100), b"\x80\x04garbage"], ids=["empty", "zeros", "cut"])
def test_a_damaged_cache_is_compiled_again(tmp_path: Path, content: bytes) -> None:
    used(tmp_path)
    data = [path for path in cached(tmp_path) if path.suffix == ".nbc"]
    assert data
    for path in data:
        path.write_bytes(content)
    assert used(tmp_path) == "10.0 0"


@pytest.mark.skipif(not hasattr(config, "CACHE_LOCATOR_CLASSES"), reason="this numba caches somewhere always")
def test_without_a_place_to_cache_each_process_compiles(tmp_path: Path) -> None:
    only_named = {"NUMBA_CACHE_LOCATOR_CLASSES": "UserProvidedCacheLocator", "NUMBA_CACHE_DIR": ""}
    assert used(tmp_path, **only_named) == "10.0 0"
    assert not cached(tmp_path)


class Planted:
    """A pickle that makes a file when it is read."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.system, (f"touch {self.mark}",)


def plant(folder: Path, mark: Path) -> None:
    """Replace every index of a cache, and let all users write there."""
    indexes = sorted(folder.rglob("*.nbi"))
    assert indexes
    for path in indexes:
        path.write_bytes(pickle.dumps(Planted(mark)))
    for path in [folder, *(path for path in folder.rglob("*") if path.is_dir())]:
        path.chmod(0o777)


def test_a_cache_that_others_can_write_is_neither_read_nor_written(tmp_path: Path) -> None:
    code, user, temporary = (tmp_path / name for name in ("code", "user", "temporary"))
    for folder in (code, user, temporary):
        folder.mkdir()
    places = {"XDG_CACHE_HOME": str(user), "TMPDIR": str(temporary)}
    mark = tmp_path / "code-was-run"
    assert used(code, **places) == "10.0 0"
    plant(code / "__pycache__", mark)
    before = cached(code)
    assert used(code, **places) == "10.0 0"  # the user's folder is the next that is tried
    assert {path.parent.stat().st_mode & 0o777 for path in cached(user)} == {0o700}
    plant(user, mark)
    assert used(code, **places) == "10.0 0"  # in the folder of the run
    assert not mark.exists()
    assert cached(code) == before
    assert list(temporary.iterdir()) == []


def test_a_folder_named_for_the_cache_is_held_to_the_same_rule(tmp_path: Path) -> None:
    named, code = tmp_path / "named", tmp_path / "code"
    named.mkdir()
    code.mkdir()
    assert used(code, NUMBA_CACHE_DIR=str(named)) == "10.0 0"
    assert cached(named)
    plant(named, tmp_path / "code-was-run")
    assert used(code, NUMBA_CACHE_DIR=str(named)) == "10.0 0"
    assert cached(code)
    assert not (tmp_path / "code-was-run").exists()
