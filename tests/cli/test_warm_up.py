"""`doctor --warm-up`: kernels are compiled into the cache, and the first run compiles none."""

from __future__ import annotations

import json
from pathlib import Path

from commands import one_error, run, run_here

from vqa_features.batch.compiled import are_compiled, note_compiled
from vqa_features.registry import make

#: Their kernels take few seconds.
NAMES = "siti,colorfulness"


def compiled(folder: Path) -> dict[str, int]:
    return {one.name: one.stat().st_mtime_ns for one in folder.rglob("*.nb[ic]")}


def test_the_first_run_compiles_nothing_and_says_nothing_of_it(scenes: list[Path], tmp_path: Path) -> None:
    places = {"NUMBA_CACHE_DIR": str(tmp_path / "code"), "VQA_FEATURES_CACHE": str(tmp_path / "cache")}
    (tmp_path / "code").mkdir(mode=0o700)
    done = run("doctor", "--warm-up", "-e", NAMES, "--json", **places)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)["warm_up"]
    assert (told["extractors"], told["failed"]) == (NAMES.split(","), [])
    assert told["seconds"] > 0
    before = compiled(tmp_path / "code")
    assert before
    done = run("extract", scenes[0], "-e", NAMES, "--frames", "3", "-o", tmp_path / "o.csv", **places)
    assert done.returncode == 0, done.stderr
    assert "compiling" not in done.stderr
    assert compiled(tmp_path / "code") == before


def test_extractors_are_named_with_the_option_only(tmp_path: Path) -> None:
    error = one_error(run_here("doctor", "-e", "siti", cwd=tmp_path))
    assert "-e names the extractors of --warm-up: give it too" in error
    assert "did you mean 'siti'?" in one_error(run_here("doctor", "--warm-up", "-e", "SITI", cwd=tmp_path))


def test_what_was_compiled_is_noted_for_one_place_of_code(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("VQA_FEATURES_CACHE", str(tmp_path))
    siti, niqe, network = make("siti"), make("niqe[model=live]"), make("transnetv2")
    assert are_compiled([network])  # it has no kernels
    assert not are_compiled([siti])
    note_compiled([siti, niqe, network])
    assert are_compiled([siti, make("niqe"), network])
    assert not are_compiled([make("brisque")])
    (file,) = (tmp_path / "kernels").iterdir()
    assert json.loads(file.read_text()) == ["niqe", "siti"]
    for text in ("", "{", "3", '{"a": 1}', "[1]"):
        file.write_text(text)
        assert not are_compiled([siti])
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "elsewhere"))
    note_compiled([siti])
    monkeypatch.delenv("NUMBA_CACHE_DIR")
    assert not are_compiled([siti])
    monkeypatch.setenv("VQA_FEATURES_CACHE", "/dev/null/x")
    note_compiled([siti])  # where nothing can be written, nothing happens
    assert not are_compiled([siti])
