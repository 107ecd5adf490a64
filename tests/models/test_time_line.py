"""Predictions over time, against parts of a video extracted alone and against what was done to it."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from noisy_clips import features, make_clips
from small_videos import LOSSLESS_H264, Planes, encode, moving_planes

import vqa_features as vf
from vqa_features.comparison.notices import ValidityNotice
from vqa_features.errors import ParameterError, TableError

pytestmark = pytest.mark.filterwarnings("ignore::vqa_features.comparison.notices.ValidityNotice")
RATE = 6


def with_noise(levels: list[float], seed: int = 0) -> Iterator[Planes]:
    """One second of the moving pattern under each level of noise."""
    random = np.random.default_rng(seed)
    for second, level in enumerate(levels):
        for frame in range(RATE):
            luma, *chroma = moving_planes(second * RATE + frame, 96, 80)
            noise = random.normal(0, level, luma.shape)
            yield [np.clip(luma + noise, 0, 255).astype(np.uint8), *chroma]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("over_time")
    encode(made / "second_half.mp4", with_noise([2, 2, 30, 30]), rate=RATE, options=LOSSLESS_H264)
    encode(made / "middle.mp4", with_noise([2, 30, 2]), rate=RATE, options=LOSSLESS_H264)
    encode(made / "even.mp4", with_noise([8, 8, 8]), rate=RATE, options=LOSSLESS_H264)
    return made


def trained(folder: Path, extractors: list[str], pools: list[str]) -> vf.QualityModel:
    clips = folder / "training"
    mos = pd.read_csv(clips / "mos.csv", index_col=0)["mos"] if clips.exists() else _labelled(clips)
    return fitted(vf.extract_many([clips], extractors, pool=pools), mos)


def fitted(table: pd.DataFrame, mos: pd.Series) -> vf.QualityModel:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ValidityNotice)
        return vf.QualityModel("ridge", repetitions=1).fit(table, mos)


def _labelled(clips: Path) -> pd.Series:
    mos = make_clips(clips)
    mos.to_csv(clips / "mos.csv")
    return mos


@pytest.fixture(scope="module")
def model(folder: Path) -> vf.QualityModel:
    return trained(folder, ["brisque"], ["mean"])


def test_the_seconds_after_a_degradation_are_lower_and_pull_down(
    folder: Path, model: vf.QualityModel
) -> None:
    found = model.predict_over_time(folder / "second_half.mp4")
    assert found.index.tolist() == [0.0, 1.0, 2.0, 3.0]
    assert found["end_s"].tolist() == [1.0, 2.0, 3.0, 4.0]
    assert found["frames"].tolist() == [RATE] * 4
    assert found["mos"][:2].min() > found["mos"][2:].max() + 0.5
    assert (found["pull"][:2] > 0).all()
    assert (found["pull"][2:] < 0).all()
    middle = model.predict_over_time(folder / "middle.mp4")
    assert middle["mos"].idxmin() == middle["pull"].idxmin() == 1.0
    assert "down by moments: 1-2 s" in " ".join(repr(model.explain(folder / "middle.mp4")).split())


def test_of_an_even_video_the_seconds_are_alike(folder: Path, model: vf.QualityModel) -> None:
    found = model.predict_over_time(folder / "even.mp4")
    uneven = model.predict_over_time(folder / "middle.mp4")
    assert np.ptp(found["mos"]) < 0.2 * np.ptp(uneven["mos"])
    assert found["pull"].abs().max() < 0.2 * uneven["pull"].abs().max()


@pytest.mark.parametrize("window_s", [1.0, 2.0, 0.5])
def test_a_window_is_predicted_as_the_part_by_itself(
    folder: Path, model: vf.QualityModel, window_s: float
) -> None:
    path = folder / "second_half.mp4"
    found = model.predict_over_time(path, window_s)
    assert len(found) == 4 / window_s
    for start in found.index:
        part = vf.extract(path, "brisque", start_s=start, duration_s=window_s)
        assert found.loc[start, "mos"] == pytest.approx(model.predict(part.to_frame().T).iloc[0], abs=1e-9)


def test_the_pull_is_the_whole_minus_the_rest(folder: Path, model: vf.QualityModel) -> None:
    path = folder / "middle.mp4"
    found = model.predict_over_time(path)
    frames = vf.extract(path, "brisque", per_frame=True)
    whole = frames.mean().add_suffix(".mean").to_frame().T
    rest = frames[(frames.index < 1) | (frames.index >= 2)].mean().add_suffix(".mean").to_frame().T
    predicted = model.predict_videos(path).iloc[0]
    for name in ("mos", "low", "high"):
        assert found.attrs[name] == pytest.approx(predicted[name], abs=1e-9)
    expected = model.predict(whole).iloc[0] - model.predict(rest).iloc[0]
    assert found.loc[1.0, "pull"] == pytest.approx(expected, abs=1e-9)


def test_one_window_is_the_whole_video_and_has_no_pull(folder: Path, model: vf.QualityModel) -> None:
    found = model.predict_over_time(folder / "middle.mp4", window_s=10)
    assert found["mos"].tolist() == pytest.approx([found.attrs["mos"]])
    assert found["pull"].isna().all()


def test_pools_that_need_several_frames_have_no_prediction_of_one(folder: Path) -> None:
    spread = trained(folder, ["brisque"], ["mean", "std"])
    whole = spread.predict_over_time(folder / "second_half.mp4")
    assert whole["mos"].notna().all()
    assert any("pools over a window (std) see fewer frames" in note for note in whole.attrs["notes"])
    single = spread.predict_over_time(folder / "second_half.mp4", window_s=1 / RATE)
    assert len(single) == 4 * RATE
    assert single["mos"].isna().all()
    assert single["pull"].notna().all()
    assert not single["extrapolates"].any()
    assert any("24 window(s) have one frame" in note for note in single.attrs["notes"])
    steady = trained(folder, ["siti"], ["mean", "median", "harmonic", "minkowski2"])
    found = steady.predict_over_time(folder / "middle.mp4", window_s=2 / RATE)
    assert found["mos"].notna().all()
    assert not found.attrs["notes"]
    timed = trained(folder, ["siti"], ["lowest1s", "hysteresis"])
    found = timed.predict_over_time(folder / "middle.mp4")
    assert found[["mos", "pull"]].notna().all(axis=None)
    assert any("pools over a window (hysteresis, lowest1s)" in note for note in found.attrs["notes"])


@pytest.mark.usefixtures("model")
def test_columns_with_one_row_per_video_are_held_and_told(folder: Path) -> None:
    clips = folder / "training"
    mos = pd.read_csv(clips / "mos.csv", index_col=0)["mos"]
    table = vf.extract_many([clips], ["brisque", "chipqa"])
    both = fitted(table, mos)
    found = both.predict_over_time(folder / "middle.mp4")
    assert found["mos"].idxmin() == 1.0
    assert any(
        "keep their value of the whole video: chipqa (a row per video)" in n for n in found.attrs["notes"]
    )
    alone = fitted(table.loc[:, table.columns.str.startswith("chipqa")], mos)
    with pytest.raises(TableError, match="no predictions over time: chipqa has one row per video"):
        alone.predict_over_time(folder / "middle.mp4")
    explained = alone.explain(folder / "middle.mp4")
    assert explained.seconds is None
    assert any("chipqa has one row per video" in note for note in explained.notes)


@pytest.mark.parametrize("window_s", [0, -1, float("nan"), float("inf"), "1", None, True])
def test_a_window_of_no_length_is_one_sentence(folder: Path, model: vf.QualityModel, window_s: Any) -> None:
    with pytest.raises(ParameterError, match="window_s must be a number above 0"):
        model.predict_over_time(folder / "middle.mp4", window_s)


def test_pairs_of_frames_belong_to_the_second_of_their_later_frame(folder: Path) -> None:
    paired = trained(folder, ["siti"], ["mean"])
    found = paired.predict_over_time(folder / "second_half.mp4")
    frames = vf.extract(folder / "second_half.mp4", "siti", per_frame=True)
    for start in found.index:
        part = frames[(frames.index >= start) & (frames.index < start + 1)]
        row = part.mean().add_suffix(".mean").to_frame().T
        assert found.loc[start, "mos"] == pytest.approx(paired.predict(row).iloc[0], abs=1e-9)


def test_a_model_of_tables_has_no_time_line() -> None:
    from noisy_clips import made_up

    table, mos = made_up(40)
    with pytest.raises(TableError, match="which extract did not write"):
        vf.QualityModel("ridge", repetitions=1).fit(table, mos).predict_over_time("clip.mp4")


def test_the_training_clips_of_one_level_are_explained(folder: Path, model: vf.QualityModel) -> None:
    """The model of the fixture is a real one: noise lowers its predictions."""
    table = features(folder / "training")
    assert table.index[0] == "clip00"
    clean, noisy = (model.explain(folder / "training" / f"{name}.mp4") for name in ("clip00", "clip11"))
    assert clean.score.mos > clean.score.mean > noisy.score.mos
