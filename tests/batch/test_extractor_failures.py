"""An extractor that fails on a video leaves the others' values, and is tried again where that may help."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from small_videos import moving
from trouble import Trouble

import vqa_features as vf
from vqa_features.batch.many_videos import VideoFailed
from vqa_features.errors import Failure
from vqa_features.extractor import Extractor

WORDS = {
    "value": "ValueError: a strange picture",
    "memory": "there was not enough memory",
    "cuda": "RuntimeError: CUDA out of memory. Tried to allocate 2.00 GiB",
    "file": "FileNotFoundError: [Errno 2] No such file or directory: 'model.json'",
    "module": "ModuleNotFoundError: No module named 'torch'",
}
#: Of these the reason lies outside the video.
OUTSIDE = ("memory", "cuda", "file", "module")


@pytest.fixture(scope="module")
def clips(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """One clip of 64 pixels in width, on which `Trouble` fails, and one of 96."""
    folder = tmp_path_factory.mktemp("clips")
    return [moving(folder / "a.mp4", 4), moving(folder / "b.mp4", 4, width=96)]


def extract(clips: list[Path], *extractors: str | Extractor, **settings: object) -> pd.DataFrame:
    table: pd.DataFrame = vf.extract_many(clips, list(extractors), **settings)  # type: ignore[arg-type]
    return table


@pytest.mark.parametrize("how", list(WORDS))
def test_the_others_values_stay_in_the_row(clips: list[Path], how: str) -> None:
    bad = Trouble(how)
    table = extract(clips, "siti", bad, "colorfulness")
    alone = extract(clips, "siti", "colorfulness")
    assert list(table["status"]) == ["incomplete", "ok"]
    assert list(table["error"]) == [f"{bad.label}: {WORDS[how]}", ""]
    names = [name for name in alone.columns if name.startswith(("siti.", "colorfulness."))]
    pd.testing.assert_frame_equal(table[names], alone[names], check_exact=True)
    assert table[f"{bad.label}.luma.mean"].isna().tolist() == [True, False]
    assert table.loc["a", "frames_decoded"] == 4


def test_workers_give_the_same_row(clips: list[Path]) -> None:
    one = extract(clips, "siti", Trouble("value"))
    two = extract(clips, "siti", Trouble("value"), jobs=2)
    names = [name for name in one.columns if not name.startswith("seconds.")]
    pd.testing.assert_frame_equal(one[names], two[names], check_exact=True)


def test_an_extractor_that_ends_its_worker_does_not_take_the_others_along(
    clips: list[Path], tmp_path: Path
) -> None:
    bad = Trouble("crash")
    settings = {"isolate": True, "store": tmp_path / "run.sqlite"}
    table = extract(clips, "siti", bad, "colorfulness", **settings)
    assert list(table["status"]) == ["incomplete", "ok"]
    assert table.loc["a", "error"] == f"{bad.label}: the worker process ended by SIGSEGV"
    alone = extract(clips, "siti", "colorfulness")
    names = [name for name in alone.columns if name.startswith(("siti.", "colorfulness."))]
    pd.testing.assert_frame_equal(table[names], alone[names], check_exact=True)
    well = extract(clips, "siti", Trouble("crash", at_width=0), "colorfulness", **settings)
    assert list(well["status"]) == ["ok", "ok"]


def test_a_video_on_which_every_extractor_ends_its_worker_has_failed(clips: list[Path]) -> None:
    table = extract(clips, Trouble("crash"), Trouble("crash", opening="once"), isolate=True)
    assert list(table["status"]) == ["failed(crash: SIGSEGV)", "ok"]
    assert table.loc["a", "error"] == "the worker process ended by SIGSEGV"


def test_a_video_on_which_every_extractor_fails_has_failed(clips: list[Path]) -> None:
    alone = extract(clips, Trouble("value"))
    assert list(alone["status"]) == ["failed(ValueError)", "ok"]
    assert alone.loc["a", "error"] == "ValueError: a strange picture"
    both = extract(clips, Trouble("file"), Trouble("memory"))
    assert both.loc["a", "status"] == "failed(io)"
    assert both.loc["a", "error"].count("trouble[how=") == 2


def test_the_verdict_on_decoding_is_kept_in_the_error(tmp_path: Path) -> None:
    whole = moving(tmp_path / "whole.mkv", 60, options={"g": "5"}).read_bytes()
    (tmp_path / "cut.mkv").write_bytes(whole[: len(whole) // 2])
    cut = [tmp_path / "cut.mkv"]
    assert extract(cut, "siti").loc["cut", "status"] == "partial"
    table = extract(cut, "siti", Trouble("value"))
    assert table.loc["cut", "status"] == "incomplete"
    assert table.loc["cut", "error"].startswith("partial: ")
    assert table.loc["cut", "error"].endswith("; trouble[how=value]: ValueError: a strange picture")


def test_stop_stops(clips: list[Path]) -> None:
    with pytest.raises(VideoFailed, match="incomplete: trouble"):
        extract(clips, "siti", Trouble("value"), on_error="stop")


@pytest.mark.parametrize("how", list(WORDS))
def test_a_resumed_run_gives_back_the_others_and_tries_what_lay_outside(
    clips: list[Path], tmp_path: Path, how: str
) -> None:
    log = tmp_path / "log"
    bad = Trouble(how, log=str(log))
    first = extract(clips, "siti", bad, store=tmp_path / "run.sqlite")
    log.unlink()
    again = extract(clips, "siti", bad, store=tmp_path / "run.sqlite")
    assert log.exists() == (how in OUTSIDE)
    assert list(again["status"]) == ["incomplete", "ok"]
    names = [name for name in first.columns if name != f"seconds.{bad.label}" and name != "seconds.decode"]
    pd.testing.assert_frame_equal(first[names], again[names], check_exact=True)
    only = extract(clips, "siti", store=tmp_path / "run.sqlite")
    assert list(only["status"]) == ["ok", "ok"]
    assert list(only["error"]) == ["", ""]


def test_a_failure_that_is_over_is_replaced(clips: list[Path], tmp_path: Path) -> None:
    store = tmp_path / "run.sqlite"
    assert extract(clips, "siti", Trouble("memory"), store=store).loc["a", "status"] == "incomplete"
    table = extract(clips, "siti", Trouble("memory", at_width=0), store=store)
    assert list(table["status"]) == ["ok", "ok"]
    assert table["trouble[how=memory].luma.mean"].notna().all()


def test_compare_leaves_an_incomplete_row_out_of_the_table_it_has_nothing_for() -> None:
    ids = [f"v{k}" for k in range(40)]
    rng = np.random.default_rng(0)
    table = pd.DataFrame(
        {"siti.si.mean": rng.normal(size=40), "brisque.score.mean": rng.normal(size=40)}, ids
    )
    table.insert(0, "status", "ok")
    table.loc["v3", ["status", "siti.si.mean"]] = ["incomplete", float("nan")]
    mos = pd.Series(rng.uniform(1, 5, 40), ids)
    parts = {"a": table[["status", "siti.si.mean"]], "b": table[["status", "brisque.score.mean"]]}
    result = vf.compare(parts, mos, splits=2, regressors=["ridge"])
    assert any("a: 1 video(s) are incomplete" in text and "v3" in text for text in result.warnings)
    assert not any("b: 1 video(s) are incomplete" in text for text in result.warnings)
    assert "v3" not in set(result.predictions["id"])


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (MemoryError(), "memory"),
        (RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory"), "memory"),
        (RuntimeError("shapes differ"), "RuntimeError"),
        (PermissionError(13, "Permission denied"), "io"),
        (vf.errors.WeightsMissing("no weights"), "WeightsMissing"),
        (vf.errors.DecodeError("broken", "no pictures"), "no pictures"),
    ],
)
def test_the_kind_of_a_failure_says_where_its_reason_lies(error: Exception, kind: str) -> None:
    assert Failure.of(error).kind == kind
    assert Failure.of_status(Failure.of(error).status, "x").kind == kind
