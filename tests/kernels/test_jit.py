"""Compiled kernels are cached on the disk; a cache that cannot be used does not fail the work."""

from __future__ import annotations

import os
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
