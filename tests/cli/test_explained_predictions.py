"""`predict --explain` and `--explain-plot`: on stdout, in files beside the table, as a figure."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest
from commands import one_error, run_here
from noisy_clips import made_up, make_clips

import vqa_features as vf

pytestmark = pytest.mark.filterwarnings("ignore::vqa_features.comparison.notices.ValidityNotice")
TABLE = ("predict", "made.csv", "--model", "made.skops")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with clips and a model of them, and a made-up table with a model of it."""
    place = tmp_path_factory.mktemp("explained")
    mos = make_clips(place / "clips")
    table = vf.extract_many([place / "clips"], ["brisque"], pool=["mean"])
    vf.QualityModel("ridge", repetitions=1).fit(table, mos).save(place / "clips.skops")
    made, labels = made_up(40)
    vf.write_table(made[:3], place / "made.csv")
    vf.QualityModel("svr-rbf", repetitions=1, search="random10").fit(made, labels).save(place / "made.skops")
    return place


def test_videos_are_told_and_their_contributions_and_seconds_written(folder: Path) -> None:
    clips = [f"clips/clip{number:02d}.mp4" for number in (0, 11)]
    command = ["predict", *clips, "--model", "clips.skops", "-o", "out.parquet", "--explain"]
    done = run_here(*command, cwd=folder)
    assert done.returncode == 0, done.stderr
    first, second = done.stdout.split("clip11: ")
    assert first.startswith("clip00: MOS ")
    assert "up   +" in first
    assert "down -" in second
    predicted = vf.read_table(folder / "out.parquet")
    told = pd.read_csv(folder / "out.explained.csv")
    model = vf.QualityModel.load(folder / "clips.skops")
    for name in ("clip00", "clip11"):
        expected = model.explain(folder / "clips" / f"{name}.mp4")
        own = told[told["id"] == name].set_index("column")
        wanted = expected.table["contribution"].tolist()
        assert own["contribution"].tolist() == pytest.approx(wanted, abs=1e-9)
        assert expected.score.mean + own["contribution"].sum() == pytest.approx(predicted.loc[name, "mos"])
    seconds = pd.read_csv(folder / "out.seconds.csv")
    assert list(seconds.columns) == ["id", "start_s", "end_s", "frames", "mos", "extrapolates", "pull"]
    assert seconds["id"].tolist() == ["clip00", "clip11"]


def test_rows_of_a_table_are_told_and_drawn(folder: Path) -> None:
    done = run_here(*TABLE, "--explain", cwd=folder)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("estimated by sampling") == 3
    assert not done.stdout.startswith("id,")
    vf.write_table(made_up(40)[0][:1], folder / "one.csv")
    for suffix, start in ((".png", b"\x89PNG"), (".svg", b"<?xml"), (".pdf", b"%PDF")):
        file = folder / f"figure{suffix}"
        done = run_here("predict", "one.csv", *TABLE[2:], "--explain-plot", file.name, cwd=folder)
        assert done.returncode == 0, done.stderr
        assert file.read_bytes().startswith(start)


def test_json_holds_the_explanation_of_every_row(folder: Path) -> None:
    done = run_here(*TABLE, "--explain", "--json", "-o", "told.csv", "--excel", "semicolon", cwd=folder)
    assert done.returncode == 0, done.stderr
    rows = json.loads(done.stdout)
    for row in rows:
        told = row["explanation"]
        pulls = [one["contribution"] for one in told["contributions"]]
        assert told["mean"] + sum(pulls) == pytest.approx(row["mos"], abs=1e-6)
        assert told["seconds"] is None
    written = pd.read_csv(folder / "told.explained.csv", sep=";", decimal=",", encoding="utf-8-sig")
    assert len(written) == sum(len(row["explanation"]["contributions"]) for row in rows)


@pytest.mark.parametrize(
    ("arguments", "match"),
    [
        (["--explain-plot", "a.jpg"], "must end in .png, .svg, .pdf"),
        (["--explain-plot", "a.png"], "--explain-plot draws one prediction, and there are 3"),
        (["--explain", "--explain-plot", "made.skops"], "must end in .png"),
    ],
)
def test_what_cannot_be_told_is_refused_before_the_work(
    folder: Path, arguments: list[str], match: str
) -> None:
    assert match in one_error(run_here(*TABLE, *arguments, cwd=folder))
    assert not (folder / "a.png").exists()


def test_the_files_of_an_explanation_replace_no_input(folder: Path) -> None:
    (folder / "x.explained.csv").write_bytes((folder / "made.csv").read_bytes())
    command = ["predict", "x.explained.csv", *TABLE[2:], "-o", "x.csv", "--explain"]
    assert "x.explained.csv" in one_error(run_here(*command, cwd=folder))
    assert (folder / "x.explained.csv").read_bytes() == (folder / "made.csv").read_bytes()
