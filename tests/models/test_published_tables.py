"""Published tables under the names of our columns: our rows of nine clips are theirs."""

from __future__ import annotations

import json
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import vqa_features as vf
from vqa_features.datasets.loading import Published, load
from vqa_features.datasets.scores import load_score
from vqa_features.errors import TableError, UnknownName
from vqa_features.evaluation.model_search import chosen_pipeline
from vqa_features.evaluation.regressors import find
from vqa_features.models.make_shipped import RECIPES, scores_on, training_of
from vqa_features.models.published_tables import named_table
from vqa_features.models.shipped import shipped_models
from vqa_features.tables.labels import Labels

pytestmark = pytest.mark.filterwarnings("ignore::vqa_features.comparison.notices.ValidityNotice")
STORED = json.loads((Path(__file__).parent.parent / "data/konvid_nine.json").read_text())
#: In deviations of a column over the dataset: figures of docs/models.md.
EXACT = 1e-6
#: Of MOS: what the differences of the features do to a prediction, by method.
OF_MOS = {"videval": 0.002, "brisque": 0.02}


@pytest.fixture
def published(shared: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Point the cache at the shared tables and forbid the network."""
    monkeypatch.setenv("VQA_FEATURES_DATASETS", str(shared / "tables"))
    monkeypatch.setenv("VQA_FEATURES_OFFLINE", "1")


def distances(method: str) -> pd.DataFrame:
    """Differences of our rows from the published ones, in deviations of the table, (9, columns)."""
    table = named_table(load("konvid-1k"), method)
    ours = pd.DataFrame.from_dict(STORED["rows"][method], orient="index", columns=STORED["columns"][method])
    return (ours[table.columns] - table.loc[ours.index]).abs() / table.std()


@pytest.mark.parametrize(
    ("method", "columns", "exact", "largest"), [("videval", 59, 43, 0.1), ("brisque", 36, 4, 0.05)]
)
def test_every_column_is_the_published_one(
    published: None, method: str, columns: int, exact: int, largest: float
) -> None:
    found = distances(method)
    assert found.shape == (9, columns)
    assert (found.max() < EXACT).sum() == exact
    assert found.max().max() < largest
    assert found.stack().median() < (1e-12 if method == "videval" else 2e-3)


def test_settings_are_those_that_extract_writes(published: None) -> None:
    for method, sampling in (("videval", None), ("brisque", "second")):
        settings = named_table(load("live-vqc"), method).attrs["settings"]
        assert settings["extractors"] == [method]
        assert settings["sampling"]["every"] == sampling


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.name)
def test_a_model_is_fitted_again_to_the_same_predictions(published: None, recipe: object) -> None:
    training = training_of(recipe)  # type: ignore[arg-type]
    model = vf.QualityModel.load(recipe.name)  # type: ignore[attr-defined]
    table = training.table.sort_index()
    assert list(table.columns) == model.card_.columns
    mos = training.labels.mos.loc[table.index].to_numpy()
    again = chosen_pipeline(find("svr-rbf"), dict(model.card_.chosen), seed=0, blocks=())
    again.fit(table.to_numpy(), mos)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = model.predict(table).to_numpy()
    expected = np.clip(model.card_.curve(again.predict(table.to_numpy())), 1, 5)
    assert np.abs(found - expected).max() < 1e-9
    method = recipe.table  # type: ignore[attr-defined]
    rows = pd.DataFrame.from_dict(STORED["rows"][method], orient="index", columns=STORED["columns"][method])
    prefix = "" if len(recipe.datasets) == 1 else "konvid-1k/"  # type: ignore[attr-defined]
    of_table = pd.Series(found, table.index)[[prefix + clip for clip in rows.index]].to_numpy()
    assert np.abs(model.predict(rows).to_numpy() - of_table).max() < OF_MOS[method]


def test_the_mos_of_two_datasets_are_brought_onto_one_scale(published: None) -> None:
    training = training_of(RECIPES[2])
    konvid, vqc = training.maps["konvid-1k"], training.maps["live-vqc"]
    assert konvid == pytest.approx((1, 0), abs=1e-9)
    assert vqc == pytest.approx((0.025377, 2.018658), abs=1e-5)
    assert training.datasets.value_counts().to_dict() == {"konvid-1k": 1200, "live-vqc": 585}
    assert training.labels.mos.between(1, 5).all()


@pytest.mark.parametrize(("clip", "tolerance"), [("4495254692", OF_MOS["brisque"])])
def test_a_clip_extracted_now_has_the_prediction_of_its_published_row(
    shared: Path, published: None, clip: str, tolerance: float
) -> None:
    model = vf.QualityModel.load("brisque-konvid-1k")
    found = model.predict_videos(shared / "clips/konvid-1k" / f"{clip}.mp4")
    of_table = model.predict(named_table(load("konvid-1k"), "brisque").loc[[clip]])
    assert abs(found["mos"].item() - of_table.item()) < tolerance
    stored = pd.DataFrame([STORED["rows"]["brisque"][clip]], columns=STORED["columns"]["brisque"])
    assert found["mos"].item() == pytest.approx(model.predict(stored).item(), abs=1e-6)


def test_a_card_tells_the_scores_on_another_dataset_or_that_it_is_not_here(
    published: None, capsys: pytest.CaptureFixture[str]
) -> None:
    recipe = RECIPES[0]
    model, known = vf.QualityModel.load(recipe.name), shipped_models()[recipe.name]
    found = scores_on(recipe, model, "live-vqc")
    assert found == pytest.approx(next(one for one in known.tested_on if one["dataset"] == "live-vqc"))
    assert scores_on(recipe, model, "youtube-ugc") is None
    assert "videval-konvid-1k is not tested on youtube-ugc" in capsys.readouterr().err


def test_published_scores_are_joined_by_row(published: None) -> None:
    niqe = load_score("live-vqc", "niqe")
    assert list(niqe.index) == list(load("live-vqc").labels.mos.index)
    assert 1 < niqe.median() < 10
    with pytest.raises(UnknownName, match="known: niqe"):
        load_score("konvid-1k", "nique")
    with pytest.raises(UnknownName, match="known: none"):
        load_score("live-vqa", "niqe")


def test_a_table_that_is_not_known_is_refused() -> None:
    frame = pd.DataFrame(np.ones((2, 5)), index=["a", "b"])
    labels = Labels(pd.Series([1.0, 2.0], index=frame.index))
    with pytest.raises(TableError, match="has 5 columns, brisque gives 36"):
        named_table(Published({"brisque": (frame, "handcrafted")}, labels, None), "brisque")
    with pytest.raises(UnknownName, match="known: "):
        named_table(Published({"other": (frame, "handcrafted")}, labels, None), "other")
