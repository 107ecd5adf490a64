"""`predict` with a model of the package, and without a file: what is printed, resumed, and kept of a run."""

from __future__ import annotations

import json
import re
import shutil
import signal
import time
from pathlib import Path

import pandas as pd
import pytest
from commands import LIMIT_S, run, run_here, start
from long_film import long_film
from noisy_clips import make_clips

import vqa_features as vf
from vqa_features.cli._predictions import predictions_text, scale_text
from vqa_features.models.shipped import DEFAULT

BRISQUE = "brisque-konvid-1k"
ROW = re.compile(r"^(\S+) +(\d\.\d\d) +(\d\.\d\d) to (\d\.\d\d) +ok")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with three short clips and one file that is no video."""
    place = tmp_path_factory.mktemp("predict")
    make_clips(place / "all")
    (place / "clips").mkdir()
    for number in (0, 4, 8):
        shutil.copy(place / "all" / f"clip{number:02d}.mp4", place / "clips")
    (place / "broken.mp4").write_text("no video\n" * 50)
    return place


def test_one_clip_and_nothing_else_gives_a_mos_with_its_interval(scenes: list[Path], tmp_path: Path) -> None:
    done = run("predict", scenes[0], cwd=tmp_path, VQA_FEATURES_OFFLINE="1")
    assert done.returncode == 0, done.stderr
    heading, line = done.stdout.splitlines()
    assert heading.split() == ["id", "MOS", "90", "%", "interval", "status"]
    found = ROW.match(line)
    assert found is not None, line
    assert found[1] == scenes[0].stem
    mos, low, high = map(float, found.groups()[1:])
    assert 1 <= low < mos < high <= 5
    assert f"model {DEFAULT}: MOS 1 to 5, higher is better" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_rows_are_aligned_and_finished_videos_are_not_computed_again(folder: Path, tmp_path: Path) -> None:
    asked = ["predict", folder / "clips", folder / "broken.mp4", "--model", BRISQUE, "--store", "s.sqlite"]
    first = run(*asked, cwd=tmp_path)
    assert first.returncode == 1, first.stderr
    assert "0 of 4 videos are complete in the store" in first.stderr
    lines = first.stdout.splitlines()
    assert [line.split()[0] for line in lines] == ["id", "clip00", "clip04", "clip08", "broken"]
    assert "failed(" in lines[-1]
    column = lines[0].index("status")
    assert all(line[column - 1] == " " and line[column] != " " for line in lines)
    again = run(*asked, "-o", "again.csv", cwd=tmp_path)
    assert again.returncode == 1, again.stderr
    assert "4 of 4 videos are complete in the store" in again.stderr
    found = pd.read_csv(tmp_path / "again.csv", index_col="id")
    here = vf.QualityModel.load(BRISQUE).predict_videos([folder / "clips"])
    assert (found["mos"].iloc[:3] - here["mos"]).abs().max() < 1e-9  # a fresh process, and this one
    for line, mos in zip(lines[1:4], here["mos"], strict=True):
        assert f" {mos:.2f} " in line


def test_ctrl_c_keeps_the_finished_rows(folder: Path, tmp_path: Path) -> None:
    long = long_film(tmp_path / "long.mp4")
    command = start("predict", folder / "broken.mp4", long, "-o", "out.csv", cwd=tmp_path, stdout=-1)
    while "broken.mp4" not in command.stderr.readline():
        assert command.poll() is None
    time.sleep(0.3)
    command.send_signal(signal.SIGINT)
    out, err = command.communicate(timeout=LIMIT_S)
    assert command.returncode == 130, err
    assert "Traceback" not in err
    assert out == ""
    assert "1 of 2 rows in" in err
    (written,) = tmp_path.glob("out*.csv")
    assert pd.read_csv(written)["id"].tolist() == ["broken"]


def test_a_video_outside_the_range_is_told_with_the_model_that_is_wider(folder: Path, tmp_path: Path) -> None:
    table = vf.extract_many([folder / "clips"], "brisque", sampling=vf.Sampling(every="second"))
    names = [name for name in table.columns if name.startswith("brisque.")]
    table[names] *= 9
    vf.write_table(table, tmp_path / "far.parquet")
    done = run_here("predict", tmp_path / "far.parquet", "--model", BRISQUE, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("ok, outside the training range") == 3
    assert (
        "their intervals promise nothing; --model brisque-konvid-1k+live-vqc has a wider range" in done.stderr
    )


def test_texts_of_rows_change_nothing_around_them() -> None:
    card = vf.QualityModel.load(BRISQUE).card_
    row = {
        "path": "a",
        "status": "failed(io)",
        "mos": float("nan"),
        "low": float("nan"),
        "high": float("nan"),
    }
    table = pd.DataFrame([{**row, "extrapolates": False, "error": "gone\x1b[2J\nnow"}], index=["a\nb"])
    text = predictions_text(table, card.level)
    assert len(text.splitlines()) == 2
    assert "\x1b" not in text
    assert scale_text(card, "m.skops").startswith("model m.skops: MOS 1 to 5")


def test_models_are_listed_and_shown(tmp_path: Path) -> None:
    listed = run_here("models", "list", cwd=tmp_path)
    assert listed.returncode == 0
    lines = listed.stdout.splitlines()
    assert lines[0].split()[:3] == ["name", "videos", "SRCC"]
    assert lines[1].startswith(f"{DEFAULT} (default)  1200    0.784")
    assert len(lines) == 5
    rows = json.loads(run_here("models", "list", "--json", cwd=tmp_path).stdout)
    assert [row["default"] for row in rows] == [True, False, False, False]
    assert [row["name"] for row in rows] == list(vf.list_models().index)
    shown = run_here("models", "show", f"{DEFAULT}+live-vqc", cwd=tmp_path).stdout
    for text in (
        *("KoNViD-1k and LIVE-VQC", "MIT", "live-vqc: 585 videos", "MOS x 0.02538 + 2.0187"),
        *("SRCC inside:", "of each by itself: konvid-1k", "SRCC outside:", "youtube-ugc", "not for:"),
        *("KONVID_1K_VIDEVAL_feats.mat and LIVE_VQC_VIDEVAL_feats.mat", "MOS +- 0.6", "videval version 1"),
    ):
        assert text in shown, text
    card = json.loads(run_here("models", "show", BRISQUE, "--json", cwd=tmp_path).stdout)
    assert card["shipped"]["name"] == BRISQUE
    assert card["sources"][0]["settings"]["sampling"]["every"] == "second"
    assert {one["dataset"] for one in card["shipped"]["tested_on"]} == {"live-vqc", "youtube-ugc"}
