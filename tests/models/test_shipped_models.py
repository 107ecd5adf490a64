"""Models that come with the package: their files, their cards, and that they predict as they say."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from noisy_clips import make_clips
from sklearn.pipeline import make_pipeline

import vqa_features as vf
from vqa_features.datasets.loading import load
from vqa_features.errors import TableError, UnknownName
from vqa_features.evaluation import metrics
from vqa_features.models import shipped
from vqa_features.models.shipped import DEFAULT, OUT_OF_FOLD, WIDER, file_of, shipped_models, shipped_of
from vqa_features.registry import registry
from vqa_features.resources import __file__ as resources

pytestmark = pytest.mark.filterwarnings("ignore::vqa_features.comparison.notices.ValidityNotice")
FOLDER = Path(resources).parent / "models"
NAMES = [
    "videval-konvid-1k",
    "brisque-konvid-1k",
    "videval-konvid-1k+live-vqc",
    "brisque-konvid-1k+live-vqc",
]
#: Labels of KoNViD-1k, as published with VIDEVAL (MIT).
NINE_MOS = {
    "12262452854": 4.24,
    "3339962845": 4.64,
    "3369925072": 4.02,
    "4495254692": 3.90,
    "5115335471": 2.16,
    "8171831850": 4.44,
    "8562619627": 4.26,
    "8657921837": 4.30,
    "8758952624": 4.30,
}
#: Of cells that are printed with two decimals.
PRINTED = 0.0051


@pytest.fixture(scope="module")
def nine() -> dict[str, pd.DataFrame]:
    """The features of nine clips of KoNViD-1k, as this package extracts them, by method."""
    stored = json.loads((Path(__file__).parent.parent / "data/konvid_nine.json").read_text())
    return {
        method: pd.DataFrame.from_dict(rows, orient="index", columns=stored["columns"][method])
        for method, rows in stored["rows"].items()
    }


@pytest.fixture(scope="module")
def left_out() -> pd.DataFrame:
    return pd.read_csv(FOLDER / OUT_OF_FOLD, index_col="video")


@pytest.fixture(scope="module")
def clips(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("shipped") / "clips"
    make_clips(folder)
    return sorted(folder.glob("*.mp4"))[:3]


def test_the_list_has_every_model_with_the_default_first() -> None:
    found = vf.list_models()
    assert list(found.index) == NAMES
    assert found.index[0] == DEFAULT
    assert found["videos"].tolist() == [1200, 1200, 1785, 1785]
    assert found["srcc"].between(0.6, 0.9).all()
    assert set(WIDER) | set(WIDER.values()) == set(NAMES)
    assert {file.name for file in FOLDER.iterdir()} == {
        *(f"{name}.skops" for name in NAMES),
        *("cards.json", OUT_OF_FOLD, "NOTICE.txt"),
    }


@pytest.mark.parametrize("name", NAMES)
def test_a_model_is_loaded_by_its_name_and_has_the_scores_of_its_card(name: str) -> None:
    model, known = vf.QualityModel.load(name), shipped_models()[name]
    card, scores = model.card_, model.card_.performance
    for field in scores._fields:
        assert getattr(known, field) == pytest.approx(getattr(scores, field), abs=1e-6)
    assert card.level == known.level == 0.9
    assert card.data.videos == sum(one["videos"] for one in known.trained_on)
    assert card.data.scale == (1, 5)
    assert card.data.tables == (" and ".join(one["table"] for one in known.trained_on),)
    method = name.partition("-")[0]
    assert card.sources[0].labels == [method]
    assert len(card.columns) == {"videval": 59, "brisque": 36}[method]
    sampling = card.sources[0].settings["sampling"]
    assert sampling["every"] == {"videval": None, "brisque": "second"}[method]
    assert card.extracts
    assert known.not_for
    assert "MIT" in known.licence
    assert ("LIVE-VQC" in known.not_for[-1]) == ("live-vqc" in name)


@pytest.mark.parametrize("name", NAMES)
def test_the_scores_of_a_card_follow_from_the_predictions_out_of_fold(
    name: str, left_out: pd.DataFrame, shared: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VQA_FEATURES_DATASETS", str(shared / "tables"))
    known = shipped_models()[name]
    inside = []
    for one in known.trained_on:
        rows = left_out[left_out.index.str.startswith(one["dataset"] + "/")]
        assert len(rows) == one["videos"]
        labels = load(one["dataset"]).labels.mos
        published = labels[[str(video).partition("/")[2] for video in rows.index]].to_numpy()
        mos, predicted = one["gain"] * published + one["offset"], rows[name].to_numpy()
        assert metrics.srcc(predicted, mos) == pytest.approx(one["srcc"], abs=1e-4)
        inside.append(np.abs(predicted - mos))
    errors = np.concatenate(inside)
    # the mean of three repetitions is a little better than each of them
    assert np.sqrt(np.square(errors).mean()) == pytest.approx(known.rmse, rel=0.03)
    assert known.level - 0.01 <= (errors <= known.half_width).mean() <= known.level + 0.02


def test_documented_predictions_are_those_of_the_models(
    nine: dict[str, pd.DataFrame], left_out: pd.DataFrame
) -> None:
    text = (Path(__file__).parents[2] / "docs/models.md").read_text()
    rows = re.findall(r"^\| (\d{10,11}) \| (.+) \|$", text, re.MULTILINE)
    assert len(rows) == 9
    found = {name: vf.QualityModel.load(name).predict(nine[name.partition("-")[0]]) for name in NAMES}
    for clip, cells in rows:
        numbers = [float(cell) for cell in re.split(r" \| | / ", cells)]
        expected = [NINE_MOS[clip]]
        for name, mos in found.items():
            expected += [mos[clip], left_out.loc[f"konvid-1k/{clip}", name]]
        assert numbers == pytest.approx(expected, abs=PRINTED), clip


def test_an_altered_file_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "models").mkdir()
    content = bytearray((FOLDER / f"{DEFAULT}.skops").read_bytes())
    content[len(content) // 2] ^= 1
    (tmp_path / "models" / f"{DEFAULT}.skops").write_bytes(content)
    model = shipped_models()[DEFAULT]
    monkeypatch.setattr(shipped, "files", lambda _: tmp_path)
    with pytest.raises(TableError, match=r"videval-konvid-1k\.skops was altered: it has SHA-256"):
        vf.QualityModel.load(DEFAULT)
    with (
        pytest.raises(TableError, match="the model none is not at"),
        file_of(replace(model, name="none")),
    ):
        pass


def test_what_is_neither_a_name_nor_a_file_is_a_question(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for wrong in ("videval-konvid1k", "VIDEVAL", "best", ""):
        with pytest.raises(UnknownName, match="a file of train, or one of videval-konvid-1k"):
            vf.QualityModel.load(wrong)
    with pytest.raises(UnknownName, match="did you mean 'brisque-konvid-1k'"):
        vf.QualityModel.load("brisque-konvid")
    for file in ("nothing.skops", "some/videval-konvid-1k", Path("models") / DEFAULT):
        with pytest.raises(TableError, match="there is no model at"):
            vf.QualityModel.load(file)
    monkeypatch.chdir(tmp_path)
    (tmp_path / DEFAULT).mkdir()  # features of this name, say
    assert shipped_of(DEFAULT) is shipped_models()[DEFAULT]


def test_three_ways_to_a_prediction_are_one(clips: list[Path]) -> None:
    name = "brisque-konvid-1k"
    model = vf.QualityModel.load(name)
    of_videos = model.predict_videos(clips)
    table = vf.extract_many(clips, "brisque", sampling=vf.Sampling(every="second"))
    of_table = model.predict_interval(table)
    features = vf.VideoFeatures("brisque", every="second").set_output(transform="pandas")
    of_pipeline = make_pipeline(features, model).predict(clips)
    assert np.isfinite(of_pipeline).all()
    assert len(set(of_pipeline)) == len(clips)
    for column in ("mos", "low", "high"):
        assert np.abs(of_videos[column].to_numpy(float) - of_table[column].to_numpy()).max() < 1e-9
    assert np.abs(of_videos["mos"].to_numpy(float) - np.asarray(of_pipeline)).max() < 1e-9


@pytest.mark.parametrize("name", NAMES[:2])
def test_the_next_version_of_its_extractor_is_refused(
    name: str, clips: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    model = vf.QualityModel.load(name)
    method = name.partition("-")[0]
    monkeypatch.setattr(registry()[method], "version", 2)
    with pytest.raises(TableError, match=f"{method}: the model was trained on version 1, this program has 2"):
        model.predict_videos(clips[:1])


def test_names_of_models_need_no_scikit_learn() -> None:
    code = (
        "import sys\n"
        "from vqa_features.cli import predict, models\n"
        "from vqa_features.models.shipped import shipped_models, shipped_of\n"
        "shipped_models(); shipped_of('brisque-konvid-1k')\n"
        "print([one for one in ('sklearn', 'skops', 'scipy', 'numba') if one in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
