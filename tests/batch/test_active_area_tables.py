"""The active area in tables, stores, settings, models and on the command line."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from boxed_videos import Sides, boxed, pictures, write
from commands import one_error, run, run_here
from noisy_clips import make_clips, scenes_of

import vqa_features as vf
from vqa_features.batch.options import Extraction
from vqa_features.batch.replay import Replay
from vqa_features.batch.result_key import result_key
from vqa_features.cli._request import Request
from vqa_features.cli.extract import extract_command
from vqa_features.models.sources import Source
from vqa_features.specs import Sampling
from vqa_features.tables.reading import read_table

AREA = "video.active_area"
BARS: dict[str, Sides] = {"boxed": (34, 36, 0, 0), "plain": (0, 0, 0, 0)}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of the same pictures with and without bars."""
    found = tmp_path_factory.mktemp("area")
    for name, sides in BARS.items():
        write(found / f"{name}.mkv", [boxed(one, sides) for one in pictures()])
    return found


def test_a_table_says_the_area_of_each_video_and_full_tables_have_no_such_column(folder: Path) -> None:
    active = vf.extract_many([folder], "siti", area="active")
    assert active[AREA].to_dict() == {
        "boxed": "240x136+0+34 of 240x206",
        "plain": "240x136+0+0 of 240x136",
    }
    assert active["video.height"].tolist() == [136, 136]
    assert active.loc["boxed", ["siti.si.mean", "siti.ti.mean"]].equals(
        active.loc["plain", ["siti.si.mean", "siti.ti.mean"]]
    )
    assert active.attrs["settings"]["area"] == "active"
    full = vf.extract_many([folder], "siti")
    assert AREA not in full
    assert full.attrs["settings"]["area"] == "full"
    assert full.loc["boxed", "siti.si.mean"] != full.loc["plain", "siti.si.mean"]


def test_a_store_keeps_both_areas_apart(folder: Path, tmp_path: Path) -> None:
    store = tmp_path / "s.sqlite"
    tables = {area: vf.extract_many([folder], "siti", area=area, store=store) for area in ("full", "active")}
    done: list[vf.VideoResult] = []
    for area, table in tables.items():
        again = vf.extract_many([folder], "siti", area=area, store=store, on_result=done.append)
        pd.testing.assert_frame_equal(again, table)
    assert tables["full"].loc["boxed", "siti.si.mean"] != tables["active"].loc["boxed", "siti.si.mean"]
    siti, sampling = vf.make("siti"), Sampling()
    assert result_key(siti, sampling) == result_key(siti, sampling, area="full")
    assert result_key(siti, sampling) != result_key(siti, sampling, area="active")


def test_the_transformer_uses_the_area(folder: Path) -> None:
    rows = vf.VideoFeatures("siti", area="active").fit_transform([folder / "boxed.mkv", folder / "plain.mkv"])
    np.testing.assert_array_equal(rows[0], rows[1])


def asked(*words: object) -> Request:
    """What a command line of `extract` asks for."""
    return Request.of(extract_command.make_context("extract", [*map(str, words), "-o", "o.csv"]))


def test_the_command_writes_the_area_and_repeats_it_unless_an_option_stands_there(
    folder: Path, tmp_path: Path
) -> None:
    (tmp_path / "vqa-features.toml").write_text('[extract]\narea = "active"\nextractors = ["siti"]\n')
    done = run("extract", folder, "-o", "t.csv", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    table = read_table(tmp_path / "t.csv")
    assert table[AREA].tolist() == ["240x136+0+34 of 240x206", "240x136+0+0 of 240x136"]
    assert table.attrs["settings"]["area"] == "active"
    repeated = ("v", "--settings", tmp_path / "t.csv")
    assert asked(*repeated).area == "active"
    assert asked(*repeated, "--area", "full").area == "full"
    assert asked("v", "-e", "siti").area == "full"
    refused = run_here("extract", folder, "-e", "siti", "--area", "inner", "-o", "u.csv", cwd=tmp_path)
    assert "'inner' is not one of 'full', 'active'" in one_error(refused)


def test_settings_of_before_have_the_whole_pictures() -> None:
    settings = Extraction.of("siti").settings(["clips"])
    old = {name: value for name, value in settings.items() if name != "area"}
    assert Replay.of(old, "t").area == "full"
    table = pd.DataFrame({"siti.si.mean": [1.0]})
    table.attrs["settings"] = old
    source, why = Source.of("t", ["siti.si.mean"], table)
    assert why == ""
    assert source.settings is not None
    before = Source("t", source.columns, {k: v for k, v in source.settings.items() if k != "area"})
    before.check()
    assert before.check_table(settings, "new")
    with pytest.raises(vf.TableError, match="trained with area full, new has active"):
        before.check_table({**settings, "area": "active"}, "new")


@pytest.mark.filterwarnings("ignore::vqa_features.comparison.notices.ValidityNotice")
def test_a_model_predicts_from_the_area_it_was_trained_on(folder: Path, tmp_path: Path) -> None:
    mos = make_clips(tmp_path / "clips")
    table = vf.extract_many([tmp_path / "clips"], "siti", area="active")
    model = vf.QualityModel("ridge", repetitions=1).fit(table, mos, scenes_of(mos))
    again = vf.QualityModel.load(model.save(tmp_path / "model.skops"))
    found = again.predict_videos([folder])["mos"]
    assert found["boxed"] == found["plain"]
    with pytest.raises(vf.TableError, match="trained with area active, features has full"):
        model.predict(vf.extract_many([folder], "siti"))
