"""`respond` on real clips: files, resumption, failures, determinism; command and Python give the same."""

from __future__ import annotations

import itertools
import json
import shutil
from pathlib import Path

import pandas as pd
import pytest
from commands import one_error, run_here

import vqa_features as vf
from vqa_features.distortion import LADDERS, Version, write_version
from vqa_features.files.hashing import sha256_of
from vqa_features.response.result import FEATURES, REPORT, TABLES
from vqa_features.response.run import PREDICTION
from vqa_features.tables.reading import read_table


@pytest.fixture(scope="module")
def clips(tmp_path_factory: pytest.TempPathFactory, scenes: list[Path]) -> Path:
    """Six clips of twelve pictures."""
    folder = tmp_path_factory.mktemp("clips")
    twelve = Version(change=lambda frames, rate: itertools.islice(frames, 12))
    for scene in scenes[:6]:
        write_version(scene, twelve, folder / f"{scene.stem}.mkv")
    return folder


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory, clips: Path) -> tuple[Path, str, str]:
    """The folder, stdout and stderr of a run."""
    folder = tmp_path_factory.mktemp("respond")
    (folder / "bad.mp4").write_text("no video")
    arguments = ("respond", clips, "bad.mp4", "-e", "siti,brisque", "--ladder", "noise,freeze")
    options = ("--model", "brisque-konvid-1k", "--frames", 4, "-o", "out")
    ended = run_here(*arguments, *options, cwd=folder)
    assert ended.returncode == 1, ended.stderr
    return folder / "out", ended.stdout, ended.stderr


def test_every_file_is_there_and_versions_are_gone(done: tuple[Path, str, str]) -> None:
    out, printed, told = done
    for name in (FEATURES, *TABLES, REPORT, "settings.json"):
        assert (out / name).stat().st_size > 0
    assert not list(out.rglob("*.mkv"))
    assert "bad, original: failed(clip)" in told
    features = read_table(out / FEATURES)
    assert len(features) == 6 * 13 + 1
    assert (features["status"] == "ok").sum() == 6 * 13
    assert PREDICTION in features
    assert {"noise", "freeze", "brisque", "siti", "model"} <= set(printed.split())
    page = (out / REPORT).read_text(encoding="utf-8")
    assert "<script" not in page
    assert "bad, original" in page
    settings = json.loads((out / "settings.json").read_text())
    assert settings["ladders"]["noise"] == [1, 2, 4, 8, 16, 32]


def test_noise_raises_ti_and_brisque_tells_it_apart(done: tuple[Path, str, str]) -> None:
    summary = pd.read_csv(done[0] / "summary.csv").set_index(["ladder", "column"])
    assert summary.loc[("noise", "siti.ti.mean"), "monotonicity"] > 0.9
    assert summary.loc[("noise", "brisque.score.mean"), "told_apart"] <= 16
    assert summary.loc[("noise", PREDICTION), "monotonicity"] < 0
    assert set(summary.loc["noise", "family"]) == {"handcrafted", "prediction"}


def test_a_second_run_reads_what_is_finished_and_gives_the_same(
    done: tuple[Path, str, str], clips: Path
) -> None:
    out, printed, _ = done
    before = {name: (out / name).read_bytes() for name in TABLES}
    parts = {one: one.stat().st_mtime_ns for one in (out / "clips").iterdir()}
    assert len(parts) == 6
    again = run_here(
        *("respond", clips, "bad.mp4", "-e", "siti,brisque", "--ladder", "noise,freeze"),
        *("--model", "brisque-konvid-1k", "--frames", 4, "-o", "out", "--quiet"),
        cwd=out.parent,
    )
    assert again.returncode == 1
    assert again.stdout == printed
    assert {name: (out / name).read_bytes() for name in TABLES} == before
    assert {one: one.stat().st_mtime_ns for one in (out / "clips").iterdir()} == parts


def test_a_clip_that_was_not_finished_is_made_again_from_what_is_there(
    done: tuple[Path, str, str], clips: Path, tmp_path: Path
) -> None:
    """As after Ctrl-C: one clip lacks its table, and some of its versions are made already."""
    out = tmp_path / "out"
    shutil.copytree(done[0], out)
    lost = sorted((out / "clips").iterdir())[0]
    digest = lost.name.partition("-")[0]
    lost.unlink()
    (clip,) = (one for one in clips.iterdir() if sha256_of(one).startswith(digest))
    made = out / "versions" / digest / "noise_8.mkv"
    made.parent.mkdir(parents=True)
    write_version(clip, LADDERS["noise"].version(8), made)
    again = run_here(
        *("respond", clips, "-e", "siti,brisque", "--ladder", "noise,freeze"),
        *("--model", "brisque-konvid-1k", "--frames", 4, "-o", "out"),
        cwd=tmp_path,
    )
    assert again.returncode == 0, again.stderr
    assert {name: (out / name).read_bytes() for name in TABLES} == {
        name: (done[0] / name).read_bytes() for name in TABLES
    }
    assert lost.exists()
    assert not list(out.rglob("*.mkv"))


def test_python_gives_the_same_tables(done: tuple[Path, str, str], clips: Path) -> None:
    found = vf.respond(clips, ["siti", "brisque"], ["noise"], model="brisque-konvid-1k", frames=4)
    assert isinstance(found, vf.Response)
    assert found.failed == 0
    saved = pd.read_csv(done[0] / "displacement.csv")
    saved = saved[saved["ladder"] == "noise"].reset_index(drop=True)
    pd.testing.assert_frame_equal(found.displacement, saved, check_dtype=False, rtol=1e-12)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["-e", "siti", "--ladder", "nose"], "did you mean 'noise'"),
        (["-e", "sitti"], "did you mean 'siti'"),
        ([], "name extractors with -e"),
        (["-e", "siti", "--model", "none-such"], "none-such"),
    ],
)
def test_a_wrong_request_is_one_sentence_and_makes_nothing(
    arguments: list[str], told: str, clips: Path, tmp_path: Path
) -> None:
    assert told in one_error(run_here("respond", clips, *arguments, "-o", "out", cwd=tmp_path))
    assert not (tmp_path / "out").exists()


def test_no_clip_that_can_be_read_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "bad.mp4").write_text("no video")
    done = run_here(
        "respond", "bad.mp4", "-e", "siti", "--ladder", "noise", "-o", "out", "--quiet", cwd=tmp_path
    )
    assert "no clip has features" in one_error(done)
