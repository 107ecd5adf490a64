"""Kernels of several extractors are compiled by several processes before a run, where they can be kept."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from numba import config
from trouble import Trouble

from vqa_features.batch import compile_ahead as module
from vqa_features.batch.compile_ahead import compile_ahead, longest_first
from vqa_features.batch.compiled import are_compiled
from vqa_features.registry import catalogue, make, make_all

#: Two extractors whose kernels take few seconds.
NAMES = ("siti", "exposure")
AHEAD = """\
import json, sys
from vqa_features.batch.compile_ahead import compile_ahead
from vqa_features.registry import make_all
told = []
started = compile_ahead(make_all(sys.argv[1:]), on_message=told.append, processes=2)
print(json.dumps([started, told, "numba" in sys.modules]))
"""
AFTER = """\
import json, sys
from vqa_features.batch.compiled import are_compiled
from vqa_features.extraction.readiness import prove_all
from vqa_features.kernels.compiling import compiled
from vqa_features.registry import make_all
made = make_all(sys.argv[1:])
prove_all(made)
from numba.core.dispatcher import Dispatcher
import gc
found = [one for one in gc.get_objects() if isinstance(one, Dispatcher)]
kernels = [one for one in found if "vqa_features" in one.__module__]
hits = sum(sum(one.stats.cache_hits.values()) for one in kernels)
misses = sum(sum(one.stats.cache_misses.values()) for one in kernels)
print(json.dumps([are_compiled(made), compiled(), misses, hits > 0]))
"""


def run(script: str, **environment: str) -> object:
    done = subprocess.run(
        [sys.executable, "-c", script, *NAMES],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def test_after_it_a_process_reads_every_kernel_from_the_cache(tmp_path: Path) -> None:
    (tmp_path / "code").mkdir(mode=0o700)
    places = {"NUMBA_CACHE_DIR": str(tmp_path / "code"), "VQA_FEATURES_CACHE": str(tmp_path / "cache")}
    assert run(AHEAD, **places) == [True, ["compiling kernels of 2 extractors, once"], False]
    assert run(AFTER, **places) == [True, 0, 0, True]
    assert run(AHEAD, **places) == [False, [], False]


@pytest.mark.skipif(not hasattr(config, "CACHE_LOCATOR_CLASSES"), reason="this numba caches somewhere always")
def test_where_nothing_can_be_cached_nothing_is_compiled_ahead(tmp_path: Path) -> None:
    places = {"NUMBA_CACHE_DIR": "", "NUMBA_CACHE_LOCATOR_CLASSES": "UserProvidedCacheLocator"}
    places["VQA_FEATURES_CACHE"] = str(tmp_path)
    assert run(AHEAD, **places) == [True, [], False]
    assert not list(tmp_path.rglob("*.json"))  # none is noted as compiled


def test_one_extractor_or_one_process_is_left_to_the_worker(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VQA_FEATURES_CACHE", str(tmp_path))
    told: list[str] = []
    assert not compile_ahead([make("siti"), make("r3d-18@random")], on_message=told.append)
    assert not compile_ahead(make_all(NAMES), on_message=told.append, processes=1)
    monkeypatch.setattr(module, "cores", lambda: 1)
    assert not compile_ahead(make_all(NAMES), on_message=told.append)
    assert told == []


def test_an_extractor_that_fails_is_left_to_the_worker(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VQA_FEATURES_CACHE", str(tmp_path / "cache"))
    refused, *others = make_all([f"niqe[model={tmp_path}/none.npz]", *NAMES])
    assert compile_ahead([refused, *others], processes=2)
    assert are_compiled(others)
    assert not are_compiled([refused])
    monkeypatch.setattr(module, "compile_kernels", os._exit)  # which raises for an extractor
    assert compile_ahead([refused, make("timing")], processes=2)
    assert not are_compiled([make("timing")])


def test_an_extractor_of_a_plugin_is_left_to_the_worker(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VQA_FEATURES_CACHE", str(tmp_path))
    assert not compile_ahead([Trouble(opening="hang"), make("siti")], processes=2)


def test_a_process_above_the_memory_limit_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VQA_FEATURES_CACHE", str(tmp_path))
    assert compile_ahead(make_all(NAMES), max_memory_mb=1.0, processes=2)
    assert not are_compiled(make_all(NAMES))


def test_processes_end_with_an_interrupt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VQA_FEATURES_CACHE", str(tmp_path))
    workers: list[object] = []

    def interrupted(started: list[object], *_: object) -> list[object]:
        workers.extend(started)
        for one in started:
            one.started()  # type: ignore[attr-defined]
        raise KeyboardInterrupt

    monkeypatch.setattr(module, "_share", interrupted)
    with pytest.raises(KeyboardInterrupt):
        compile_ahead(make_all(NAMES), processes=2)
    assert len(workers) == 2
    assert not any(Path(f"/proc/{one.pid}").exists() for one in workers)  # type: ignore[attr-defined]


def test_the_order_names_extractors_that_exist() -> None:
    known = {row["name"] for row in catalogue()}
    assert set(module._LONGEST) <= known
    assert [one.name for one in longest_first(make_all(["siti", "flow", "friquee"]))] == [
        "friquee",
        "flow",
        "siti",
    ]
