"""`train`, `predict` and `models show`, in processes of their own or in this one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from commands import one_error, run, run_here
from noisy_clips import made_up, make_clips, scenes_of

import vqa_features as vf

KEYS = ["id", "path", "status", "mos", "low", "high", "extrapolates", "error"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with clips, their features, MOS and a model."""
    place = tmp_path_factory.mktemp("models")
    mos = make_clips(place / "clips")
    labels = pd.DataFrame({"id": [f"{name}.mp4" for name in mos.index], "mos": mos.to_numpy()})
    labels["scene"] = scenes_of(mos).to_numpy()
    labels.to_csv(place / "mos.csv", index=False)
    done = run("extract", "clips", "-e", "siti", "--every", "2", "-o", "siti.csv", "--quiet", cwd=place)
    assert done.returncode == 0, done.stderr
    done = run(*train("siti.csv", "model.skops"), "--group", "scene", cwd=place)
    assert done.returncode == 0, done.stderr
    return place


def train(table: str, output: str) -> list[str]:
    return ["train", "--features", table, "--mos", "mos.csv", "--regressor", "ridge", "-o", output]


def test_videos_and_their_table_give_the_same_rows(folder: Path) -> None:
    of_videos = run("predict", "clips", "--model", "model.skops", "-o", "out.csv", "--jobs", "2", cwd=folder)
    assert of_videos.returncode == 0, of_videos.stderr
    assert of_videos.stdout == ""
    found = pd.read_csv(folder / "out.csv")
    assert list(found.columns) == KEYS
    assert found["status"].tolist() == ["ok"] * 12
    of_table = run_here("predict", "siti.csv", "--model", "model.skops", "-o", "again.csv", cwd=folder)
    assert of_table.returncode == 0, of_table.stderr
    assert of_table.stdout == ""
    again = pd.read_csv(folder / "again.csv")
    assert again["id"].tolist() == found["id"].tolist()
    assert np.abs(again["mos"] - found["mos"]).max() < 1e-9
    model = vf.QualityModel.load(folder / "model.skops")
    expected = model.predict_interval(vf.read_table(folder / "siti.csv"))
    for name in ("mos", "low", "high"):
        assert np.abs(found[name].to_numpy() - expected[name].to_numpy()).max() < 1e-9
    settings = json.loads((folder / "out.csv.settings.json").read_text())
    assert settings["command"] == "predict"
    assert settings["features"][0]["extractors"] == ["siti"]


def test_a_failing_video_is_a_row_and_the_exit_code_is_1(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "broken.mp4").write_bytes(b"no video")
    names = [folder / "clips" / "clip03.mp4", "broken.mp4", "absent.mp4"]
    asked = ["--model", folder / "model.skops", "-o", "out.csv", "--quiet"]
    done = run("predict", *names, *asked, cwd=tmp_path)
    assert done.returncode == 1
    found = pd.read_csv(tmp_path / "out.csv")
    assert list(found.columns) == KEYS
    assert found["mos"].notna().tolist() == [True, False, False]
    assert found["status"].str.startswith("failed").tolist() == [False, True, True]
    assert found["error"].notna().tolist() == [False, True, True]


def test_a_list_of_videos_is_no_table(folder: Path, tmp_path: Path) -> None:
    listed = tmp_path / "list.csv"
    listed.write_text(f"path,camera\n{folder / 'clips' / 'clip00.mp4'},a\n")
    done = run("predict", listed, "--model", folder / "model.skops", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert [line.split()[0] for line in done.stdout.splitlines()] == ["id", "clip00"]


def test_the_card_says_what_the_model_is(folder: Path) -> None:
    shown = run_here("models", "show", "model.skops", cwd=folder)
    assert shown.returncode == 0
    for text in (
        *(
            "12 videos in 6 groups kept whole",
            "siti.csv",
            "higher is better",
            "mos.csv, column mos",
            "SHA-256",
        ),
        *("ridge, alpha=", "SRCC", "RMSE", "MOS +-", "level 0.9", "siti version 2", "every 2", "pools mean"),
        *("decoding version 3", "scikit-learn", "extrapolates if", "only 12 videos"),
    ):
        assert text in shown.stdout, text
    card = json.loads(run_here("models", "show", "model.skops", "--json", cwd=folder).stdout)
    assert card["data"]["videos"] == 12
    assert card["sources"][0]["columns"] == ["siti.si.mean", "siti.ti.mean"]
    assert len(card["span"]["low"]) == 2


def test_the_same_training_gives_the_same_file_of_numbers(folder: Path, tmp_path: Path) -> None:
    again = run_here(*train("siti.csv", str(tmp_path / "again.skops")), "--group", "scene", cwd=folder)
    assert again.returncode == 0, again.stderr
    first, second = (
        vf.QualityModel.load(one).card_ for one in (folder / "model.skops", tmp_path / "again.skops")
    )
    assert first.to_json() == second.to_json()


def test_several_tables_and_options(folder: Path, tmp_path: Path) -> None:
    table = vf.read_table(folder / "siti.csv")
    other = made_up(12)[0].set_axis(table.index)
    vf.write_table(other, tmp_path / "other.parquet")
    output = tmp_path / "both.skops"
    done = run_here(
        *train("siti.csv:fast:handcrafted", str(output)),
        *("--features", str(tmp_path / "other.parquet"), "--lower-is-better", "--scale", "0,8"),
        *("--repetitions", "1", "--level", "0.8", "--seed", "7", "--quiet"),
        cwd=folder,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    for text in ("lower is better", "scale 0 to 8", "level 0.8", "1 x 5 folds", "seed 7", "without groups"):
        assert text in done.stdout, text
    refused = run_here("predict", "clips", "--model", str(output), cwd=folder)
    assert "which extract did not write: it predicts from tables" in one_error(refused)


@pytest.mark.parametrize(
    ("arguments", "match"),
    [
        (["train", "--features", "siti.csv", "--mos", "mos.csv", "-o", "model.pkl"], "must end in .skops"),
        (["train", "--features", "nothing.csv", "--mos", "mos.csv", "-o", "a.skops"], "no feature table at"),
        (["train", "--features", "siti.csv", "--mos", "nothing.csv", "-o", "a.skops"], "no MOS file at"),
        ([*train("siti.csv", "a.skops"), "--group", "camera"], "no column 'camera'"),
        ([*train("siti.csv", "a.skops"), "--scale", "5"], "--scale is LOW,HIGH"),
        ([*train("siti.csv", "a.skops"), "--scale", "4,5"], "outside the scale 4 to 5"),
        ([*train("siti.csv", "a.skops"), "--level", "0.95"], "level 0.95 needs 19 videos"),
        ([*train("siti.csv", "a.skops"), "--regressor", "rigde"], "did you mean 'ridge'"),
        ([*train("siti.csv", "a.skops"), "--seed", "-3"], "seed must be"),
        (
            [*train("siti.csv", "a.skops"), "--regressor", "sklearn.neighbors.KNeighborsRegressor"],
            "cannot be saved",
        ),
        (train("siti.csv", "no/folder\0/a.skops"), "no file can have this name"),
        (["predict", "--model", "model.skops"], "name at least one video"),
        (["predict", "clips", "--model", "videval"], "unknown model 'videval'; did you mean"),
        (["predict", "siti.csv", "--model", "model.skops", "--store", "s.sqlite"], "leave it out"),
        (["predict", "clips", "--model", "model.skops", "--store", ""], "--store is empty"),
        (["predict", "clips", "--model", "model.skops", "--store", "mos.csv"], "mos.csv"),
        (["predict", "clips", "--model", "model.skops", "--store", "model.skops"], "model.skops"),
        (["models", "show", "videval-konvid"], "did you mean 'videval-konvid-1k'"),
        (["predict", "clips", "--model", "nothing.skops"], "there is no model at nothing.skops"),
        (["predict", "clips", "--model", "mos.csv"], "does not end as one does"),
        (["predict", "clips", "--model", "model.skops", "-o", "out.txt"], "must end in .parquet"),
        (["predict", "siti.csv", "clips", "--model", "model.skops"], "name it alone"),
        (["predict", "mos.csv", "--model", "model.skops"], "none of the model's 2 columns"),
        (["predict", "clips", "--model", "model.skops", "-o", "clips/clip00.mp4"], "must end in"),
        (["predict", "siti.csv", "--model", "model.skops", "-o", "siti.csv"], "would replace"),
        (["models", "show", "siti.csv"], "does not end as one does"),
    ],
)
def test_bad_input_is_one_sentence(folder: Path, arguments: list[Any], match: str) -> None:
    assert match in one_error(run_here(*arguments, cwd=folder))
    assert not (folder / "a.skops").exists()


def test_a_model_is_not_written_over_an_input(folder: Path) -> None:
    same = run_here(
        "train", "--features", "siti.csv", "--mos", "model.skops", "-o", "model.skops", cwd=folder
    )
    assert "model.skops" in one_error(same)
    assert vf.QualityModel.load(folder / "model.skops").card_.data.videos == 12


def test_videos_unlike_those_of_the_training_are_flagged(folder: Path, tmp_path: Path) -> None:
    table = vf.read_table(folder / "siti.csv")
    table[["siti.si.mean", "siti.ti.mean"]] *= 20
    vf.write_table(table, tmp_path / "far.csv")
    done = run_here("predict", str(tmp_path / "far.csv"), "--model", "model.skops", cwd=folder)
    assert done.returncode == 0
    assert done.stdout.count("outside the training range") == 12
    assert "12 video(s) lie outside the training range" in done.stderr
