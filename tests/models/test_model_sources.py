"""A model extracts as in training, and refuses what was made otherwise by name."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from noisy_clips import EXTRACTORS, POOLS, SAMPLING, features, made_up, make_clips, scenes_of

import vqa_features as vf
from vqa_features.comparison.notices import ValidityNotice
from vqa_features.errors import TableError
from vqa_features.models import sources
from vqa_features.models.sources import Source
from vqa_features.registry import registry
from vqa_features.tables.labels import read_labels

pytestmark = pytest.mark.filterwarnings("ignore::vqa_features.comparison.notices.ValidityNotice")
Trained = tuple[Path, pd.Series, pd.DataFrame, vf.QualityModel]


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Trained:
    folder = tmp_path_factory.mktemp("sources") / "clips"
    mos = make_clips(folder)
    table = features(folder)
    model = vf.QualityModel("ridge", repetitions=1).fit(table, mos, scenes_of(mos))
    return folder, mos, table, vf.QualityModel.load(model.save(folder.parent / "model.skops"))


def test_a_model_keeps_what_its_columns_need(trained: Trained) -> None:
    _, _, table, model = trained
    (source,) = model.card_.sources
    settings = table.attrs["settings"]
    assert source.settings is not None
    assert source.labels == list(EXTRACTORS)
    assert source.settings["pool"] == list(POOLS)
    assert source.settings["sampling"]["every"] == SAMPLING.every
    assert source.settings["decoding"] == settings["decoding"]
    assert [one["version"] for one in source.settings["identities"]] == [
        registry()[name].version for name in EXTRACTORS
    ]
    assert "inputs" not in source.settings  # no paths of the training
    assert not any(str(trained[0]) in text for text in (model.card_.to_json(),))


def test_extractors_whose_columns_are_not_used_are_not_run(trained: Trained) -> None:
    folder, mos, table, _ = trained
    part = table[[name for name in table.columns if name.startswith("siti.")]]
    model = vf.QualityModel("ridge", repetitions=1).fit(part, mos)
    assert model.card_.sources[0].labels == ["siti"]
    found = model.predict_videos([folder / "clip03.mp4"])
    assert found["mos"].item() == pytest.approx(model.predict(part)["clip03"], abs=1e-9)


@pytest.mark.parametrize("name", EXTRACTORS)
def test_another_version_of_an_extractor_is_refused_by_name(
    trained: Trained, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, _, table, model = trained
    version = registry()[name].version
    monkeypatch.setattr(registry()[name], "version", version + 1)
    trained_on = f"^{name}: the model was trained on version {version}"
    told = f"{trained_on}, this program has {version + 1}: train it again, or predict with"
    with pytest.raises(TableError, match=told):
        model.predict_videos([folder / "clip00.mp4"])
    newer = table.copy()
    newer.attrs["settings"] = {
        **table.attrs["settings"],
        "identities": [
            {**one, "version": version + 1} if one["name"] == name else one
            for one in table.attrs["settings"]["identities"]
        ],
    }
    with pytest.raises(TableError, match=f"{trained_on}, features has {version + 1}"):
        model.predict(newer)


def test_another_decoding_is_refused(trained: Trained, monkeypatch: pytest.MonkeyPatch) -> None:
    folder, _, _, model = trained
    monkeypatch.setattr(sources, "DECODING_VERSION", 99)
    with pytest.raises(TableError, match="frames of decoding version 3, this program has 99"):
        model.predict_videos([folder / "clip00.mp4"])


@pytest.mark.parametrize(
    ("changed", "match"),
    [
        ({"sampling": {"fps": 5.0}}, "trained with sampling every 2, features has fps 5.0"),
        ({"luma": "rgb2gray"}, "trained with luma y, features has rgb2gray"),
        ({"luma": "pq"}, "trained with luma y, features has pq"),
        ({"area": "active"}, "trained with area full, features has active"),
        ({"decoding": 1}, "trained with decoding version 3, features has 1"),
    ],
)
def test_a_table_of_other_settings_is_refused(trained: Trained, changed: dict[str, Any], match: str) -> None:
    _, _, table, model = trained
    other = table.copy()
    other.attrs["settings"] = {**table.attrs["settings"], **changed}
    with pytest.raises(TableError, match=match):
        model.predict(other)


def test_other_weights_are_refused(trained: Trained) -> None:
    _, _, table, model = trained
    other = table.copy()
    identities = table.attrs["settings"]["identities"]
    other.attrs["settings"] = {
        **table.attrs["settings"],
        "identities": [{**identities[0], "weights": "0" * 64}, identities[1]],
    }
    with pytest.raises(TableError, match=r"^brisque: the model was trained on weights 1946"):
        model.predict(other)


def test_a_table_really_extracted_otherwise_is_refused(trained: Trained) -> None:
    folder, _, _, model = trained
    other = vf.extract_many([folder / "clip00.mp4"], list(EXTRACTORS), pool=list(POOLS))
    with pytest.raises(TableError, match="trained with sampling every 2, features has all"):
        model.predict(other)
    lacking = vf.extract_many([folder / "clip00.mp4"], list(EXTRACTORS), sampling=SAMPLING)
    with pytest.raises(TableError, match="39 of the 78 columns that the model needs are missing"):
        model.predict(lacking)


def test_a_table_without_settings_is_used_and_told(trained: Trained) -> None:
    _, _, table, model = trained
    bare = pd.DataFrame(table)
    bare.attrs = {}
    with pytest.warns(
        ValidityNotice, match="brisque, siti: the table does not say how these columns were made"
    ):
        found = model.predict(bare)
    assert np.abs(found - model.predict(table)).max() == 0


def test_tables_with_settings_of_their_own_are_extracted_each_in_its_way(trained: Trained) -> None:
    folder, mos, table, _ = trained
    slow = vf.extract_many([folder], ["colorfulness"], sampling=vf.Sampling(frames=2))
    tables = {"fast": table, "slow": slow}
    model = vf.QualityModel("ridge", repetitions=1).fit(tables, mos)
    assert [source.name for source in model.card_.sources] == ["fast", "slow"]
    of_videos = model.predict_videos([folder])
    assert np.abs(of_videos["mos"] - model.predict(tables)).max() < 1e-9
    assert set(of_videos["status"]) == {"ok"}


def test_a_model_of_other_tables_predicts_from_tables_only() -> None:
    table, mos = made_up(40)
    model = vf.QualityModel("ridge", repetitions=1).fit(table, mos)
    assert not model.card_.extracts
    assert any("predicts from tables only" in text for text in model.card_.warnings)
    with pytest.raises(TableError, match="which extract did not write"):
        model.predict_videos(["clip.mp4"])


@pytest.mark.parametrize(
    "settings",
    [
        {"command": "extract"},
        {"command": "compare"},
        {"command": "extract", "extractors": ["siti"], "identities": [], "pool": ["mean"]},
        {"command": "extract", "extractors": "siti", "identities": [{}]},
        {"command": "extract", "extractors": ["siti"], "identities": ["siti"], "luma": "y", "pool": ["mean"]},
        {"command": "extract", "extractors": ["nothing"], "identities": [{}], "luma": "y", "pool": ["mean"]},
        {},
    ],
)
def test_settings_that_cannot_be_replayed_leave_a_model_for_tables(settings: dict[str, Any]) -> None:
    frame = pd.DataFrame({"siti.si.mean": [1.0]})
    frame.attrs["settings"] = settings
    source, reason = Source.of("features", ["siti.si.mean"], frame)
    assert source.settings is None
    assert reason


def test_a_video_that_fails_is_a_row(trained: Trained, tmp_path: Path) -> None:
    folder, _, _, model = trained
    (tmp_path / "broken.mp4").write_bytes(b"no video")
    found = model.predict_videos([folder / "clip01.mp4", tmp_path / "broken.mp4", tmp_path / "absent.mp4"])
    assert found["mos"].notna().tolist() == [True, False, False]
    assert found["status"].str.startswith("failed").tolist() == [False, True, True]
    assert found.loc["broken", "error"]
    assert not found.loc["broken", "extrapolates"]


def test_a_model_names_no_folders_of_its_maker(tmp_path: Path) -> None:
    table, mos = made_up(40, noise=0.2)
    folder = tmp_path / "private"
    (folder / "other").mkdir(parents=True)
    vf.write_table(table[["f0", "f1"]], folder / "table.csv", {})
    table[["f2", "f3", "f4"]].to_csv(folder / "other" / "plain.csv", index=False)
    mos.rename_axis("id").to_csv(folder / "mos.csv")
    labels = read_labels(folder / "mos.csv")
    unordered = vf.read_table(folder / "other" / "plain.csv")
    tables = {"a": vf.read_table(folder / "table.csv"), "b": unordered}
    card = vf.QualityModel("ridge", repetitions=1).fit(tables, labels).card_
    assert "private" not in card.to_json()
    assert any("mos.csv" in text for text in card.warnings)
    assert card.data.tables == ("table.csv", "plain.csv")
